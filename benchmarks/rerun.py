"""One run of a shipped locality against its reruns and its draws, as a Markdown table.

    python benchmarks/rerun.py [LOCALITY]          east_london where none is given

The run and its reruns are processes of their own, as a user starts them, and a rerun finds the store that the run left.
What is done in memory is measured in this process over the tables of that run, at its fastest of three times: the
ledger of the first year, once, and 10,000 draws of every budget year. Ratios are of the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
DRAWS = 10_000
_CAPITATION = (sys.executable, "-m", "flows.cli")

sys.path.insert(0, os.fspath(ROOT))


def main(locality: str) -> None:
    """Measure and print."""
    print("| what | seconds | of the run |")
    print("|---|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="capitation-bench-") as folder:
        config = ROOT / "config" / "localities" / f"{locality}.yaml"
        whole = _process("run", config, "--direct", "--quiet", "--out", folder)
        _row("the run, nothing in the store", whole, whole)
        run = next(path.parent for path in Path(folder).glob("[!.]*/manifest.json"))
        change = ("--set", "efficiency_factor=0.015", "--direct", "--quiet")
        _row("a rerun with another efficiency factor", _process("rerun", run, *change), whole)
        _row(f"`capitation uncertainty`, {DRAWS:,} draws", _process("uncertainty", run, "--quiet"), whole)
        for what, seconds in _in_memory(run).items():
            _row(what, seconds, whole)


def _in_memory(folder: Path) -> dict[str, float]:
    """Seconds of what is done over the tables of a run without a process of its own."""
    from budget.assumptions.draws import Draws
    from budget.audit.folder import Run
    from budget.ledger.stage import BOOKS
    from budget.scenario.recompute import recompute
    from budget.scenario.uncertainty import draw_budgets
    from flows.pipeline import Pipeline
    from flows.sensing import before_the_ledger
    from flows.sides import Again, side_of

    bundle = side_of(Run.open(folder)).bundle
    if bundle is None:
        sys.exit("the run cannot be made again")
    tables, plan, known = before_the_ledger(Again(Pipeline.of()), bundle), bundle.plan, bundle.assumptions
    first = plan.model_copy(update={"budget_years": plan.budget_years[:1]})
    drawn = min(draw_budgets(tables, plan, known, Draws(1, DRAWS)).seconds for _ in range(3))
    return {
        "the ledger of the first year, in memory": _fastest(lambda: recompute(tables, first, known, (BOOKS,))),
        f"{DRAWS:,} draws of {len(plan.budget_years)} years, in memory": drawn,
    }


def _fastest(do: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        do()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _process(*words: object) -> float:
    began = time.perf_counter()
    subprocess.run([*_CAPITATION, *map(str, words)], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _row(what: str, seconds: float, whole: float) -> None:
    print(f"| {what} | {seconds:.2f} | {seconds / whole:.4f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "east_london")

"""``capitation synth``."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from flows.answer import Answer
from flows.find import recipe


def command(arguments: Namespace) -> Answer:
    """Make person-level inputs that match the published counts, or draw what happens in a run's first year."""
    if arguments.actuals:
        return _actuals(arguments)
    from budget.synth import write_locality

    summary = write_locality(
        recipe(arguments.locality),
        Path(arguments.out),
        people=arguments.people,
        seed=arguments.seed,
        report=None if arguments.quiet else _say,
    )
    kind = "a sample of the published list" if summary.sampled else "the whole published list"
    lines = [f"Synthetic people, real counts: {summary.people:,} people, {kind}, seed {summary.seed}."]
    lines += [f"  {table:<24} {rows:>12,} rows" for table, rows in summary.rows.items()]
    lines += [f"Inputs in {summary.out}"]
    facts = {
        "status": "complete",
        "out": str(summary.out),
        "people": summary.people,
        "sampled": summary.sampled,
        "seed": summary.seed,
        "rows": summary.rows,
    }
    return Answer("\n".join(lines), facts)


def _actuals(arguments: Namespace) -> Answer:
    """Draw the months of a run's first year, to try settlement with."""
    from budget.audit.folder import Run
    from budget.synth.actuals import write_actuals
    from budget.synth.recipe import Recipe

    run = Run.open(Path(arguments.actuals)).complete()
    seed = Recipe.read(recipe(arguments.locality)).seed if arguments.seed is None else arguments.seed
    config, out = Path(run.manifest["config"]), Path(arguments.out)
    drawn = write_actuals(run.folder, config, out, months=arguments.months, seed=seed)
    lines = [f"Drawn, not real: {drawn.months} months of {drawn.year} for run {run.run_id}, seed {drawn.seed}."]
    lines += [f"  {table:<24} {rows:>12,} rows" for table, rows in drawn.rows.items()]
    lines += [f"Actuals in {drawn.out}"]
    facts = {"status": "complete", "out": str(drawn.out), "run": run.run_id, "year": drawn.year, "rows": drawn.rows}
    return Answer("\n".join(lines), facts | {"months": drawn.months, "seed": drawn.seed})


def _say(sentence: str) -> None:
    print(f"  {sentence}", file=sys.stderr, flush=True)

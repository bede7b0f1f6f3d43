"""``capitation compare``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.kernel.money import pounds_text
from flows.answer import Answer

if TYPE_CHECKING:
    import pandas as pd

    from budget.scenario.compare import Comparison, Difference
    from flows.comparing import Told

_NOBODY = "-"


def command(arguments: Namespace) -> Answer:
    """Say what differs between two runs: pounds by cause, step, place and segment, and people by segment."""
    from budget.scenario.compare import Comparison
    from flows.causes import causes_of
    from flows.comparing import Told
    from flows.files import out_file
    from flows.pipeline import Pipeline
    from flows.progress import progress
    from flows.sides import Again

    out = out_file(arguments.out) if arguments.out else None
    comparison = Comparison.of(Path(arguments.run_a), Path(arguments.run_b))
    with progress(quiet=arguments.quiet) as report:
        pipeline = Pipeline.of()
        begins = partial(_begins, quiet=arguments.quiet)
        told = Told(comparison, causes_of(comparison, Again(pipeline, report), begins)).judged(pipeline.gate)
    lines = [*_heading(comparison), *_totals(comparison.difference), *told.by_cause(), *told.verdict(), *_views(told)]
    lines += _moves(comparison.moves)
    if out:
        told.write(out)
        lines += ["", f"Written to {out}"]
    return Answer("\n".join(lines), _facts(told, arguments.out))


def _begins(said: str, *, quiet: bool) -> None:
    if not quiet:
        print(f"  cause {said}", file=sys.stderr, flush=True)


def _heading(comparison: Comparison) -> Iterator[str]:
    from budget.audit.approval import state_of

    yield f"{comparison.before.run_id}  against  {comparison.after.run_id}"
    for run in (comparison.before, comparison.after):
        yield f"  {run.run_id}: {run.manifest['title']} ({state_of(run)}){_scheme_of(run)}"


def _scheme_of(run: Any) -> str:
    if "segment_scheme" not in run.manifest["tables"]:
        return ""
    scheme = run.table("segment_scheme").iloc[0]
    return f", segments: {scheme['title']} (version {scheme['version']}, {scheme['choices']})"


def _totals(difference: Difference) -> Iterator[str]:
    yield from ("", "Core budget by year (after minus before)")
    for row in difference.by("financial_year").itertuples():
        yield _line(str(row.financial_year), row)
    yield f"  {'All years':<28} {'':>22} {'':>22} {pounds_text(difference.total_pence):>20}"


def _views(told: Told) -> Iterator[str]:
    for title, rows in told.views():
        yield from ("", f"{title}, {told.year}")
        for row in rows.itertuples():
            yield _line(str(row.name), row)


def _line(name: str, row: Any) -> str:
    amounts = (row.before_pence, row.after_pence)
    shown = " ".join(f"{pounds_text(int(pence)):>22}" for pence in amounts)
    return f"  {name:<28} {shown} {pounds_text(int(row.difference_pence)):>20}"


def _moves(moves: pd.DataFrame | None) -> Iterator[str]:
    from budget.disclosure.rules import FEW
    from budget.disclosure.shared import HIDDEN

    yield ""
    if moves is None:
        yield "Nobody can be followed from one run to the other: a run has no people, or other pseudonyms."
        return
    yield f"People by segment, from the first run to the second; fewer than {FEW} are not told"
    for row in moves.itertuples():
        if row.from_segment != row.to_segment:
            people = f"{row.people:,}" if row.people >= FEW else HIDDEN
            yield f"  {row.from_segment or _NOBODY:<14} to {row.to_segment or _NOBODY:<14} {people:>12}"
    stayed = int(moves.loc[moves["from_segment"] == moves["to_segment"], "people"].sum())
    yield f"  {'unchanged':<32} {stayed:>12,}"


def _facts(told: Told, out: str | None) -> dict[str, Any]:
    from budget.audit.approval import state_of

    difference, moves = told.comparison.difference, told.comparison.moves
    runs = {"before": told.comparison.before, "after": told.comparison.after}
    return {
        "status": "complete",
        "before": told.comparison.before.run_id,
        "after": told.comparison.after.run_id,
        "states": {name: state_of(run) for name, run in runs.items()},
        "total_difference_pence": difference.total_pence,
        "by_year": difference.by("financial_year").to_dict("records"),
        **told.facts(),
        "by": {key: difference.by("financial_year", key).to_dict("records") for key in told.keys},
        "moves": None if moves is None else _plain(moves),
        "out": out,
    }


def _plain(moves: pd.DataFrame) -> list[dict[str, Any]]:
    """The moves for scripts; nothing in place of a count of too few people."""
    from budget.disclosure.rules import FEW

    told = moves.assign(people=moves["people"].astype(object).where(moves["people"] >= FEW, None))
    return told.astype(object).where(told.notna(), None).to_dict("records")

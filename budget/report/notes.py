"""What a reader must know before using a figure: said once, shown in the workbook and on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from budget.report.facts import RunFacts
from budget.report.show import day


@dataclass(frozen=True)
class Note:
    """A heading and what there is to know under it."""

    heading: str
    text: str


INTERNAL_MARK = "INTERNAL: not to be passed on; see the notes"

INTERNAL = (
    "This is for those who may see the run: it holds counts of fewer than five people, and figures from which such "
    "counts can be worked out. For anyone else, `capitation share` writes tables in which they are hidden."
)


def reading_notes(facts: RunFacts) -> tuple[Note, ...]:
    """How to read the figures of a run and where their limits are."""
    notes = [
        Note(
            "Status",
            f"This run was a {facts.status} when it was made, and its pages say so for good. It becomes a budget when "
            "two named people approve it; capitation verify and the page of runs say what it is now.",
        ),
        *([Note("Data", facts.notice)] if facts.notice else []),
        Note("Internal", INTERNAL),
        Note(
            "Explaining a number",
            "Under each part of the page stand the tables of the run that its numbers come from. A budget is taken "
            "down to its movements, formulas, assumptions, input files and checks, to the penny, by capitation explain "
            f"runs/{facts.run_id} with --place, --segment, --line, --commissioner or --year.",
        ),
        Note(
            "Money",
            "Amounts are worked out in whole pence and shown in pounds; they are rounded half-up where they are shown "
            "and nowhere before, so rounded figures may not add up to a rounded total.",
        ),
        Note(
            "Allocation",
            "The allocation is what a place has after pace of change. Carve-outs and the risk pool are taken off; what "
            "is left is the whole population annual payment: an incentive earned on outcomes, and the core budget.",
        ),
        Note(
            "People",
            "People are the projected average population of the year: registered lists and unregistered residents. "
            "They may be fractions, because estimates and projections are.",
        ),
        Note(
            "Need",
            "A need index of 1.05 says that a place's people need 5% more a head than those of the whole footprint. "
            "Weights describe populations, not persons, and are uncertain for small ones.",
        ),
        _pace(facts),
        *_precedence(facts),
        Note(
            "Risk pool",
            "The risk pool is a convention, not cover: chance alone can exhaust it. How likely that is depends on how "
            "many people a place has.",
        ),
        _known(facts),
        *_scenarios(facts),
        _unverified(facts),
    ]
    return tuple(notes)


def _pace(facts: RunFacts) -> Note:
    rules = " and ".join(facts.assumed("pace_rule"))
    used = f" This run used the rule {rules}." if rules else ""
    return Note(
        "Pace of change",
        "The pace-of-change rule follows the published aims of national allocations. It is not the official "
        f"algorithm, and its results will differ from published allocations.{used}",
    )


def _precedence(facts: RunFacts) -> tuple[Note, ...]:
    values = facts.assumed("older_precedence")
    if not values:
        return ()
    return (
        Note(
            "Segments",
            "Someone may be both older and have complex needs. Sources do not say which comes first; this run used "
            f"older_precedence = {' and '.join(values)}.",
        ),
    )


def known_text(facts: RunFacts) -> str:
    """The day as of which the run knows its assumptions, in words."""
    if facts.known_on is not None:
        return f"what was published by {day(facts.known_on)}"
    newest = f"; the newest is of {day(facts.published_to)}" if facts.published_to is not None else ""
    return f"everything in the packs{newest}"


def _known(facts: RunFacts) -> Note:
    return Note("Known on", f"The run takes {known_text(facts)}. It can be made again as of an earlier day.")


def _scenarios(facts: RunFacts) -> tuple[Note, ...]:
    if not facts.scenarios:
        return ()
    said = "".join(f" Warning: {warning}." for warning in facts.warnings)
    return (Note("Scenarios", f"Laid over the packs, in order: {', '.join(facts.scenarios)}.{said}"),)


def _unverified(facts: RunFacts) -> Note:
    rows = facts.unverified
    if rows.empty:
        return Note("Assumptions", "No assumption of this run is marked unverified.")
    noun = "value is" if len(rows) == 1 else "values are"
    named = ", ".join(_with_years(name, same) for name, same in rows.groupby(["name", "value", "scope"], sort=False))
    return Note(
        "Assumptions", f"{len(rows)} {noun} unverified and must be checked before the figures are used: {named}."
    )


def _with_years(key: Any, rows: pd.DataFrame) -> str:
    """One unverified value by name, with the scope and the years that it holds for."""
    name, value, scope = map(str, key)
    years = [str(year) for year in rows["financial_year"] if year != "any"]
    where = [scope] * (scope != "all") + years
    return f"{name} = {value}" + (f" ({', '.join(where)})" if where else "")

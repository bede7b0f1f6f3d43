"""Questions that actuals are asked before anything is settled; what fails stops the settlement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from budget.actuals.folder import GATE, Handed
from budget.contracts import table
from budget.kernel.checks import CheckResult, Severity
from budget.payment.agreements import Agreement
from budget.payment.settlement.outcomes import SCORE

_LEAST, _MOST = 0.1, 10.0
"""Spend over plan outside of which units must be wrong: pounds for pence is 0.01, thousands are 0.00001."""
_LOW, _HIGH = 0.5, 2.0
"""Spend over plan outside of which somebody should look at a place's line."""
_MATCHED = 0.5
"""Least share of the people of a later extract whom the run knows: fewer have other pseudonyms, or are others."""


@dataclass(frozen=True)
class Plan:
    """What actuals are asked against.

    Attributes:
        year: the budget year that they may speak of; the run's years where more than one would do.
        last: how many months are settled.
        budget: ``integrated_budget`` of the year.
        providers: codes of ``provider_activity``; none where the run has none.
        choice: ``choice_by_provider`` of the year; None where the run has none.
        agreements: contracts of the locality.
        unlisted: segments of people who are on no list; they stay as planned, whatever is handed over.
    """

    year: str
    last: int
    budget: pd.DataFrame
    providers: frozenset[str]
    choice: pd.DataFrame | None
    agreements: Sequence[Agreement]
    unlisted: frozenset[str]


def check_actuals(handed: Handed, plan: Plan) -> tuple[CheckResult, ...]:
    """Every question that the tables without persons allow."""
    found: list[CheckResult] = []
    for questions in (_spend, _people, _outcomes, _choice, _prior_years, _counterfactual, _twice):
        found += questions(handed, plan)
    return tuple(found)


def check_list(facts: dict[str, int], matched: int, people: int) -> tuple[CheckResult, ...]:
    """Questions to a later extract of the list.

    Args:
        facts: rows, recorded, strangers.
        matched: how many of its people the run knows.
        people: how many people it has in the year.
    """
    name = "registered_list"
    strangers = facts["strangers"]
    share = matched / people if people else 0.0  # an empty extract knows nobody of the run
    unmatched = [""] if share < _MATCHED else []
    unrecorded = [""] if facts["recorded"] == 0 else []
    same = "half of its people or more are people of the run (same key of pseudonyms, same locality)"
    known = "every practice is one of the run's; people of others are not counted"
    dated = "rows say on which day they were recorded; else all is taken to be known when it happened"
    least = f"at least {_MATCHED}"
    return (
        _check("Y31", name, same, f"{name} of the actuals", unmatched, observed=share, threshold=least),
        _check("Y32", name, known, "practices of the actuals", [""] * min(1, strangers), "warn", rows=strangers),
        _check("Y33", name, dated, f"recorded_on of {name}", unrecorded, "warn", rows=facts["rows"]),
    )


def _spend(handed: Handed, plan: Plan) -> Iterator[CheckResult]:
    name, spend = "actual_spend", handed.frames["actual_spend"]
    years = sorted(set(spend["financial_year"]) - {plan.year})
    yield _check("Y01", name, f"every row is of {plan.year}, the one budget year that is settled", name, years)
    until = spend[spend["month"] <= plan.last]
    present = {(p, m) for p, m in zip(until["place"], until["month"], strict=True)}
    places = sorted(plan.budget["place"].unique())
    gaps = [f"{place}, month {m}" for place in places for m in range(1, plan.last + 1) if (place, m) not in present]
    yield _check("Y02", name, f"every place has spend in each of the {plan.last} months", name, gaps)
    yield from _names(name, spend, plan)
    strangers = sorted(set(spend["provider_code"].dropna()) - plan.providers)
    yield _check("Y06", name, "every provider is one that the run knows", name, strangers, "warn")
    yield from _size(name, until, plan)
    yield _units(name, until)


def _units(name: str, until: pd.DataFrame) -> CheckResult:
    """Units that are known in part: forms that follow them could not tell what is missing from what was not done."""
    told = until.dropna(subset=["provider_code"]).groupby(["provider_code", "service_line"])["units"]
    known, rows = told.count(), told.size()
    part = (known > 0) & (known < rows)
    rule = "a provider's line states units on every row or on none; else its form pays the plan"
    keys = [", ".join(pair) for pair in known.index[part]]
    return _check("Y12", name, rule, f"units of {name}", keys, "warn", rows=int((rows - known)[part].sum()))


def _names(name: str, frame: pd.DataFrame, plan: Plan) -> Iterator[CheckResult]:
    """Whether places, lines, commissioners and segments are those of the budget."""
    kinds = {"Y03": "place", "Y04": "service_line", "Y05": "commissioner", "Y07": "segment"}
    for check_id, column in kinds.items():
        if column in frame:
            unknown = sorted(set(frame[column].dropna()) - set(plan.budget[column]))
            rows = int(frame[column].isin(unknown).sum())
            word = column.replace("_", " ")
            yield _check(check_id, name, f"every {word} is one of the budget's", name, unknown, rows=rows)


def _size(name: str, until: pd.DataFrame, plan: Plan) -> Iterator[CheckResult]:
    """Pounds or thousands for pence, and lines far from plan or without spend."""
    budget = plan.budget.assign(plan=(plan.budget["core_pence"] + plan.budget["incentive_pence"]) * plan.last / 12)
    ratio = float(until["amount_pence"].sum() / budget["plan"].sum())
    wrong = not _LEAST <= ratio <= _MOST
    rule = "spend is of the size of the plan (amounts are pence, not pounds or thousands)"
    yield _check(
        "Y08",
        name,
        rule,
        f"amount_pence of {name}",
        [""] if wrong else [],
        observed=ratio,
        threshold=f"{_LEAST} to {_MOST}",
    )
    keys = ["place", "service_line"]
    lines = budget.groupby(keys)["plan"].sum()
    spent = until.groupby(keys)["amount_pence"].sum().reindex(lines.index)
    none = [", ".join(cell) for cell in lines.index[spent.isna() & (lines > 0)]]
    yield _check("Y09", name, "every place's line that has a budget has spend", name, none, "warn")
    far = (spent / lines)[(lines > 0) & spent.notna()]
    odd = [", ".join(cell) for cell in far.index[(far < _LOW) | (far > _HIGH)]]
    yield _check("Y10", name, f"spend of a place's line is {_LOW} to {_HIGH} times its plan", name, odd, "warn")


def _people(handed: Handed, plan: Plan) -> Iterator[CheckResult]:
    if "actual_people" not in handed.frames:
        return
    name, people = "actual_people", handed.frames["actual_people"]
    yield from _names(name, people, plan)
    present = set(zip(people["place"], people["segment"], people["month"], strict=True))
    rated = _rated(plan)
    cells = rated.loc[~rated["segment"].isin(plan.unlisted), ["place", "segment"]].itertuples(index=False)
    wanted = [(place, segment, month) for place, segment in cells for month in range(1, plan.last + 1)]
    gaps = [f"{cell[0]}, {cell[1]}, month {cell[2]}" for cell in wanted if cell not in present]
    rule = f"every segment that a place is budgeted for has a row in each of the {plan.last} months (nobody is 0)"
    yield _check("Y21", name, rule, name, gaps)
    unrated = people.merge(rated, on=["place", "segment"], how="left")
    none = unrated[unrated["planned"].isna() & (unrated["people"] > 0)]
    rule = "people are of segments that the place is budgeted for; others have no rate and move no money"
    yield _check("Y22", name, rule, name, sorted(set(none["segment"])), "warn", rows=len(none))
    both = [""] if handed.has("registered_list") else []
    yield _check("Y23", name, "people come from the list or from counts, not from both", name, both)


def _rated(plan: Plan) -> pd.DataFrame:
    planned = plan.budget[plan.budget["people"] > 0]
    return planned.groupby(["place", "segment"], as_index=False)["people"].first().rename(columns={"people": "planned"})


def _outcomes(handed: Handed, plan: Plan) -> Iterator[CheckResult]:
    if "actual_outcomes" not in handed.frames:
        return
    name, rows = "actual_outcomes", handed.frames["actual_outcomes"]
    agreed = {(a.contract, m.id) for a in plan.agreements if a.outcomes for m in a.outcomes.measures}
    performing = {(a.contract, p.party) for a in plan.agreements if a.by_performance for p in a.providers}
    agreed |= performing | {(place, SCORE) for place in plan.budget["place"]}
    unknown = sorted({f"{r.contract}: {r.measure}" for r in rows.itertuples() if (r.contract, r.measure) not in agreed})
    rule = "every measure is agreed in its contract (a place has the one measure score; under C8 a party is one)"
    yield _check("Y24", name, rule, name, unknown)
    told = pd.MultiIndex.from_frame(rows[["contract", "measure"]]).isin(list(performing))
    shares = rows[(rows["measure"] == SCORE) | told]
    outside = shares[~shares["value"].between(0, 1)]
    yield _check("Y25", name, "a score or performance lies between 0 and 1", name, sorted(set(outside["contract"])))


def _choice(handed: Handed, plan: Plan) -> Iterator[CheckResult]:
    if "actual_choice" not in handed.frames:
        return
    name, rows = "actual_choice", handed.frames["actual_choice"]
    yield from _names(name, rows, plan)
    empty = rows[rows["units"].isna() & rows["amount_pence"].isna()]
    yield _check("Y26", name, "every row has units or an amount", name, sorted(set(empty["provider_code"])))
    if plan.choice is None:
        yield _check("Y27", name, "the run plans choice by provider", "activity of the run", [""], "warn")
        return
    keys = ["place", "service_line", "provider_code"]
    priced = pd.MultiIndex.from_frame(plan.choice.loc[plan.choice["unit_price_pence"].notna(), keys])
    bare = rows[
        rows["amount_pence"].isna() & rows["units"].notna() & ~pd.MultiIndex.from_frame(rows[keys]).isin(priced)
    ]
    rule = "units without an amount are of providers that the plan has a price for"
    yield _check("Y28", name, rule, name, sorted(set(bare["provider_code"])), rows=len(bare))


def _prior_years(handed: Handed, plan: Plan) -> Iterator[CheckResult]:
    if "prior_year_adjustments" not in handed.frames:
        return
    name, rows = "prior_year_adjustments", handed.frames["prior_year_adjustments"]
    yield from _names(name, rows, plan)
    later = sorted(set(rows.loc[rows["financial_year"] >= plan.year, "financial_year"]))
    yield _check("Y29", name, f"adjustments are of years before {plan.year}", name, later)


def _counterfactual(handed: Handed, plan: Plan) -> Iterator[CheckResult]:
    if "counterfactual_spend" in handed.frames:
        yield from _names("counterfactual_spend", handed.frames["counterfactual_spend"], plan)


def _twice(handed: Handed, _: Plan) -> Iterator[CheckResult]:
    """Rows that are there twice: by the key of their table, or in every column where it has none."""
    for name, frame in handed.frames.items():
        key = [column for column in table(name).key if column in frame.columns] or list(frame.columns)
        twins = frame[frame.duplicated(key, keep=False)]
        yield _check("Y11", name, f"rows differ in {', '.join(key)}", name, _places(twins), rows=len(twins))


def _places(frame: pd.DataFrame) -> list[str]:
    column = "place" if "place" in frame else frame.columns[0]
    return sorted(set(frame[column].astype(str)))


def _check(
    check_id: str,
    name: str,
    rule: str,
    mend: str,
    keys: Iterable[str],
    severity: Severity = "fail",
    *,
    rows: int | None = None,
    observed: float | None = None,
    threshold: str = "",
) -> CheckResult:
    """One question: it failed where there are keys; an empty key is a fault that has no name."""
    named = tuple(keys)
    failed = len(named) if rows is None else rows
    return CheckResult(
        GATE,
        check_id,
        severity,
        "failed" if named else "passed",
        name,
        rule,
        observed=observed,
        threshold=threshold,
        rows_failed=failed if named else 0,
        mend=mend if named else "",
        keys=tuple(key for key in named if key),
    )

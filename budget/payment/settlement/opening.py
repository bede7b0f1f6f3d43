"""Opening the books: the tables of a run and what has happened, put into the shape that settlement works on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.payment.agreements import OUTSIDE, Agreement, party_place_lines
from budget.payment.inyear.list_change import change_to_date, in_two_parts, months_known, price_late_news
from budget.payment.inyear.low_volume import without_low_volume
from budget.payment.inyear.people import ListNews
from budget.payment.inyear.rates import counted_alike, planned_cells
from budget.payment.inyear.transfers import rate_corrections
from budget.payment.settlement.books import Actuals, Books, Run
from budget.payment.settlement.holdings import PLACE, holdings
from budget.payment.settlement.spread import attribute
from budget.payment.settlement.terms import ASSUMED, Deal
from budget.volume import planned_activity

_NO_CORRECTION = ["known_month", "place", "segment", "correction_pence"]


def open_books(
    run: Run,
    actuals: Actuals,
    assumptions: Assumptions,
    agreements: Sequence[Agreement],
    year: FinancialYear,
    last: int,
) -> Books:
    """Open the books of a year.

    Args:
        run: tables of the run.
        actuals: what has happened, people as the extract counts them.
        assumptions: those of the run.
        agreements: contracts that hold budget in the year.
        year: the budget year.
        last: how many months are settled.
    """
    activity = run["provider_activity"] if run.has("provider_activity") else None
    held = holdings(run["integrated_budget"], agreements, activity, str(year))
    told = {(row.kind, row.contract) for row in held[["kind", "contract"]].drop_duplicates().itertuples()}
    known = assumptions.only(ASSUMED)
    deals = [Deal.of_contract(one) for one in agreements if ("contract", one.contract) in told]
    deals += [Deal.of_place(place, known, year) for kind, place in sorted(told) if kind == PLACE]
    changes, corrections = _list_changes(run, actuals.news, known, year, last)
    return Books(
        year=year,
        last=last,
        run=run,
        actuals=actuals,
        assumptions=known,
        deals=deals,
        held=held,
        costs=attribute(_settled_spend(run, actuals.spend, str(year)), held),
        plans=_plans(run, agreements, activity, str(year)),
        prior_year=_nobodys(actuals.prior_year, held),
        otherwise=_nobodys(actuals.counterfactual, held),
        changes=changes,
        corrections=corrections,
    )


def _nobodys(rows: pd.DataFrame | None, held: pd.DataFrame) -> pd.DataFrame | None:
    """Amounts that name no provider, by contract and party."""
    return None if rows is None else attribute(rows.assign(provider_code=None, segment=None), held)


def counted_as_planned(run: Run, news: ListNews, base_year: str, listed: pd.DataFrame) -> ListNews:
    """People of an extract, weighed as the plan weighed lists (``list_inflation_adjustment``).

    Args:
        run: tables of the run.
        news: people of every month.
        base_year: the year in which people were counted.
        listed: place, segment, people on a list in ``population``.
    """
    people = run["segment_people"]
    base = people.loc[people["financial_year"].astype(str) == base_year, ["place", "segment", "people"]]
    people, late, moves = (counted_alike(part, base, listed) for part in (news.people, news.late, news.moves))
    return ListNews(people, late, moves, news.facts)


def _list_changes(
    run: Run, news: ListNews | None, assumptions: Assumptions, year: FinancialYear, last: int
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    if news is None:
        return None, None
    cells = planned_cells(run["segment_rates"], run["segments"], str(year))
    changes = in_two_parts(change_to_date(months_known(cells, news.people, last)), price_late_news(news.late, cells))
    basis = assumptions.choice("transfer_rate_basis", year)
    parts = []
    for known, moves in news.moves.groupby("known_month"):
        months = moves.groupby(["from_place", "to_place", "segment"], as_index=False)["people"].sum()
        parts.append(rate_corrections(months, cells, basis).assign(known_month=known))  # type: ignore[arg-type]
    corrections = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_NO_CORRECTION)
    return changes, corrections


def _settled_spend(run: Run, spend: pd.DataFrame, year: str) -> pd.DataFrame:
    """Spend that is held against the budget: without low-volume pairs whose money is carved out by history."""
    carved = run["carve_outs"]
    mine = carved[(carved["financial_year"].astype(str) == year) & (carved["type"] == "low_volume")]
    by_history = mine["method"].str.contains("history").any()
    if not by_history or not run.has("low_volume_pairs"):
        return spend
    return without_low_volume(spend, run["low_volume_pairs"], year)


def _plans(run: Run, agreements: Sequence[Agreement], activity: pd.DataFrame | None, year: str) -> pd.DataFrame:
    """Units that every party was planned to do in the year: they grow as its money does, with people and demand."""
    columns = ["contract", "party", "place", "service_line"]
    if activity is None or not agreements:
        return pd.DataFrame(columns=[*columns, "planned_units"]).astype({"planned_units": "float64"})
    planned = planned_activity(activity, run["budget_ledger"], year)
    plans = [party_place_lines(one, run["integrated_budget"], planned, year) for one in agreements]
    table = pd.concat(plans, ignore_index=True)
    named = table[table["party"] != OUTSIDE].rename(columns={"units": "planned_units"})
    return named[[*columns, "planned_units"]]

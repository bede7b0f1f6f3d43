"""The budget summed for people: by place, segment, line, commissioner and month."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables

YEAR = "financial_year"
PARTS = ("carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence")
MONEY = ("allocation_pence", *PARTS)
MONTHS = (
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "January",
    "February",
    "March",
)


def people_by(budget: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """People by year and keys; the budget repeats them on each line and commissioner, so each is taken once.

    Args:
        budget: the ``integrated_budget``.
        keys: ``place``, ``segment``, both or none.
    """
    once = budget.drop_duplicates([YEAR, "place", "segment"])
    return once.groupby([YEAR, *keys], as_index=False)[["people", "weighted_people"]].sum()


def _money_by(budget: pd.DataFrame, *keys: str) -> pd.DataFrame:
    sums = budget.groupby([YEAR, *keys], as_index=False, observed=True)[list(MONEY)].sum()
    sums["payment_pence"] = sums["core_pence"] + sums["incentive_pence"]
    sums["difference_pence"] = sums["allocation_pence"] - sums[list(PARTS)].sum(axis=1)
    return sums


def _a_head(frame: pd.DataFrame) -> pd.DataFrame:
    """Allocation a head of those who are there; missing where there is nobody."""
    there = frame["people"].where(frame["people"] > 0)
    return frame.assign(per_head_pence=frame["allocation_pence"] / there)


def by_year(tables: RunTables) -> pd.DataFrame:
    """One row a year, all places together."""
    budget = tables["integrated_budget"]
    return _a_head(_money_by(budget).merge(people_by(budget), on=[YEAR], validate="1:1"))


def by_place(tables: RunTables) -> pd.DataFrame:
    """One row a year and place, with people, payment and pounds a head."""
    budget = tables["integrated_budget"]
    return _a_head(_money_by(budget, "place").merge(people_by(budget, "place"), on=[YEAR, "place"], validate="1:1"))


def by_segment(tables: RunTables) -> pd.DataFrame:
    """One row a year, place and segment."""
    budget, keys = tables["integrated_budget"], ["place", "segment"]
    return _a_head(_money_by(budget, *keys).merge(people_by(budget, *keys), on=[YEAR, *keys], validate="1:1"))


def by_line(tables: RunTables) -> pd.DataFrame:
    """One row a year, place and service line; pounds a head are over everyone of the place."""
    return _over_everyone(tables, "service_line")


def by_commissioner(tables: RunTables) -> pd.DataFrame:
    """One row a year, place and commissioner; pounds a head are over everyone of the place."""
    return _over_everyone(tables, "commissioner")


def _over_everyone(tables: RunTables, key: str) -> pd.DataFrame:
    budget = tables["integrated_budget"]
    money = _money_by(budget, "place", key)
    return _a_head(money.merge(people_by(budget, "place"), on=[YEAR, "place"], validate="m:1"))


def segment_shares(tables: RunTables) -> pd.DataFrame:
    """Each segment's share of people and of the allocation, by year, all places together; largest allocation first."""
    budget = tables["integrated_budget"]
    frame = _a_head(
        _money_by(budget, "segment").merge(people_by(budget, "segment"), on=[YEAR, "segment"], validate="1:1")
    )
    whole = frame.groupby(YEAR)[["people", "allocation_pence"]].transform("sum")
    frame = frame.assign(
        people_share=frame["people"] / whole["people"],
        money_share=frame["allocation_pence"] / whole["allocation_pence"],
    )
    return frame.sort_values([YEAR, "allocation_pence"], ascending=[True, False], ignore_index=True)


def months(tables: RunTables) -> pd.DataFrame:
    """One row a year and place, one column a month (``m01`` is April), and the year's total."""
    profile = tables["monthly_profile"]
    wide = profile.pivot(index=[YEAR, "place"], columns="month", values="payment_pence").sort_index()
    wide.columns = pd.Index([f"m{int(month):02d}" for month in wide.columns])
    return wide.assign(total_pence=wide.sum(axis=1)).reset_index()


def bridge(tables: RunTables) -> pd.DataFrame:
    """The growth bridge in the order of its steps, within year and place."""
    frame = tables["growth_bridge"].copy()
    frame["step_number"] = step_numbers(frame["step"]) + 1
    return frame.sort_values([YEAR, "place", "step_number"], ignore_index=True)


def since_last_run(tables: RunTables) -> pd.DataFrame:
    """The bridge beside that of the earlier run, for the years that both have."""
    keys = [YEAR, "place", "step"]
    sides = {
        "earlier_pence": tables["previous_growth_bridge"],
        "amount_pence": tables["growth_bridge"],
    }
    sums = [
        frame.astype({"step": str}).groupby(keys)["amount_pence"].sum().rename(name) for name, frame in sides.items()
    ]
    both = pd.concat(sums, axis=1).reset_index()
    both = both[both[YEAR].isin(set(sides["earlier_pence"][YEAR]) & set(sides["amount_pence"][YEAR]))]
    # a step that one of the two did not book moved nothing there: a true nought
    both = both.assign(**{name: both[name].fillna(0).astype("int64") for name in sides})
    both["step_number"] = step_numbers(both["step"]) + 1
    return both.sort_values([YEAR, "place", "step_number"], ignore_index=True)


def step_numbers(steps: pd.Series) -> pd.Series:
    """Position of each step: by its category's order where it has one, else by first appearance."""
    if isinstance(steps.dtype, pd.CategoricalDtype) and steps.cat.ordered:
        return steps.cat.codes.astype("int64")
    return pd.Series(pd.factorize(steps)[0], index=steps.index, dtype="int64")


def carve_outs(tables: RunTables) -> pd.DataFrame:
    """Carve-outs with their share of the lines that they are taken from."""
    frame = tables["carve_outs"]
    base = frame["base_pence"].where(frame["base_pence"] != 0)
    return frame.assign(share=frame["planned_pence"] / base)


def choice_by_provider(tables: RunTables) -> pd.DataFrame:
    """The choice carve-out by provider, largest first within year and place."""
    frame = tables["choice_by_provider"]
    return frame.sort_values([YEAR, "place", "planned_pence"], ascending=[True, True, False], ignore_index=True)

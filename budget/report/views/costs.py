"""What care cost in the base year, for people: by line, by segment, and what made the cost what it is."""

from __future__ import annotations

import pandas as pd

from budget.kernel.codes import UNATTRIBUTED
from budget.report.facts import RunTables

FEWEST = 5
"""Fewer people or stays than these have no pounds beside them: they could be told from one another."""


def by_line(tables: RunTables) -> pd.DataFrame:
    """One row a line, all places together: spend, what people's care explains of it, and pounds a head.

    Columns: service_line, normalised_pence, direct_pence, attribution_factor, unattributed_pence, held_out_pence,
    shared_pence (what the rule shares), treatments (codes), hosted, people, per_head_pence, previous_per_head_pence,
    change_share and basis, the last three missing where no year before is known. The largest line comes first.
    """
    parts = tables["unattributed_spend"].groupby("service_line", as_index=False)
    money = ["normalised_pence", "direct_pence", "unattributed_pence", "held_out_pence"]
    lines = parts[money].sum().merge(parts["treatment"].agg(_codes), on="service_line", validate="1:1")
    lines = lines.rename(columns={"treatment": "treatments"}).assign(people=people(tables))
    lines = lines.merge(tables["line_attribution"][["service_line", "hosted"]], on="service_line", validate="1:1")
    lines["attribution_factor"] = lines["normalised_pence"] / lines["direct_pence"].where(lines["direct_pence"] > 0)
    lines["shared_pence"] = (lines["unattributed_pence"] - lines["held_out_pence"]).clip(lower=0.0)
    lines["per_head_pence"] = lines["normalised_pence"] / lines["people"].where(lines["people"] > 0)
    lines = lines.merge(_year_before(tables), on="service_line", how="left", validate="1:1")
    return lines.sort_values(["normalised_pence", "service_line"], ascending=[False, True], ignore_index=True)


def _codes(treatments: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(set(treatments)))


def _year_before(tables: RunTables) -> pd.DataFrame:
    columns = ["service_line", "previous_per_head_pence", "change_share", "basis"]
    if "spend_per_head" not in tables:
        return pd.DataFrame(columns=columns).astype({"service_line": "object"})
    return tables["spend_per_head"][columns]


def people(tables: RunTables) -> float:
    """People of the base year; the costs repeat them on each line, so each is taken once."""
    return float(tables["segment_cost"].drop_duplicates(["place", "segment"])["people"].sum())


def by_place_and_line(tables: RunTables) -> pd.DataFrame:
    """What people's care explains of each place's line, and what was made of the rest."""
    lines = tables["unattributed_spend"]
    factor = lines["normalised_pence"] / lines["direct_pence"].where(lines["direct_pence"] > 0)
    return lines.assign(attribution_factor=factor)


def by_segment(tables: RunTables) -> pd.DataFrame:
    """One row a segment, all places and lines together, with pounds a head; without what is held out of segments."""
    costs = tables["segment_cost"].query("segment != @UNATTRIBUTED")
    money = costs.groupby("segment", as_index=False)[["direct_pence", "grossed_pence"]].sum()
    heads = costs.drop_duplicates(["place", "segment"]).groupby("segment", as_index=False)["people"].sum()
    found = money.merge(heads, on="segment", validate="1:1")
    found["per_head_pence"] = found["grossed_pence"] / found["people"].where(found["people"] > 0)
    return found.sort_values(["per_head_pence", "segment"], ascending=[False, True], ignore_index=True)


def segment_cost(tables: RunTables) -> pd.DataFrame:
    """Cost of each segment by place and line, with the rows that are held out of segments last."""
    costs = tables["segment_cost"].assign(apart=lambda rows: rows["segment"] == UNATTRIBUTED)
    return costs.sort_values(["place", "service_line", "apart", "segment"], ignore_index=True).drop(columns="apart")


def adjustments(tables: RunTables) -> pd.DataFrame:
    """Adjustments of the baseline by code, all places together, and how many there are."""
    rows = tables["baseline_adjustments"].groupby("adjustment", as_index=False)["amount_pence"]
    return rows.agg(rows="count", amount_pence="sum")


def part_complete(tables: RunTables) -> pd.DataFrame:
    """Stays across a boundary, by boundary and line."""
    return _withheld(tables["part_complete"], "stays", ("whole_pence", "counted_pence", "other_pence"))


def high_cost(tables: RunTables) -> pd.DataFrame:
    """People above the stop-loss threshold, by place."""
    return _withheld(tables["high_cost"], "people_over", ("excess_pence", "pool_pence"))


def cases(tables: RunTables) -> pd.DataFrame:
    """Cases in which another commissioner has a part, with their cost."""
    return _withheld(tables["commissioner_case_costs"], "people", ("cost_pence", "ours_pence", "others_pence"))


def _withheld(frame: pd.DataFrame, count: str, money: tuple[str, ...]) -> pd.DataFrame:
    """The same without count and pounds where they are of few people; none at all are a true nought."""
    few = (frame[count] > 0) & (frame[count] < FEWEST)
    hidden = {name: frame[name].astype("Float64").mask(few) for name in (count, *money)}
    return frame.assign(**hidden)

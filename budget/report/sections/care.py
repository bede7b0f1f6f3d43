"""Tables of what made the cost of care what it is; each is shown where the run has it."""

from __future__ import annotations

import pandas as pd

from budget.report import show
from budget.report.blocks import Row, TableBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.views import costs as views


def adjustments(tables: RunTables, facts: RunFacts) -> TableBlock:
    """Adjustments of the baseline by code; transfers between commissioners leave nothing over."""
    frame = views.adjustments(tables)
    rows = [
        Row((facts.label(row.adjustment), show.people(row.rows), show.pounds(row.amount_pence, signed=True)))
        for row in frame.itertuples()
    ]
    whole = show.people(frame["rows"].sum()), show.pounds(frame["amount_pence"].sum(), signed=True)
    rows.append(Row(("All adjustments", *whole), "total"))
    caption = f"Adjustments that normalise the baseline of {facts.base_year}, by code"
    return TableBlock(caption, headings(["Adjustment"], ["Rows", "Amount"]), tuple(rows))


def price_uplift(tables: RunTables, facts: RunFacts) -> TableBlock:
    """Prices of earlier years and the factor that brought them to the base year."""
    rows = tuple(
        Row(
            (
                facts.label(row.service_line),
                str(row.price_year),
                str(row.years) or "none",
                show.index(row.factor, 4),
                show.people(row.rows_priced),
                show.pounds(row.cost_pence),
            )
        )
        for row in tables["price_uplift"].itertuples()
    )
    words, numbers = ["Service line", "Year of the price", "Uplift of"], ["Factor", "Rows priced", "Cost"]
    caption = f"Prices brought to {facts.base_year}"
    return TableBlock(caption, headings(words, numbers), rows)


def completion(tables: RunTables, facts: RunFacts) -> TableBlock:
    """What completing care of recent months adds; months that are complete stand together."""
    frame = tables["activity_completion"]
    frame = frame.assign(months=frame["months_since"].astype("Int64").mask(frame["factor"] == 1.0))
    keys = ["service_line", "months", "factor"]
    money = ["rows_recorded", "recorded_pence", "completed_pence", "added_pence"]
    sums = frame.groupby(keys, as_index=False, dropna=False)[money].sum()
    rows = tuple(
        Row(
            (
                facts.label(row.service_line),
                "complete" if pd.isna(row.months) else str(row.months),
                show.index(row.factor, 4),
                show.people(row.rows_recorded),
                show.pounds(row.recorded_pence),
                show.pounds(row.added_pence, signed=True),
            )
        )
        for row in sums.itertuples()
    )
    words, numbers = ["Service line", "Months since the care"], ["Factor", "Rows", "As recorded", "Added"]
    return TableBlock("What completing recent months adds to the cost of care", headings(words, numbers), rows)


def part_complete(tables: RunTables, facts: RunFacts) -> TableBlock:
    """Stays across the year's ends, a change of commissioner or the contract's start, and both sides of them."""
    rows = tuple(
        Row(
            (
                facts.label(row.boundary),
                facts.label(row.service_line),
                facts.label(row.rule),
                few(row.stays),
                *(_pounds(pence) for pence in (row.whole_pence, row.counted_pence, row.other_pence)),
            )
        )
        for row in views.part_complete(tables).itertuples()
    )
    words, numbers = ["Boundary", "Service line", "Rule"], ["Stays", "To share", "On this side", "On the other"]
    return TableBlock("Stays that are complete on neither side of a boundary", headings(words, numbers), rows)


def high_cost(tables: RunTables, facts: RunFacts) -> TableBlock:
    """People above the stop-loss threshold, by place."""
    frame = views.high_cost(tables)
    rows = tuple(
        Row(
            (
                facts.label(row.place),
                show.pounds(row.threshold_pence),
                few(row.people_over),
                _pounds(row.excess_pence),
                show.percent(row.coverage, 0),
                _pounds(row.pool_pence),
            )
        )
        for row in frame.itertuples()
    )
    numbers = ["Threshold", "People above it", "Cost above it", "Cover", "What a pool would pay"]
    return TableBlock(
        f"Cost above the stop-loss threshold in {facts.base_year}, by place", headings(["Place"], numbers), rows
    )


def cases(tables: RunTables, facts: RunFacts) -> TableBlock:
    """Placements, stays, aftercare and disputes in which another commissioner has a part."""
    rows = tuple(
        Row(
            (
                str(row.reason_code),
                facts.label(row.kind),
                facts.label(row.commissioner) if isinstance(row.commissioner, str) else "",
                facts.label(row.service_line),
                str(row.held_as),
                few(row.people),
                *(_pounds(pence) for pence in (row.cost_pence, row.ours_pence, row.others_pence)),
            )
        )
        for row in views.cases(tables).itertuples()
    )
    words = ["Rule", "Case", "Commissioner", "Line", "Held as"]
    numbers = ["People", "Cost", "Ours", "Theirs"]
    return TableBlock("Cases in which another commissioner has a part", headings(words, numbers), rows)


def few(count: object) -> str:
    """A count of people or stays; words where there are too few to be told."""
    return f"fewer than {views.FEWEST}" if pd.isna(count) else show.people(count)


def _pounds(pence: object) -> str:
    """Pounds; a dash where there are none to show."""
    return "–" if pd.isna(pence) else show.pounds(pence)

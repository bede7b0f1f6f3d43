"""The budget by the locality's own scopes."""

from __future__ import annotations

from budget.report import show
from budget.report.blocks import Block, Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.views import scopes


def by_scope(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """What each budget holds in the first year, by part and by service line; inside and outside add up."""
    frame = scopes.by_scope(tables)
    sums = frame[frame["financial_year"] == facts.first_year].groupby("name", sort=False)
    sums = sums[["allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]].sum()
    rows = [Row((facts.label(name), *(show.in_millions(pence) for pence in row))) for name, row in sums.iterrows()]
    rows.append(Row(("All of it", *(show.in_millions(pence) for pence in sums.sum())), "total"))
    parts = TableBlock(
        f"Budgets by scope, {facts.first_year}, £ million",
        headings(["Budget"], ["Allocation", "Carve-outs", "Risk pool", "Incentive", "Core"]),
        tuple(rows),
    )
    note = TextBlock(
        "Nothing is in two budgets. Where a budget is for people with conditions, a person's cost belongs to the first "
        "budget in the list that claims it, and the ledger is shared by the cost of those people in the base year."
    )
    return (parts, _lines(tables, facts), note)


def _lines(tables: RunTables, facts: RunFacts) -> TableBlock:
    wide = scopes.by_line(tables, facts.first_year)
    rows = tuple(Row((facts.label(name), *(show.in_millions(p) for p in row))) for name, row in wide.iterrows())
    caption = f"Allocation of each budget by service line, {facts.first_year}, £ million"
    return TableBlock(caption, headings(["Budget"], [facts.label(line) for line in wide.columns]), rows)

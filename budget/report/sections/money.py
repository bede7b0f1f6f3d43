"""Who pays, what is carved out, what is paid each month."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from budget.report import show
from budget.report.asked import Asked, Figure
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import money as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.sections import carved, scale
from budget.report.svg import inline_svg
from budget.report.views import budget

_MILLION = 100_000_000
_MOST_PROVIDERS = 12


def commissioners(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """What each commissioner pays into each place's allocation, first budget year."""
    frame = _first_year(budget.by_commissioner(tables), facts)
    caption = f"Allocation by place and commissioner, {facts.first_year}"
    stack = _stack(frame, "commissioner", "allocation_pence", "payers", caption, facts)
    stack = replace(stack, table=_asked(stack.table, frame, facts, tables))
    return (stack, scale.contributions(tables, facts)) if "contributions" in tables else (stack,)


def _asked(table: TableBlock, frame: pd.DataFrame, facts: RunFacts, tables: RunTables) -> TableBlock:
    """The same table, whose sums by place and by commissioner can be asked where they come from."""
    year = facts.first_year
    payers = frame.groupby("commissioner")["allocation_pence"].sum().sort_values(ascending=False, kind="stable").index
    places = sorted(frame["place"].unique())
    *rows, total = table.rows
    with_places = [
        Row((*row.cells[:-1], Figure.of(row.cells[-1], Asked(year, "place", place), tables)), row.kind)
        for row, place in zip(rows, places, strict=True)
    ]
    each = [Asked(year, "commissioner", str(payer)) for payer in payers] + [Asked(year)]
    sums = (Figure.of(cell, asked, tables) for cell, asked in zip(total.cells[1:], each, strict=True))
    return replace(table, rows=(*with_places, Row((total.cells[0], *sums), total.kind)))


def _first_year(frame: pd.DataFrame, facts: RunFacts) -> pd.DataFrame:
    return frame[frame["financial_year"] == facts.first_year]


def _stack(frame: pd.DataFrame, part: str, amount: str, chart_id: str, caption: str, facts: RunFacts) -> FigureBlock:
    """Stacked bars of an amount by place and part, with the table behind them; the largest part first."""
    sums = frame.groupby(part)[amount].sum().sort_values(ascending=False, kind="stable")
    parts = [facts.label(code) for code in sums.index]
    rows = pd.DataFrame(
        {
            "place": [facts.label(place) for place in frame["place"]],
            "part": [facts.label(code) for code in frame[part]],
            "millions": frame[amount] / _MILLION,
        }
    )
    drawn = inline_svg(charts.stacked(rows, parts, "£ million"), chart_id, caption, _words(sums, facts))
    return FigureBlock(drawn, caption, "", _crossed(frame, part, amount, caption, facts))


def _words(sums: pd.Series, facts: RunFacts) -> str:
    return "All places: " + "; ".join(f"{facts.label(code)} {show.millions(pence)}" for code, pence in sums.items())


def _crossed(frame: pd.DataFrame, part: str, amount: str, caption: str, facts: RunFacts) -> TableBlock:
    wide = frame.pivot_table(index="place", columns=part, values=amount, aggfunc="sum", observed=True)
    wide = wide[wide.sum().sort_values(ascending=False, kind="stable").index]
    rows = [
        # A place without this part pays nothing for it: a true nought.
        Row(
            (
                facts.label(place),
                *(show.in_millions(row[c] if pd.notna(row[c]) else 0) for c in wide),
                show.in_millions(row.sum()),
            )
        )
        for place, row in wide.iterrows()
    ]
    totals = tuple(show.in_millions(wide[column].sum()) for column in wide)
    rows.append(Row(("All places", *totals, show.in_millions(wide.to_numpy(na_value=0).sum())), "total"))
    names = [*(facts.label(code) for code in wide.columns), "Total"]
    return TableBlock(f"{caption}, £ million", headings(["Place"], names), tuple(rows))


def carve_outs(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Carve-outs by place and type, and patient choice by provider, first budget year."""
    frame = _first_year(budget.carve_outs(tables), facts)
    stack = _stack(frame, "type", "planned_pence", "carved", f"Carve-outs by place and type, {facts.first_year}", facts)
    held = frame.drop_duplicates(["type", "method"])
    methods = tuple(Row((facts.label(row.type), row.method)) for row in held.itertuples())
    how = TableBlock("How each carve-out was estimated, and who holds it", headings(["Type", "Method"], []), methods)
    return (stack, how, *carved.choice_money(tables, facts), _providers(tables, facts), *carved.pairs(tables, facts))


def _providers(tables: RunTables, facts: RunFacts) -> Block:
    if "choice_by_provider" not in tables or tables["choice_by_provider"].empty:
        return TextBlock("Patient choice is not shown by provider: the run has no rows in choice_by_provider.")
    frame = _first_year(tables["choice_by_provider"], facts)
    if frame.empty:
        return TextBlock(f"No patient choice is planned in {facts.first_year}.")
    names = frame["provider_name"].where(frame["provider_name"].notna(), frame["provider_code"])
    sums = frame.groupby(names)["planned_pence"].sum().sort_values(ascending=False, kind="stable")
    top = sums.head(_MOST_PROVIDERS)
    rows = pd.DataFrame(
        {"name": top.index, "millions": top.to_numpy() / _MILLION, "text": [show.millions(pence, 2) for pence in top]}
    )
    caption = f"Patient choice by provider outside the footprint, {facts.first_year}"
    words = "; ".join(f"{name} {text}" for name, text in zip(rows["name"], rows["text"], strict=True))
    cells = [Row((str(name), show.pounds(pence))) for name, pence in sums.items()]
    cells.append(Row(("All providers", show.pounds(sums.sum())), "total"))
    table = TableBlock(caption, headings(["Provider"], ["Planned"]), tuple(cells))
    note = f"The {len(top)} largest of {len(sums)}." if len(sums) > len(top) else ""
    return FigureBlock(inline_svg(charts.bars(rows, "£ million"), "choice", caption, words), caption, note, table)


def months(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Payments of each month of the first budget year, by place."""
    frame = _first_year(budget.months(tables), facts).set_index("place")
    columns = [name for name in frame.columns if name.startswith("m") and name[1:].isdigit()]
    rows = [Row((budget.MONTHS[int(name[1:]) - 1], *_paid(frame[name]))) for name in columns]
    rows.append(Row(("Year", *_paid(frame["total_pence"])), "total"))
    names = [*(facts.label(place) for place in frame.index), "All places"]
    caption = f"Payment (core and incentive) by month, {facts.first_year}"
    return (TableBlock(caption, headings(["Month"], names), tuple(rows)),)


def _paid(payments: pd.Series) -> tuple[str, ...]:
    return (*(show.pounds(pence, 2) for pence in payments), show.pounds(payments.sum(), 2))

"""What every party may lose in a bad year, against what it says it can bear; where the money goes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import payment as charts
from budget.report.facts import Naming, RunTables
from budget.report.svg import inline_svg
from budget.report.views import payment as views

_SHOWN, _NAMED = 12, 6
"""How many parties the picture shows, and how many the warning names."""
_NUMBERS = ("Planned", "Mean", "Deviation", "Chance of a loss", "Worst in 20", "Mean of the worst", "Can bear")


def risk(tables: RunTables, facts: Naming) -> tuple[Block, ...]:
    """Risk of the parties to contracts as they are agreed; under every form how likely the pool is to be exhausted."""
    frame = views.risk(tables)
    first = frame.iloc[0]
    agreed = views.agreed_risk(tables)
    told = TextBlock(
        f"{first['draws']:,} draws of chance by size of place, growth of demand common to all, people who come and go, "
        f"and outcomes (seed {first['seed']}); every form sees the same draws. The worst in 20 is the 5th percentile "
        "of a year's result. Beyond what a party can bear, a contract is not safe to sign."
    )
    if agreed.empty:
        return (told, TextBlock("No contract is named, so nobody says what it can bear."), _by_form(frame, facts))
    names = views.provider_names(tables)
    return (told, _breaches(agreed, names, facts), _picture(agreed, names, facts), _by_form(frame, facts))


def _breaches(agreed: pd.DataFrame, names: dict[str, str], facts: Naming) -> TextBlock:
    beyond = agreed[agreed["within"].eq(False).fillna(False)].sort_values("worst_pence")
    if beyond.empty:
        return TextBlock("Every party that says what it can bear can bear the worst year in 20.")
    told = "; ".join(f"{_who(row, names, facts)} ({_how(row)})" for row in beyond.head(_NAMED).itertuples())
    more = f"; and {len(beyond) - _NAMED} more in the table" if len(beyond) > _NAMED else ""
    return TextBlock(f"May lose more in one year of 20 than they say they can bear: {told}{more}.", notice=True)


def _who(row: Any, names: dict[str, str], facts: Naming) -> str:
    return names.get(str(row.party)) or facts.label(row.party)


def _how(row: Any) -> str:
    contract = str(row.contract).replace("_", " ")
    return f"{contract}, as paid" if row.kind_of_form == "payment" else f"{contract}, {row.form}"


def _picture(agreed: pd.DataFrame, names: dict[str, str], facts: Naming) -> FigureBlock:
    caption = "Result of parties to contracts as agreed: mean and worst year in 20"
    shown = agreed[agreed["kind"] == "provider"].nlargest(_SHOWN, "budget_pence")
    rows = pd.DataFrame(
        {
            "party": [f"{_who(row, names, facts)} ({_how(row)})" for row in shown.itertuples()],
            "mean": shown["mean_pence"].to_numpy() / 1e8,
            "worst": shown["worst_pence"].to_numpy() / 1e8,
            "capacity": -shown["can_bear_pence"].astype("Float64").to_numpy(dtype=float, na_value=float("nan")) / 1e8,
            "kind": [_kind(row.within) for row in shown.itertuples()],
        }
    )
    words = "; ".join(
        f"{row.party}: {show.millions(row.worst * 1e8, signed=True)}" for row in rows.itertuples(index=False)
    )
    table = TableBlock(
        f"{caption}, £ million",
        headings(["Contract", "Party", "Under"], _NUMBERS),
        tuple(_row(row, names, facts) for row in agreed.itertuples()),
    )
    note = (
        "As paid: payments under the contract less cost, before results are shared. Under the contract form: the "
        "party's part of the contract's result, its budget less its cost."
    )
    return FigureBlock(inline_svg(charts.risk(rows), "party-risk", caption, words), caption, note, table)


def _kind(within: object) -> str:
    if within is None or within is pd.NA:
        return "It does not say"
    return "Within what it can bear" if within else "Beyond what it can bear"


def _row(row: Any, names: dict[str, str], facts: Naming) -> Row:
    under = "As paid" if row.kind_of_form == "payment" else f"{row.form} {row.form_name}"
    cells = (
        *(show.in_millions(pence, signed=pence < 0) for pence in (row.budget_pence, row.mean_pence, row.sd_pence)),
        show.percent(row.chance_of_loss),
        *(show.in_millions(pence, signed=True) for pence in (row.worst_pence, row.mean_of_worst_pence)),
        "does not say" if row.can_bear_pence is pd.NA else show.in_millions(row.can_bear_pence),
    )
    beyond = row.within is not pd.NA and not row.within
    return Row((facts.label(row.contract), _who(row, names, facts), under, *cells), "warn" if beyond else "plain")


def _by_form(frame: pd.DataFrame, facts: Naming) -> TableBlock:
    """Every form by contract: who may lose more than they can bear, and the chance that the pool is exhausted."""
    contracts = list(dict.fromkeys(frame["contract"]))
    rows = []
    for (form, name), part in frame.groupby(["form", "form_name"], sort=False):
        shown = str(name) if form in (views.AGREED, views.IN_FORCE) else f"{form} {name}"
        cells = [_cell(part[part["contract"] == contract]) for contract in contracts]
        rows.append(Row((shown, *cells), "total" if form == views.AGREED else "plain"))
    caption = "Chance that commissioners' losses exhaust the risk pool, and parties beyond what they can bear; * agreed"
    return TableBlock(caption, headings(["Form"], [facts.label(contract) for contract in contracts]), tuple(rows))


def _cell(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "\u2013"
    chance, beyond = rows["chance_pool_exhausted"].iloc[0], int(rows["within"].eq(False).sum())
    told = "\u2013" if pd.isna(chance) else show.percent(chance, 0)
    mark = "* " if rows["agreed"].any() else ""
    return f"{mark}{told}; {beyond} beyond" if beyond else f"{mark}{told}"

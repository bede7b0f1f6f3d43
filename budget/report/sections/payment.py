"""The same activity under every payment and contract form: what is paid, who gains or loses, what is left out."""

from __future__ import annotations

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import payment as charts
from budget.report.facts import Naming, RunTables
from budget.report.svg import inline_svg
from budget.report.views import payment as views

_SHOWN = 6
"""How many parties have a picture of their own, the largest first."""


def payment_forms(tables: RunTables, facts: Naming) -> tuple[Block, ...]:
    """Margins of parties by form, and the contract forms."""
    frame = views.party_margins(tables)
    activities = list(dict.fromkeys(frame["activity"]))
    told = TextBlock(
        f"Every local provider's lines are paid for the same activity, {_in_words(activities)} of plan, under every "
        "form; cost is the plan's, less what moves with activity. A contract's own parameters are used where it names "
        "the form, else those of the assumptions. Every line of every provider is in the workbook."
    )
    contracts = () if tables["contract_simulation"].empty else (_contracts(tables, facts),)
    return (told, *_margins(tables, frame, activities), *contracts, *_not_simulated(tables, facts))


def _margins(tables: RunTables, frame: pd.DataFrame, activities: list[float]) -> tuple[Block, ...]:
    if frame.empty:
        return ()
    names = views.provider_names(tables)
    keys = frame[["contract", "provider_code", "planned_pence"]].drop_duplicates(["contract", "provider_code"])
    shown = keys.sort_values("planned_pence", ascending=False).head(_SHOWN)[["contract", "provider_code"]]
    rows = shown.merge(frame, on=["contract", "provider_code"])
    forms = [_form(row.form, row.form_name) for row in frame.drop_duplicates("form").itertuples()]
    caption = "Margin of parties under every form"
    words = "; ".join(_worst_form(names, part) for _, part in rows.groupby(["contract", "provider_code"], sort=False))
    drawn = inline_svg(
        charts.margins(_points(rows, names), forms, _words_of(activities)), "payment-forms-margins", caption, words
    )
    note = (
        "Each line is a form, its points are the activities. A form whose points lie together pays for cost as it "
        "comes; one whose points lie far apart leaves the risk with the provider."
    )
    table = _table(rows, names, activities)
    left = len(keys) - len(shown)
    more = f" {left} more are in the workbook." if left > 0 else ""
    return (FigureBlock(drawn, caption, note + more, table),)


def _points(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    share = rows["margin_pence"] / rows["planned_pence"]
    told = pd.DataFrame(
        {
            "party": [f"{names[r.provider_code]}{_of(r.contract)}" for r in rows.itertuples()],  # type: ignore[index]
            "form": [_form(r.form, r.form_name) for r in rows.itertuples()],
            "activity": [_words_of([r.activity])[0] for r in rows.itertuples()],  # type: ignore[list-item]
            "share": share,
        }
    )
    ends = told.groupby(["party", "form"])["share"].agg(low="min", high="max")
    return told.join(ends, on=["party", "form"])


def _of(contract: object) -> str:
    return "" if contract == views.NO_CONTRACT else f", {str(contract).replace('_', ' ')}"


def _form(form: object, name: object) -> str:
    return str(name) if form in (views.AGREED, views.IN_FORCE) else f"{form} {name}"


def _words_of(activities: list[float]) -> list[str]:
    return [f"Activity {show.index(activity, 2)}" for activity in activities]


def _in_words(activities: list[float]) -> str:
    return " and ".join(show.percent(activity, 0) for activity in activities)


def _worst_form(names: dict[str, str], rows: pd.DataFrame) -> str:
    worst = rows.loc[rows["margin_pence"].idxmin()]
    least = show.millions(worst["margin_pence"], signed=True)
    return f"{names[worst['provider_code']]}: furthest down {least} under {_form(worst['form'], worst['form_name'])}"


def _table(frame: pd.DataFrame, names: dict[str, str], activities: list[float]) -> TableBlock:
    wide = frame.pivot_table(
        index=["contract", "provider_code", "form", "form_name", "planned_pence"],
        columns="activity",
        values=["payment_pence", "margin_pence", "stranded_pence"],
        sort=False,
    )
    rows = []
    for key, amounts in wide.iterrows():
        contract, code, form, name, planned = key  # type: ignore[misc]
        cells = [show.in_millions(planned)]
        for activity in activities:
            paid, left = amounts["payment_pence", activity], amounts["margin_pence", activity]
            cells += [show.in_millions(paid), show.in_millions(left, signed=True)]
        cells.append(show.in_millions(max(amounts["stranded_pence", activity] for activity in activities)))
        kind = "total" if form == views.AGREED else "plain"
        rows.append(Row((str(contract), names[str(code)], _form(form, name), *cells), kind))  # type: ignore[arg-type]
    numbers = ["Planned"]
    for activity in activities:
        numbers += [f"Paid at {show.index(activity, 2)}", f"Margin at {show.index(activity, 2)}"]
    heads = headings(["Contract", "Party", "Form"], [*numbers, "Stranded at most"])
    return TableBlock("Payment and margin by party and form, £ million", heads, tuple(rows))


def _contracts(tables: RunTables, facts: Naming) -> TableBlock:
    """What every contract form leaves with parties and commissioner, and what it moves between them."""
    frame = views.contracts(tables)
    activities = list(dict.fromkeys(frame["activity"]))
    rows = []
    for (contract, form), part in frame.groupby(["contract", "form"], sort=False):
        cells: list[str] = []
        for activity in activities:
            cells += _shares(part[part["activity"] == activity])
        first = part.iloc[0]
        mark = " (agreed)" if first["agreed"] else ""
        told = (facts.label(contract), f"{form} {first['form_name']}{mark}")
        rows.append(Row((*told, *cells), "total" if first["agreed"] else "plain"))
    numbers = [
        f"{what} at {show.index(activity, 2)}"
        for activity in activities
        for what in ("Parties", "Commissioner and pools", "Moved between parties")
    ]
    caption = "Who bears the result of each contract under every contract form, £ million"
    return TableBlock(caption, headings(["Contract", "Contract form"], numbers), tuple(rows))


def _shares(rows: pd.DataFrame) -> list[str]:
    parties = rows[rows["kind"] == "party"]
    amounts = (
        parties["result_pence"].sum(),
        rows.loc[rows["kind"] != "party", "result_pence"].sum(),
        parties["transfer_pence"].clip(lower=0).sum(),
    )
    return [show.in_millions(pence, signed=True) for pence in amounts]


def _not_simulated(tables: RunTables, facts: Naming) -> tuple[Block, ...]:
    frame = tables.get("forms_not_simulated")
    if frame is None or frame.empty:
        return (TextBlock("Every form was simulated on every line."),)
    rows = tuple(
        Row((f"{row.form} {row.form_name}", facts.label(row.contract), str(row.reason), show.people(row.lines)))
        for row in frame.itertuples()
    )
    heads = headings(["Form", "Contract", "Why not"], ["Lines"])
    return (TableBlock("Forms that could not be simulated, wholly or on some lines", heads, rows),)

"""Where the money goes: from commissioners through the parts of the budget to whoever is paid."""

from __future__ import annotations

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, headings
from budget.report.charts.flow import flow
from budget.report.facts import Naming, RunTables
from budget.report.views import payment as views

_ALONE = 0.025
"""Commissioners and providers with at least this share of the money stand by themselves in the picture."""
_OTHERS = "other_commissioners"


def where_it_goes(tables: RunTables, facts: Naming) -> tuple[Block, ...]:
    """A picture of the flow, and every sum behind it."""
    frame = views.money_flow(tables)
    names = _names(tables, frame, facts)
    rows = _drawn(tables, frame)
    year = str(frame["financial_year"].iloc[0])
    caption = f"From commissioners through the budget to providers, {year}"
    labels = _labels(rows, names | _group_names(tables, frame, facts))
    parts = rows.groupby("part", sort=False)["millions"].sum()
    words = "; ".join(f"{names[part]} £{millions:,.1f}m" for part, millions in parts.items())  # type: ignore[index]
    sketch = flow(rows, labels, "money-flow", caption, words)
    note = (
        "Core and incentive are shared to local providers by what their care cost in each place and line; what "
        "patients choose elsewhere, low-volume and non-contract care are paid outside the footprint."
    )
    return (FigureBlock(sketch, caption, note, _table(frame, names, caption)),)


def _names(tables: RunTables, frame: pd.DataFrame, facts: Naming) -> dict[str, str]:
    providers = views.provider_names(tables) if "service_line_margins" in tables else {}
    codes = pd.unique(frame[["commissioner", "part", "payee"]].to_numpy().ravel())
    return {str(code): providers.get(str(code)) or facts.label(code) for code in codes}


def _drawn(tables: RunTables, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the picture: few payers and payees by themselves, the others together."""
    payers, groups = _large(frame, "commissioner"), _groups(tables, frame)
    rows = pd.DataFrame(
        {
            "payer": frame["commissioner"].where(frame["commissioner"].isin(payers), _OTHERS),
            "part": frame["part"],
            "payee": [groups.get(str(payee), str(payee)) for payee in frame["payee"]],
            "millions": frame["amount_pence"] / 1e8,
        }
    )
    sums = rows.groupby(["payer", "part", "payee"], as_index=False)["millions"].sum()
    return sums[sums["millions"] > 0].sort_values("millions", ascending=False, ignore_index=True)


def _groups(tables: RunTables, frame: pd.DataFrame) -> dict[str, str]:
    """Smaller providers stand under the service line in which they have most of their money."""
    small = set(frame.loc[frame["payee_kind"] == "provider", "payee"].astype(str)) - _large(frame, "payee")
    if "service_line_margins" not in tables:
        return dict.fromkeys(small, "other_providers")
    plans = tables["service_line_margins"].drop_duplicates(["provider_code", "contract", "service_line"])
    most = plans.sort_values("planned_pence", ascending=False).drop_duplicates("provider_code")
    return {
        str(row.provider_code): f"line:{row.service_line}" for row in most.itertuples() if row.provider_code in small
    }


def _large(frame: pd.DataFrame, column: str) -> set[str]:
    sums = frame.groupby(column)["amount_pence"].sum()
    return set(sums[sums >= _ALONE * sums.sum()].index.astype(str))


def _group_names(tables: RunTables, frame: pd.DataFrame, facts: Naming) -> dict[str, str]:
    groups = pd.Series(_groups(tables, frame), dtype=str).value_counts()
    payers = frame["commissioner"].nunique() - len(_large(frame, "commissioner"))
    named = {
        code: "Other local providers" if code == "other_providers" else f"{facts.label(code[5:])}, {count} providers"
        for code, count in groups.items()
    }
    return named | {_OTHERS: f"{payers} other commissioners"}


def _labels(rows: pd.DataFrame, names: dict[str, str]) -> dict[str, str]:
    labels = {}
    for column in ("payer", "part", "payee"):
        for code, millions in rows.groupby(column)["millions"].sum().items():
            labels[str(code)] = f"{names[str(code)]} £{show.rounded(millions, 1):,}m"
    return labels


def _table(frame: pd.DataFrame, names: dict[str, str], caption: str) -> TableBlock:
    rows = tuple(
        Row((names[str(r.commissioner)], names[str(r.part)], names[str(r.payee)], show.in_millions(r.amount_pence)))
        for r in frame.itertuples()
    )
    return TableBlock(
        f"{caption}, £ million", headings(["Who pays", "Part of the budget", "To whom"], ["£ million"]), rows
    )

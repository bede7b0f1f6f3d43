"""The sections of a page on two runs: why their budgets differ, as a waterfall and as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, Section, TableBlock, TextBlock, headings
from budget.report.charts.money import waterfall
from budget.report.labels import general_labels, words
from budget.report.svg import inline_svg

_MILLION = 100_000_000


def why_section(causes: pd.DataFrame, year: str, levels: tuple[int, int], notes: Sequence[str]) -> Section:
    """Causes from the first run's core budget of a year to the second's.

    Args:
        causes: ``cause``, ``kind``, ``detail``, ``year_pence`` and ``all_pence``, in order.
        year: the year that the chart shows.
        levels: pence of the year in the first and in the second run.
        notes: how to read it; a paragraph each.
    """
    caption = f"Core budget {year}, from the first run to the second"
    steps = _steps(causes, levels)
    told = "; ".join(f"{row.label} {row.text}" for row in steps.itertuples())
    drawn = inline_svg(waterfall(steps), "causes", caption, told)
    behind = TableBlock(
        caption, headings(["Cause"], ["£"]), tuple(Row((row.label, row.text)) for row in steps.itertuples())
    )
    note = "Dark marks are levels; blue bars add to the budget and orange bars take from it."
    figure = FigureBlock(drawn, caption, note, behind)
    return Section("why", "Why", (figure, _table(causes, year), *(TextBlock(note) for note in notes)))


def untold_section(why_not: str) -> Section:
    """In place of the causes, why they cannot be told apart."""
    return Section("why", "Why", (TextBlock(f"The causes cannot be told apart. {why_not}", notice=True),))


def what_section(views: Sequence[tuple[str, pd.DataFrame]], year: str) -> Section:
    """The difference by step, place and so on.

    Args:
        views: a heading each, with ``name``, ``before_pence``, ``after_pence`` and ``difference_pence``.
        year: the year that they are of.
    """
    blocks: list[Block] = [
        TableBlock(
            f"{title}, {year}",
            headings([title], ["First run", "Second run", "Difference"]),
            tuple(
                Row(
                    (
                        _label(row.name),
                        show.pence(row.before_pence),
                        show.pence(row.after_pence),
                        show.pence(row.difference_pence),
                    )
                )
                for row in rows.itertuples(index=False)
            ),
        )
        for title, rows in views
    ]
    return Section("what", "What", tuple(blocks))


def _steps(causes: pd.DataFrame, levels: tuple[int, int]) -> pd.DataFrame:
    """The rows of the waterfall: a level, a bar for each cause, a level."""
    rows = [("First run", "level", levels[0], levels[0])]
    for number, (cause, pence) in enumerate(zip(causes["cause"], causes["year_pence"], strict=True), 1):
        before = rows[-1][3]
        rows.append((f"{number} {cause}", "up" if pence >= 0 else "down", before, before + int(pence)))
    rows.append(("Second run", "level", levels[1], levels[1]))
    frame = pd.DataFrame(rows, columns=["label", "kind", "before", "balance"])
    return pd.DataFrame(
        {
            "label": frame["label"],
            "kind": frame["kind"],
            "text": [
                show.millions(row.balance, 2)
                if row.kind == "level"
                else show.millions(row.balance - row.before, 2, signed=True)
                for row in frame.itertuples()
            ],
            "start": frame["before"] / _MILLION,
            "end": frame["balance"] / _MILLION,
            "right": frame[["before", "balance"]].max(axis=1) / _MILLION,
            "next": frame["label"].shift(-1),
        }
    )


def _table(causes: pd.DataFrame, year: str) -> TableBlock:
    rows = [
        Row((f"{number} {row.cause}", row.kind, row.detail, show.pence(row.year_pence), show.pence(row.all_pence)))
        for number, row in enumerate(causes.itertuples(), 1)
    ]
    sums = [show.pence(int(causes[name].sum())) for name in ("year_pence", "all_pence")]
    rows.append(Row(("All causes", "", "", *sums), "total"))
    text = ["Cause", "Kind", "What changed"]
    return TableBlock("The difference by cause", headings(text, [year, "All years"]), tuple(rows))


def _label(code: object) -> str:
    return general_labels().get(str(code)) or words(str(code))

"""What opens when a figure of the page is asked where it comes from: steps, formula, assumptions, checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from budget.audit.explain.assumed import Assumed
from budget.audit.explain.formulas import FORMULAS, UNTOLD
from budget.audit.explain.steps import described
from budget.ledger.book import ALLOCATED
from budget.ledger.steps import STEPS
from budget.report import show
from budget.report.asked import LEDGER, Asked
from budget.report.blocks import Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables

_CHECKED = (LEDGER, "growth_bridge", "integrated_budget")
_MOST_CITED = 4


@dataclass(frozen=True)
class Opened:
    """An explanation.

    Attributes:
        id: what the figures that it belongs to point to.
        title: what it explains.
        blocks: what it says.
    """

    id: str
    title: str
    blocks: tuple[TableBlock | TextBlock, ...]


@dataclass(frozen=True)
class Explaining:
    """Explains figures from the ledger of a run."""

    tables: RunTables
    facts: RunFacts

    def all(self, asked: Iterable[Asked]) -> list[Opened]:
        """The explanation of each."""
        return [self._step(one) if one.key == "step" else self._sum(one) for one in asked]

    @cached_property
    def _ledger(self) -> pd.DataFrame:
        return self.tables[LEDGER].assign(step=self.tables[LEDGER]["step"].astype(str))

    @cached_property
    def _assumed(self) -> Assumed:
        return Assumed(self.facts.assumptions)

    @cached_property
    def _checks(self) -> TextBlock:
        asked = [check for check in self.facts.checks if check.table in _CHECKED]
        passed = sum(check.outcome == "passed" for check in asked)
        return TextBlock(
            f"{len(asked)} checks were asked of {', '.join(_CHECKED)}; {passed} passed. To a single line or person's "
            "segment: capitation explain-budget."
        )

    def _rows(self, asked: Asked) -> pd.DataFrame:
        here = self._ledger[self._ledger["financial_year"] == asked.year]
        return here[here[asked.key] == asked.code] if asked.key else here

    def _sum(self, asked: Asked) -> Opened:
        """A sum of the ledger: what each step moves, what it comes to and what the step cites."""
        rows, what = self._rows(asked), self.facts.label(asked.code) if asked.key else "All places"
        heads = headings(["Step", "Because of"], ["Moves, £", "Comes to, £"])
        told = TableBlock(f"{len(rows):,} movements of the ledger, step by step", heads, tuple(self._moves(rows)))
        return Opened(asked.id, f"{what}, {asked.year}", (told, self._checks))

    def _moves(self, rows: pd.DataFrame) -> Iterator[Row]:
        comes_to = 0
        for step in (step.name for step in STEPS):
            mine = rows[rows["step"] == step]
            if mine.empty:
                continue
            moves = int(mine["amount_pence"].sum())
            comes_to += moves
            cited = _cited(mine)
            more = f" and {len(cited) - _MOST_CITED} more" if len(cited) > _MOST_CITED else ""
            because = ", ".join(cited[:_MOST_CITED]) + more
            cells = (self.facts.label(step), because, show.pounds(moves, 2, signed=True), show.pence(comes_to))
            yield Row(cells)
            if step == ALLOCATED:
                yield Row(("Allocation", "", "", show.pence(comes_to)), "total")
        yield Row(("Core budget", "", "", show.pence(comes_to)), "total")

    def _step(self, asked: Asked) -> Opened:
        """A step: its formula with the numbers of every place, and what it cites."""
        rows = self._rows(asked)
        title, words, _ = described(asked.code)
        formula = TextBlock(f"{words} Formula: {FORMULAS.get(asked.code, UNTOLD).text}.")
        blocks = (formula, self._by_place(asked, rows), *self._cites(asked, rows), self._checks)
        return Opened(asked.id, f"{title}, {asked.year}", blocks)

    def _by_place(self, asked: Asked, rows: pd.DataFrame) -> TableBlock:
        names = [step.name for step in STEPS]
        year = self._ledger[self._ledger["financial_year"] == asked.year]
        earlier = year[year["step"].isin(names[: names.index(asked.code)])].groupby("place")["amount_pence"].sum()
        moved = rows.groupby("place")["amount_pence"].sum()
        # a place that nothing was booked for yet opens with a true nought
        before = earlier.reindex(moved.index, fill_value=0)
        cells = [(self.facts.label(place), int(before[place]), int(moved[place])) for place in moved.index]
        cells.append(("All places", int(before.sum()), int(moved.sum())))
        told = tuple(
            Row((name, show.pence(was), show.pounds(moves, 2, signed=True), _share(moves, was)), _kind(name))
            for name, was, moves in cells
        )
        return TableBlock("By place", headings(["Place"], ["Before, £", "Moves, £", "Of what was there"]), told)

    def _cites(self, asked: Asked, rows: pd.DataFrame) -> Iterator[TableBlock]:
        told = [self._assumed.told(cited, asked.year) for cited in _cited(rows)]
        if told:
            cells = tuple(Row(tuple(_text(one[name]) for name in _FACTS)) for one in told)
            yield TableBlock("What its movements cite", headings(_HEADS, []), cells)


_FACTS = ("cited", "value", "unit", "status", "source")
_HEADS = ("Assumption or input", "Value", "Unit", "Status", "Source")


def _cited(rows: pd.DataFrame) -> list[str]:
    return sorted({str(cite) for cites in rows["assumptions"] for cite in cites})


def _text(value: Any) -> str:
    return "" if value is None else show.plain(value)


def _share(moves: int, was: int) -> str:
    return show.percent(moves / was, 4, signed=True) if was else ""


def _kind(name: str) -> Any:
    return "total" if name == "All places" else "plain"

"""What opens when a figure of the page is asked where it comes from: steps, formula, assumptions, checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from budget.kernel.yaml import read_yaml
from budget.report import show
from budget.report.asked import LEDGER, STEP, Asked, Figure
from budget.report.blocks import Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.views.budget import YEAR

_CHECKED = (LEDGER, "growth_bridge", "integrated_budget")
_ALLOCATES = "pace_of_change"
_FACTS = ("value", "unit", "status", "source")
_HEADS = ("Assumption or input", "Value", "Unit", "Status", "Source")


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
        """The explanation of each, and of every step that one of them names."""
        known = dict.fromkeys(asked)
        named = [Asked(one.year, STEP, step) for one in known if one.key != STEP for step in self._moves(one)]
        return [self._step(one) if one.key == STEP else self._sum(one) for one in dict.fromkeys([*known, *named])]

    @cached_property
    def _ledger(self) -> pd.DataFrame:
        return self.tables[LEDGER].assign(step=self.tables[LEDGER]["step"].astype(str))

    @cached_property
    def _by(self) -> Callable[[str], pd.Series]:
        """Pence by year, step and a column of the ledger; the column is left out where it is empty."""
        return cache(lambda key: self._ledger.groupby([YEAR, STEP, *filter(None, [key])])["amount_pence"].sum())

    @cached_property
    def _of_places(self) -> Callable[[str], pd.DataFrame]:
        """Pence of a year by place and step; a step that moves nothing of a place has a true nought there."""
        steps = list(_steps())
        return cache(
            lambda year: self._by("place")[year].unstack(STEP).reindex(columns=steps).fillna(0).astype("int64")
        )

    @cached_property
    def _cited(self) -> Mapping[tuple[str, str], set[str]]:
        """What the movements of each year and step cite."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for year, step, cites in self._ledger[[YEAR, STEP, "assumptions"]].itertuples(index=False):
            found[year, step].update(cites)
        return found

    @cached_property
    def _assumed(self) -> pd.DataFrame:
        """The assumption ledger, with the name under which movements cite each row."""
        frame = self.facts.assumptions
        narrow = frame["scope"].str.replace(r"line:|place:", "", regex=True).str.replace(" ", "/", n=1)
        return frame.assign(cited=frame["name"].where(frame["scope"] == "all", frame["name"] + "@" + narrow))

    @cached_property
    def _checks(self) -> TextBlock:
        asked = [check for check in self.facts.checks if check.table in _CHECKED]
        passed = sum(check.outcome == "passed" for check in asked)
        return TextBlock(f"{len(asked)} checks asked of the ledger and its sums; {passed} passed.")

    def _moves(self, asked: Asked) -> dict[str, int]:
        """Pence by step of what a figure is a sum of, in the order of the steps."""
        sums = self._by(asked.key)[asked.year]
        here = sums.xs(asked.code, level=asked.key) if asked.key else sums
        return {step: int(here[step]) for step in _steps() if step in here.index}

    def _sum(self, asked: Asked) -> Opened:
        """A sum of the ledger: what each step moves, and what it comes to."""
        what = self.facts.label(asked.code) if asked.key else "All places"
        rows = tuple(self._rows(asked.year, self._moves(asked)))
        told = TableBlock("Step by step", headings(["Step"], ["Moves, £", "Comes to, £"]), rows)
        return Opened(asked.id, f"{what}, {asked.year}", (told, self._checks))

    def _rows(self, year: str, moves: Mapping[str, int]) -> Iterator[Row]:
        comes_to = 0
        for step, pence in moves.items():
            comes_to += pence
            name = Figure.of(self.facts.label(step), Asked(year, STEP, step), self.tables)
            yield Row((name, show.pounds(pence, 2, signed=True), show.pence(comes_to)))
            if step == _ALLOCATES:
                yield Row(("Allocation", "", show.pence(comes_to)), "total")
        yield Row(("Core budget", "", show.pence(comes_to)), "total")

    def _step(self, asked: Asked) -> Opened:
        """A step: its formula, what it does to every place, and what it cites."""
        title, step = self.facts.label(asked.code), _steps()[asked.code]
        formula = TextBlock(f"{step['does']} Formula: {step['formula']}.")
        return Opened(
            asked.id, f"{title}, {asked.year}", (formula, self._by_place(asked), *self._cites(asked), self._checks)
        )

    def _by_place(self, asked: Asked) -> TableBlock:
        year = self._of_places(asked.year)
        before = year.loc[:, : asked.code].iloc[:, :-1].sum(axis=1)
        rows = [self._place(self.facts.label(place), before[place], year.at[place, asked.code]) for place in year.index]
        total = self._place("All places", before.sum(), year[asked.code].sum())
        head = headings(["Place"], ["Before, £", "Moves, £", "Of it"])
        return TableBlock("By place", head, (*rows, replace(total, kind="total")))

    def _place(self, name: str, before: int, moves: int) -> Row:
        share = show.percent(moves / before, 2, signed=True) if before else ""
        return Row((name, show.pence(before), show.pounds(moves, 2, signed=True), share))

    def _cites(self, asked: Asked) -> Iterator[TableBlock]:
        rows = tuple(Row(self._cite(cited, asked.year)) for cited in sorted(self._cited[asked.year, asked.code]))
        if rows:
            yield TableBlock("What its movements cite", headings(_HEADS, []), rows)

    def _cite(self, cited: str, year: str) -> tuple[str, ...]:
        """An assumption as it holds in a year; what is none of them is a table that the run was given."""
        found = self._assumed[(self._assumed["cited"] == cited) & self._assumed[YEAR].isin([year, "any"])]
        if found.empty:
            return (cited, "an input", "", "", "")
        row = found.sort_values(YEAR).iloc[0]  # a year's own value stands before the one for any
        return (cited, *(show.plain(row[name]) for name in _FACTS))


@cache
def _steps() -> Mapping[str, Mapping[str, str]]:
    """What each step does and its formula, in the order of the ledger."""
    return MappingProxyType(read_yaml(Path(__file__).with_name("steps.yaml")))

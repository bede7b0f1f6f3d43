"""The bridge of a draft as a waterfall over that of its run, in percent of a picture's width."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from budget.ledger.book import ALLOCATED
from budget.report import show

Span = tuple[int, int]
"""Pence before and after a step; both the same for a level."""

_ROOM, _LEAST = 99.0, 0.9
"""Percent of the width that spans have, and the least that one is drawn with."""


@dataclass(frozen=True)
class Bar:
    """One row of a waterfall.

    Attributes:
        kind: a level, or a step that adds or takes away.
        left: where it begins.
        width: how wide it is.
        was: both of these in the run; None where the draft does not move it.
    """

    name: str
    text: str
    kind: Literal["level", "up", "down"]
    left: float
    width: float
    was: tuple[float, float] | None


@dataclass(frozen=True)
class _Step:
    """A step or level, in the run and in the draft."""

    name: str
    level: bool
    was: Span
    now: Span

    @property
    def kind(self) -> Literal["level", "up", "down"]:
        return "level" if self.level else "up" if self.now[1] >= self.now[0] else "down"

    @property
    def text(self) -> str:
        return show.millions(self.now[1]) if self.level else show.millions(self.now[1] - self.now[0], signed=True)


def bars_of(steps: pd.DataFrame, label: Callable[[str], str]) -> list[Bar]:
    """The waterfall: the first step opens it, and levels stand where the allocation and the core budget are set.

    Args:
        steps: ``name``, ``before_pence`` and ``after_pence``, in order.
        label: words for codes.
    """
    rows = list(_steps(steps, label))
    ends = [end for row in rows for span in (row.was, row.now) for end in span]
    low, wide = min(ends), max(max(ends) - min(ends), 1)

    def place(span: Span) -> tuple[float, float]:
        left, right = (_ROOM * (end - low) / wide for end in sorted(span))
        return round(left, 2), round(max(right - left, _LEAST), 2)

    return [Bar(r.name, r.text, r.kind, *place(r.now), None if r.was == r.now else place(r.was)) for r in rows]


def _steps(steps: pd.DataFrame, label: Callable[[str], str]) -> Iterator[_Step]:
    was = now = 0
    for number, row in enumerate(steps.itertuples(index=False)):
        spans = (was, was + int(row.before_pence)), (now, now + int(row.after_pence))  # type: ignore[arg-type]
        (_, was), (_, now) = spans
        yield _Step(label(str(row.name)), False, *spans) if number else _level(label(str(row.name)), was, now)
        if row.name == ALLOCATED:
            yield _level("Allocation", was, now)
    yield _level("Core budget", was, now)


def _level(name: str, was: int, now: int) -> _Step:
    return _Step(name, True, (was, was), (now, now))

"""The parts a page is made of; the template knows these and nothing of budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from budget.report.svg import Drawing, Sketch


@dataclass(frozen=True)
class Heading:
    """A column heading.

    Attributes:
        text: what the reader sees.
        number: whether the column holds numbers, which stand to the right.
    """

    text: str
    number: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells, and whether it is a total or is marked as needing attention."""

    cells: tuple[str, ...]
    kind: Literal["plain", "total", "warn", "bad"] = "plain"


@dataclass(frozen=True)
class TableBlock:
    """A table with its caption."""

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class FigureBlock:
    """A chart with what it shows in words, and the table behind it.

    Attributes:
        svg: the drawing, safe to inline, already labelled.
        caption: the finding or subject in one line.
        note: how to read it; may be empty.
        table: the figures behind it.
    """

    svg: Drawing | Sketch
    caption: str
    note: str
    table: TableBlock


@dataclass(frozen=True)
class TextBlock:
    """A paragraph; a notice stands out."""

    text: str
    notice: bool = False


@dataclass(frozen=True)
class CardsBlock:
    """Headline figures: label, figure, what it is over."""

    caption: str
    cards: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ListBlock:
    """Terms and what there is to know of each."""

    items: tuple[tuple[str, str], ...]


Block: TypeAlias = TableBlock | FigureBlock | TextBlock | CardsBlock | ListBlock


@dataclass(frozen=True)
class Section:
    """A part of the page under its own heading.

    Attributes:
        sources: tables that its numbers come from, each with what it holds.
    """

    id: str
    heading: str
    blocks: tuple[Block, ...]
    sources: tuple[tuple[str, str], ...] = ()


def kind_of(block: Block) -> str:
    """Name of the template's macro for a block."""
    return type(block).__name__.removesuffix("Block").lower()


def headings(text: Sequence[str], numbers: Sequence[str]) -> tuple[Heading, ...]:
    """Text columns first, then number columns."""
    return (*(Heading(name) for name in text), *(Heading(name, number=True) for name in numbers))

"""Figures of the page that can be asked where they come from: a sum of the ledger, or one of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from budget.report.blocks import Block, CardsBlock, FigureBlock, Section, TableBlock
from budget.report.facts import RunTables

LEDGER, STEP = "budget_ledger", "step"


@dataclass(frozen=True)
class Asked:
    """What a figure is a sum of: the movements of a year, of all or of one place, segment, commissioner or step.

    Attributes:
        year: the budget year.
        key: the ledger's column; empty for everything.
        code: its value.
    """

    year: str
    key: str = ""
    code: str = ""

    @property
    def id(self) -> str:
        """The id of its explanation; codes may have any character."""
        return "w" + blake2b("|".join((self.year, self.key, self.code)).encode(), digest_size=4).hexdigest()


class Figure(str):
    """A figure as people read it, with what it is a sum of."""

    why: Asked

    @classmethod
    def of(cls, text: str, asked: Asked, tables: RunTables) -> str:
        """The figure; plain text where the run's ledger is not at hand."""
        if LEDGER not in tables:
            return text
        figure = cls(text)
        figure.why = asked
        return figure


def asked_of(sections: Iterable[Section]) -> list[Asked]:
    """What the figures of some sections are sums of, each once, in the order of the page."""
    texts = (text for section in sections for block in section.blocks for text in _texts(block))
    return list(dict.fromkeys(text.why for text in texts if isinstance(text, Figure)))


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, FigureBlock):
        yield from _texts(block.table)
    elif isinstance(block, CardsBlock):
        yield from (figure for _, figure, _ in block.cards)
    elif isinstance(block, TableBlock):
        yield from (cell for row in block.rows for cell in row.cells)

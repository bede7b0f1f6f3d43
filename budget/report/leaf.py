"""A page of its own beside a run's report: one question answered, in the same style, needing nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from budget.report.blocks import Section
from budget.report.page import render


@dataclass(frozen=True)
class Leaf:
    """What such a page shows.

    Attributes:
        kicker: what kind of page it is.
        title: the locality.
        subject: the question, in one line.
        notice: a sentence that every output shows, such as that people are synthetic; may be empty.
        sections: the answer.
        foot: where its figures come from.
    """

    kicker: str
    title: str
    subject: str
    notice: str
    sections: tuple[Section, ...]
    foot: str


def write_leaf(leaf: Leaf, path: Path) -> None:
    """Write the page.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(render("leaf.html.j2", leaf=leaf), encoding="utf-8", newline="\n")

"""The report page of a run: one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.report.asked import asked_of
from budget.report.blocks import Section, kind_of
from budget.report.explaining import Explaining, Opened
from budget.report.facts import RunFacts, RunTables
from budget.report.notes import known_text
from budget.report.sections import sections
from budget.report.show import day

if TYPE_CHECKING:
    from markupsafe import Markup


def write_page(tables: RunTables, facts: RunFacts, path: Path) -> None:
    """Write the report page of a run; the same tables and facts give the same bytes.

    The page holds its styles and drawings, runs no script and asks nothing of the network. A part whose
    tables the run does not have is left out and says so.

    Args:
        tables: output tables by contract name.
        facts: the run beside its tables.
        path: the ``.html`` file to write.

    Raises:
        OSError: the file cannot be written.
    """
    begin_page(tables, facts).write(path)


@dataclass(frozen=True)
class Page:
    """A page whose charts are being drawn in another process.

    Attributes:
        facts: the run beside its tables.
        sections: its parts.
        explanations: what opens when a figure is asked where it comes from.
    """

    facts: RunFacts
    sections: tuple[Section, ...]
    explanations: tuple[Opened, ...] = ()

    def text(self) -> str:
        """The page, as soon as its charts are drawn."""
        return render("page.html.j2", facts=self.facts, sections=self.sections, explanations=self.explanations)

    def write(self, path: Path) -> None:
        """Write the page."""
        path.write_text(self.text(), encoding="utf-8", newline="\n")


def begin_page(tables: RunTables, facts: RunFacts) -> Page:
    """Begin a page: its tables are made, its charts are asked for, and other work can be done until they are there.

    Args:
        tables: output tables by contract name.
        facts: the run beside its tables.
    """
    from altair.utils.schemapi import debug_mode

    # tests hold every chart to its schema; a run does not do so again
    with debug_mode(False):
        made = sections(tables, facts)
    return Page(facts, made, tuple(Explaining(tables, facts).all(asked_of(made))))


def render_page(tables: RunTables, facts: RunFacts) -> str:
    """The page as text."""
    return begin_page(tables, facts).text()


def render(template: str, **values: Any) -> str:
    """One of the page templates, filled; every page has the same style and stands alone.

    Args:
        template: its file name.
        values: what it shows.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind_of"] = kind_of
    environment.filters["day"] = day
    environment.filters["known"] = known_text
    environment.filters["breakable"] = breakable
    style = (here / "page.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(style=style, **values)


def breakable(text: str) -> Markup:
    """Text that may be broken after an underscore, so that long identifiers do not widen a table."""
    from markupsafe import Markup, escape

    if "_" not in text:  # as nearly every cell
        return escape(text)
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))

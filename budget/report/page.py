"""The report page of a run: one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.report.blocks import kind_of
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
    path.write_text(render_page(tables, facts), encoding="utf-8", newline="\n")


def render_page(tables: RunTables, facts: RunFacts) -> str:
    """The page as text."""
    return render("page.html.j2", facts=facts, sections=sections(tables, facts))


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

    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))

"""Blocks of text that fit a hundred columns: rows under headings, paragraphs, files."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from budget.kernel.money import pounds_text
from budget.kernel.rounding import to_step

WIDTH = 100
_SHORT = {"attribution_factor": "k", "share_of_line": "of line", "chance_exhausted": "exhausted"}
_SHARES = frozenset({"share", "share_of_line", "growth", "chance_exhausted"})


def columns(rows: Sequence[dict[str, Any]], keys: list[str], numbers: list[str], most: int) -> Iterator[str]:
    """Rows as a table: what they are to the left, their numbers to the right; a key alike in all is left out.

    Args:
        rows: the rows.
        keys: columns of text.
        numbers: columns of numbers; those that end in ``_pence`` are shown in pounds.
        most: how many rows to show.
    """
    told = keys if len(rows) == 1 else [key for key in keys if len({row[key] for row in rows}) > 1] or keys[:1]
    cells = [[shown(name, row[name]) for name in numbers] for row in rows[:most]]
    heads = [_heading(name) for name in numbers]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    room = max(14, WIDTH - 2 - sum(width + 1 for width in widths))
    yield f"  {'':<{room}}{_right(heads, widths)}"
    for row, numbered in zip(rows, cells, strict=False):
        what = " / ".join(str(row[key]) for key in told if row[key] is not None)
        first, *rest = textwrap.wrap(what, room) or [""]
        yield f"  {first:<{room}}{_right(numbered, widths)}"
        yield from (f"    {line}" for line in rest)
    yield from more(rows, most)


def _right(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(f" {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def shown(name: str, value: Any) -> str:
    """A number of a table as people read it."""
    if value is None:
        return "-"
    if name.endswith("_pence"):
        return pounds_text(int(to_step(value)))
    if name in _SHARES:
        return f"{100 * value:,.4f}%"
    if isinstance(value, float):
        return f"{value:,.6f}" if name == "attribution_factor" else f"{value:,.2f}"
    return f"{value:,}"


def wrapped(text: str, indent: int) -> Iterator[str]:
    """A paragraph."""
    space = " " * indent
    yield from textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space + "  ")


def more(rows: Sequence[Any], most: int, indent: int = 2) -> Iterator[str]:
    """How many rows are not shown, where some are not."""
    if len(rows) > most:
        yield f"{' ' * indent}and {len(rows) - most:,} more (all of them with --json)"


def people_text(count: float) -> str:
    """People, with two decimals where they are not whole."""
    return f"{count:,.0f}" if float(count).is_integer() else f"{count:,.2f}"


def inputs(files: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Input files with rows and the beginning of their hash."""
    yield from ("", "Input files behind it (SHA-256, rows)")
    for row in files:
        name = f"{row['name']}/{row['file']}"
        yield from wrapped(f"{row['sha256'][:16]}  {row['rows']:>11,}  {name}{_total(row)}", 2)


def _total(row: dict[str, Any]) -> str:
    if row["control_total"] is None:
        return ""
    if row["unit"] == "pence":
        return f", {pounds_text(int(to_step(row['control_total'])))}"
    return f", {people_text(row['control_total'])} {row['unit']}"


def _heading(name: str) -> str:
    return _SHORT.get(name) or name.removesuffix("_pence").replace("_", " ")

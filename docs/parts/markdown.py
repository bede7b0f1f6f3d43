"""What every page is written with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "Written by `docs/generate.py`; change the source and run it again."


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def listed(names: Iterable[str]) -> str:
    """Names, one after another, as code."""
    return ", ".join(f"`{name}`" for name in names)

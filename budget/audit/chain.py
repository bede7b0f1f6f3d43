"""Files of JSON lines in which every line holds the hash of the line before, so that none can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTHING_BEFORE = "0" * 64
"""What the first line of a chain that hangs on nothing names as the hash before it."""


@dataclass(frozen=True)
class Chain:
    """A chain as it was read.

    Attributes:
        facts: what the lines say, up to the first that does not follow.
        last: hash of the last of them; that of the root where there is none.
        broken_at: number of the first line that does not follow from the one before; None where all do.
        expected: the hash that it should name.
        found: the hash that it names, or why it cannot be read.
    """

    facts: tuple[Mapping[str, Any], ...]
    last: str
    broken_at: int | None = None
    expected: str = ""
    found: str = ""


def hash_line(line: str) -> str:
    """SHA-256 of a line without its end."""
    return hashlib.sha256(line.encode()).hexdigest()


def line_of(previous: str, facts: Mapping[str, Any]) -> str:
    """One line: the hash of the line before, then what there is to say."""
    return json.dumps({"previous": previous, **facts}, ensure_ascii=False, separators=(",", ":"), default=str)


def write_chain(path: Path, events: Iterable[Mapping[str, Any]], root: str = NOTHING_BEFORE) -> str:
    """Write a chain.

    Args:
        path: the file.
        events: what each line says.
        root: what the chain hangs on.

    Returns:
        The hash of its last line.
    """
    last, lines = root, []
    for event in events:
        lines.append(line_of(last, event))
        last = hash_line(lines[-1])
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return last


def read_chain(path: Path, root: str = NOTHING_BEFORE) -> Chain:
    """Read a chain as far as it holds.

    Args:
        path: the file.
        root: what the chain should hang on.
    """
    facts: list[Mapping[str, Any]] = []
    last = root
    lines = path.read_bytes().split(b"\n")
    if lines.pop():
        return Chain((), root, len(lines) + 1, "a whole line", "a line that does not end")
    for number, line in enumerate(lines, 1):
        said = _read(line)
        found = said.pop("previous", "no hash") if said is not None else "a line that cannot be read"
        if said is None or found != last:
            return Chain(tuple(facts), last, number, last, str(found))
        facts.append(said)
        last = hashlib.sha256(line).hexdigest()
    return Chain(tuple(facts), last)


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None

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
        facts: what the lines say, the hash before each included, up to the first that does not follow.
        hashes: the root, and then the hash of each of those lines.
        broken_at: number of the first line that does not follow from the one before; None where all do.
        expected: the hash that it should name.
        found: the hash that it names, or why it cannot be read.
    """

    facts: tuple[Mapping[str, Any], ...]
    hashes: tuple[str, ...]
    broken_at: int | None = None
    expected: str = ""
    found: str = ""

    @property
    def last(self) -> str:
        """Hash of the last line that holds; that of the root where there is none."""
        return self.hashes[-1]


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
    hashes = [root]
    lines = path.read_bytes().split(b"\n")
    if lines.pop():
        return Chain((), (root,), len(lines) + 1, "a whole line", "a line that does not end")
    for number, line in enumerate(lines, 1):
        said = _read(line)
        if said is None or said.get("previous") != hashes[-1]:
            found = "a line that cannot be read" if said is None else str(said.get("previous"))
            return Chain(tuple(facts), tuple(hashes), number, hashes[-1], found)
        facts.append(said)
        hashes.append(hashlib.sha256(line).hexdigest())
    return Chain(tuple(facts), tuple(hashes))


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None

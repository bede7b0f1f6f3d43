"""SQL text with typed literals: what an auditor reads is what runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

_PLACEHOLDER = re.compile(r"\{([a-z_]\w*)\}")


@dataclass(frozen=True)
class Sql:
    """A piece of SQL that our own compiler wrote; it enters a statement as it is."""

    text: str


@dataclass(frozen=True)
class Statement:
    """One SELECT in DuckDB's dialect; ``{name}`` stands for a literal."""

    text: str

    @classmethod
    def read(cls, path: Path) -> Statement:
        """The SELECT in a file; its first comment names the rule."""
        return cls(path.read_text(encoding="utf-8").strip().rstrip(";"))

    def with_values(self, **values: Any) -> str:
        """The statement with every placeholder replaced by its literal.

        Raises:
            KeyError: a placeholder has no value.
        """
        return _PLACEHOLDER.sub(lambda match: literal(values[match[1]]), self.text)


def text_of(statement: Statement | str, values: Mapping[str, Any]) -> str:
    """The text that an engine runs: a statement, or plain text as one, with its values in place."""
    given = statement if isinstance(statement, Statement) else Statement(statement)
    return given.with_values(**values)


def literal(value: Any) -> str:
    """A Python value as an SQL literal.

    Raises:
        TypeError: the value has no literal form.
    """
    match value:
        case Sql():
            return value.text
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return repr(value) if isinstance(value, float) else str(value)
        case str():
            return quote(value)
        case date():
            return f"date '{value.isoformat()}'"
        case None:
            return "null"
        case tuple() | list():
            return "(" + ", ".join(literal(item) for item in value) + ")"
        case _:
            raise TypeError(f"no SQL literal for {type(value).__name__}")


def quote(text: str) -> str:
    """A string literal, quotes doubled."""
    return "'" + text.replace("'", "''") + "'"

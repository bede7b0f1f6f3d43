"""``capitation assumptions schema``."""

from __future__ import annotations

from argparse import Namespace

from budget.assumptions.schema import pack_schema, schema_text
from flows.answer import Answer


def command(_: Namespace) -> Answer:
    """The JSON Schema of packs and scenarios."""
    return Answer(schema_text().rstrip("\n"), pack_schema())

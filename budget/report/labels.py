"""Words for the codes that tables use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

from budget.kernel.yaml import read_yaml


@cache
def general_labels() -> MappingProxyType[str, str]:
    """Words for the product's own codes: steps, carve-outs, rules, bases."""
    groups = read_yaml(Path(__file__).with_name("labels.yaml"))
    return MappingProxyType({code: label for group in groups.values() for code, label in group.items()})


def words(code: str) -> str:
    """A code as words: ``acute_nonelective`` becomes "Acute nonelective"; names and acronyms stay as they are.

    >>> words("acute_nonelective"), words("QXX"), words("My Place")
    ('Acute nonelective', 'QXX', 'My Place')
    """
    return code.replace("_", " ").capitalize() if code == code.lower() else code

"""A quick reader of what is right: libyaml under the rules of YAML 1.2, ten times as fast as the strict reader.

What it cannot read it leaves to the strict one, which says why. Both give the same values; a test reads every file of
the product by both.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from decimal import Decimal
from functools import cache
from typing import Any, Final

import yaml
from ruamel.yaml.resolver import implicit_resolvers

UNREADABLE: Final = object()
"""What stands for a document that the quick reader leaves to the strict one."""

_VERSION = (1, 2)
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_TRUE = frozenset({"true", "True", "TRUE"})


def read_quickly(text: str) -> Any:
    """A document's value, or ``UNREADABLE``."""
    try:
        return yaml.load(text, Loader=_loader())
    except (yaml.YAMLError, ArithmeticError, ValueError, TypeError):
        return UNREADABLE


@cache
def _loader() -> Any:
    """The safe loader of libyaml (or the one in Python, where that is not there) with scalars as YAML 1.2 has them."""
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers: dict[str | None, list[tuple[str, Any]]] = {}
    for versions, tag, pattern, firsts in implicit_resolvers:
        if _VERSION in versions:
            for first in firsts:
                resolvers.setdefault(first, []).append((tag, pattern))
    loader: Any = type("QuickLoader", (base,), {"yaml_implicit_resolvers": resolvers, "construct_mapping": _once_each})
    loader.add_constructor("tag:yaml.org,2002:float", _decimal)
    loader.add_constructor("tag:yaml.org,2002:int", _integer)
    loader.add_constructor("tag:yaml.org,2002:bool", lambda _, node: node.value in _TRUE)
    return loader


def _once_each(self: Any, node: Any, deep: bool = False) -> dict[Hashable, Any]:
    """A mapping; one that has a key twice is for the strict reader."""
    keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
    if len(keys) != len(set(map(str, keys))):
        raise ValueError("a key is there twice")
    found: dict[Hashable, Any] = yaml.constructor.SafeConstructor.construct_mapping(self, node, deep)
    return found


def _decimal(_: Any, node: Any) -> Decimal:
    number = Decimal(str(node.value).replace("_", ""))
    if not number.is_finite():
        raise ValueError(node.value)
    return number


def _integer(_: Any, node: Any) -> int:
    text = str(node.value).replace("_", "")
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)  # another base or a leading nought: the strict reader knows
    return int(text)

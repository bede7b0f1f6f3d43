"""The conditions of a scheme as trees that can be asked about whole ranges of people at once.

A condition compares ages and counts with numbers. What it may come to for anyone whose values lie in given ranges
is a set of outcomes: true, false, or nothing, as SQL has it where the age is missing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

from budget.kernel.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlglot import exp

Truth: TypeAlias = bool | None
Outcomes: TypeAlias = frozenset[Truth]
Range: TypeAlias = tuple[int, int] | None
"""Least and most value of a word; None is a missing age."""

TRUE, FALSE, NOTHING = frozenset({True}), frozenset({False}), frozenset({None})

_COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = MappingProxyType(
    {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "=": operator.eq,
        "<>": operator.ne,
    }
)
_MIRRORED = MappingProxyType({"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"})


class Rule(Protocol):
    """A condition, or a part of one."""

    def outcomes(self, ranges: Mapping[str, Range]) -> Outcomes:
        """What it may come to; a set of one where the ranges settle it."""
        ...

    def comparisons(self) -> Iterator[Comparison]:
        """The comparisons that it is made of."""
        ...


@dataclass(frozen=True)
class Comparison:
    """A word against a number."""

    word: str
    sign: str
    number: Decimal

    def outcomes(self, ranges: Mapping[str, Range]) -> Outcomes:
        """True and false as far as whole numbers of the range allow; nothing where the age is missing."""
        span = ranges[self.word]
        if span is None:
            return NOTHING
        holds = _COMPARISONS[self.sign]
        # the truth can change only at the number, so its neighbours and the ends of the range tell all
        floor = int(self.number // 1)
        probes = {*span, *(n for n in (floor - 1, floor, floor + 1, floor + 2) if span[0] <= n <= span[1])}
        return frozenset(holds(Decimal(n), self.number) for n in probes)

    def comparisons(self) -> Iterator[Comparison]:
        """Itself."""
        yield self


@dataclass(frozen=True)
class Missing:
    """``age is null``."""

    word: str

    def outcomes(self, ranges: Mapping[str, Range]) -> Outcomes:
        """True where the age is missing."""
        return TRUE if ranges[self.word] is None else FALSE

    def comparisons(self) -> Iterator[Comparison]:
        """None."""
        return iter(())


@dataclass(frozen=True)
class Constant:
    """``true`` or ``false``."""

    value: bool

    def outcomes(self, ranges: Mapping[str, Range]) -> Outcomes:
        """Always the same."""
        return frozenset({self.value})

    def comparisons(self) -> Iterator[Comparison]:
        """None."""
        return iter(())


@dataclass(frozen=True)
class Negation:
    """``not``."""

    part: Rule

    def outcomes(self, ranges: Mapping[str, Range]) -> Outcomes:
        """The opposite; nothing stays nothing."""
        return frozenset(None if truth is None else not truth for truth in self.part.outcomes(ranges))

    def comparisons(self) -> Iterator[Comparison]:
        """Those of its part."""
        return self.part.comparisons()


@dataclass(frozen=True)
class Connection:
    """``and`` (the weakest part decides) or ``or`` (the strongest does); nothing lies between false and true."""

    left: Rule
    right: Rule
    both: bool

    def outcomes(self, ranges: Mapping[str, Range]) -> Outcomes:
        """Every pair of outcomes, connected as SQL does."""
        pick = min if self.both else max
        order = {False: 0, None: 1, True: 2}
        rights = self.right.outcomes(ranges)
        return frozenset(pick(a, b, key=order.__getitem__) for a in self.left.outcomes(ranges) for b in rights)

    def comparisons(self) -> Iterator[Comparison]:
        """Those of both parts."""
        yield from self.left.comparisons()
        yield from self.right.comparisons()


def parse(text: str) -> Rule:
    """A condition, boundaries and flags written out, as a tree.

    Raises:
        ConfigurationError: the text is no condition, or compares something else than a word with a number.
    """
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(text, dialect="duckdb")
    except SqlglotError:
        raise ConfigurationError("not a condition") from None
    return _rule(tree)


def _rule(node: exp.Expr) -> Rule:
    from sqlglot import exp

    match node:
        case exp.Paren():
            return _rule(node.this)
        case exp.And() | exp.Or():
            return Connection(_rule(node.left), _rule(node.right), isinstance(node, exp.And))
        case exp.Not():
            return Negation(_rule(node.this))
        case exp.Boolean():
            return Constant(bool(node.this))
        case exp.Is() if isinstance(node.expression, exp.Null) and _word(node.this) == "age":
            return Missing("age")
        case exp.Between():
            low, high = (
                Comparison(_asked(node.this), sign, _number(node.args[name]))
                for sign, name in ((">=", "low"), ("<=", "high"))
            )
            return Connection(low, high, both=True)
        case _:
            return _comparison(node)


def _comparison(node: exp.Expr) -> Comparison:
    from sqlglot import exp

    signs: Mapping[type[exp.Expr], str] = {
        exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.EQ: "=", exp.NEQ: "<>"
    }  # fmt: skip
    sign = signs.get(type(node))
    if sign is None or not isinstance(node, exp.Binary):
        raise ConfigurationError("not a condition")
    if _word(node.left):
        return Comparison(_asked(node.left), sign, _number(node.right))
    return Comparison(_asked(node.right), _MIRRORED[sign], _number(node.left))


def _word(node: exp.Expr) -> str:
    from sqlglot import exp

    return node.name if isinstance(node, exp.Column) else ""


def _asked(node: exp.Expr) -> str:
    word = _word(node)
    if not word:
        raise ConfigurationError("a comparison has a word on one side and a number on the other; not a condition")
    return word


def _number(node: exp.Expr) -> Decimal:
    from sqlglot import exp

    if not isinstance(node, exp.Literal) or node.is_string:
        raise ConfigurationError("a comparison has a word on one side and a number on the other; not a condition")
    return Decimal(node.name)

"""How far a locality's inputs go: which parts it has, what they allow, and what the next one would gain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import budget.contracts
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml

_PARTS = Path(budget.contracts.__file__).parent / "readiness.yaml"

Held = Mapping[str, Collection[str]]
"""Columns by table, as they were handed over."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSet(_Written):
    """A set of inputs: minimum, better or ideal."""

    title: str
    about: str


class Part(_Written):
    """One thing that a locality can hand over.

    Attributes:
        of: the set that it belongs to, written ``set``.
        needs: tables, or columns as ``table.column``.
        otherwise: another way of handing the same over, written ``or``.
        checks: checks that its data must pass.
        allows: the methods that it makes possible.
        gain: what is gained by it.
    """

    of: str = Field(alias="set")
    title: str
    needs: tuple[str, ...]
    otherwise: tuple[str, ...] = Field(default=(), alias="or")
    checks: tuple[str, ...] = ()
    allows: str
    gain: str

    @property
    def inputs(self) -> frozenset[str]:
        """The tables that it speaks of."""
        return frozenset(name.partition(".")[0] for name in (*self.needs, *self.otherwise))


class Parts(_Written):
    """Every set and every part, in order."""

    sets: dict[str, InputSet]
    parts: dict[str, Part]

    @classmethod
    def read(cls, path: Path = _PARTS) -> Parts:
        """Read them.

        Raises:
            ConfigurationError: a part is written wrongly, or is of a set that there is not.
        """
        try:
            read = cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None
        strange = sorted(name for name, part in read.parts.items() if part.of not in read.sets)
        if strange:
            raise ConfigurationError(f"{path}: {', '.join(strange)}: expected one of the sets {', '.join(read.sets)}.")
        return read


@dataclass(frozen=True)
class PartState:
    """A part, and what a locality has of it.

    Attributes:
        lacks: tables and columns that are not there.
        fails: checks that failed: its own, and any that would stop a run over one of its tables.
    """

    part: Part
    lacks: tuple[str, ...]
    fails: tuple[str, ...]

    @property
    def is_there(self) -> bool:
        """Whether what it allows can be done."""
        return not self.lacks and not self.fails


@dataclass(frozen=True)
class Readiness:
    """What a locality has of every part.

    Attributes:
        sets: the sets, in order.
        states: the parts, in the order of their sets.
    """

    sets: Mapping[str, InputSet]
    states: tuple[PartState, ...]

    @classmethod
    def of(cls, held: Held, checks: Sequence[CheckResult], parts: Parts | None = None) -> Readiness:
        """Look at what was handed over.

        Args:
            held: columns by table.
            checks: every check that was asked of it.
            parts: what could be handed over; the product's own when not given.
        """
        known = parts or Parts.read()
        order = list(known.sets)
        ordered = sorted(known.parts.values(), key=lambda part: order.index(part.of))
        return cls(known.sets, tuple(_state(part, held, checks) for part in ordered))

    def within(self, of: str) -> tuple[PartState, ...]:
        """The parts of one set."""
        return tuple(state for state in self.states if state.part.of == of)

    @property
    def next(self) -> PartState | None:
        """The first part that is not there, the smaller sets first; None where there is nothing left."""
        return next((state for state in self.states if not state.is_there), None)


def _state(part: Part, held: Held, checks: Sequence[CheckResult]) -> PartState:
    lacks = _lacking(part.needs, held)
    if lacks and part.otherwise and not _lacking(part.otherwise, held):
        lacks = ()
    fails = dict.fromkeys(
        check.check_id
        for check in checks
        if check.outcome == "failed" and (check.check_id in part.checks or (check.stops and check.table in part.inputs))
    )
    return PartState(part, lacks, tuple(fails))


def _lacking(needs: Sequence[str], held: Held) -> tuple[str, ...]:
    return tuple(name for name in needs if not _has(name, held))


def _has(name: str, held: Held) -> bool:
    table, _, column = name.partition(".")
    return table in held and (not column or column in held[table])

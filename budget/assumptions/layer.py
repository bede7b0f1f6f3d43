"""The files that a run's assumptions come from: packs, and the scenarios that are laid over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError, model_validator

from budget.assumptions.pack import Entry, entries_of
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import read_yaml

Kind = Literal["pack", "scenario"]


class Head(BaseModel):
    """What a pack or a scenario says of itself, above its values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: StrictStr | None = None
    scenario: StrictStr | None = None
    author: StrictStr | None = None
    reason: StrictStr | None = None
    based_on: dict[str, StrictStr] = {}
    values: dict[str, Any]

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Head:
        if (self.pack is None) == (self.scenario is None):
            raise ValueError("a file is a 'pack' or a 'scenario', and gives its name there")
        if self.scenario is not None and not (self.author and self.reason):
            raise ValueError("a scenario needs an author and a reason")
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", str(self.pack or self.scenario)):
            raise ValueError("a name is one word of letters, digits, '_', '-' and '.'")
        if self.pack is not None and self.based_on:
            raise ValueError("based_on belongs to a scenario, not to a pack")
        return self


@dataclass(frozen=True)
class Layer:
    """One pack or scenario as it was read.

    Attributes:
        name: the name that it gives itself.
        kind: a pack holds the values of a country or locality, a scenario what is changed for a question.
        sha256: hash of the file.
        based_on: the packs that a scenario was written for, by name, with their hashes.
        entries: its values.
    """

    name: str
    kind: Kind
    path: Path
    sha256: str
    entries: tuple[Entry, ...]
    author: str = ""
    reason: str = ""
    based_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, str]:
        """Kind, name and hash, as the manifest of a run names it."""
        return {"kind": self.kind, "name": self.name, "sha256": self.sha256}


def read_layer(path: Path) -> Layer:
    """Read a pack or a scenario.

    Raises:
        ConfigurationError: the file is neither, lacks an author or reason, or one of its values is wrong.
    """
    head = _head(path)
    name = str(head.pack or head.scenario)
    return Layer(
        name=name,
        kind="pack" if head.pack is not None else "scenario",
        path=path,
        sha256=hash_file(path),
        entries=entries_of(head.values, str(path), name),
        author=head.author or "",
        reason=head.reason or "",
        based_on=MappingProxyType(dict(head.based_on)),
    )


def read_pack(path: Path) -> tuple[Entry, ...]:
    """The values of a pack or scenario.

    Raises:
        ConfigurationError: as ``read_layer``.
    """
    return read_layer(path).entries


def _head(path: Path) -> Head:
    written = read_yaml(path)
    if not isinstance(written, dict) or not isinstance(written.get("values"), dict):
        raise ConfigurationError(f"{path}: expected a mapping with a 'values' section.")
    try:
        return Head.model_validate(written)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {'; '.join(faults(error))}") from None

"""The files that a run's assumptions come from: packs, and the scenarios that are laid over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from budget.assumptions.pack import Entry, entries_of
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import read_yaml

Kind = Literal["pack", "scenario"]

_NAME = re.compile(r"[A-Za-z0-9_.-]+")


class Head(BaseModel):
    """What a pack or a scenario says of itself, above its values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: StrictStr | None = None
    scenario: StrictStr | None = None
    author: StrictStr | None = None
    reason: StrictStr | None = None
    based_on: dict[str, StrictStr] = {}
    values: dict[str, Any]

    @property
    def fault(self) -> str:
        """What is wrong with the head as a whole; empty where nothing is."""
        if (self.pack is None) == (self.scenario is None):
            return "a file is a 'pack' or a 'scenario', and gives its name there"
        if not _NAME.fullmatch(str(self.pack or self.scenario)):
            return "a name is one word of letters, digits, '_', '-' and '.'"
        if self.scenario is not None and not (self.author and self.reason):
            return "a scenario needs an author and a reason"
        return "based_on belongs to a scenario, not to a pack" if self.pack and self.based_on else ""


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
        based_on=head.based_on,
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
        head = Head.model_validate(written)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {'; '.join(faults(error))}") from None
    if head.fault:
        raise ConfigurationError(f"{path}: {head.fault}.")
    return head

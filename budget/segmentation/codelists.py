"""Codelists as a register states them: what a condition's name stands for, whose it is and whether it was approved."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from budget.kernel.errors import ConfigurationError, faults

Status = Literal["approved", "draft", "unknown"]


class Codelist(BaseModel):
    """One codelist of a register.

    Attributes:
        codelist: what ``conditions.condition`` holds.
        groups: groups that features may count as a whole.
        code_system: the terminology of its codes.
        version: version of the codes; a run compares it with that of the run before.
        status: ``approved``; ``draft`` keeps a scheme out of production; ``unknown`` where no register has it.
        change: what changed in this version, where something did.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    codelist: str = Field(min_length=1)
    name: str
    groups: tuple[str, ...] = ()
    code_system: str = ""
    source: str = ""
    version: str = ""
    status: Status
    change: str = ""

    @classmethod
    def missing(cls, codelist: str) -> Codelist:
        """A codelist that a scheme counts and no register has."""
        return cls(codelist=codelist, name=codelist, status="unknown")


def read_codelists(paths: Iterable[Path]) -> dict[str, Codelist]:
    """The codelists of some registers, by identifier.

    Raises:
        ConfigurationError: a register is missing, has other columns, a wrong value, or a codelist twice.
    """
    found: dict[str, Codelist] = {}
    for path in paths:
        for number, row in enumerate(_rows(path), 2):
            codelist = _codelist(path, number, row)
            if codelist.codelist in found:
                raise ConfigurationError(f"{path}, line {number}: the codelist {codelist.codelist} is there twice.")
            found[codelist.codelist] = codelist
    return found


def members(codelists: Iterable[Codelist], group: str) -> tuple[str, ...]:
    """The codelists of a group, in the order of their register."""
    return tuple(codelist.codelist for codelist in codelists if group in codelist.groups)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such register of codelists; the scheme names it.") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: the register of codelists cannot be read: {error}.") from None
    expected = list(Codelist.model_fields)
    if reader.fieldnames != expected:
        raise ConfigurationError(f"{path}: a register of codelists has the columns {', '.join(expected)}.")
    return rows


def _codelist(path: Path, line: int, row: dict[str, str]) -> Codelist:
    # a row with too few or too many fields has a None among its values or keys
    if None in row or None in row.values():
        raise ConfigurationError(f"{path}, line {line}: not as many fields as there are columns.")
    groups = tuple(part.strip() for part in row["groups"].split(";") if part.strip())
    if row["status"] not in ("approved", "draft"):
        raise ConfigurationError(f"{path}, line {line}: status is approved or draft, found '{row['status']}'.")
    try:
        return Codelist.model_validate(row | {"groups": groups})
    except ValidationError as error:
        raise ConfigurationError("\n  ".join([f"{path}, line {line}:", *faults(error)])) from None

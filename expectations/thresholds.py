"""What each check allows: limits read from the locality's gates, complete and without strangers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml
from expectations.suite import Question

Setting = Decimal | int | str | tuple[str, ...]


class Limit(BaseModel):
    """What one check allows.

    Attributes:
        min: the least that the measure may be.
        max: the most that the measure may be.
        where: what the measure depends on: bands, codes, least counts.
        source: where the limit comes from.
        why: what a reader would ask.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: Decimal | None = None
    max: Decimal | None = None
    where: dict[str, Setting] = {}
    source: str
    why: str = ""

    def text(self) -> str:
        """The limit as people read it."""
        match self.min, self.max:
            case None, None:
                return ""
            case None, most:
                return f"at most {most:,f}"
            case least, None:
                return f"at least {least:,f}"
            case least, most:
                return f"{least:,f} to {most:,f}"


@dataclass(frozen=True)
class Limits:
    """The limits of every check, by identifier.

    Attributes:
        path: the file they were read from.
        by_check: limit by check identifier.
    """

    path: Path
    by_check: Mapping[str, Limit]

    @classmethod
    def read(cls, path: Path) -> Limits:
        """Read a file of limits, and the one that it extends.

        Raises:
            ConfigurationError: a file is missing, extends itself, or has an unknown key or a wrong value.
        """
        return cls(path, {name: _limit(path, name, body) for name, body in _read(path, ()).items()})

    def __getitem__(self, check_id: str) -> Limit:
        return self.by_check[check_id]

    def parameters(self, questions: Iterable[Question]) -> dict[str, float]:
        """The values that the expectations refer to by name."""
        wanted = {(name, question.check_id) for question in questions for name in question.parameters}
        return {name: float(self._bound(name, check_id)) for name, check_id in sorted(wanted)}

    def settings(self) -> dict[str, Any]:
        """What SELECTs of evidence may refer to, by ``<check in small letters>_<name>``."""
        found: dict[str, Any] = {}
        for check_id, limit in ((name.lower(), limit) for name, limit in self.by_check.items()):
            found |= {f"{check_id}_{name}": setting for name, setting in limit.where.items()}
            found |= {
                f"{check_id}_{name}": bound for name in ("min", "max") if (bound := getattr(limit, name)) is not None
            }
        return found

    def check(self, questions: Iterable[Question]) -> None:
        """See that every check has the limits that it refers to, and that there are no others.

        Args:
            questions: those of every gate.

        Raises:
            ConfigurationError: an unknown check, a limit that is missing, or one that nothing refers to.
        """
        asked = list(questions)
        unknown = sorted(set(self.by_check) - {question.check_id for question in asked})
        if unknown:
            raise ConfigurationError(f"{self.path}: no gate has the check {', '.join(unknown)}.")
        for question in asked:
            self._check_bounds(question)

    def _check_bounds(self, question: Question) -> None:
        limit = self.by_check.get(question.check_id)
        if limit is None:
            raise ConfigurationError(f"{self.path}: the check {question.check_id} has no limit.")
        held = {f"{question.check_id}_{name}" for name in ("min", "max") if getattr(limit, name) is not None}
        if held != set(question.parameters):
            expected = ", ".join(name.rsplit("_", 1)[1] for name in question.parameters)
            raise ConfigurationError(f"{self.path}: the check {question.check_id} needs exactly: {expected}.")

    def _bound(self, name: str, check_id: str) -> Decimal:
        bound: Decimal = getattr(self.by_check[check_id], name.rsplit("_", 1)[1])
        return bound


def wants_data_docs(path: Path) -> bool:
    """Whether a file of limits asks for Data Docs (``data_docs: true``); what it extends has no say in that.

    Raises:
        ConfigurationError: the file is missing or is not YAML.
    """
    written = read_yaml(path)
    return isinstance(written, dict) and written.get("data_docs") is True


def _read(path: Path, above: tuple[Path, ...]) -> dict[str, dict[str, Any]]:
    """The limits as written, over those of the file that this one extends: a check keeps what is not changed."""
    if path in above:
        raise ConfigurationError(f"{path}: the file extends itself.")
    written = read_yaml(path)
    if (
        not isinstance(written, dict)
        or not isinstance(written.get("checks"), dict)
        or set(written) - {"extends", "checks", "data_docs"}
        or not isinstance(written.get("data_docs", False), bool)
    ):
        raise ConfigurationError(f"{path}: expected the keys checks and, if need be, extends and data_docs (true).")
    merged = _read((path.parent / str(written["extends"])).resolve(), (*above, path)) if "extends" in written else {}
    for name, body in written["checks"].items():
        if not isinstance(body, dict) or not isinstance(body.get("where", {}), dict):
            raise ConfigurationError(f"{path}: check {name}: expected min, max, where, source and why.")
        before = merged.get(name, {})
        merged[name] = before | body | {"where": before.get("where", {}) | body.get("where", {})}
    return merged


def _limit(path: Path, name: str, body: Mapping[str, Any]) -> Limit:
    try:
        return Limit.model_validate(body)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: check {name}: {'; '.join(faults(error))}") from None

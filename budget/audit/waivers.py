"""Waivers: warnings that a named person has accepted, as they were found, until a day.

The one place that decides whether a warning is covered, and whether one that is not stops a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from budget.kernel.checks import CheckResult, Severity, number_text
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.hashing import hash_value
from budget.kernel.yaml import read_yaml

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]

_MOST_CODES_NAMED = 10
"""A check names no more codes than this; where it names as many, others may be behind them."""


class Waiver(BaseModel):
    """A warning that somebody accepts.

    Attributes:
        id: its name, as ``dq_results`` and the gate report show it.
        check: the check that warned.
        locality: the locality whose run it is for.
        table: the table that was judged; any that the check is asked of when left out.
        codes: the practices, lines or places that may break the rule; any when left out.
        budget_year: first budget year of the runs that it is for, as ``2026/27``; any when left out.
        value: what was found when it was given; nothing worse is covered.
        threshold: the limit that it was held against, as the gate report shows it.
        person: who accepts it.
        role: in what role.
        reason: why.
        given_on: first day that it holds.
        expires_on: last day that it holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Word
    check: Word
    locality: Word
    table: Word | None = None
    codes: tuple[Words, ...] = ()
    budget_year: Words | None = None
    value: Decimal
    threshold: Words
    person: Words
    role: Words
    reason: Words
    given_on: date
    expires_on: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.expires_on < self.given_on:
            raise ValueError("expires_on lies before given_on")
        return self

    def names(self, check: CheckResult) -> bool:
        """Whether it speaks of this check and table."""
        return check.check_id == self.check and self.table in (None, check.table)

    def objection(self, check: CheckResult) -> str:
        """Why it does not cover a warning that it names, as a clause; empty where it covers it.

        What was found must lie on the same side of the limit as the value that was accepted, and no farther out; both
        are compared to the six figures that reports show.
        """
        if check.threshold != self.threshold:
            return f"it was given against '{self.threshold}', the limit is '{check.threshold}'"
        others = sorted(set(check.keys) - set(self.codes)) if self.codes else []
        if others:
            return f"it does not name {', '.join(others)}"
        if self.codes and len(check.keys) >= _MOST_CODES_NAMED:
            return "the check names so many codes that others may be behind them"
        if check.observed is None or self._is_worse(check, float(f"{check.observed:.6g}")):
            return f"found {check.measure()}, worse than the {number_text(float(self.value))} that it accepts"
        return ""

    def _is_worse(self, check: CheckResult, observed: float) -> bool:
        accepted = float(f"{self.value:.6g}")
        if check.most is not None and observed > check.most:
            return observed > accepted
        if check.least is not None and observed < check.least:
            return observed < accepted
        return observed != accepted


@dataclass(frozen=True)
class Standing:
    """What became of one waiver in a run.

    Attributes:
        waiver: the waiver.
        check: the check that it covers; None where it covers none.
        why_not: why it covers none; empty where it covers one.
    """

    waiver: Waiver
    check: CheckResult | None
    why_not: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The waiver as plain values, with what was found and whether it was used."""
        found = self.check.observed if self.check else None
        return self.waiver.model_dump(mode="json") | {
            "used": self.check is not None,
            "found": found,
            "why_not": self.why_not,
        }


@dataclass(frozen=True)
class Waivers:
    """The waivers of a run.

    Attributes:
        held: those of its locality and year, in the order written.
        day: the day of the run, on which each of them must hold.
        required: whether a warning without one stops the run.
    """

    held: tuple[Waiver, ...] = ()
    day: date = field(default_factory=date.today)
    required: bool = False

    @classmethod
    def read(
        cls, path: Path | None, *, locality: str, budget_year: str, required: bool, day: date | None = None
    ) -> Waivers:
        """Read a locality's waivers from a file that may hold those of others too.

        Args:
            path: the file; None where the locality names none.
            locality: whose run it is.
            budget_year: the run's first budget year, as ``2026/27``.
            required: whether a warning without a waiver stops the run.
            day: the day of the run; today when not given.

        Raises:
            ConfigurationError: the file cannot be read, two waivers have one name, or one has expired or does not
                hold yet.
        """
        on = day or date.today()
        written = _read(path) if path else ()
        held = tuple(w for w in written if w.locality == locality and w.budget_year in (None, budget_year))
        for waiver in held:
            _refuse_out_of_time(waiver, on, path)
        return cls(held, on, required)

    def digest(self) -> str:
        """Hash of what they say; the day is no part of it, since one that does not hold that day stops the run."""
        return hash_value([waiver.model_dump(mode="json") for waiver in self.held])

    def as_written(self) -> dict[str, Any]:
        """The waivers as a file of waivers says them."""
        return {"waivers": [waiver.model_dump(exclude_defaults=True) for waiver in self.held]}

    def check(self, severities: Mapping[str, Severity]) -> None:
        """See that every waiver is of a check that only warns.

        Args:
            severities: the checks that there are.

        Raises:
            ConfigurationError: one is of a check that stops a run or only takes note, or of none.
        """
        for waiver in self.held:
            severity = severities.get(waiver.check)
            if severity is None:
                raise ConfigurationError(f"waiver {waiver.id}: no gate has the check {waiver.check}.")
            if severity != "warn":
                does = "stops a run" if severity == "fail" else "only takes note"
                raise ConfigurationError(
                    f"waiver {waiver.id}: the check {waiver.check} {does}; only a warning can be waived."
                )

    def over(self, checks: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
        """The checks of a gate, with every warning that a waiver covers marked as waived by it."""
        return tuple(self._waived(check) for check in checks)

    def stopping(self, checks: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
        """The checks that stop the run: those that failed, and open warnings where waivers are required."""
        return tuple(check for check in checks if check.stops or (self.required and check.is_open))

    def standings(self, checks: Sequence[CheckResult]) -> tuple[Standing, ...]:
        """What became of every waiver.

        Args:
            checks: every check of the run, as ``over`` gave them.
        """
        return tuple(self._standing(waiver, checks) for waiver in self.held)

    def _waived(self, check: CheckResult) -> CheckResult:
        if not check.is_open:
            return check
        covering = (waiver for waiver in self.held if waiver.names(check) and not waiver.objection(check))
        first = next(covering, None)
        return replace(check, outcome="waived", waiver_id=first.id) if first else check

    def _standing(self, waiver: Waiver, checks: Sequence[CheckResult]) -> Standing:
        covered = next((check for check in checks if check.waiver_id == waiver.id), None)
        if covered:
            return Standing(waiver, covered)
        named = [check for check in checks if waiver.names(check)]
        objections = [waiver.objection(check) for check in named if check.is_open]
        if not named:
            return Standing(waiver, None, "the check was not asked")
        if any(objections):
            return Standing(waiver, None, "; ".join(filter(None, objections)))
        return Standing(waiver, None, "the check did not warn, or another waiver covers it")


def asked_for(check: CheckResult) -> str:
    """What a waiver of an open warning has to say, as a line of YAML to be completed."""
    observed = "" if check.observed is None else f"{check.observed:.6g}"
    return (
        f"{{id: , check: {check.check_id}, locality: , table: {check.table}, value: {observed}, "
        f"threshold: '{check.threshold}', person: , role: , reason: , given_on: , expires_on: }}"
    )


def _read(path: Path) -> tuple[Waiver, ...]:
    written = read_yaml(path)
    if not isinstance(written, dict) or set(written) != {"waivers"} or not isinstance(written["waivers"], list):
        raise ConfigurationError(f"{path}: expected the key waivers, with a list of them (which may be empty).")
    waivers = tuple(_waiver(path, number, body) for number, body in enumerate(written["waivers"], 1))
    names = [waiver.id for waiver in waivers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{path}: two waivers have the id {', '.join(twice)}.")
    return waivers


def _waiver(path: Path, number: int, body: Any) -> Waiver:
    try:
        return Waiver.model_validate(body)
    except ValidationError as error:
        raise ConfigurationError("\n  ".join([f"{path}: waiver {number}:", *faults(error)])) from None


def _refuse_out_of_time(waiver: Waiver, day: date, path: Path | None) -> None:
    said = f"{path}: waiver {waiver.id} of the check {waiver.check} ({waiver.locality})"
    mend = f"  mend: take it out of {path}, or have it given anew for what the check finds now"
    if waiver.expires_on < day:
        raise ConfigurationError(
            f"{said} has expired: it held until {waiver.expires_on}, and today is {day}.\n"
            f"  given by {waiver.person}, {waiver.role}\n{mend}"
        )
    if waiver.given_on > day:
        raise ConfigurationError(f"{said} does not hold yet: it holds from {waiver.given_on}, and today is {day}.")

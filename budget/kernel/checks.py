"""One data-quality check and its outcome: the word that stages, gates, reports and logs share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from budget.kernel.money import pounds_text

Severity = Literal["fail", "warn", "info"]
Outcome = Literal["passed", "failed", "waived"]

_MOST_KEYS_SHOWN = 10
_BARE_UNITS = frozenset({"", "count", "rows", "share", "ratio"})
"""Units that go without saying."""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check on one table.

    Attributes:
        gate: the stage whose gate asked.
        check_id: the check's identifier, as in the method (``I02``, ``P05``, ``O01``).
        severity: ``fail`` stops the run, ``warn`` is shown, ``info`` is recorded.
        outcome: ``passed``, ``failed`` or ``waived``.
        table: the table that was judged.
        rule: the rule in one sentence.
        observed: the measure that was compared (a count, share or amount); never a person's value.
        threshold: the limit it was compared with, as text.
        rows_failed: how many rows broke the rule.
        mend: the file or setting to mend.
        keys: organisation or category codes that broke the rule (practices, lines); never persons.
        waiver_id: the waiver that let a warning pass.
        unit: what ``observed`` counts (rows, people, pence, share, ...), where it is known.
        least: the least that ``observed`` may be, where there is such a limit.
        most: the most that ``observed`` may be, where there is such a limit.
    """

    gate: str
    check_id: str
    severity: Severity
    outcome: Outcome
    table: str
    rule: str
    observed: float | None = None
    threshold: str = ""
    rows_failed: int = 0
    mend: str = ""
    keys: tuple[str, ...] = ()
    waiver_id: str | None = None
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def stops(self) -> bool:
        """Whether this check stops the run."""
        return self.severity == "fail" and self.outcome == "failed"

    @property
    def is_open(self) -> bool:
        """Whether this is a warning that nobody has answered for."""
        return self.severity == "warn" and self.outcome == "failed"

    def sentence(self) -> str:
        """The check as a person reads it: table, rule, count, keys and what to mend."""
        count = f", {self.rows_failed:,} rows" if self.rows_failed else ""
        lines = [f"{self.table}: {self.rule} [{self.check_id}{count}]"]
        if self.observed is not None:
            lines.append(f"  found: {self.measure()}" + (f"; allowed: {self.threshold}" if self.threshold else ""))
        if self.keys:
            shown = ", ".join(self.keys[:_MOST_KEYS_SHOWN])
            more = len(self.keys) - _MOST_KEYS_SHOWN
            lines.append(f"  which: {shown}" + (f" and {more} more" if more > 0 else ""))
        if self.mend:
            lines.append(f"  mend: {self.mend}")
        return "\n".join(lines)

    def measure(self) -> str:
        """What was observed, with its unit; pence are shown as pounds."""
        if self.observed is None:
            return "nothing"
        if self.unit == "pence":
            return pounds_text(round(self.observed))
        number = number_text(self.observed)
        return number if self.unit in _BARE_UNITS else f"{number} {self.unit}"

    def as_dict(self) -> dict[str, Any]:
        """The check as plain values, for JSON and tables."""
        return asdict(self) | {"keys": list(self.keys)}


def number_text(number: float) -> str:
    """A measure as people read it: whole numbers in full, others to six figures."""
    return f"{int(number):,}" if float(number).is_integer() else f"{number:,.6g}"


def tally(checks: Iterable[CheckResult]) -> dict[str, int]:
    """How many checks were asked, and how many of them had which outcome.

    Returns:
        ``asked``, ``passed``, ``failed`` (they stop a run), ``warned`` (open), ``waived`` and ``noted``.
    """
    failed = {"fail": "failed", "warn": "warned", "info": "noted"}
    words = [failed[check.severity] if check.outcome == "failed" else check.outcome for check in checks]
    kinds = ("passed", "failed", "warned", "waived", "noted")
    return {"asked": len(words), **{kind: words.count(kind) for kind in kinds}}

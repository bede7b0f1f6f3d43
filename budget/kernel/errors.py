"""Errors that a user can act on; each knows the exit status of the command it ends.

An error names the table, column, rule, count and the file to mend, never a person's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budget.kernel.checks import CheckResult

if TYPE_CHECKING:
    from pydantic import ValidationError


class CapitationError(Exception):
    """Base of every error that the product raises on purpose; exit status 3 unless said otherwise."""

    exit_status = 3


class ConfigurationError(CapitationError):
    """Wrong arguments, an unknown or incomplete assumption, a locality file that cannot be read."""

    exit_status = 2


class RunStopped(CapitationError):
    """A gate, or a stage that could not read its input, stopped the run.

    Args:
        stage: the stage whose gate said no.
        failures: the failed checks; never empty.
        checks: every check of the gate that was asked, failures included.
    """

    exit_status = 1

    def __init__(
        self, stage: str, failures: tuple[CheckResult, ...], checks: tuple[CheckResult, ...] | None = None
    ) -> None:
        self.stage = stage
        self.failures = failures
        self.checks = failures if checks is None else checks
        super().__init__("\n".join(check.sentence() for check in failures))


def faults(error: ValidationError) -> list[str]:
    """What is wrong with a configuration, one fault an entry: where in it, and why."""
    return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]


def refusal(stage: str, check_id: str, *, table: str, rule: str, mend: str, **facts: Any) -> RunStopped:
    """The stop of a stage that cannot go on with what it was given.

    Args:
        stage: the stage that refuses.
        check_id: identifier of the rule, beside those of the stage's gate.
        table: the table at fault.
        rule: the rule in one sentence.
        mend: what to mend.
        facts: further fields of the check (``rows_failed``, ``observed``, ``threshold``, ``keys``).
    """
    check = CheckResult(stage, check_id, "fail", "failed", table, rule, mend=mend, **facts)
    return RunStopped(stage, (check,))


class StoreError(CapitationError):
    """The store or a run folder cannot be read or written; nothing was lost."""

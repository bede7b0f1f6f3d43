"""Where the gates meet Great Expectations: one worker process for as long as this one lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from budget.kernel.errors import CapitationError
from budget.kernel.worker import worker
from expectations.verdict import Verdict

if TYPE_CHECKING:
    from expectations.evidence import Measure

_MODULE = "expectations.worker"


def warm_up() -> None:
    """Start the worker, so that Great Expectations is imported there while the run computes here."""
    worker(_MODULE)


def validate(
    gate: str,
    expectations: Iterable[Mapping[str, Any]],
    row: Mapping[str, Measure],
    parameters: Mapping[str, float],
) -> dict[tuple[str, str], Verdict]:
    """Have one row of measures judged; arguments and result as in `expectations.validation.validate`.

    Raises:
        CapitationError: Great Expectations could not judge.
    """
    request = {"gate": gate, "expectations": list(expectations), "row": dict(row), "parameters": dict(parameters)}
    answer = worker(_MODULE).ask(request)
    if "error" in answer:
        raise CapitationError(f"the {gate} gate could not be judged: Great Expectations raised {answer['error']}.")
    return {(check, table): Verdict(met, raised) for check, table, met, raised in answer["verdicts"]}

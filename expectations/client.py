"""Where the gates meet Great Expectations: one worker process for as long as this one lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
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
    answer = _answer(request, f"the {gate} gate could not be judged")
    return {(check, table): Verdict(met, raised) for check, table, met, raised in answer["verdicts"]}


def describe(heard: Sequence[Mapping[str, Any]], folder: Path, title: str) -> None:
    """Have Data Docs written; arguments as in `expectations.data_docs.write_data_docs`.

    Raises:
        CapitationError: Great Expectations could not write them.
    """
    _answer({"docs": [dict(one) for one in heard], "folder": str(folder), "title": title}, "Data Docs were not written")


def _answer(request: dict[str, Any], trouble: str) -> dict[str, Any]:
    answer: dict[str, Any] = worker(_MODULE).ask(request)
    if "error" in answer:
        raise CapitationError(f"{trouble}: Great Expectations raised {answer['error']}.")
    return answer

"""What travels between tasks, and what is told of an internal error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError
from budget.runner import StageResult
from budget.store import TableRef
from flows.failures import InternalError, discreetly
from flows.travel import as_plain, from_plain
from tests.flows import fakes

pytestmark = pytest.mark.unit


def test_a_result_survives_json() -> None:
    check = CheckResult(
        "need", "W01", "warn", "failed", "need_weights", "sums", 0.5, "0 to 1", 3, "a file", keys=("F84003",)
    )
    table = TableRef("need_weights", Path("/store/need/need_weights.parquet"), "ab" * 32, 7, 1234)
    page = TableRef("report", Path("/store/publish/report.html"), "cd" * 32, 0, 99)
    result = StageResult("need", "key", (table,), (page,), (check,), reused=True, seconds=1.5)
    assert from_plain(json.loads(json.dumps(as_plain(result)))) == result


def test_our_own_errors_and_those_of_files_pass(tmp_path: Path) -> None:
    for error in (ConfigurationError("no such scenario"), FileNotFoundError("gone")):
        with pytest.raises(type(error)) as caught:
            discreetly(lambda error=error: _raise(error), "intake", tmp_path)  # type: ignore[misc]
        assert caught.value is error
    assert not (tmp_path / ".logs").exists()


def test_a_foreign_error_is_told_without_its_message_or_its_values(tmp_path: Path) -> None:
    with pytest.raises(InternalError) as caught:
        discreetly(_chained, "intake", tmp_path)
    assert caught.value.__context__ is None and caught.value.__cause__ is None
    log = next((tmp_path / ".logs").iterdir()).read_text()
    assert "KeyError" in log and "ValueError" in log and "in _chained" in log
    assert fakes.PERSON not in str(caught.value) + log


def test_a_log_that_cannot_be_written_is_no_second_error(tmp_path: Path) -> None:
    (tmp_path / ".logs").write_text("a file where a folder should be")
    with pytest.raises(InternalError, match="could not be written"):
        discreetly(_chained, "intake", tmp_path)


def _chained() -> None:
    try:
        raise KeyError(fakes.PERSON)
    except KeyError:
        raise ValueError(f"bad value {fakes.PERSON}") from None


def _raise(error: Exception) -> None:
    raise error

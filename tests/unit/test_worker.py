"""Helper processes: answers in order, errors by kind, and what happens when one ends."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from budget.kernel.errors import CapitationError
from budget.kernel.worker import Worker, worker
from budget.report import drawer

pytestmark = pytest.mark.unit

MODULE = "budget.report.drawer"


def chart(text: str) -> dict[str, Any]:
    return {"data": {"values": [{"x": 1}]}, "mark": {"type": "text", "text": text}}


def test_answers_come_in_the_order_of_the_questions() -> None:
    texts = ["first", "second", "third"]
    answers = [drawer.draw(chart(text)) for text in texts]
    for text, answer in zip(texts, answers, strict=True):
        assert text in drawer.drawn(answer, text)


def test_what_cannot_be_answered_is_an_error_of_that_question_alone() -> None:
    wrong, right = drawer.draw({"mark": 7}), drawer.draw(chart("well"))
    with pytest.raises(CapitationError, match="the chart wrong could not be drawn"):
        drawer.drawn(wrong, "wrong")
    assert "well" in drawer.drawn(right, "right")


def test_a_process_that_ends_fails_what_it_was_asked() -> None:
    helper = Worker(MODULE)
    helper.stop()
    asked: Future[dict[str, Any]] = helper.submit(chart("late"))
    with pytest.raises(CapitationError, match="ended before it answered"):
        asked.result(timeout=30)


def test_a_process_that_ended_is_started_again() -> None:
    first, other = worker(MODULE), worker("expectations.worker")
    first.stop()
    second = worker(MODULE)
    assert second is not first
    assert second.alive
    assert worker("expectations.worker") is other, "the others are not forgotten"
    assert "again" in second.ask(chart("again"))["svg"]

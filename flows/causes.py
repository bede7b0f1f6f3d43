"""Why two runs differ: every state between them, computed through the store and laid out by cause."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budget.bundle import Bundle, product_code
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.scenario.causes import Attribution, State, attribute
from budget.scenario.chain import Link, chain, code_of
from flows.sides import Again, side_of

if TYPE_CHECKING:
    from budget.scenario.compare import Comparison


@dataclass(frozen=True)
class Causes:
    """The difference of two runs by cause, where there can be such a thing.

    Attributes:
        attribution: None where the causes cannot be told apart at all.
        why_not: why they cannot, as a sentence.
        bundle: what the second run was made from; None where that can no longer be found.
    """

    attribution: Attribution | None
    why_not: str = ""
    bundle: Bundle | None = None


def causes_of(comparison: Comparison, again: Again, begins: Callable[[str], None] = lambda _: None) -> Causes:
    """Compute every state between two runs and lay their difference out by cause; a state that stops breaks nothing.

    Args:
        comparison: the two runs.
        again: computes the states.
        begins: told of every state before it is computed.
    """
    before, after = comparison.before.manifest, comparison.after.manifest
    if before["locality"] != after["locality"]:
        return Causes(None, f"The runs are of two localities, {before['locality']} and {after['locality']}.")
    try:
        sides = side_of(comparison.before), side_of(comparison.after)
    except ConfigurationError as error:
        return Causes(None, str(error))
    now = product_code()
    start, end = comparison.ledgers
    states = list(_states(chain(*sides, now), again, begins))
    told = attribute(start, [*states, State(code_of(comparison.after, "second", now), end)] if states else [])
    nothing_between = all(state.ledger is None for state in states)
    if nothing_between and any(len(part.causes) > 1 for part in told.parts):
        return Causes(None, " ".join(dict.fromkeys(state.why_not for state in states)), sides[1].bundle)
    return Causes(told, bundle=sides[1].bundle)


def _states(links: Sequence[Link], again: Again, begins: Callable[[str], None]) -> Iterator[State]:
    for number, link in enumerate(links, 1):
        begins(f"{number} of {len(links)}: {link.cause.name if link.cause else 'the first run computed again'}")
        yield _state(link, again)


def _state(link: Link, again: Again) -> State:
    if link.bundle is None:
        return State(link.cause, None, link.why_not)
    try:
        with unheard():
            return State(link.cause, again.ledger(link.bundle))
    except RunStopped as stop:
        return State(link.cause, None, f"{_named(link)} a gate stops it: {why_stopped(stop)}")
    except ConfigurationError as error:
        return State(link.cause, None, f"{_named(link)} {error}")


@contextmanager
def unheard() -> Iterator[None]:
    """What a state that is not a run would log is told in the answer; ``--debug`` lets it through."""
    logger = logging.getLogger("budget")
    level = logger.level
    if level != logging.DEBUG:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def why_stopped(stop: RunStopped) -> str:
    """The rules that a run does not keep, in one line."""
    return "; ".join(f"{check.rule} [{check.check_id}]" for check in stop.failures)


def _named(link: Link) -> str:
    return f"With {link.cause.name} alone laid over:" if link.cause else "The first run computed again:"

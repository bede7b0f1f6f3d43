"""``capitation many``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.answer import Answer
from flows.find import locality
from flows.orchestrated import server_of

if TYPE_CHECKING:
    from flows.many_flow import Outcome


def command(arguments: Namespace) -> Answer:
    """Set the budgets of many localities, so many at a time."""
    outcomes: list[Outcome] = []

    def report(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if not arguments.quiet:
            print(_line(outcome), file=sys.stderr, flush=True)

    with server_of(Path(arguments.out)) as client:
        for named in arguments.configs:
            locality(named)
        with client():
            from flows.many_flow import SomeFailed, many_flow

            try:
                many_flow(arguments.at_a_time, report)(arguments.configs, arguments.out, arguments.engine)
            except SomeFailed:
                if len(outcomes) < len(arguments.configs):
                    raise
    return _answer(sorted(outcomes, key=lambda outcome: arguments.configs.index(outcome.locality)))


def _answer(outcomes: Sequence[Outcome]) -> Answer:
    """How each has ended; the exit status is the highest of theirs."""
    failed = sum(bool(outcome.exit_status) for outcome in outcomes)
    lines = [f"{len(outcomes) - failed} of {len(outcomes)} localities have a complete run.", ""]
    facts = {
        "status": "incomplete" if failed else "complete",
        "localities": [
            {"locality": outcome.locality, "exit_status": outcome.exit_status, **outcome.said} for outcome in outcomes
        ],
    }
    status = max(outcome.exit_status for outcome in outcomes)
    return Answer("\n".join([*lines, *map(_line, outcomes)]), facts, status)


def _line(outcome: Outcome) -> str:
    said = outcome.said
    why = [f"by the gate of {said['stage']}"] if "stage" in said else []
    why += [str(said[name]) for name in ("run", "message") if name in said]
    return f"  {outcome.locality:<20} {outcome.seconds:6.1f} s  {said['status']:<9} {'; '.join(why)}".rstrip()

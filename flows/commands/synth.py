"""``capitation synth``."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from flows.answer import Answer
from flows.find import recipe


def command(arguments: Namespace) -> Answer:
    """Make person-level inputs that match the published counts."""
    from budget.synth import write_locality

    summary = write_locality(
        recipe(arguments.locality),
        Path(arguments.out),
        people=arguments.people,
        seed=arguments.seed,
        report=None if arguments.quiet else _say,
    )
    kind = "a sample of the published list" if summary.sampled else "the whole published list"
    lines = [f"Synthetic people, real counts: {summary.people:,} people, {kind}, seed {summary.seed}."]
    lines += [f"  {table:<24} {rows:>12,} rows" for table, rows in summary.rows.items()]
    lines += [f"Inputs in {summary.out}"]
    facts = {
        "status": "complete",
        "out": str(summary.out),
        "people": summary.people,
        "sampled": summary.sampled,
        "seed": summary.seed,
        "rows": summary.rows,
    }
    return Answer("\n".join(lines), facts)


def _say(sentence: str) -> None:
    print(f"  {sentence}", file=sys.stderr, flush=True)

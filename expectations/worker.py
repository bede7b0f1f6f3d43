"""Great Expectations in a process of its own: a request a line on standard input, an answer a line on output.

Its import takes seconds and would hold up the run; here it happens on another core while the run computes.
Nothing but measures and outcomes crosses over, so no row of any table ever comes near it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not look like an answer
    from expectations.validation import prepare

    prepare()
    for line in sys.stdin:
        _answer(json.loads(line), answers)


def _answer(request: dict[str, Any], answers: TextIO) -> None:
    from expectations.validation import validate

    try:
        verdicts = validate(request["gate"], request["expectations"], request["row"], request["parameters"])
        answer: dict[str, Any] = {
            "verdicts": [[*key, verdict.met, verdict.raised] for key, verdict in verdicts.items()]
        }
    except Exception as error:  # the run decides what to do; this process lives on
        answer = {"error": type(error).__name__}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()

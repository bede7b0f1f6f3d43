"""The command line ``capitation``. Nothing heavy is imported before it is known what is asked for."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.answer import Answer
from flows.arguments import UsageError, read_arguments
from flows.interruption import Interrupted, interruptible

if TYPE_CHECKING:
    from argparse import Namespace

_OUR_LOGGERS = ("budget", "expectations", "flows")
_RUNS = ("run", "rerun")
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments; those of the process when not given.

    Returns:
        The exit status: 0 done, 1 a gate stopped the run, 2 wrong arguments or configuration, 3 internal error.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = read_arguments(words)
    except UsageError as error:
        return _tell(_mistake(str(error), 2), as_json="--json" in words)
    with _log_on_stderr(debug=arguments.debug), interruptible() as interruption:
        answer = _answer(arguments)
    if interruption.asked and answer.status:
        answer = _mistake("interrupted", _INTERRUPTED)
    return _tell(answer, as_json=arguments.json)


def _answer(arguments: Namespace) -> Answer:
    """Do what is asked; an error becomes an answer with its own exit status."""
    from budget.kernel.errors import CapitationError, RunStopped

    try:
        if arguments.name in _RUNS:
            from flows.warm_up import warm_up

            warm_up()
        answer: Answer = arguments.command(arguments)
        return answer
    except RunStopped as stop:
        from flows.answer import stopped

        return stopped(stop)
    except (Interrupted, KeyboardInterrupt):  # the second where Spark has taken the signal over
        return _mistake("interrupted", _INTERRUPTED)
    except CapitationError as error:
        return _mistake(str(error), error.exit_status)
    except Exception as error:
        from flows.failures import internal_error

        if arguments.debug:
            traceback.print_exc()
        return _mistake(str(internal_error(error, arguments.name, Path(getattr(arguments, "out", None) or "runs"))), 3)


def _mistake(message: str, status: int) -> Answer:
    kind = {2: "configuration", 3: "internal"}.get(status, "other")
    return Answer(message, {"status": "error", "kind": kind, "message": message, "exit_status": status}, status)


def _tell(answer: Answer, *, as_json: bool) -> int:
    """Print an answer: JSON on stdout; text on stdout when all went well, else on stderr."""
    try:
        if as_json:
            print(json.dumps(answer.facts, ensure_ascii=False, default=_plain))
        elif answer.text:
            print(answer.text, file=sys.stderr if answer.status else sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads may stop reading, as `head` does; Python would try once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.status


def _plain(value: Any) -> str:
    return str(value)


@contextmanager
def _log_on_stderr(*, debug: bool) -> Iterator[None]:
    """Our own warnings go to stderr, and every line with ``--debug``; those of libraries do not."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    loggers = [logging.getLogger(name) for name in _OUR_LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG if debug else logging.WARNING)
        logger.propagate = False
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate


if __name__ == "__main__":
    sys.exit(main())

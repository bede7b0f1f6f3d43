"""Internal errors, told without what their messages may quote from the data."""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from budget.kernel.errors import CapitationError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class InternalError(CapitationError):
    """Something that should not happen; where it happened stands in a log file."""


def discreetly(work: Callable[[], Result], doing: str, out: Path) -> Result:
    """Do some work; a foreign error becomes one that names its kind, place and log file.

    The message of a foreign error (of the engine, of a file format) may quote a value it stumbled
    over, and a log is read by more people than the data. Errors of files pass, for retries.

    Args:
        work: what is to be done.
        doing: the stage or command, for the message.
        out: the log file goes under ``.logs`` in here.

    Raises:
        InternalError: in place of the foreign error, which it does not carry along.
    """
    try:
        return work()
    except (CapitationError, OSError):
        raise
    except Exception as error:
        instead = internal_error(error, doing, out)
    raise instead


def internal_error(error: Exception, doing: str, out: Path) -> InternalError:
    """Write where a foreign error happened to a log file, and say so in one line."""
    file = _log_file(out)
    where = f"see {file}" if write_traceback(error, file) else "its log file could not be written"
    return InternalError(f"{doing}: internal error ({type(error).__name__}); {where}")


def write_traceback(error: BaseException, file: Path) -> bool:
    """Write the frames and kinds of an error and its causes, without the messages of foreign errors."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(_told(error)), encoding="utf-8")
    except OSError as trouble:
        logger.warning("%s could not be written (%s)", file, trouble.strerror)
        return False
    return True


def _told(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _told(cause)
        yield "\nwhich led to\n"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    ours = isinstance(error, CapitationError)
    yield f"{type(error).__name__}: {error if ours else '(message left out, it may quote data; --debug shows it)'}"


def _log_file(out: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return out / ".logs" / f"{stamp}-{uuid.uuid4().hex[:6]}.log"

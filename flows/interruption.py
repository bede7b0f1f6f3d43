"""Ctrl-C and SIGTERM: both unwind the command, so that whatever it has started is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

_ASKED_BY = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """The command was asked to end. Not a KeyboardInterrupt: Python ends itself by the signal after one of those."""


@dataclass
class Interruption:
    """Whether the command was asked to end; a library may have turned the exception into one of its own.

    Attributes:
        asked: whether it was.
    """

    asked: bool = False

    def raise_it(self, number: int, frame: FrameType | None) -> NoReturn:
        """Take a signal."""
        self.asked = True
        raise Interrupted


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Turn signals into ``Interrupted`` inside the block; outside the main thread nothing is done."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = {number: signal.signal(number, interruption.raise_it) for number in _ASKED_BY}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Whether an error says that there is no room left to write."""

from __future__ import annotations

import errno
import os

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def full_disk(error: Exception) -> str:
    """What the system says of a full disk, quota or file; empty where the error is about something else.

    Errors of libraries that write files themselves hold the system's words, not its number.
    """
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno in _FULL else ""
    return next((words for words in map(os.strerror, _FULL) if words in str(error)), "")

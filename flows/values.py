"""``--set ID=VALUE``: assumptions given on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from budget.kernel.errors import ConfigurationError

_WRITTEN = re.compile(r"^(?P<id>[a-z][a-z0-9_]*(@[^=]+)?)=(?P<value>.+)$")


def read_values(written: Iterable[str]) -> dict[str, str]:
    """Read ``id=value``, ``id@line=value`` and ``id@place=value``; whether they exist is asked later.

    Raises:
        ConfigurationError: one is not written like that, or an assumption is set twice.
    """
    values: dict[str, str] = {}
    for text in written:
        match = _WRITTEN.match(text.strip())
        if not match:
            raise ConfigurationError(
                f"--set {text}: write it as ID=VALUE, ID@line=VALUE or ID@place=VALUE, as in efficiency_factor=0.02."
            )
        if match["id"] in values:
            raise ConfigurationError(f"--set {match['id']}: set twice.")
        values[match["id"]] = match["value"].strip()
    return values

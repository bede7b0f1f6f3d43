"""CSV that people open in a spreadsheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"[=+\-@\t\r](?![\d.]+(e[+-]?\d+)?$)", re.IGNORECASE)
"""How text begins that a spreadsheet would compute; a number with a sign is none."""


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table, without its index; the same bytes on every system.

    Text that a spreadsheet would take for a formula (names come from whoever handed over the inputs) gets an
    apostrophe before it, as OWASP advises, so that it is shown and not computed.
    """
    text = frame.select_dtypes(include=["object", "string", "category"]).columns
    plain = frame.assign(**{str(name): frame[name].astype(object).map(_shown) for name in text})
    plain.to_csv(path, index=False, lineterminator="\n")


def _shown(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

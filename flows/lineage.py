"""What a run leaves of its lineage: events and a picture in its folder, and events at a collector if one is named."""

from __future__ import annotations

import logging
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from budget.audit.folder import Run
from budget.audit.lineage.happened import Happened

logger = logging.getLogger(__name__)

COLLECTOR = "CAPITATION_OPENLINEAGE_URL"
"""Names the address that events are posted to; nothing leaves the machine where it is not set."""

_EVENTS = "lineage/events.jsonl"
_SECONDS = 5.0


def lineage_files(happened: Happened) -> Mapping[str, Callable[[Path], None]]:
    """What writes the lineage into a run folder, by place in it; the tables lie there by then."""

    def events(path: Path) -> None:
        from budget.audit.lineage.events import write_events

        path.parent.mkdir(exist_ok=True)
        write_events(happened, path)

    def picture(path: Path) -> None:
        from budget.audit.lineage.graph import graph_of
        from budget.report.picture.page import write_picture

        path.parent.mkdir(exist_ok=True)
        write_picture(graph_of(happened, _money(path.parents[1] / "tables" / "lineage_edges.parquet")), path)

    return {_EVENTS: events, "lineage/lineage.html": picture}


def _money(edges: Path) -> dict[str, int]:
    """Pence by table; a run that stopped before it wrote a table has no edges."""
    import pyarrow.parquet as pq

    if not edges.is_file():
        return {}
    found = pq.read_table(edges, columns=["input", "pence"]).to_pydict()
    return {name: pence for name, pence in zip(found["input"], found["pence"], strict=True) if pence is not None}


def deliver(run: Run) -> None:
    """Post the events of a run to the collector, if one is named; a failure is said, and stops nothing."""
    address, events = os.environ.get(COLLECTOR, ""), run.folder / _EVENTS
    if not address or not events.is_file():
        return
    lines = events.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        try:
            _post(address, line)
        except (OSError, ValueError) as error:
            logger.warning(
                "%s: %d of %d lineage events were not delivered (%s); they lie in %s.",
                COLLECTOR,
                len(lines) - number,
                len(lines),
                _reason(error),
                events,
            )
            return


def _post(address: str, line: str) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, data=line.encode(), headers=headers, method="POST")
    if request.type not in ("http", "https"):
        raise ValueError("the address must begin with http:// or https://")
    with urllib.request.urlopen(request, timeout=_SECONDS):
        return


def _reason(error: Exception) -> str:
    """Why not, without the address: it may hold a password."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    if isinstance(error, ValueError):
        return "the address must begin with http:// or https://"
    return type(error).__name__

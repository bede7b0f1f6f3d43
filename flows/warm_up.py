"""What takes seconds and is needed later, begun aside as soon as a run is asked for."""

from __future__ import annotations

import importlib
import threading
from functools import cache


@cache
def warm_up() -> None:
    """Start the helper processes of the gates and the charts, and import what reports are written with."""
    from budget.report import drawer
    from expectations import client

    client.warm_up()
    drawer.warm_up()
    threading.Thread(target=_import_reports, name="import-reports", daemon=True).start()


def _import_reports() -> None:
    for module in ("altair", "jinja2", "xlsxwriter"):
        importlib.import_module(module)

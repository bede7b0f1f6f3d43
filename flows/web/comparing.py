"""Two runs side by side on the page; why they differ is computed when it is asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from budget.kernel.errors import ConfigurationError
from budget.plan import Plan
from budget.scenario.compare import Comparison
from flows.causes import Causes, causes_of
from flows.comparing import Told
from flows.web.room import Room
from flows.web.shown import Label, label_of, lines_of


def routes(room: Room) -> APIRouter:
    """The routes of comparisons."""
    router = APIRouter()

    @router.get("/compare")
    def compare(request: Request, before: str, after: str) -> HTMLResponse:
        told = Told(Comparison(room.run(before), room.run(after)), Causes(None))
        label = _label(told)
        views = [(title, lines_of(rows, label)) for title, rows in told.views()]
        values: dict[str, Any] = {"before": before, "after": after, "views": views, "year": told.year}
        return room.show(request, "compare.html.j2", room.sessions.of(request), **values)

    @router.get("/compare/why")
    def why(before: str, after: str) -> HTMLResponse:
        from flows.pipeline import Pipeline
        from flows.sides import Again

        comparison, pipeline = Comparison(room.run(before), room.run(after)), Pipeline.of()
        told = Told(comparison, causes_of(comparison, Again(pipeline))).judged(pipeline.gate)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "comparison.html"
            told.write(path)
            return HTMLResponse(path.read_text(encoding="utf-8"))

    return router


def _label(told: Told) -> Label:
    """Words of the second run's locality; of none where that is gone."""
    try:
        return label_of(Plan.read(Path(told.comparison.after.manifest["config"])).labels)
    except ConfigurationError:
        return label_of({})

"""Two runs side by side on the page, and a run beside a draft over it; why they differ is told cause by cause."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from budget.assumptions.draft import Draft
from budget.kernel.errors import ConfigurationError
from budget.plan import Plan
from budget.scenario.compare import Comparison, Difference
from budget.scenario.what_if import causes
from flows.comparing import VIEWS, views_of
from flows.web.desks import Kept
from flows.web.drafting import Sent
from flows.web.room import Room, year_of
from flows.web.sessions import Sitting
from flows.web.shown import Label, Line, amounts_of, label_of, lines_of, waiting_of

_VIEWS = VIEWS | {"By service line": "service_line"}


def routes(room: Room) -> APIRouter:
    """The routes of comparisons."""
    router = APIRouter()

    @router.get("/compare")
    def compare(request: Request, before: str, after: str) -> HTMLResponse:
        comparison = Comparison(room.run(before), room.run(after))
        views = _views(comparison.difference, "", _label(comparison))
        values: dict[str, Any] = {"before": before, "after": after, "views": list(views)}
        return room.show(request, "compare.html.j2", room.sessions.of(request), **values)

    @router.post("/compare/why")
    def why(request: Request, form: Sent) -> Response:
        session = room.sessions.asking(request, form.fields)
        sides = (room.run(form.text(name)).folder for name in ("before", "after"))
        job = room.reruns.explain(*sides)
        session.jobs.append(job.id)
        return RedirectResponse(f"/jobs/{job.id}", status_code=303)

    @router.get("/desk/{run_id}/draft")
    def draft(request: Request, run_id: str) -> HTMLResponse:
        session, run = room.sessions.of(request), room.run(run_id)
        told = _drafted(room.desks.over(run), session.at(run_id))
        return room.show(request, "drafted.html.j2", session, run=run, **told)

    return router


def _drafted(kept: Kept, sitting: Sitting) -> dict[str, Any]:
    """What a draft does to every budget year, and which of its changes does how much of it.

    Raises:
        NoBudget: there is none with these values.
    """
    desk, draft = kept.desk, Draft.read(kept.desk.assumptions, sitting.typed)
    moved, label = kept.moved(draft, desk.plan.budget_years[-1]), label_of(desk.plan.labels)
    year = str(year_of(desk, sitting))
    parts = causes(desk, draft, moved).parts
    return {
        "year": year,
        "changed": len(draft.changes),
        "waiting": waiting_of(draft),
        "causes": [(part, amounts_of(part.pence(year), part.pence())) for part in parts],
        "together": [f"{part.name}: taken together. {why}" for part in parts for why in part.why_together],
        "views": list(_views(moved.difference, year, label)),
    }


def _views(difference: Difference, year: str, label: Label) -> Iterator[tuple[str, list[Line]]]:
    """A caption and lines each: every year, then one year by each key; the first year where none is named."""
    years = difference.by("financial_year").rename(columns={"financial_year": "name"})
    yield "Core budget by year", lines_of(years, str)
    year = year or str(years["name"].min())
    for title, rows in views_of(difference, year, _VIEWS):
        yield f"{title}, {year}", lines_of(rows, label)


def _label(comparison: Comparison) -> Label:
    """Words of the second run's locality; of none where that is gone."""
    try:
        return label_of(Plan.read(Path(comparison.after.manifest["config"])).labels)
    except ConfigurationError:
        return label_of({})

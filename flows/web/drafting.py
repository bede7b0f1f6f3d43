"""The desk itself: look at a run, type over its assumptions, see what moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from budget.assumptions.catalogue import as_text
from budget.assumptions.sheet import key_of, rows_of
from flows.web.desks import Kept
from flows.web.forms import Form, read_form
from flows.web.room import Room, look
from flows.web.sessions import Sitting
from flows.web.shown import name_of

_HERE = Path(__file__).parent
_ASSETS = {"desk.js": "text/javascript", "desk.css": "text/css"}
_BY_SCRIPT = "x-by-script"
"""The page's script asks with this header for the part that moves alone."""

Sent = Annotated[Form, Depends(read_form)]


def routes(room: Room) -> APIRouter:
    """The routes of the desk."""
    router = APIRouter()

    @router.get("/desk/assets/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            return Response(status_code=404)
        return FileResponse(_HERE / name, media_type=_ASSETS[name])

    @router.get("/desk/{run_id}")
    def page(request: Request, run_id: str) -> HTMLResponse:
        return room.desk(request, room.sessions.of(request), room.run(run_id))

    @router.post("/desk/{run_id}")
    def change(request: Request, run_id: str, form: Sent) -> Response:
        session, run = room.sessions.asking(request, form.fields), room.run(run_id)
        kept, sitting = room.desks.over(run), session.at(run_id)
        by_script = _BY_SCRIPT in request.headers
        if is_stale(form, sitting):
            if not by_script:
                return room.desk(request, session, run, 409, sitting=typed_here(form, kept, sitting), elsewhere="kept")
            html = room.templates.get_template("elsewhere.html.j2").render(run=run, elsewhere="kept")
            return JSONResponse({"elsewhere": html})
        take(form, kept, sitting)
        if not by_script:
            return RedirectResponse(f"/desk/{run_id}", status_code=303)
        values = look(kept, sitting)
        html = room.templates.get_template("moved.html.j2").render(values, run=run)
        return JSONResponse({"moved": html, "marks": values["marks"], "seen": sitting.version})

    @router.post("/desk/{run_id}/anew")
    def anew(request: Request, run_id: str, form: Sent) -> Response:
        session, run = room.sessions.asking(request, form.fields), room.run(run_id)
        sitting = session.at(run_id)
        if is_stale(form, sitting):
            return room.desk(request, session, run, 409, elsewhere="shown")
        sitting.typed.clear()
        sitting.changed_by(form.text("tab"))
        return RedirectResponse(f"/desk/{run_id}", status_code=303)

    return router


def is_stale(form: Form, sitting: Sitting) -> bool:
    """Whether another tab has changed the draft since this form's tab saw it, and nobody has said which wins."""
    return "over" not in form.fields and sitting.is_news_to(form.text("tab"), form.text("seen"))


def typed_here(form: Form, kept: Kept, sitting: Sitting) -> Sitting:
    """The draft as a form has it, kept nowhere."""
    mine = Sitting(year=sitting.year)
    take(form, kept, mine)
    # a page of it has not seen the other tab's draft, and is asked again until somebody chooses
    return replace(mine, version=-1)


def take(form: Form, kept: Kept, sitting: Sitting) -> None:
    """Keep what was typed, as it was typed; a field that says what the run says is forgotten."""
    before = dict(sitting.typed)
    sitting.year = form.fields.get("year", sitting.year)
    for entry in rows_of(kept.desk.assumptions):
        key = key_of(entry)
        text = form.fields.get(name_of(key))
        if text is None:
            continue
        if text.strip() == as_text(entry.value):
            sitting.typed.pop(key, None)
        else:
            sitting.typed[key] = text
    if sitting.typed != before:
        sitting.changed_by(form.text("tab"))

"""Full reruns from the page: start one, watch it, end it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from budget.bundle import find_scenario
from budget.kernel.errors import ConfigurationError
from budget.pipeline import STAGES
from flows.web.drafting import Sent
from flows.web.jobs import Rerun
from flows.web.room import Room
from flows.web.sessions import Session


def routes(room: Room) -> APIRouter:
    """The routes of reruns."""
    router = APIRouter()

    @router.post("/desk/{run_id}/rerun")
    def start(request: Request, run_id: str, form: Sent) -> Response:
        session, run = room.sessions.asking(request, form.fields), room.run(run_id)
        try:
            scenario = find_scenario(room.desks.over(run).desk.plan, _named(form.text("scenario")))
        except ConfigurationError as fault:
            return room.desk(request, session, run, 422, errors={"rerun": str(fault)})
        job = room.reruns.start(run.folder, scenario)
        session.jobs.append(job.id)
        return RedirectResponse(f"/reruns/{job.id}", status_code=303)

    @router.get("/reruns/{job_id}")
    def watch(request: Request, job_id: str) -> HTMLResponse:
        session = room.sessions.of(request)
        return room.show(request, "rerun.html.j2", session, **_facts(_own(room, session, job_id)))

    @router.get("/reruns/{job_id}/progress")
    def progress(request: Request, job_id: str) -> JSONResponse:
        job = _own(room, room.sessions.of(request), job_id)
        html = room.templates.get_template("progress.html.j2").render(_facts(job))
        return JSONResponse({"progress": html, "over": job.over})

    @router.post("/reruns/{job_id}/end")
    def end(request: Request, job_id: str, form: Sent) -> Response:
        session = room.sessions.asking(request, form.fields)
        room.reruns.end(_own(room, session, job_id))
        return RedirectResponse(f"/reruns/{job_id}", status_code=303)

    return router


def _own(room: Room, session: Session, job_id: str) -> Rerun:
    """A rerun that this session started."""
    job = room.reruns.find(job_id) if job_id in session.jobs else None
    if job is None:
        raise HTTPException(404, "There is no such rerun of yours.")
    return job


def _named(scenario: str) -> str:
    """A scenario's name; never a file, of which a browser may not name one."""
    if not scenario or "/" in scenario or "\\" in scenario or scenario.endswith(".yaml"):
        raise ConfigurationError("Choose a scenario.")
    return scenario


def _facts(job: Rerun) -> dict[str, Any]:
    said = {line.split()[0]: " ".join(line.split()[1:]) for line in list(job.lines) if line.strip()}
    done = [(stage.name, stage.about, said.get(stage.name, "")) for stage in STAGES]
    others = [line for line in list(job.lines) if line.strip() and line.split()[0] not in {name for name, *_ in done}]
    return {"job": job, "stages": done, "others": others}

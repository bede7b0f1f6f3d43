"""What was started from the page, watched to its end: how far it is, what it made, and an end to it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from budget.pipeline import STAGES
from flows.web.drafting import Sent
from flows.web.jobs import Job, Rerun, Why
from flows.web.room import Room
from flows.web.sessions import Session


def routes(room: Room) -> APIRouter:
    """The routes of what is watched."""
    router = APIRouter()

    @router.get("/jobs/{job_id}")
    def watch(request: Request, job_id: str) -> HTMLResponse:
        session = room.sessions.of(request)
        return room.show(request, "job.html.j2", session, **_facts(_own(room, session, job_id)))

    @router.get("/jobs/{job_id}/progress")
    def progress(request: Request, job_id: str) -> JSONResponse:
        job = _own(room, room.sessions.of(request), job_id)
        html = room.templates.get_template("progress.html.j2").render(_facts(job))
        return JSONResponse({"progress": html, "over": job.over})

    @router.get("/jobs/{job_id}/page")
    def page(request: Request, job_id: str) -> HTMLResponse:
        job = _own(room, room.sessions.of(request), job_id)
        if not isinstance(job, Why) or job.state != "complete":
            raise HTTPException(404, "There is no such page yet.")
        return HTMLResponse(job.page.read_text(encoding="utf-8"))

    @router.post("/jobs/{job_id}/end")
    def end(request: Request, job_id: str, form: Sent) -> Response:
        session = room.sessions.asking(request, form.fields)
        room.reruns.end(_own(room, session, job_id))
        return RedirectResponse(f"/jobs/{job_id}", status_code=303)

    return router


def _own(room: Room, session: Session, job_id: str) -> Job:
    """What this session started."""
    job = room.reruns.find(job_id) if job_id in session.jobs else None
    if job is None:
        raise HTTPException(404, "You have started nothing of this name here.")
    return job


def _facts(job: Job) -> dict[str, Any]:
    lines = [line for line in list(job.lines) if line.strip()]
    if isinstance(job, Why):
        here, back = job.after.name, f"/compare?before={job.before.name}&after={job.after.name}"
        title, under = "Why two runs differ", f"{job.before.name} against {here}"
        return {"job": job, "title": title, "under": under, "back": back, "stages": [], "others": lines}
    assert isinstance(job, Rerun)
    said = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    done = [(stage.name, stage.about, said.get(stage.name, "")) for stage in STAGES]
    others = [line for line in lines if line.split()[0] not in {name for name, *_ in done}]
    title, under = f"Rerun with {job.scenario.stem}", f"Of run {job.run.name}"
    back = f"/desk/{job.run.name}"
    return {"job": job, "title": title, "under": under, "back": back, "stages": done, "others": others}

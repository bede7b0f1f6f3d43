"""Full reruns, started from the page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from budget.bundle import find_scenario
from budget.kernel.errors import ConfigurationError
from flows.web.drafting import Sent
from flows.web.room import Room


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
        return RedirectResponse(f"/jobs/{job.id}", status_code=303)

    return router


def _named(scenario: str) -> str:
    """A scenario's name; never a file, of which a browser may not name one."""
    if not scenario or "/" in scenario or "\\" in scenario or scenario.endswith(".yaml"):
        raise ConfigurationError("Choose a scenario.")
    return scenario

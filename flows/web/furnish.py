"""The finance page, put into an application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse

from budget.kernel.errors import CapitationError
from flows.web import comparing, drafting, keeping, rerunning, watching
from flows.web.room import Room


def furnish(app: FastAPI, room: Room) -> None:
    """Give an application the routes of the finance page; reruns end when it does."""
    for part in (drafting, keeping, rerunning, comparing, watching):
        app.include_router(part.routes(room))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> HTMLResponse:
        return _trouble(room, request, str(error.detail), error.status_code)

    @app.exception_handler(CapitationError)
    def mistaken(request: Request, error: CapitationError) -> HTMLResponse:
        return _trouble(room, request, str(error), 409)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        room.reruns.close()

    app.router.lifespan_context = lifespan


def _trouble(room: Room, request: Request, message: str, status: int) -> HTMLResponse:
    return room.templates.TemplateResponse(request, "trouble.html.j2", {"message": message}, status_code=status)

"""The page of runs on this machine: what there is, each run's report, workbook and gates, and a desk over each run.

Only files whose names stand here are served, and only of folders that are runs; nothing is loaded
from anywhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader
from starlette.middleware.trustedhost import TrustedHostMiddleware

from budget.audit.approval import Approval, Approvals, State, runs_in, state_of
from budget.audit.folder import Run
from flows.access import ask_for
from flows.headline import YearTotal, headline
from flows.web.furnish import furnish
from flows.web.jobs import Reruns
from flows.web.room import Room

_TEMPLATES = Path(__file__).parent / "templates"
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; "
    "script-src 'unsafe-inline'"
)
_DATA_DOCS = Path("gates/data_docs")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class ServedFile:
    """A file of a run that may be looked at.

    Attributes:
        path: place in the run folder.
        media_type: how a browser takes it.
        download: whether it is saved rather than shown.
    """

    path: str
    media_type: str
    download: bool = False


SERVED = {
    "report": ServedFile("pack/report.html", "text/html"),
    "workbook": ServedFile("pack/budget.xlsx", _XLSX, download=True),
    "gates": ServedFile("gates/report.html", "text/html"),
    "lineage": ServedFile("lineage/lineage.html", "text/html"),
}


@dataclass(frozen=True)
class Shown:
    """One run in the list.

    Attributes:
        state: what people have made of it by now; its own pages say ``draft``, as they were when it was made.
        approvals: who has said what of it.
    """

    run: Run
    state: State
    approvals: tuple[Approval, ...]
    totals: tuple[YearTotal, ...]
    files: tuple[str, ...]


def build_app(runs: Path, token: str | None = None, reruns: Reruns | None = None) -> FastAPI:
    """The page over a folder of runs.

    Args:
        runs: the folder; read anew on every request.
        token: what visitors must bring; without one, the page answers to this machine's own names alone.
        reruns: carries out those that are started from a desk.
    """
    app = FastAPI(title="Capitation runs", docs_url=None, redoc_url=None, openapi_url=None)
    if token is None:
        # another site must not reach the page through a name that it points at this machine
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "::1", "[::1]"])
    else:
        app.middleware("http")(ask_for(token))
    app.middleware("http")(_guard)
    templates = Jinja2Templates(env=Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True))

    furnish(app, Room(runs, templates, reruns or Reruns()))

    @app.get("/")
    def list_runs(request: Request) -> HTMLResponse:
        shown = [_shown(run) for run in find_runs(runs)]
        return templates.TemplateResponse(request, "runs.html.j2", {"shown": shown, "folder": runs.resolve()})

    @app.get("/runs/{run_id}/{kind}")
    def show_file(run_id: str, kind: str) -> FileResponse:
        served, run = SERVED.get(kind), {run.folder.name: run for run in find_runs(runs)}.get(run_id)
        if served is None or run is None or not (run.folder / served.path).is_file():
            raise HTTPException(404, "There is no such run, or it has no such file.")
        name = f"{run_id}-{Path(served.path).name}" if served.download else None
        return FileResponse(run.folder / served.path, media_type=served.media_type, filename=name)

    @app.get("/runs/{run_id}/data_docs/{page:path}")
    def show_data_docs(run_id: str, page: str) -> FileResponse:
        run = {run.folder.name: run for run in find_runs(runs)}.get(run_id)
        if run is None or page not in _data_docs(run):
            raise HTTPException(404, "There is no such run, or it has no such page.")
        return FileResponse(run.folder / _DATA_DOCS / page)

    return app


def _data_docs(run: Run) -> frozenset[str]:
    """The pages of a run's Data Docs and what they load, by their place in their folder."""
    folder = run.folder / _DATA_DOCS
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def find_runs(folder: Path) -> list[Run]:
    """The runs in a folder, newest first; what is being written or is no run is left out."""
    return sorted(runs_in(folder), key=lambda run: (run.manifest["finished_at"], run.run_id), reverse=True)


def _shown(run: Run) -> Shown:
    files = tuple(kind for kind, file in SERVED.items() if (run.folder / file.path).is_file())
    return Shown(run, state_of(run), Approvals.read(run.folder).given, headline(run), files)


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", _CONTENT_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response

"""What the routes of the finance page share: the folder of runs, who is there, and how a desk is shown."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from budget.assumptions.draft import Draft
from budget.assumptions.layer import read_layer
from budget.audit.folder import Run
from budget.audit.seal import MANIFEST
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear
from budget.report import show
from budget.scenario.what_if import Desk, NoBudget, years_of
from flows.web.desks import Desks, Kept
from flows.web.jobs import Reruns
from flows.web.sessions import Session, Sessions, Sitting
from flows.web.shown import groups, label_of, marks, tables, waiting_of

POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The page's own script and style, and nothing from anywhere else."""


@dataclass(frozen=True)
class Room:
    """The page over a folder of runs.

    Attributes:
        runs: the folder.
        templates: of all pages.
    """

    runs: Path
    templates: Jinja2Templates
    reruns: Reruns
    sessions: Sessions = field(default_factory=Sessions)
    desks: Desks = field(default_factory=Desks)

    def run(self, run_id: str) -> Run:
        """A complete run by its folder's name.

        Raises:
            HTTPException: there is none.
            ConfigurationError: a gate stopped it.
        """
        folder = self.runs / run_id
        if run_id.startswith(".") or folder.name != run_id or not (folder / MANIFEST).is_file():
            raise HTTPException(404, "There is no such run.")
        return Run.open(folder).complete()

    def show(self, request: Request, template: str, session: Session, status: int = 200, **values: Any) -> HTMLResponse:
        """A page of this room."""
        values |= {"word": session.word, "show": show}
        answer = self.templates.TemplateResponse(request, template, values, status_code=status)
        answer.headers["Content-Security-Policy"] = POLICY
        self.sessions.keep(session, answer, request)
        return answer

    def desk(
        self,
        request: Request,
        session: Session,
        run: Run,
        status: int = 200,
        *,
        sitting: Sitting | None = None,
        **said: Any,
    ) -> HTMLResponse:
        """The page of one run.

        Args:
            sitting: what is typed, where that is not the session's draft.
            said: ``errors`` by the control that they belong to; ``given``, what stood in the form to be saved;
                ``elsewhere``, where another tab has changed the draft: which of the two is shown.
        """
        kept, sitting = self.desks.over(run), sitting or session.at(run.folder.name)
        values = {"errors": {}, "given": {}, "elsewhere": "", "tab": secrets.token_urlsafe(8)} | said
        values |= look(kept, sitting)
        others = [other.folder.name for other in self._complete() if other.folder != run.folder]
        values |= {"run": run, "sitting": sitting, "scenarios": scenarios_of(kept.desk), "others": others}
        return self.show(request, "desk.html.j2", session, status, **values)

    def _complete(self) -> list[Run]:
        from budget.audit.approval import runs_in

        return sorted((run for run in runs_in(self.runs) if run.status == "complete"), key=lambda run: run.run_id)


def look(kept: Kept, sitting: Sitting) -> dict[str, Any]:
    """Assumptions and budgets as they are to be shown, the draft laid over them."""
    desk, draft = kept.desk, Draft.read(kept.desk.assumptions, sitting.typed)
    year = year_of(desk, sitting)
    label = label_of(desk.plan.labels)
    shown = groups(draft, sitting.typed, label)
    values = {
        "years": [str(one) for one in desk.plan.budget_years],
        "year": str(year),
        "now": shown[True],
        "later": shown[False],
        "marks": marks((*shown[True], *shown[False])),
        "changed": len(draft.changes),
        "faults": len(draft.faults),
        "waiting": waiting_of(draft),
    }
    return values | _budgets(kept, draft, year, label)


def year_of(desk: Desk, sitting: Sitting) -> FinancialYear:
    """The year that is looked at."""
    return years_of(desk.run).get(sitting.year) or desk.plan.budget_years[0]


def _budgets(kept: Kept, draft: Draft, year: FinancialYear, label: Any) -> dict[str, Any]:
    try:
        moved = kept.moved(draft, year)
    except NoBudget as none:
        return {"moved": None, "why_not": str(none), "since": ""}
    since = kept.since[year]
    return {"moved": tables(moved, label), "why_not": "", "since": show.pounds(since, 2, signed=True) if since else ""}


def scenarios_of(desk: Desk) -> Mapping[str, str]:
    """The locality's scenarios by name, with what each is for; one that cannot be read says so."""
    folder = desk.plan.scenarios
    found = sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []
    return {path.stem: _reason(path) for path in found}


def _reason(path: Path) -> str:
    try:
        layer = read_layer(path)
    except ConfigurationError as fault:
        return f"cannot be read: {fault}"
    return f"{layer.reason} ({layer.author})"

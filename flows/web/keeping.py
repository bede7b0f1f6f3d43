"""What is taken away from a desk, and brought to it: scenarios, workbooks of assumptions, the pack of a run."""

from __future__ import annotations

import re
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from budget.assumptions.catalogue import as_text
from budget.assumptions.draft import Draft
from budget.assumptions.sheet import key_of
from budget.kernel.errors import ConfigurationError
from budget.scenario.what_if import Desk
from flows.web.drafting import Sent, is_stale, take, typed_here
from flows.web.forms import Form
from flows.web.room import Room
from flows.web.sessions import Sitting

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(room: Room) -> APIRouter:
    """The routes of what is kept."""
    router = APIRouter()

    @router.post("/desk/{run_id}/save")
    def save(request: Request, run_id: str, form: Sent) -> Response:
        session, run = room.sessions.asking(request, form.fields), room.run(run_id)
        kept, sitting = room.desks.over(run), session.at(run_id)
        if is_stale(form, sitting):
            mine = typed_here(form, kept, sitting)
            return room.desk(request, session, run, 409, sitting=mine, elsewhere="kept", given=form.fields)
        take(form, kept, sitting)
        errors = save_draft(kept.desk, sitting, form)
        if errors:
            return room.desk(request, session, run, 422, errors=errors, given=form.fields)
        return RedirectResponse(f"/desk/{run_id}#rerun", status_code=303)

    @router.post("/desk/{run_id}/upload")
    def upload(request: Request, run_id: str, form: Sent) -> Response:
        session, run = room.sessions.asking(request, form.fields), room.run(run_id)
        sitting = session.at(run_id)
        if is_stale(form, sitting):
            return room.desk(request, session, run, 409, elsewhere="shown")
        try:
            sitting.typed = _typed(room.desks.over(run).desk, form)
            sitting.changed_by(form.text("tab"))
        except ConfigurationError as fault:
            return room.desk(request, session, run, 422, errors={"workbook": str(fault)})
        return RedirectResponse(f"/desk/{run_id}", status_code=303)

    @router.get("/desk/{run_id}/assumptions.xlsx")
    def workbook(run_id: str) -> Response:
        from budget.assumptions.export import write_workbook

        desk = room.desks.over(room.run(run_id)).desk
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "assumptions.xlsx"
            write_workbook(desk.assumptions, path, f"{desk.plan.title}, run {run_id}")
            return _download(path.read_bytes(), _XLSX, f"{run_id}-assumptions.xlsx")

    @router.get("/desk/{run_id}/pack.zip")
    def pack(run_id: str) -> Response:
        return _download(_zipped(room.run(run_id).folder / "pack"), "application/zip", f"{run_id}-pack.zip")

    return router


def save_draft(desk: Desk, sitting: Sitting, form: Form) -> dict[str, str]:
    """Write the draft as a scenario of the locality, pinned to the packs of the run.

    Returns:
        What is wrong, by the control that it belongs to; nothing where it was saved.
    """
    from budget.assumptions.scenario_file import write_scenario

    name, draft = form.text("name"), Draft.read(desk.assumptions, sitting.typed)
    errors = _missing(form)
    if not _NAME.fullmatch(name):
        errors["name"] = "A name is one word of letters, digits, '_' and '-', such as higher_pool."
    if draft.faults:
        errors["save"] = "Mend the values that cannot be read first; they are marked."
    elif not draft.changes:
        errors["save"] = "Nothing has been changed; there is nothing to make a scenario of."
    elif desk.plan.scenarios is None:
        errors["save"] = "The locality names no folder of scenarios: add `scenarios: scenarios` to its YAML."
    if errors or desk.plan.scenarios is None:
        return errors
    desk.plan.scenarios.mkdir(parents=True, exist_ok=True)
    path = desk.plan.scenarios / f"{name}.yaml"
    said = {"author": form.text("author"), "reason": form.text("reason")}
    try:
        write_scenario(path, draft.changed(), desk.assumptions, source=f"Draft over run {desk.run.run_id}", **said)
    except ConfigurationError as fault:
        return {"name": str(fault)}
    sitting.saved = name
    return {}


def _missing(form: Form) -> dict[str, str]:
    asked = {"author": "Say who answers for the change.", "reason": "Say what the change is for."}
    return {name: said for name, said in asked.items() if not form.text(name)}


def _typed(desk: Desk, form: Form) -> dict[tuple[str, ...], str]:
    """The cells that were changed in a workbook, as if they had been typed.

    Raises:
        ConfigurationError: no file was chosen, or it cannot be read; every fault names its cell.
    """
    from budget.assumptions.bring_in import read_changes

    if form.file is None:
        raise ConfigurationError("Choose a workbook first.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "assumptions.xlsx"
        path.write_bytes(form.file)
        try:
            changes = read_changes(path, desk.assumptions)
        except ConfigurationError as fault:
            raise ConfigurationError(str(fault).replace(str(path), path.name)) from None
    if not changes:
        raise ConfigurationError("No cell of the workbook was changed.")
    return {key_of(change.entry): as_text(change.value) for change in changes}


def _zipped(folder: Path) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            packed.write(path, path.relative_to(folder).as_posix())
    return buffer.getvalue()


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})

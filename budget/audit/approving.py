"""Approving a run: what must be true of it, and the line that says who did."""

from __future__ import annotations

import fcntl
import os
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from budget.audit.approval import Approval, Approvals, State, mark_of, runs_in, state_of
from budget.audit.chain import hash_line
from budget.audit.folder import Run
from budget.audit.names import mixes_scripts, same_person
from budget.audit.seal import APPROVALS
from budget.audit.verify import verify
from budget.kernel.errors import CapitationError, ConfigurationError, StoreError

_NEXT: Mapping[State, State] = {"draft": "reviewed", "reviewed": "approved"}
_MOST_SHOWN = 5


class NotApproved(CapitationError):
    """The run is not one that can be approved, or not by this person; exit status 1."""

    exit_status = 1


def approve(folder: Path, *, by: str, role: str, note: str = "", at: datetime | None = None) -> Approval:
    """Write down that a person approves a run: the first one reviews it, a second one approves it.

    Args:
        folder: the run folder.
        by: the person's name.
        role: in what role.
        note: what they have to say.
        at: when; now when not given.

    Raises:
        ConfigurationError: the folder is no run, or name or role is empty.
        NotApproved: the run does not verify, a gate stopped it, warnings are open, values of an annual run are not
            approved, it has been approved, or the same person has reviewed it.
        StoreError: the line could not be written.
    """
    name, office = _tidy(by, "--by"), _tidy(role, "--role")
    run, now = Run.open(folder), at or datetime.now(UTC)
    with _alone(run.folder):
        refuse_unfit(run, now.date())
        approvals = Approvals.read(run.folder)
        state = _next(run, approvals, name)
        when = now.isoformat(timespec="milliseconds")
        replaced = tuple(_replaced(run)) if state == "approved" else ()
        approval = Approval(state, name, office, note.strip(), when, replaced)
        _append(run.folder, approval.line(approvals.chain.last), mark_of(run.folder, approvals.manifest_sha256))
    return approval


def refuse_unfit(run: Run, day: date) -> None:
    """What must be true of a run before anyone may approve it.

    Args:
        run: the run.
        day: of the approval; a waiver that has run out by then accepts nothing any more.

    Raises:
        NotApproved: it is not.
    """
    verified = verify(run.folder)
    if verified.findings:
        shown = "\n".join(finding.sentence() for finding in verified.findings[:_MOST_SHOWN])
        raise NotApproved(f"{run.run_id} is not as it was published, so it cannot be approved:\n{shown}")
    if run.status == "stopped":
        raise NotApproved(f"{run.run_id}: a gate stopped this run, so it has no budget to approve.")
    warned = run.manifest["checks"]["warned"]
    if warned:
        raise NotApproved(
            f"{run.run_id}: {warned} warning{' is' if warned == 1 else 's are'} open ({', '.join(_open(run))}).\n"
            "  mend them, or have each accepted by a waiver, and run again; the gates page shows what a waiver says"
        )
    lapsed = _lapsed(run, day)
    if lapsed:
        raise NotApproved(
            f"{run.run_id}: warnings were accepted until a day that has passed ({', '.join(lapsed)}).\n"
            "  mend: have the waivers renewed, and run again"
        )
    unsettled = _unsettled(run)
    if run.manifest["purpose"] == "annual" and unsettled:
        more = f" and {len(unsettled) - _MOST_SHOWN} more" if len(unsettled) > _MOST_SHOWN else ""
        raise NotApproved(
            f"{run.run_id}: a run of purpose annual rests on values that are not approved "
            f"({', '.join(unsettled[:_MOST_SHOWN])}{more}).\n"
            "  mend: have them approved in their packs, and run again; values of --set are drafts"
        )


def _open(run: Run) -> list[str]:
    checks = run.table("dq_results")
    rows = checks[(checks["severity"] == "warn") & (checks["outcome"] == "failed")]
    return [f"{row.check_id} {row.table}" for row in rows.itertuples()]


def _lapsed(run: Run, day: date) -> list[str]:
    """Waivers that the run rests on and that no longer hold, with their last days."""
    used = [said for said in run.manifest["waivers"] if said["used"]]
    return [f"{said['id']}, {said['expires_on']}" for said in used if date.fromisoformat(said["expires_on"]) < day]


def _unsettled(run: Run) -> list[str]:
    """Assumptions that are drafts, or whose source nobody has verified."""
    ledger = run.table("assumption_ledger")
    return list(dict.fromkeys(ledger.loc[ledger["status"] != "approved", "name"]))


def _next(run: Run, approvals: Approvals, name: str) -> State:
    state = _NEXT.get(approvals.state)
    if state is None:
        raise NotApproved(f"{run.run_id} is {state_of(run)} already; nothing is left to approve.")
    if any(same_person(name, given.by) for given in approvals.given):
        raise NotApproved(f"{run.run_id}: {name} has reviewed it; another person must approve it.")
    return state


def _replaced(run: Run) -> Iterator[dict[str, str]]:
    """The approved runs of the same locality and years that lie beside this one."""
    for other in runs_in(run.folder.parent):
        same = all(other.manifest[name] == run.manifest[name] for name in ("locality", "budget_years"))
        if same and other.folder != run.folder and state_of(other) == "approved":
            sha256 = Approvals.read(other.folder).manifest_sha256
            yield {"run_id": other.run_id, "folder": other.folder.name, "manifest_sha256": sha256}


def _tidy(words: str, option: str) -> str:
    tidied = " ".join(unicodedata.normalize("NFKC", words).split())
    if not tidied:
        raise ConfigurationError(f"{option}: say who approves the run, and in what role.")
    if mixes_scripts(tidied):
        raise ConfigurationError(f"{option}: letters of several scripts stand in it; write it in one.")
    return tidied


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else approves the same run meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _append(folder: Path, line: str, mark: Path) -> None:
    """Add a line to the approvals, whole or not at all, and then its hash beside the run."""
    path = folder / APPROVALS
    try:
        before = path.read_bytes() if path.is_file() else b""
        _put(folder.with_name(f".{folder.name}-{uuid.uuid4().hex[:8]}.approvals"), path, before + line.encode() + b"\n")
        mark.parent.mkdir(mode=0o700, exist_ok=True)
        _put(mark.with_suffix(f".{uuid.uuid4().hex[:8]}"), mark, f"{hash_line(line)}\n".encode())
    except OSError as error:
        raise StoreError(f"{path}: the approval could not be written ({error.strerror}).") from None


def _put(temporary: Path, path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        with temporary.open("wb") as file:
            temporary.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)

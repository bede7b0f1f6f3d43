"""``capitation approve``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Write down that a person has reviewed a run, or, the second time, approved it."""
    from budget.audit.approval import Approvals, state_of
    from budget.audit.approving import approve
    from budget.audit.folder import Run

    approval = approve(Path(arguments.run), by=arguments.by, role=arguments.role, note=arguments.note)
    run = Run.open(Path(arguments.run))
    approvals = Approvals.read(run.folder)
    lines = [f"{run.run_id} is {approval.state} by {approval.by}, {approval.role}."]
    lines += [f"It supersedes {other['run_id']}." for other in approval.supersedes]
    if approval.state == "reviewed":
        lines += ["A second person must approve it."]
    lines += [f"Its manifest has the hash {approvals.manifest_sha256}"]
    facts = {
        "status": "done",
        "run_id": run.run_id,
        "run": str(run.folder),
        "state": state_of(run),
        "manifest_sha256": approvals.manifest_sha256,
        "approvals": [given.as_dict() for given in approvals.given],
    }
    return Answer("\n".join(lines), facts)

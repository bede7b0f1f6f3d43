"""``capitation verify``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from flows.answer import Answer

if TYPE_CHECKING:
    from flows.reproducing import Reproduced


def command(arguments: Namespace) -> Answer:
    """Say whether a run folder is as it was published, and on demand whether the inputs give it again."""
    from budget.audit.approval import state_of
    from budget.audit.folder import Run
    from budget.audit.verify import verify

    verified = verify(Path(arguments.run))
    run = Run.open(Path(arguments.run)) if not verified.findings or arguments.reproduce else None
    again = _reproduced(run, quiet=arguments.quiet) if run and arguments.reproduce else None
    findings = (*verified.findings, *(again.findings if again else ()))
    state = state_of(run) if run else "unknown"
    lines = [f"{verified.run_id}: {verified.files} files, log, approvals and conservation looked at; {state}."]
    lines += [f"Its manifest has the hash {verified.manifest_sha256}"]
    lines += again.lines() if again else []
    if findings:
        lines += [f"{len(findings)} thing{'' if len(findings) == 1 else 's'} not as the run left them:", ""]
        lines += [finding.sentence() for finding in findings]
    else:
        lines += ["Nothing was changed."]
    facts = {
        "status": "changed" if findings else "verified",
        "run_id": verified.run_id,
        "files": verified.files,
        "manifest_sha256": verified.manifest_sha256,
        "state": state,
        "reproduced": again.as_dict() if again else None,
        "findings": [finding.as_dict() for finding in findings],
    }
    return Answer("\n".join(lines), facts, status=1 if findings else 0)

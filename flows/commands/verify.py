"""``capitation verify``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from budget.kernel.errors import ConfigurationError
from flows.answer import Answer

if TYPE_CHECKING:
    from budget.audit.verify import Finding, Verified
    from flows.reproducing import Reproduced


def command(arguments: Namespace) -> Answer:
    """Say whether a run folder is as it was published, and on demand whether its inputs give it again."""
    from budget.audit.verify import verify

    folder = Path(arguments.run).resolve()
    verified = verify(folder)
    if verified.beside:
        return _beside(verified, arguments)
    if verified.findings:
        not_again = ["It was not computed again, since its own record is not whole."] if arguments.reproduce else []
        return _answer(verified, "unknown", verified.findings, not_again)
    return _intact(folder, verified, arguments)


def _beside(verified: Verified, arguments: Namespace) -> Answer:
    """The answer for a settlement or a simulation.

    Raises:
        ConfigurationError: it should be made again, which its own command does.
    """
    if arguments.reproduce:
        raise ConfigurationError(f"{verified.run_id}: only a run is made again by verify; this was made from one.")
    return _answer(verified, "made beside a run", verified.findings, ())


def _intact(folder: Path, verified: Verified, arguments: Namespace) -> Answer:
    """The answer where nothing was changed."""
    from budget.audit.approval import state_of
    from budget.audit.folder import Run

    run = Run.open(folder)
    if not arguments.reproduce:
        return _answer(verified, state_of(run), (), ())
    from flows.pipeline import Pipeline
    from flows.progress import progress
    from flows.reproducing import reproduce

    with progress(quiet=arguments.quiet) as report:
        again = reproduce(run, Pipeline.of(), report)
    return _answer(verified, state_of(run), again.findings, list(again.lines()), again)


def _answer(
    verified: Verified,
    state: str,
    findings: Sequence[Finding],
    more: Sequence[str],
    again: Reproduced | None = None,
) -> Answer:
    lines = [
        f"{verified.run_id} ({state}): {verified.files} files{'' if verified.beside else ', log, approvals and sums'} "
        "looked at.",
        f"Its manifest has the hash {verified.manifest_sha256}",
        *more,
    ]
    if findings:
        lines += [f"{len(findings)} thing{' is' if len(findings) == 1 else 's are'} not as the run left it:", ""]
    lines += [finding.sentence() for finding in findings] or ["Everything is as it was left."]
    facts = {
        "status": "changed" if findings else "verified",
        "run_id": verified.run_id,
        "state": state,
        "files": verified.files,
        "manifest_sha256": verified.manifest_sha256,
        "reproduced": again.as_dict() if again else None,
        "findings": [finding.as_dict() for finding in findings],
    }
    return Answer("\n".join(lines), facts, status=1 if findings else 0)

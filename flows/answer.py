"""What a command has to say, for people and for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from budget.audit.folder import Run
    from budget.kernel.checks import CheckResult
    from budget.kernel.errors import RunStopped

_PACK = {"workbook": "budget.xlsx", "page": "report.html"}


@dataclass(frozen=True)
class Answer:
    """The outcome of a command.

    Attributes:
        text: for people.
        facts: the same for scripts, as one JSON object, or a list of them where the command is a table.
        status: the exit status.
    """

    text: str
    facts: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    status: int = 0


def completed(run: Run) -> Answer:
    """The answer of a run that went through: totals by year, and where everything lies."""
    from budget.audit.approval import Approvals, state_of
    from flows.headline import headline

    state = state_of(run)
    totals = headline(run)
    files = _files(run)
    lines = [run.manifest["title"], *filter(None, [run.manifest["notice"]]), ""]
    lines += [
        f"  {t.financial_year}   {t.budget_text:>20}   {t.people:>12,.0f} people   {t.per_head_text:>10} a head"
        for t in totals
    ]
    lines += ["", _checks_text(run), *_unused(run)]
    lines += [f"{name.capitalize():<12} {path}" for name, path in {"state": state, **files}.items()]
    facts = {
        "status": run.status,
        "run_id": run.run_id,
        "run": str(run.folder),
        "state": state,
        "manifest_sha256": Approvals.read(run.folder).manifest_sha256,
        "totals": [total.as_dict() for total in totals],
        "checks": run.manifest["checks"],
        "known_on": run.manifest["known_on"],
        "warnings": run.manifest["warnings"],
        "waivers": run.manifest["waivers"],
        "files": files,
    }
    return Answer("\n".join(lines), facts)


def stopped(stop: RunStopped) -> Answer:
    """The answer of a run that a gate stopped: every failed check as a sentence, and what was kept."""
    run: Run | None = getattr(stop, "run", None)
    lines = [f"The gate of {stop.stage} stopped the run: {_why(stop.failures)}.", ""]
    lines += [failure.sentence() + _waive(failure) for failure in stop.failures]
    facts: dict[str, Any] = {
        "status": "stopped",
        "stage": stop.stage,
        "failures": [check.as_dict() for check in stop.failures],
    }
    if run is not None:
        lines += ["", f"The run is kept, marked stopped, in {run.folder}"]
        facts |= {"run_id": run.run_id, "run": str(run.folder)}
    return Answer("\n".join(lines), facts, status=1)


def _why(failures: Sequence[CheckResult]) -> str:
    """How many checks failed, and how many warnings nobody has answered for."""
    warnings = sum(check.is_open for check in failures)
    failed = len(failures) - warnings
    parts = [f"{failed} check{'' if failed == 1 else 's'} failed"] if failed or not warnings else []
    if warnings:
        parts.append(f"{warnings} warning{' has' if warnings == 1 else 's have'} no waiver")
    return ", ".join(parts)


def _waive(check: CheckResult) -> str:
    """What may be done with a warning beside mending it."""
    from budget.audit.waivers import asked_for

    if not check.is_open:
        return ""
    return f"\n  or waive: complete this in the file that the locality names under waivers\n    - {asked_for(check)}"


def checked(title: str, checks: tuple[CheckResult, ...]) -> Answer:
    """The answer of ``check`` where nothing stops a run: how many checks passed, and the others in full."""
    others = [check for check in checks if check.outcome != "passed"]
    lines = [f"{title}: {len(checks)} checks of the inputs and the rules, {len(checks) - len(others)} passed."]
    lines += [
        f"  {check.check_id:<6} {check.outcome:<7} {check.table}: {check.rule}"
        for check in checks
        if check.outcome == "passed"
    ]
    lines += [f"\n{check.outcome} ({check.severity})\n{check.sentence()}" for check in others]
    return Answer("\n".join(lines), {"status": "passed", "checks": [check.as_dict() for check in checks]})


def _files(run: Run) -> dict[str, str]:
    """Where the workbook, the pages and the folder lie; a file that a run has not got is not named."""
    named = {name: run.folder / "pack" / file for name, file in _PACK.items()} | {
        "gates": run.folder / "gates" / "report.html"
    }
    return {name: str(path) for name, path in named.items() if path.is_file()} | {"folder": str(run.folder)}


def _checks_text(run: Run) -> str:
    counts = run.manifest["checks"]
    others = [f", {counts[kind]} {kind}" for kind in ("warned", "waived", "noted") if counts.get(kind)]
    see = " (see the gates page)" if others else ""
    return f"{counts['asked']} checks: {counts['passed']} passed{''.join(others)}{see}."


def _unused(run: Run) -> list[str]:
    """A line for each waiver that covers nothing."""
    return [
        f"Waiver {waiver['id']} ({waiver['check']}) covers nothing: {waiver['why_not']}."
        for waiver in run.manifest["waivers"]
        if not waiver["used"]
    ]

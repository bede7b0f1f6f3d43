"""What a run leaves in Prefect beside its states: tables, a summary, links and how far it is; aggregates only.

Nothing here names a folder of the machine: whoever can open the server may read it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.runtime import flow_run

from budget.audit.approval import state_of
from budget.audit.folder import Run
from budget.kernel.checks import CheckResult
from budget.kernel.money import pounds_text
from flows.headline import headline

if TYPE_CHECKING:
    from flows.settled import Told

WAIVED = "capitation.run.waived"
"""The event of a run that went through because somebody accepted warnings."""

_PAGES = {
    "report": ("pack/report.html", "The page of the run"),
    "workbook": ("pack/budget.xlsx", "The workbook"),
    "gates": ("gates/report.html", "Every data check of the run"),
    "lineage": ("lineage/lineage.html", "Where every number comes from"),
    "data_docs/index.html": ("gates/data_docs/index.html", "Data Docs"),
}


def name_this_run(run_id: str) -> None:
    """Give the flow run the name of our run; the two records then find each other."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=run_id)


def keep_checks(gate: str, checks: Sequence[CheckResult]) -> None:
    """Keep what a gate said as a table."""
    if checks:
        create_table_artifact(
            table=[_row(check) for check in checks], key=f"gate-{gate}", description=f"Checks of the gate of {gate}"
        )


def keep_summary(run: Run) -> None:
    """Keep the totals of a run as Markdown, its bridge as a table, and links to its pages."""
    lines = [
        f"# {run.manifest['title']}",
        run.manifest["notice"],
        "| year | budget | people | a head |",
        "|---|---:|---:|---:|",
        *(
            f"| {year.financial_year} | {year.budget_text} | {year.people:,.0f} | {year.per_head_text} |"
            for year in headline(run)
        ),
        "",
        f"Run `{run.run_id}`, {run.status}, {state_of(run)}.",
    ]
    create_markdown_artifact(markdown="\n".join(lines), key="budget-summary", description="Totals by year")
    if "growth_bridge" in run.manifest["tables"]:
        create_table_artifact(table=_bridge(run), key="bridge", description="From one year's budget to the next")
    keep_links(run)


def keep_links(run: Run) -> None:
    """Keep links to the run's pages as ``capitation serve`` shows them, at ``CAPITATION_PAGES_URL`` if it is set."""
    address = os.environ.get("CAPITATION_PAGES_URL", "http://127.0.0.1:8027").rstrip("/")
    for kind, (file, about) in _PAGES.items():
        if (run.folder / file).is_file():
            link = f"{address}/runs/{run.folder.name}/{kind}"
            key = "link-" + kind.partition("/")[0].replace("_", "-")
            create_link_artifact(link=link, link_text=about, key=key, description=about)


def tell_of_waivers(run: Run) -> None:
    """Send an event where warnings were accepted, with the checks and how long each waiver holds, not the reasons."""
    used = [waiver for waiver in run.manifest["waivers"] if waiver["used"]]
    if used:
        emit_event(
            event=WAIVED,
            resource={"prefect.resource.id": f"capitation.run.{run.run_id}", "prefect.resource.name": run.run_id},
            related=[{"prefect.resource.id": f"prefect.flow-run.{flow_run.id}", "prefect.resource.role": "flow-run"}],
            payload={
                "locality": run.manifest["locality"],
                "waivers": [{name: waiver[name] for name in ("id", "check", "expires_on")} for waiver in used],
            },
        )


def keep_settlement(told: Told) -> None:
    """Keep what is settled, party by party, and the checks that were not passed."""
    create_markdown_artifact(
        markdown="\n".join(["```", *told.lines(), "```"]), key="settlement", description=told.heading
    )
    keep_checks("settlement", told.failed())


class Meter:
    """How far a flow run is, as a bar in Prefect; the first call makes it."""

    def __init__(self) -> None:
        self._artifact: UUID | None = None

    def show(self, percent: float, doing: str) -> None:
        """Move the bar, and say what is being done."""
        if self._artifact is None:
            made = create_progress_artifact(progress=percent, key="progress", description=doing)
            self._artifact = made if isinstance(made, UUID) else None
        else:
            update_progress_artifact(artifact_id=self._artifact, progress=percent, description=doing)


def _bridge(run: Run) -> list[dict[str, str]]:
    """The growth bridge of all places together, one row a year and step."""
    from budget.report.views.budget import bridge

    steps = bridge({"growth_bridge": run.table("growth_bridge")})
    sums = steps.groupby(["financial_year", "step_number", "step"], observed=True, sort=True)["amount_pence"].sum()
    return [
        {"year": str(year), "step": str(step), "amount": pounds_text(int(pence))}
        for (year, _, step), pence in sums.items()
    ]


def _row(check: CheckResult) -> dict[str, Any]:
    shown = ("check_id", "severity", "outcome", "table", "rule", "observed", "threshold", "rows_failed", "mend")
    return {name: value for name, value in check.as_dict().items() if name in shown}

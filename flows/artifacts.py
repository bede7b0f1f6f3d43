"""What a run leaves in Prefect beside its states: tables and a summary, aggregates only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from budget.audit.folder import Run
from budget.kernel.checks import CheckResult
from flows.headline import headline


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
    """Keep the totals of a run as Markdown."""
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
        f"Run `{run.run_id}`, {run.status}, in `{run.folder}`.",
    ]
    create_markdown_artifact(markdown="\n".join(lines), key="budget-summary", description="Totals by year")


def _row(check: CheckResult) -> dict[str, Any]:
    shown = ("check_id", "severity", "outcome", "table", "rule", "observed", "threshold", "rows_failed", "mend")
    return {name: value for name, value in check.as_dict().items() if name in shown}

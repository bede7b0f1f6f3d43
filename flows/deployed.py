"""The flows of ``prefect.yaml``: the annual budget, finance's rerun form, the check of inputs, the settlement.

Their parameters are flat and their docstrings are the form that Prefect shows. Runs go to the folder that
``CAPITATION_RUNS`` names to the worker, ``runs`` where it names none. One run a locality goes on at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, TypeVar

from prefect import Task, flow
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.years import FinancialYear
from budget.plan import Plan
from flows.artifacts import keep_checks, keep_links, keep_settlement, name_this_run
from flows.base_run import base_run
from flows.budget_flow import file_trouble, forwarded, run_stages
from flows.checking import look_at
from flows.failures import discreetly
from flows.find import locality as find_locality
from flows.one_at_a_time import one_at_a_time
from flows.pipeline import Pipeline
from flows.request import Request
from flows.values import read_values

Result = TypeVar("Result")
Rate = Annotated[str, Field(pattern=r"^(-?0(\.\d+)?)?$")]
"""A rate as a decimal below one, or nothing."""
Year = Annotated[str, Field(pattern=r"^(20\d\d/\d\d)?$")]
"""A financial year, or nothing."""


@flow(name="annual-budget", persist_result=False)
def annual_budget(locality: str, approval: bool = True, coming_year: bool = True) -> dict[str, str]:
    """Set a locality's budgets, and wait until two people have approved them.

    Args:
        locality: a locality's name under config/localities, its YAML, or a folder with a run.yaml
        approval: wait for a reviewer and an approver; without it the run stays a draft
        coming_year: refuse a locality whose file does not begin with the financial year that comes next
    """
    with forwarded(), one_at_a_time(locality):
        request = Request(find_locality(locality), out=_runs())
        if coming_year:
            refuse_another_year(Plan.read(request.config), date.today())
        run = run_stages(request, Pipeline.of())
        if approval:
            from flows.suspended import wait_for_approval

            wait_for_approval(run)
    return _told(run)


@flow(name="rerun-budget", persist_result=False)
def rerun_budget(
    locality: str,
    year: Year = "",
    base: str = "",
    scenario: str = "",
    efficiency_factor: Rate = "",
    cost_uplift_factor: Rate = "",
    growth_nondemographic: Rate = "",
) -> dict[str, str]:
    """Set the budgets of an earlier run again with other assumptions. The result is a draft, and a run of its own.

    Args:
        locality: the locality's short name, as its YAML states it
        year: the first budget year of the earlier run, as 2026/27; any when empty
        base: the earlier run's name; when empty the one that was approved last, else the newest
        scenario: a scenario to lay over it, by its name under config/scenarios; none when empty
        efficiency_factor: efficiency a year of every line, as a decimal (0.015 is 1.5%); empty: as before
        cost_uplift_factor: uplift of pay and prices a year of every line, as a decimal; empty: as before
        growth_nondemographic: growth a year that people do not explain, as a decimal; empty: as before
    """
    asked = {
        "efficiency_factor": efficiency_factor,
        "cost_uplift_factor": cost_uplift_factor,
        "growth_nondemographic": growth_nondemographic,
    }
    with forwarded(), one_at_a_time(locality):
        earlier = base_run(_runs(), locality, year, base)
        overrides = read_values(f"{name}={value}" for name, value in asked.items() if value)
        scenarios = (scenario,) if scenario else ()
        run = run_stages(Request.rerun(earlier.folder, scenarios=scenarios, overrides=overrides), Pipeline.of())
    return _told(run)


@flow(name="check-inputs", persist_result=False)
def check_inputs(locality: str) -> dict[str, int]:
    """Read a locality's inputs and ask their gate; nothing is computed after it, nothing is published.

    Args:
        locality: a locality's name under config/localities, its YAML, or a folder with a run.yaml
    """
    with forwarded(), one_at_a_time(locality):
        name_this_run(f"{Path(locality).stem}-inputs-{date.today()}")
        request = Request(find_locality(locality), out=_runs())
        found = _reading("check", lambda: look_at(request, Pipeline.of()), request.out)
        for gate, checks in groupby(found.checks, key=lambda check: check.gate):
            keep_checks(gate, tuple(checks))
        if found.failures:
            raise RunStopped(found.stage, found.failures, found.checks)
    return {"checks": len(found.checks), "warned": sum(check.is_open for check in found.checks)}


@flow(name="quarterly-settlement", persist_result=False)
def quarterly_settlement(
    locality: str,
    actuals: str,
    quarter: Annotated[int, Field(ge=0, le=4)] = 0,
    base: str = "",
    after: str = "",
) -> dict[str, Any]:
    """Settle a quarter of the approved run, or the year with its fourth: list changes, gain and loss, statements.

    Args:
        locality: the locality's short name, as its YAML states it
        actuals: the folder with what happened in the year, seen from the worker
        quarter: 1 for April to June, and so on; 0 is the quarter that ended last
        base: the run that set the budgets; when empty the one that was approved last
        after: folder of the settlement that was issued last; when empty the latest of an earlier quarter beside the run
    """
    from budget.audit.issued import last_issued
    from flows.settled import Told
    from flows.settling import settle_run

    with forwarded(), one_at_a_time(locality):
        run = base_run(_runs(), locality, "", base)
        if not base:
            _refuse_draft(run)
        until = quarter or quarter_ended_by(date.today())
        name_this_run(f"{run.run_id}-settlement-Q{until}")
        issued = Path(after) if after else last_issued(run, until)
        told = _reading("settle", lambda: Told(settle_run(run, Path(actuals), until, issued)), run.folder.parent)
        folder = told.write(run.folder.parent / told.folder_name())
        keep_settlement(told)
        keep_links(run)
    return {"run_id": run.run_id, "quarter": until, "settlement": folder.name}


def refuse_another_year(plan: Plan, day: date) -> None:
    """Let a locality's file pass whose budgets begin with the financial year after the one that a day falls in.

    Raises:
        ConfigurationError: it begins with another, such as the year that was budgeted for last time.
    """
    first, now = plan.budget_years[0], FinancialYear.containing(day)
    if first.previous != now:
        raise ConfigurationError(
            f"{plan.locality}: its budgets begin with {first}, and the year after {now} was to be budgeted for.\n"
            "  mend: move the locality's file on to the new year (docs/guides/locality.md), or say `coming_year: false`"
        )


def quarter_ended_by(day: date) -> int:
    """The quarter of the financial year, which begins in April, that ended last before a day."""
    return (day.month - 4) // 3 % 4 or 4


def _reading(doing: str, work: Callable[[], Result], out: Path) -> Result:
    """Do as a task what reads files that others hand over; it is tried again where a file or share is away."""
    done = Task(
        fn=lambda: discreetly(work, doing, out),
        name=doing,
        task_run_name=doing,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=2,
        retry_delay_seconds=[1, 10],
        retry_condition_fn=file_trouble,
    )
    return done()


def _refuse_draft(run: Run) -> None:
    from budget.audit.approval import state_of

    if state_of(run) != "approved":
        raise ConfigurationError(f"{run.run_id} is {state_of(run)}; approve a run, or name one as base.")


def _runs() -> Path:
    return Path(os.environ.get("CAPITATION_RUNS", "runs"))


def _told(run: Run) -> dict[str, str]:
    from budget.audit.approval import state_of

    return {"run_id": run.run_id, "status": run.status, "state": state_of(run)}

"""Deployments on a real server with a worker, over SQLite and PostgreSQL: the form in a browser, approval, notices."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from budget.audit.approval import Approvals, state_of
from budget.audit.folder import Run
from flows import direct
from tests.support.postgres import may_run, postgres, programs
from tests.support.runs import EXAMPLE_A
from tests.support.scheduling import Schedule, scheduled, within

pytestmark = [pytest.mark.flow, pytest.mark.browser]
CHROMIUM = Path("/usr/bin/chromium")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the small locality, made without Prefect."""
    return direct.run(EXAMPLE_A, out=tmp_path_factory.mktemp("earlier") / "runs")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def schedule(
    request: pytest.FixtureRequest, earlier: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Schedule]:
    home = tmp_path_factory.mktemp(request.param)
    runs = home / "runs"
    shutil.copytree(earlier.folder.parent, runs)
    with ExitStack() as started:
        database = None
        if request.param == "postgresql":
            where = programs()
            if where is None or not may_run():
                pytest.skip("needs Debian's postgresql under /usr/lib/postgresql, and a user to run it as")
            database = started.enter_context(postgres(where))
        yield started.enter_context(scheduled(home, runs, database))


def test_every_deployment_is_planned_a_year_ahead(schedule: Schedule) -> None:
    annual = schedule.deployment("east-london-annual-budget")
    assert annual["tags"] == ["capitation", "locality:east_london", "budget"]
    assert annual["schedules"][0]["schedule"] == {"cron": "0 6 1 2 *", "timezone": "Europe/London", "day_or": True}

    def planned() -> bool:
        found = schedule.ask("flow_runs", deployments={"id": {"any_": [annual["id"]]}})
        return any(one["state_type"] == "SCHEDULED" and one["expected_start_time"][5:10] == "02-01" for one in found)

    within(planned, "planned for the first of February")


def test_finance_fills_the_form_in_a_browser(schedule: Schedule, earlier: Run) -> None:
    _fill_the_form(schedule, locality="worked_example_a", year="2025/26", efficiency_factor="0.025")
    form = {"id": {"any_": [schedule.deployment("rerun-form")["id"]]}}
    within(lambda: bool(schedule.ask("flow_runs", deployments=form)), "started")
    made = schedule.ask("flow_runs", deployments=form)[0]["id"]
    assert schedule.state(made)["type"] == "COMPLETED"
    run = Run.open(schedule.runs / schedule.read(made)["name"])
    assert (run.manifest["parent_run_id"], run.manifest["overrides"]) == (
        earlier.run_id,
        {"efficiency_factor": "0.025"},
    )
    reused = {stage["stage"] for stage in run.manifest["stages"] if stage["reused"]}
    assert {"intake", "population", "segmentation", "costs", "need"} <= reused and "ledger" not in reused
    kept = {item["key"]: item for item in schedule.ask("artifacts") if item["flow_run_id"] == made}
    assert {"gate-ledger", "bridge", "budget-summary", "progress", "link-report", "link-gates"} <= set(kept)
    assert kept["progress"]["data"] == 100
    assert f"/runs/{run.run_id}/report" in kept["link-report"]["data"]
    assert str(schedule.runs.parent) not in json.dumps(kept)


def test_two_people_approve_a_run_that_waits_for_them(schedule: Schedule, earlier: Run) -> None:
    flow_run = schedule.start("east-london-annual-budget", locality=str(EXAMPLE_A), approval=True)
    assert schedule.state(flow_run, "PAUSED")["name"] == "Suspended"
    for word in ("Ann Lee", "ann lee"):
        schedule.answer(flow_run, word)
        assert schedule.state(flow_run, "PAUSED")["name"] == "Suspended"
    run = Run.open(schedule.runs / earlier.run_id)
    assert [given.by for given in Approvals.read(run.folder).given] == ["Ann Lee"]
    schedule.answer(flow_run, "Bo Ray")
    assert schedule.state(flow_run)["type"] == "COMPLETED"
    assert state_of(run) == "approved"
    within(lambda: any(f"{run.run_id} waits for a person" in text for text in schedule.told), "notified")
    (limit,) = schedule.ask("v2/concurrency_limits")
    assert (limit["name"], limit["limit"]) == ("capitation-worked-example-a", 1)


def test_who_is_notified_hears_of_a_failure(schedule: Schedule) -> None:
    flow_run = schedule.start("east-london-input-check", locality="no_such_place")
    state = schedule.state(flow_run)
    assert state["type"] == "FAILED" and "no_such_place: there is no such locality" in state["message"]
    within(lambda: any("east-london-input-check" in text and "Failed" in text for text in schedule.told), "notified")


@pytest.mark.parametrize(
    ("day", "quarter"),
    [((2026, 4, 21), 4), ((2026, 7, 1), 1), ((2026, 10, 21), 2), ((2027, 1, 21), 3), ((2027, 3, 31), 3)],
)
def test_the_quarter_that_ended_last(day: tuple[int, int, int], quarter: int) -> None:
    from flows.deployed import quarter_ended_by

    assert quarter_ended_by(date(*day)) == quarter


def _fill_the_form(schedule: Schedule, **values: str) -> None:
    """Open the form of the deployment in Prefect's own pages, fill fields by their names and press Submit."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the playwright package")
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium at /usr/bin/chromium")
    address = schedule.url.removesuffix("/api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=_QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(f"{address}/deployments/deployment/{schedule.deployment('rerun-form')['id']}/run")
        names = [
            "locality",
            "year",
            "base",
            "scenario",
            "efficiency_factor",
            "cost_uplift_factor",
            "growth_nondemographic",
        ]
        page.get_by_text("growth_nondemographic").wait_for()
        assert page.get_by_text("efficiency a year of every line, as a decimal").count() == 1
        for name, value in values.items():
            page.locator("textarea").nth(names.index(name)).fill(value)
        page.get_by_role("button", name="Submit").click()
        page.wait_for_url(lambda there: not there.endswith("/run"))
        browser.close()

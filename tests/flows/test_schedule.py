"""Deployments on a real server with a worker, over SQLite and PostgreSQL: the form in a browser, approval, notices."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from budget.audit.approval import Approvals, state_of
from budget.audit.approving import NotApproved, approve
from budget.audit.folder import Run
from budget.audit.verify import verify
from budget.kernel.errors import ConfigurationError
from budget.kernel.money import pounds_text
from budget.kernel.yaml import write_yaml
from budget.plan import Plan
from flows import artifacts, direct, suspended
from flows.base_run import base_run
from flows.deployed import quarter_ended_by, refuse_another_year
from flows.one_at_a_time import limit_of
from flows.request import Request
from tests.flows import fakes
from tests.flows.localities import settings_of
from tests.flows.waived import WAIVER, waive
from tests.support.chromium import needs_chromium, started, window
from tests.support.postgres import may_run, postgres, programs
from tests.support.runs import EXAMPLE_A
from tests.support.scheduling import Schedule, scheduled, within
from tests.support.settling import hand_over

pytestmark = [pytest.mark.flow, pytest.mark.browser]
ON_SQLITE = pytest.mark.parametrize("schedule", ["sqlite"], indirect=True)


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


@needs_chromium
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


@pytest.fixture(scope="module")
def killed(schedule: Schedule, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A run whose process was killed, and the same once more, which waits until the limit lets go of the first."""
    place = tmp_path_factory.mktemp("killed") / "killed_place.yaml"
    write_yaml(place, settings_of(EXAMPLE_A / "run.yaml") | {"locality": "killed_place"})
    there = _stored(schedule, "population")
    first = schedule.start("east-london-annual-budget", locality=str(place), approval=False)
    within(lambda: _stored(schedule, "population") > there, "stored")
    process = schedule.read(first)["infrastructure_pid"]
    os.kill(int(process.rpartition(":")[2]), signal.SIGKILL)
    assert schedule.state(first)["type"] == "CRASHED"
    return first, schedule.start("east-london-annual-budget", locality=str(place), approval=False)


def _stored(schedule: Schedule, stage: str) -> int:
    """How many results of a stage a later run would find."""
    return len(list((schedule.runs / ".store" / stage).glob("[!.]*")))


@ON_SQLITE
def test_two_people_approve_a_run_that_waits_for_them(schedule: Schedule, earlier: Run) -> None:
    flow_run = schedule.start("east-london-annual-budget", locality=str(EXAMPLE_A), approval=True)
    failing = schedule.start("east-london-input-check", locality="no_such_place")
    run = Run.open(schedule.runs / earlier.run_id)
    for person, state in (("Ann Lee", "draft"), ("Bo Ray", "reviewed")):
        assert schedule.state(flow_run, "PAUSED")["name"] == "Suspended"
        assert state_of(run) == state
        schedule.answer(flow_run, person)
    assert schedule.state(flow_run)["type"] == "COMPLETED"
    assert state_of(run) == "approved"
    within(lambda: any(f"{run.run_id} waits for a person" in text for text in schedule.told), "notified")
    limits = {limit["name"]: limit["limit"] for limit in schedule.ask("v2/concurrency_limits")}
    assert limits["capitation-worked-example-a"] == 1
    state = schedule.state(failing)
    assert state["type"] == "FAILED" and "no_such_place: there is no such locality" in state["message"]
    within(lambda: any("east-london-input-check" in text and "Failed" in text for text in schedule.told), "notified")


@ON_SQLITE
@pytest.mark.usefixtures("killed")  # what follows the kill waits for up to a minute; meanwhile another place is settled
def test_the_quarter_of_the_approved_run_is_settled(schedule: Schedule, earlier: Run, tmp_path: Path) -> None:
    run = Run.open(schedule.runs / earlier.run_id)
    for name in ("Ann Lee", "Bo Ray") if state_of(run) == "draft" else ():
        approve(run.folder, by=name, role="Finance")
    spent = hand_over(run, tmp_path / "actuals")
    asked = {"locality": "worked_example_a", "actuals": str(tmp_path / "actuals"), "quarter": 1}
    flow_run = schedule.start("east-london-settlement", **asked)
    assert schedule.state(flow_run)["type"] == "COMPLETED"
    assert schedule.read(flow_run)["name"] == f"{run.run_id}-settlement-Q1"
    (settled,) = schedule.runs.glob(f"{run.run_id}-settlement-*")
    manifest = json.loads((settled / "manifest.json").read_text())
    assert (manifest["run_id"], manifest["quarter"], manifest["final"]) == (run.run_id, 1, False)
    kept = {item["key"]: item for item in schedule.ask("artifacts") if item["flow_run_id"] == flow_run}
    assert {"settlement", "link-report", "link-workbook"} <= set(kept)
    assert pounds_text(int(spent["amount_pence"].sum())) in kept["settlement"]["data"]
    assert "All together" in kept["settlement"]["data"]
    assert str(schedule.runs.parent) not in json.dumps(kept)


@ON_SQLITE
def test_a_run_whose_process_was_killed_goes_on_from_the_store(schedule: Schedule, killed: tuple[str, str]) -> None:
    first, again = killed
    assert schedule.state(again)["type"] == "COMPLETED"
    run = Run.open(schedule.runs / schedule.read(again)["name"])
    reused = {stage["stage"]: stage["reused"] for stage in run.manifest["stages"]}
    assert reused["intake"] and reused["population"] and not reused["publish"]
    assert verify(run.folder).findings == ()
    assert schedule.read(first)["name"] == run.run_id
    within(lambda: any(f"{run.run_id} is Crashed" in text for text in schedule.told), "notified")


@ON_SQLITE
def test_who_is_notified_hears_of_waivers_and_until_when_they_hold(
    schedule: Schedule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(artifacts, "emit_event", lambda **event: sent.append(event))
    warned = fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "warn"),)})
    config = waive(fakes.locality(tmp_path / "testshire"), WAIVER)
    run = direct.carry_out(Request(config, out=tmp_path / "runs"), warned)
    artifacts.tell_of_waivers(run)
    (event,) = sent
    assert WAIVER["person"] not in str(event) and WAIVER["reason"] not in str(event)
    schedule.emit({name: value for name, value in event.items() if name != "related"})
    text = f"{run.run_id} rests on waivers: W-1 of T01 until {WAIVER['expires_on']}"
    within(lambda: any(text in told for told in schedule.told), "notified")


class TestWords:
    """What people say to a run that waits, without a server."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> Run:
        return direct.carry_out(
            Request(fakes.locality(tmp_path / "testshire"), out=tmp_path / "runs"), fakes.pipeline()
        )

    @pytest.fixture
    def says(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
        """Let people answer, as often as the flow is begun anew; what was asked with which key."""
        monkeypatch.setattr(suspended, "get_run_logger", lambda: logging.getLogger("tests"))

        def say(*names: str) -> list[str]:
            asked: list[str] = []

            def suspend(wait_for_input: type, key: str) -> object:
                asked.append(key)
                if len(asked) > len(names):
                    raise KeyboardInterrupt
                return wait_for_input(name=names[len(asked) - 1], role="Finance")

            monkeypatch.setattr(suspended, "suspend_flow_run", suspend)
            return asked

        return say

    def test_what_was_answered_before_is_not_written_twice(self, run: Run, says: Callable[..., list[str]]) -> None:
        for names in (("Ann Lee",), ("Ann Lee", "ann  lee"), ("Ann Lee", "ann  lee")):
            says(*names)
            with pytest.raises(KeyboardInterrupt):
                suspended.wait_for_approval(run)
            assert [given.by for given in Approvals.read(run.folder).given] == ["Ann Lee"]
        asked = says("Ann Lee", "ann  lee", "Bo Ray")
        suspended.wait_for_approval(run)
        assert asked == ["word-1", "word-2", "word-3"]
        assert state_of(run) == "approved"

    def test_nobody_is_asked_where_it_is_approved_already(self, run: Run, says: Callable[..., list[str]]) -> None:
        for name in ("Ann", "Bo"):
            approve(run.folder, by=name, role="Finance")
        asked = says()
        suspended.wait_for_approval(run)
        assert asked == []

    def test_nobody_is_asked_where_warnings_are_open(self, tmp_path: Path, says: Callable[..., list[str]]) -> None:
        warned = fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "warn"),)})
        run = direct.carry_out(Request(fakes.locality(tmp_path / "testshire"), out=tmp_path / "runs"), warned)
        asked = says("Ann Lee")
        with pytest.raises(NotApproved, match="1 warning is open"):
            suspended.wait_for_approval(run)
        assert asked == []


class TestBaseRun:
    """The earlier run that the form means."""

    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        return tmp_path / "runs"

    @pytest.fixture
    def runs(self, tmp_path: Path, out: Path) -> list[Run]:
        config = fakes.locality(tmp_path / "testshire")
        values = ({}, {"efficiency_factor": "0.01"})
        return [direct.carry_out(Request(config, out=out, overrides=value), fakes.pipeline()) for value in values]

    def test_is_the_one_that_was_approved_last_else_the_newest(self, out: Path, runs: list[Run]) -> None:
        finished = max(runs, key=lambda run: run.manifest["finished_at"]).manifest["finished_at"]
        assert base_run(out, "testshire", "").manifest["finished_at"] == finished
        for name in ("Ann", "Bo"):
            approve(runs[0].folder, by=name, role="Finance")
        assert base_run(out, "testshire", "2026/27").run_id == runs[0].run_id
        assert base_run(out, "testshire", "", runs[1].run_id).run_id == runs[1].run_id

    @pytest.mark.parametrize(
        ("locality", "year", "named", "said"),
        [
            ("elsewhere", "", "", "no complete run to start from"),
            ("testshire", "2031/32", "", "no complete run from 2031/32"),
            ("testshire", "", "../runs", "without a path"),
        ],
    )
    def test_of_another_locality_or_year_there_is_none(
        self, out: Path, runs: list[Run], locality: str, year: str, named: str, said: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=said):
            base_run(out, locality, year, named)

    def test_that_is_named_must_be_of_the_locality(self, out: Path, runs: list[Run]) -> None:
        with pytest.raises(ConfigurationError, match="not a run of elsewhere"):
            base_run(out, "elsewhere", "", runs[0].run_id)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [((2026, 4, 21), 4), ((2026, 7, 1), 1), ((2026, 10, 21), 2), ((2027, 1, 21), 3), ((2027, 3, 31), 3)],
)
def test_the_quarter_that_ended_last(day: tuple[int, int, int], quarter: int) -> None:
    assert quarter_ended_by(date(*day)) == quarter


@pytest.mark.parametrize(
    ("day", "passes"),
    [((2025, 3, 31), False), ((2025, 4, 1), True), ((2026, 2, 1), True), ((2026, 3, 31), True), ((2026, 4, 1), False)],
)
def test_a_file_that_was_not_moved_on_to_the_coming_year_is_refused(
    day: tuple[int, int, int], passes: bool, tmp_path: Path
) -> None:
    plan = Plan.read(fakes.locality(tmp_path) / "run.yaml")
    assert str(plan.budget_years[0]) == "2026/27"
    expected = (
        nullcontext() if passes else pytest.raises(ConfigurationError, match="begin with 2026/27.*the year after")
    )
    with expected:
        refuse_another_year(plan, date(*day))


@pytest.mark.parametrize(
    ("locality", "limit"),
    [
        ("east_london", "capitation-east-london"),
        ("config/localities/east_london.yaml", "capitation-east-london"),
        ("places/my_place/run.yaml", "capitation-my-place"),
        ("places/my_place", "capitation-my-place"),
    ],
)
def test_a_locality_has_one_limit_however_it_is_named(locality: str, limit: str) -> None:
    assert limit_of(locality) == limit


def _fill_the_form(schedule: Schedule, **values: str) -> None:
    """Open the form of the deployment in Prefect's own pages, fill fields by their names and press Submit."""
    address = schedule.url.removesuffix("/api")
    with started() as chromium:
        page = window(chromium, viewport={"width": 1280, "height": 1400}).new_page()
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

        def submitted() -> bool:
            # pressed again where the server was busy writing; by key, as the notice of that may cover the button
            with page.expect_response(lambda answer: "create_flow_run" in answer.url) as answer:
                page.get_by_role("button", name="Submit").press("Enter")
            return bool(answer.value.status != httpx.codes.SERVICE_UNAVAILABLE)

        within(submitted, "submitted")
        page.wait_for_url(lambda there: not there.endswith("/run"))

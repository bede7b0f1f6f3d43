"""What is deployed: every entrypoint is there, takes the parameters that it is given, and explains each of them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from budget.kernel.yaml import read_yaml

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
WRITTEN: dict[str, Any] = read_yaml(ROOT / "prefect.yaml")
DEPLOYED = {str(one["name"]): one for one in WRITTEN["deployments"]}


def entrypoint(deployment: dict[str, Any]) -> ast.FunctionDef:
    file, name = deployment["entrypoint"].split(":")
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return next(part for part in module.body if isinstance(part, ast.FunctionDef) and part.name == name)


@pytest.mark.parametrize("name", DEPLOYED)
def test_takes_its_parameters_and_explains_every_field_of_the_form(name: str) -> None:
    flow = entrypoint(DEPLOYED[name])
    fields = [argument.arg for argument in flow.args.args]
    assert set(DEPLOYED[name]["parameters"]) <= set(fields)
    about = ast.get_docstring(flow) or ""
    assert all(f"    {field}: " in about for field in fields)


@pytest.mark.parametrize("name", DEPLOYED)
def test_is_tagged_and_runs_one_at_a_time_in_the_workers_folder(name: str) -> None:
    one = DEPLOYED[name]
    assert "capitation" in one["tags"]
    assert (one["concurrency_limit"]["limit"], one["concurrency_limit"]["collision_strategy"]) == (1, "ENQUEUE")
    assert one["work_pool"]["job_variables"] == {"working_dir": "."}


def test_schedules_follow_the_financial_year() -> None:
    crons = {name: one["schedules"][0]["cron"] for name, one in DEPLOYED.items() if "schedules" in one}
    assert crons == {
        "east-london-annual-budget": "0 6 1 2 *",
        "east-london-input-check": "0 6 5 * *",
        "east-london-settlement": "0 6 21 1,4,7,10 *",
    }
    assert {one["schedules"][0]["timezone"] for one in DEPLOYED.values() if "schedules" in one} == {"Europe/London"}


def test_only_a_demonstration_asks_for_less_than_the_flow_would() -> None:
    annual = DEPLOYED["east-london-annual-budget"]
    assert annual["parameters"] == {"locality": "east_london", "approval": False, "coming_year": False}
    defaults = entrypoint(annual).args.defaults
    assert [one.value for one in defaults if isinstance(one, ast.Constant)] == [True, True]
    place: dict[str, Any] = read_yaml(ROOT / "config/localities/east_london.yaml")
    assert place["purpose"] == "demonstration"


def test_notifications_watch_our_flows_and_say_something() -> None:
    automations: list[dict[str, Any]] = read_yaml(ROOT / "config/prefect/automations.yaml")
    expected = {state for one in automations for state in one["trigger"]["expect"]}
    assert {"prefect.flow-run.Failed", "prefect.flow-run.Suspended", "capitation.run.waived"} <= expected
    assert all(one["text"].strip() for one in automations)

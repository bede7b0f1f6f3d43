"""Every line of a budget explains itself, and adds up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.explain import Explainer, Slice
from budget.audit.explain.formulas import FORMULAS
from budget.audit.explain.records import KEYS, Records
from budget.audit.explain.steps import estimates
from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from budget.ledger.steps import STEPS
from tests.flows.localities import shipped_locality
from tests.support.runs import EXAMPLE_A, compute

pytestmark = pytest.mark.integration

PENNIES = 3
"""How far rounding may take a booked movement from its formula: a penny at each depth at which money is shared."""
ELSEWHERE = {
    "rebase_years": "1",
    "unattributed_spend_rule": "hold_out",
    "uplift_combination": "multiplicative",
    "choice_basis": "share",
    "investment@community": "10000",
    "specialised_lines": "continuing_care",
    "low_volume_activity": "20000",
    "non_contract_activity": "10000",
    "uncertainty_draws": "0",
}
"""Values that take the other way through the steps than the shipped ones."""


def finished(config: Path, out: Path, **overrides: str) -> Explainer:
    """A run without its workbook and page, which would take longest."""
    outcome = compute(config, out, overrides=overrides)
    ledger = outcome.bundle.assumptions.as_table()
    return Explainer(Records(outcome.publish(), {"assumption_ledger": ledger}))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Explainer:
    return finished(EXAMPLE_A, tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Explainer:
    """A small locality with persons and three years, under other values than the shipped ones."""
    folder = tmp_path_factory.mktemp("people")
    return finished(shipped_locality("east_london", folder, people=3_000), folder / "runs", **ELSEWHERE)


def lines_of(explainer: Explainer, every: int = 1) -> list[Slice]:
    budget = explainer.records.table("integrated_budget").iloc[::every]
    return [Slice(row["financial_year"], *(row[key] for key in KEYS)) for row in budget.to_dict("records")]


def check_adds_up(explainer: Explainer, asked: Slice) -> None:
    """The steps follow one another without a gap and end at the core budget; their parts are the movements."""
    told = explainer.explain(asked)
    assert told.adds_up, told.differences
    total = 0
    for step in told.steps:
        assert step.before_pence == total
        assert sum(part.amount_pence for part in step.parts) == step.amount_pence
        total = step.after_pence
    assert total == told.budget["core_pence"]
    row = asked.rows(explainer.records.table("integrated_budget"))
    for name in ("allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"):
        assert told.budget[name] == int(row[name].sum())


def test_every_line_of_the_worked_example_adds_up(example: Explainer) -> None:
    lines = lines_of(example)
    assert len(lines) == 70
    for asked in lines:
        check_adds_up(example, asked)


def test_lines_of_a_locality_with_persons_add_up(people: Explainer) -> None:
    for asked in lines_of(people, every=197):
        check_adds_up(people, asked)
    check_adds_up(people, Slice(people.records.years[-1]))


@pytest.mark.parametrize("which", ["example", "people"])
def test_every_movement_is_what_its_formula_gives(which: str, request: pytest.FixtureRequest) -> None:
    explainer: Explainer = request.getfixturevalue(which)
    seen = set()
    for year in explainer.records.years:
        look = explainer.look(year)
        for step in look.booked.steps:
            rows = estimates(look, step)
            seen.add(step)
            if step in FORMULAS:
                assert (rows["amount"] - rows["estimate"]).abs().max() < PENNIES, (year, step)
    assert seen >= {"baseline", "demographic_growth", "cost_uplift", "efficiency", "investments", "incentive"}


def test_every_step_of_the_ledger_but_rebasing_has_its_formula() -> None:
    assert {step.name for step in STEPS} - set(FORMULAS) == {"rebasing"}


def test_the_worked_example_is_told_in_its_own_numbers(example: Explainer) -> None:
    told = {step.step: step for step in example.explain(Slice("2025/26")).steps}
    assert told["baseline"].amount_pence == 162_000_000_00
    assert told["normalisation"].after_pence == 158_300_000_00
    assert told["pace_of_change"].after_pence == 166_382_621_06
    assert told["incentive"].after_pence == 154_977_762_84
    (uplift,) = told["cost_uplift"].assumptions
    assert (uplift["value"], uplift["unit"]) == ("0.0415", "rate_per_year")
    assert uplift["source"] and uplift["set_by"] and uplift["status"]
    assert told["cost_uplift"].method == "step 8" and "rise in the cost" in told["cost_uplift"].words
    growth = {part.what: part.numbers for part in told["demographic_growth"].parts}
    assert growth["L01 / ACX"] == "x (9,588.00 / 9,400.00 people - 1 = 2.0000%)"


def test_it_leads_to_baseline_need_and_files(people: Explainer) -> None:
    asked = Slice.of(people.records, None, place="newham", segment="older adults", service_line="Acute elective")
    assert asked.fixed == {"place": "Newham", "segment": "OA", "service_line": "acute_elective"}
    told = people.explain(asked)
    assert {row["service_line"] for row in told.baseline["lines"]} == {"acute_elective"}
    (cost,) = told.baseline["segments"]
    assert cost["grossed_pence"] > 0 and 0 < cost["share_of_line"] < 1
    assert [row["place"] for row in told.need["weights"]] == ["Newham"]
    assert {"spend", "registered_list", "activity"} <= {row["name"] for row in told.inputs}
    assert all(len(row["sha256"]) == 64 and row["rows"] is not None for row in told.inputs)


def test_few_people_are_not_told(people: Explainer) -> None:
    for row in people.explain(Slice(people.records.years[0])).set_aside["high_cost"]:
        assert row["people_over"] is None or row["people_over"] == 0 or row["people_over"] >= 5


def test_the_model_is_told_where_it_weighs(tmp_path: Path, people: Explainer) -> None:
    asked = Slice(people.records.years[0], "Newham")
    assert people.explain(asked).need["model"] is None
    weights = people.records.table("need_weights")
    used = (weights["method"] == "model") & (weights["stream"] == "all")
    chosen = {**people.records.kept, "need_weights": weights.assign(used=used)}
    told = Explainer(Records(people.records.run, chosen)).explain(asked).need["model"]
    assert told["coefficients"] and told["cells"] > 0 and told["fit"]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"place": "Oxford"}, "--place Oxford.*There is: L01"),
        ({"segment": "X"}, r"--segment X.*ACX \("),
        ({"service_line": "dentistry"}, "--line dentistry.*acute_elective"),
        ({"commissioner": "QQQ"}, "--commissioner QQQ.*There is"),
        ({"year": "2031/32"}, "--year 2031/32.*There is: 2025/26"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(example: Explainer, wanted: dict[str, str], says: str) -> None:
    year = wanted.pop("year", None)
    with pytest.raises(ConfigurationError, match=says):
        Slice.of(example.records, year, **wanted)


def test_keys_that_do_not_meet_are_refused(people: Explainer) -> None:
    with pytest.raises(ConfigurationError, match="no such line for Newham, community.*There is: QMF"):
        Slice.of(people.records, None, place="Newham", service_line="community", commissioner="NHSE")


def test_a_changed_table_does_not_add_up(example: Explainer) -> None:
    ledger = example.records.table("budget_ledger")
    less = ledger.assign(amount_pence=ledger["amount_pence"].where(ledger.index != 0, ledger["amount_pence"] + 1))
    changed = Explainer(Records(example.records.run, {**example.records.kept, "budget_ledger": less}))
    told = changed.explain(Slice("2025/26"))
    assert not told.adds_up and len(told.differences) == 2


def test_a_stopped_run_has_no_budget_to_explain(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="stopped this run"):
        Explainer.of(Run("a-run", tmp_path, {"status": "stopped"}))


def test_values_are_plain(example: Explainer) -> None:
    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [leaf for part in value.values() for leaf in leaves(part)]
        if isinstance(value, list | tuple):
            return [leaf for part in value for leaf in leaves(part)]
        return [value]

    kinds = {type(leaf) for leaf in leaves(example.explain(Slice("2025/26")).as_dict())}
    assert kinds <= {str, int, float, bool, type(None), type(pd.Timestamp("2025-04-01").date())}

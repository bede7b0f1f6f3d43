"""Two runs compared by cause, and one run's sensitivity: the worked example, as its users ask."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.folder import Run
from budget.kernel.yaml import read_yaml, write_yaml
from budget.scenario.chain import ORDER
from budget.scenario.compare import Comparison
from flows import direct
from flows.causes import Causes
from flows.cli import main
from flows.comparing import Told
from flows.pipeline import Pipeline
from flows.sides import side_of

pytestmark = pytest.mark.flow

EXAMPLE = Path(__file__).parents[2] / "config/examples/worked_example_a"
_PATHS = ("segmentation", "population_rules", "need", "gates")

Printed = pytest.CaptureFixture[str]
Ask = Callable[..., dict[str, Any]]


def locality(folder: Path, **settings: Any) -> Path:
    """The worked example in a folder of its own, with some settings changed."""
    shutil.copytree(EXAMPLE, folder)
    plan = read_yaml(folder / "run.yaml")
    plan |= {name: str((EXAMPLE / plan[name]).resolve()) for name in _PATHS}
    write_yaml(folder / "run.yaml", plan | {"snapshot_date": str(plan["snapshot_date"])} | settings)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return locality(tmp_path_factory.mktemp("home") / "a")


@pytest.fixture(scope="module")
def first(home: Path) -> Run:
    return direct.run(home, out=home.parent / "runs")


@pytest.fixture(scope="module")
def second(first: Run) -> Run:
    values = {"efficiency_factor": "0.03", "ips_share": "0.03", "tolerance_band": "0.05"}
    return direct.rerun(first.folder, overrides=values)


@pytest.fixture(scope="module")
def ranged(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The worked example with ranges, one of which its quantum does not allow."""
    folder = locality(tmp_path_factory.mktemp("ranged") / "a")
    pack = read_yaml(folder / "assumptions.yaml")
    ranges = {
        "ips_share": (0.01, 0.05),
        "cost_uplift_factor": (0.04, 0.0483),
        "risk_pool_share": (None, 0.02),
        "tolerance_band": (0, 0.05),
    }
    for name, (low, high) in ranges.items():
        for value in pack["values"][name]:
            value.update({"high": high} if low is None else {"low": low, "high": high})
    write_yaml(folder / "assumptions.yaml", json.loads(json.dumps(pack, default=str)))
    return direct.run(folder, out=folder.parent / "runs")


@pytest.fixture
def ask(capsys: Printed) -> Ask:
    """The JSON answer of a command."""

    def answer(*words: object, status: int = 0) -> dict[str, Any]:
        assert main([*map(str, words), "--json", "--quiet"]) == status
        facts: dict[str, Any] = json.loads(capsys.readouterr().out)
        return facts

    return answer


def core(run: Run) -> int:
    return int(run.table("budget_ledger")["amount_pence"].sum())


class TestCauses:
    def test_each_assumption_has_its_pounds_and_they_add_up(self, first: Run, second: Run, ask: Ask) -> None:
        told = ask("compare", first.folder, second.folder)
        assert [(part["kind"], part["cause"]) for part in told["causes"]] == [
            ("assumption", "efficiency_factor"),
            ("assumption", "ips_share"),
            ("assumption", "tolerance_band"),
        ]
        pence = [part["difference_pence"] for part in told["causes"]]
        assert sum(pence) == told["total_difference_pence"] == core(second) - core(first) != 0
        assert pence[0] < 0 and pence[1] < 0 and pence[2] == 0
        assert told["by_kind"] == {"assumption": sum(pence)} and told["unexplained_pence"] == 0
        assert told["order"] == ORDER and told["order_of_causes"] == [part["cause"] for part in told["causes"]]

    def test_the_comparison_has_a_gate_of_its_own(self, first: Run, second: Run, ask: Ask, capsys: Printed) -> None:
        for one, other in ((first, second), (first, first)):
            (check,) = ask("compare", one.folder, other.folder)["checks"]
            assert (check["check_id"], check["outcome"], check["observed"]) == ("O06", "passed", 0)
        assert main(["compare", str(first.folder), str(second.folder)]) == 0
        said = capsys.readouterr().out
        assert "Passed: what lies between two runs is explained by assumptions, data or method [O06]" in said

    def test_a_difference_without_a_cause_fails_it(self, first: Run, second: Run) -> None:
        pipeline = Pipeline.of()
        told = Told(Comparison.of(first.folder, second.folder), Causes(None, "no reason", side_of(second).bundle))
        (check,) = told.judged(pipeline.gate).checks
        assert (check.check_id, check.outcome, check.severity, check.observed) == ("O06", "failed", "warn", 1)
        assert check.keys

    def test_one_assumption_alone_is_what_a_run_with_it_would_be(self, first: Run, second: Run, ask: Ask) -> None:
        alone = direct.rerun(first.folder, overrides={"efficiency_factor": "0.03"})
        told = ask("compare", first.folder, second.folder)
        assert told["causes"][0]["difference_pence"] == core(alone) - core(first)

    def test_a_run_differs_from_itself_in_nothing(self, first: Run, ask: Ask) -> None:
        told = ask("compare", first.folder, first.folder)
        assert told["causes"] == [] and told["total_difference_pence"] == 0 and told["by_kind"] == {}

    def test_backwards_it_is_the_same_sum_with_the_other_sign(self, first: Run, second: Run, ask: Ask) -> None:
        there, back = ask("compare", first.folder, second.folder), ask("compare", second.folder, first.folder)
        assert there["total_difference_pence"] == -back["total_difference_pence"]
        assert sum(part["difference_pence"] for part in back["causes"]) == back["total_difference_pence"]

    def test_the_text_says_order_causes_and_what_is_left(self, first: Run, second: Run, capsys: Printed) -> None:
        assert main(["compare", str(first.folder), str(second.folder)]) == 0
        told = capsys.readouterr().out
        for words in (ORDER, "1 efficiency_factor", "0.02 to 0.03", "2 ips_share", "Left unexplained", "By step"):
            assert words in told
        assert told.index("1 efficiency_factor") < told.index("2 ips_share") < told.index("By step")

    def test_nothing_is_published_on_the_way(self, first: Run, second: Run, ask: Ask) -> None:
        def runs() -> set[str]:
            return {folder.name for folder in first.folder.parent.iterdir()}

        before = runs()
        ask("compare", first.folder, second.folder)
        assert runs() == before

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_every_row_of_a_file_names_its_cause(
        self, first: Run, second: Run, ask: Ask, tmp_path: Path, ending: str
    ) -> None:
        file = tmp_path / f"d.{ending}"
        told = ask("compare", first.folder, second.folder, "--out", file)
        rows = pd.read_csv(file) if ending == "csv" else pd.read_parquet(file)
        assert rows["difference_pence"].sum() == told["total_difference_pence"]
        by_cause = rows.groupby("cause")["difference_pence"].sum()
        assert by_cause.to_dict() == {
            p["cause"]: p["difference_pence"] for p in told["causes"] if p["difference_pence"]
        }

    def test_a_page_needs_nothing_else(self, first: Run, second: Run, ask: Ask, tmp_path: Path) -> None:
        ask("compare", first.folder, second.folder, "--out", tmp_path / "d.html")
        page = (tmp_path / "d.html").read_text(encoding="utf-8")
        assert page.count("<svg") == 1 and "http-equiv" in page and "<script" not in page
        for words in ("Left unexplained: £0.00", "efficiency_<wbr>factor", ORDER, "Worked example"):
            assert words in page

    def test_a_file_of_another_kind_is_refused_before_anything_is_done(
        self, first: Run, ask: Ask, tmp_path: Path
    ) -> None:
        for name in ("d.txt", "nowhere/d.csv"):
            assert "--out" in ask("compare", first.folder, first.folder, "--out", tmp_path / name, status=2)["message"]


class TestStates:
    """What lies between two runs may be no budget at all."""

    def test_one_that_a_gate_stops_stands_with_the_next(self, first: Run, ask: Ask) -> None:
        """The worked example at 4.83% needs more than its quantum: only with the higher quantum is there a budget."""
        values = {"cost_uplift_factor": "0.0483", "quantum": "545000000", "ips_share": "0.03"}
        after = direct.rerun(first.folder, overrides=values)
        told = ask("compare", first.folder, after.folder)
        assert [part["cause"] for part in told["causes"]] == ["cost_uplift_factor + quantum", "ips_share"]
        (why,) = told["causes"][0]["why_together"]
        assert "cost_uplift_factor" in why and "C08" in why
        assert sum(part["difference_pence"] for part in told["causes"]) == core(after) - core(first)

    def test_one_whose_assumptions_do_not_fit_stands_with_the_next(self, first: Run, ask: Ask) -> None:
        line, place = (f"growth_nondemographic@{narrow}" for narrow in ("acute_elective", "L01"))
        runs = [direct.rerun(first.folder, overrides={name: "0.004"}) for name in (line, place)]
        told = ask("compare", *(run.folder for run in runs))
        assert [part["cause"] for part in told["causes"]] == [f"{place} + {line}"]
        assert "compete" in told["causes"][0]["why_together"][0]
        assert told["causes"][0]["difference_pence"] == core(runs[1]) - core(runs[0])


class TestDataAndRules:
    @pytest.fixture
    def other(self, home: Path) -> Path:
        """The same locality with a commissioner's spend changed."""
        folder = home.parent / "other"
        if not folder.exists():
            locality(folder)
            spend = pd.read_csv(folder / "spend.csv")
            shift = spend.index[:1]
            spend.loc[shift, "amount_pence"] += 100_000_00
            spend.to_csv(folder / "spend.csv", index=False)
        return folder

    def test_data_come_before_assumptions(self, home: Path, first: Run, other: Path, ask: Ask) -> None:
        after = direct.run(other, out=home.parent / "runs", overrides={"ips_share": "0.03"})
        told = ask("compare", first.folder, after.folder)
        assert [(p["kind"], p["cause"], p["causes"][0]["detail"]) for p in told["causes"]] == [
            ("data", "inputs", "spend"),
            ("assumption", "ips_share", "0.025 to 0.03"),
        ]
        assert all(part["difference_pence"] for part in told["causes"])
        assert sum(part["difference_pence"] for part in told["causes"]) == core(after) - core(first)

    def test_rules_say_which(self, home: Path, first: Run, ask: Ask) -> None:
        folder = locality(home.parent / "ruled", snapshot_date="2024-05-01")
        after = direct.run(folder, out=home.parent / "runs")
        (part,) = ask("compare", first.folder, after.folder)["causes"]
        assert (part["kind"], part["cause"], part["causes"][0]["detail"]) == ("formula", "rules", "snapshot_date")
        assert part["difference_pence"] == 0, "it knows its people by segment, on whatever day they were counted"

    def test_inputs_changed_since_are_no_hindrance_while_the_store_has_them(self, tmp_path: Path, ask: Ask) -> None:
        folder = locality(tmp_path / "a")
        before = direct.run(folder, out=tmp_path / "runs")
        spend = pd.read_csv(folder / "spend.csv")
        spend.loc[spend.index[:1], "amount_pence"] += 100_000_00
        spend.to_csv(folder / "spend.csv", index=False)
        after = direct.run(folder, out=tmp_path / "runs", overrides={"ips_share": "0.03"})
        told = ask("compare", before.folder, after.folder)
        assert [part["cause"] for part in told["causes"]] == ["inputs", "ips_share"]

        shutil.rmtree(tmp_path / "runs/.store/intake")
        again = ask("compare", before.folder, after.folder)
        assert again["causes"] == told["causes"], "the second run's inputs are still there"
        shutil.rmtree(tmp_path / "runs/.store/intake")
        (folder / "spend.csv").unlink()
        told = ask("compare", before.folder, after.folder)
        assert told["causes"] == [] and "spend.csv" in told["not_told_apart"]
        assert told["total_difference_pence"] == core(after) - core(before), "the bridge by step stays"
        assert ask("compare", after.folder, after.folder)["not_told_apart"] is None

    def test_one_cause_alone_is_known_without_its_inputs(self, tmp_path: Path, ask: Ask) -> None:
        folder = locality(tmp_path / "a")
        before = direct.run(folder, out=tmp_path / "runs")
        after = direct.rerun(before.folder, overrides={"ips_share": "0.03"})
        shutil.rmtree(folder)
        (part,) = ask("compare", before.folder, after.folder)["causes"]
        assert (part["cause"], part["difference_pence"]) == ("ips_share", core(after) - core(before))

    def test_another_version_of_the_product_is_a_cause(self, first: Run, second: Run, ask: Ask, tmp_path: Path) -> None:
        old = tmp_path / first.folder.name
        shutil.copytree(first.folder, old)
        manifest = json.loads((old / "manifest.json").read_text()) | {"code_hash": "0" * 64, "output_hash": "1"}
        (old / "manifest.json").write_text(json.dumps(manifest))
        told = ask("compare", old, second.folder)
        code, *others = told["causes"]
        assert (code["kind"], code["cause"], code["difference_pence"]) == ("formula", "code of the first run", 0)
        assert [part["cause"] for part in others] == ["efficiency_factor", "ips_share", "tolerance_band"]

    def test_two_localities_are_compared_by_step_alone(
        self, tmp_path: Path, first: Run, ask: Ask, capsys: Printed
    ) -> None:
        folder = locality(tmp_path / "b", locality="elsewhere")
        after = direct.run(folder, out=tmp_path / "runs")
        told = ask("compare", first.folder, after.folder, "--out", tmp_path / "d.csv")
        assert "two localities" in told["not_told_apart"] and told["causes"] == []
        assert main(["compare", str(first.folder), str(after.folder), "--out", str(tmp_path / "d.html")]) == 0
        assert "two localities" in capsys.readouterr().out


class TestSensitivity:
    def test_a_move_is_what_a_run_would_give(self, ranged: Run, ask: Ask) -> None:
        told = ask("sensitivity", ranged.folder)
        moves = {(row["assumption"], row["bound"], row["place"]): row for row in told["moves"]}
        for bound, value in (("low", "0.01"), ("high", "0.05")):
            run = direct.rerun(ranged.folder, overrides={"ips_share": value})
            expected = core(run) - core(ranged)
            for place in (None, "L01"):
                assert moves["ips_share", bound, place]["core_change_pence"] == expected
                assert moves["ips_share", bound, place]["allocation_change_pence"] == 0
        assert told["core_pence"] == core(ranged) and told["base_difference_pence"] == 0

    def test_the_largest_stands_first_and_what_has_no_budget_says_why(self, ranged: Run, ask: Ask) -> None:
        told = ask("sensitivity", ranged.folder)
        names = list(dict.fromkeys(row["assumption"] for row in told["moves"]))
        assert names == ["ips_share", "risk_pool_share", "cost_uplift_factor", "tolerance_band"]
        high = next(r for r in told["moves"] if (r["assumption"], r["bound"]) == ("cost_uplift_factor", "high"))
        assert high["core_pence"] is None and "quantum cannot meet the floors" in high["why_not"]
        assert {r["bound"] for r in told["moves"] if r["assumption"] == "risk_pool_share"} == {"high"}
        assert all(not r["core_change_pence"] for r in told["moves"] if r["assumption"] == "tolerance_band")
        assert "efficiency_factor" in told["no_range_stated"] and "ips_share" not in told["no_range_stated"]

    def test_text_and_files(self, ranged: Run, tmp_path: Path, capsys: Printed) -> None:
        for ending in ("csv", "parquet", "html"):
            assert main(["sensitivity", str(ranged.folder), "--out", str(tmp_path / f"s.{ending}")]) == 0
        told = capsys.readouterr().out
        for words in ("ips_share", "No range stated:", "L01: change of the core budget", "█"):
            assert words in told
        rows = pd.read_csv(tmp_path / "s.csv")
        pd.testing.assert_series_equal(
            rows["core_change_pence"].astype("Int64"), pd.read_parquet(tmp_path / "s.parquet")["core_change_pence"]
        )
        page = (tmp_path / "s.html").read_text(encoding="utf-8")
        assert page.count("<svg") == 1 and "No range stated" in page

    def test_a_year_that_is_not_there(self, ranged: Run, ask: Ask) -> None:
        assert "2030/31" in ask("sensitivity", ranged.folder, "--year", "2030/31", status=2)["message"]
        assert ask("sensitivity", ranged.folder, "--year", "2025/26")["financial_year"] == "2025/26"

    def test_a_run_without_ranges_says_so(self, first: Run, capsys: Printed) -> None:
        assert main(["sensitivity", str(first.folder)]) == 0
        assert "No assumption of this run states a range" in capsys.readouterr().out

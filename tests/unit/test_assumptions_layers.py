"""Packs and scenarios as files: heads, pins, the shipped ones, the schema for editors, names that are no assumption."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from budget.assumptions.catalogue import catalogue, parameter, retired
from budget.assumptions.layer import read_layer
from budget.assumptions.pins import pin
from budget.assumptions.resolve import resolve
from budget.assumptions.schema import pack_schema
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import read_yaml, write_yaml
from budget.kernel.years import FinancialYear
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

Y26 = FinancialYear(2026)
PACKS = sorted((REPOSITORY / "config/assumptions").glob("*.yaml"))
SCENARIOS = sorted((REPOSITORY / "config/scenarios").glob("*.yaml"))
EXAMPLES = sorted((REPOSITORY / "config/examples").rglob("assumptions.yaml"))
SHIPPED = [*PACKS, *SCENARIOS, *EXAMPLES]
FACTS = {"source": {"title": "A test"}, "owner": "tester", "status": "draft", "reason": "a test"}
SAID = {"author": "tester", "reason": "a test"}


def write(path: Path, rate: float = 0.02, **head: Any) -> Path:
    write_yaml(path, head | {"values": {"efficiency_factor": [{"value": Decimal(str(rate))} | FACTS]}})
    return path


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write(tmp_path / "pack.yaml", pack="small")


class TestHeads:
    @pytest.mark.parametrize(
        ("head", "fault"),
        [
            ({}, "a file is a 'pack' or a 'scenario'"),
            ({"pack": "a", "scenario": "b"}, "a file is a 'pack' or a 'scenario'"),
            ({"scenario": "lean"}, "a scenario needs an author and a reason"),
            ({"scenario": "lean", "author": "", "reason": "why"}, "a scenario needs an author and a reason"),
            ({"pack": "a/b"}, "a name is one word"),
            ({"pack": "a", "based_on": {"b": "0"}}, "based_on belongs to a scenario"),
            ({"pack": "a", "colour": "red"}, "colour: Extra inputs are not permitted"),
        ],
    )
    def test_a_wrong_one_is_refused_with_its_file(self, tmp_path: Path, head: dict[str, Any], fault: str) -> None:
        with pytest.raises(ConfigurationError, match=rf"wrong\.yaml: {fault}"):
            read_layer(write(tmp_path / "wrong.yaml", **head))

    def test_a_layer_knows_itself(self, tmp_path: Path) -> None:
        path = write(tmp_path / "lean.yaml", scenario="lean", **SAID)
        layer = read_layer(path)
        assert layer.identity == {"kind": "scenario", "name": "lean", "sha256": hash_file(path)}
        assert (layer.author, layer.reason, layer.based_on) == ("tester", "a test", {})

    def test_a_range_that_leaves_its_value_out_is_refused(self, tmp_path: Path) -> None:
        facts = FACTS | {"low": "0.03"}
        write_yaml(tmp_path / "p.yaml", {"pack": "p", "values": {"efficiency_factor": [{"value": "0.02"} | facts]}})
        with pytest.raises(ConfigurationError, match="efficiency_factor, 0.02, lies beyond its low"):
            read_layer(tmp_path / "p.yaml")

    def test_a_value_that_was_set_beyond_a_range_is_read_back(self, tmp_path: Path) -> None:
        facts = FACTS | {"low": "0.01", "high": "0.03", "range_reason": "a test"}
        write_yaml(tmp_path / "p.yaml", {"pack": "p", "values": {"efficiency_factor": [{"value": "0.02"} | facts]}})
        known = resolve([tmp_path / "p.yaml"], overrides={"efficiency_factor": "0.05"}, years=[Y26], needed=())
        write_yaml(tmp_path / "resolved.yaml", known.as_pack())
        (entry,) = read_layer(tmp_path / "resolved.yaml").entries
        assert [str(number) for number in (entry.value, entry.low, entry.high)] == ["0.05", "0.01", "0.03"]

    def test_a_scenario_is_no_pack_and_a_pack_no_scenario(self, pack: Path, tmp_path: Path) -> None:
        lean = write(tmp_path / "lean.yaml", scenario="lean", **SAID)
        with pytest.raises(ConfigurationError, match="this is a scenario; a pack is wanted here"):
            resolve([lean], years=[Y26], needed=())
        with pytest.raises(ConfigurationError, match="this is a pack; a scenario is wanted here"):
            resolve([pack], scenarios=[pack], years=[Y26], needed=())

    def test_two_packs_of_one_name_are_refused(self, pack: Path, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="called small"):
            resolve([pack, write(tmp_path / "other.yaml", pack="small")], years=[Y26], needed=())


class TestPins:
    def scenario(self, folder: Path, **pins: str) -> Path:
        return write(folder / "lean.yaml", 0.01, scenario="lean", **SAID, **({"based_on": pins} if pins else {}))

    def test_a_scenario_of_the_packs_of_the_run_is_taken(self, pack: Path, tmp_path: Path) -> None:
        known = resolve([pack], scenarios=[self.scenario(tmp_path, small=hash_file(pack))], years=[Y26], needed=())
        assert known.warnings == ()
        assert [layer.name for layer in known.layers] == ["small", "lean"]

    def test_one_of_another_version_is_refused_with_what_to_do(self, pack: Path, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="written for another version of the pack small(.|\n)*pin .*lean"):
            resolve([pack], scenarios=[self.scenario(tmp_path, small="0" * 64)], years=[Y26], needed=())

    def test_one_of_another_pack_is_refused(self, pack: Path, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="based on the pack other, which this run does not use"):
            resolve([pack], scenarios=[self.scenario(tmp_path, other="0" * 64)], years=[Y26], needed=())

    def test_one_without_pins_is_taken_with_a_warning(self, pack: Path, tmp_path: Path) -> None:
        known = resolve([pack], scenarios=[self.scenario(tmp_path)], years=[Y26], needed=())
        (warning,) = known.warnings
        assert warning.startswith("scenario lean is not pinned to its packs")
        assert known.number("efficiency_factor", Y26) == 0.01

    @pytest.mark.parametrize("pinned_before", [{}, {"small": "0" * 64}, {"gone": "0" * 64}])
    def test_pinning_makes_it_fit_and_leaves_the_rest(
        self, pack: Path, tmp_path: Path, pinned_before: dict[str, str]
    ) -> None:
        path = self.scenario(tmp_path, **pinned_before)
        path.write_text("# why this is asked\n" + path.read_text())
        values = read_layer(path).entries
        pin(read_layer(path), [read_layer(pack)])
        assert read_layer(path).based_on == {"small": hash_file(pack)}
        assert read_layer(path).entries == values
        assert path.read_text().startswith("# why this is asked\n")
        assert resolve([pack], scenarios=[path], years=[Y26], needed=()).warnings == ()

    def test_only_scenarios_are_pinned_and_only_to_packs(self, pack: Path, tmp_path: Path) -> None:
        scenario = read_layer(self.scenario(tmp_path))
        with pytest.raises(ConfigurationError, match="only scenarios are pinned"):
            pin(read_layer(pack), [])
        with pytest.raises(ConfigurationError, match="a scenario is pinned to packs"):
            pin(scenario, [scenario])


class TestShipped:
    @pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
    def test_every_value_has_a_source_with_an_address(self, path: Path) -> None:
        lacking = {entry.parameter.id for entry in read_layer(path).entries if not entry.source.where}
        assert not lacking

    @pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
    def test_a_range_has_two_ends_and_a_reason(self, path: Path) -> None:
        entries = [entry for entry in read_layer(path).entries if entry.low is not None or entry.high is not None]
        wrong = {e.parameter.id for e in entries if e.low is None or e.high is None or not e.range_reason}
        assert not wrong

    @pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
    def test_scenarios_are_pinned_to_the_packs_as_they_are(self, path: Path) -> None:
        by_name = {layer.name: layer for layer in map(read_layer, PACKS)}
        pins = read_layer(path).based_on
        again = f"capitation assumptions pin {path.relative_to(REPOSITORY)} " + " ".join(
            str(by_name[name].path.relative_to(REPOSITORY)) for name in pins
        )
        assert pins and pins == {name: by_name[name].sha256 for name in pins}, f"look at its values, then: {again}"

    @pytest.mark.parametrize(
        ("year", "uplift", "efficiency", "status"),
        [
            (2014, "0.021", "0.04", "unverified"),
            (2016, "0.031", "0.02", "approved"),
            (2017, "0.021", "0.02", "unverified"),
            (2018, "0.021", "0.02", "unverified"),
            (2019, "0.038", "0.011", "approved"),
            (2020, "0.025", "0.011", "unverified"),
            (2022, "0.028", "0.011", "unverified"),
            (2023, "0.029", "0.011", "approved"),
            (2024, "0.017", "0.011", "unverified"),
            (2025, "0.0483", "0.02", "approved"),
        ],
    )
    def test_the_national_pack_holds_the_history_of_uplift_and_efficiency(
        self, year: int, uplift: str, efficiency: str, status: str
    ) -> None:
        """The method, section 8.7; the status is that of the uplift."""
        known = resolve([REPOSITORY / "config/assumptions/national.yaml"], years=[FinancialYear(year)], needed=())
        for names in (("cost_uplift_factor", "efficiency_factor"), ("price_cost_uplift", "price_efficiency")):
            found = [known.entry(name, FinancialYear(year)) for name in names]
            assert [entry.value for entry in found] == [Decimal(uplift), Decimal(efficiency)]
            assert found[0].status == status

    def test_a_run_keeps_the_values_of_its_own_years(self) -> None:
        known = resolve([REPOSITORY / "config/assumptions/national.yaml"], years=[Y26], needed=())
        years = {str(scope.year) for name, scope in known.entries if name == "cost_uplift_factor"}
        assert years == {"2026/27"}
        assert known.latest_published == date(2025, 6, 27), "of prices of 2025/26"


class TestSchema:
    @pytest.fixture
    def judge(self) -> jsonschema.Draft202012Validator:
        jsonschema.Draft202012Validator.check_schema(pack_schema())
        return jsonschema.Draft202012Validator(pack_schema())

    @pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
    def test_what_is_shipped_is_valid_and_names_it(self, judge: jsonschema.Draft202012Validator, path: Path) -> None:
        assert [error.message for error in judge.iter_errors(_plain(read_yaml(path)))] == []
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = path.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert named.resolve() == REPOSITORY / "config/assumptions/schema.json"

    def test_a_resolved_pack_is_valid(self, judge: jsonschema.Draft202012Validator) -> None:
        known = resolve([REPOSITORY / "config/assumptions/national.yaml"], years=[Y26], needed=())
        assert [error.message for error in judge.iter_errors(_plain(known.as_pack()))] == []

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"value": 2}, "two for 2%"),
            ({"value": "2%"}, "two for 2%"),
            ({"place": "Newham", "line": "community", "colour": 1}, "an unknown key"),
            ({"status": "final"}, "an unknown status"),
            ({"source": {"where": "somewhere"}}, "a source without a title"),
            ({"owner": None}, "nobody answers for it"),
        ],
    )
    def test_a_wrong_value_is_marked(
        self, judge: jsonschema.Draft202012Validator, change: dict[str, Any], why: str
    ) -> None:
        good = {"pack": "a", "values": {"efficiency_factor": [{"value": 0.02, "years": "all"} | FACTS]}}
        assert judge.is_valid(good)
        good["values"]["efficiency_factor"][0] |= change  # type: ignore[index]
        assert not judge.is_valid(good), why

    @pytest.mark.parametrize(
        "written",
        [
            {"pack": "a", "values": {"wishes": []}},
            {"scenario": "a", "values": {}},
            {"pack": "a", "scenario": "b", "author": "c", "reason": "d", "values": {}},
            {"pack": "a", "values": {"choice_share": [{"value": 0.1, "line": "outpatient"} | FACTS]}},
            {"pack": "a", "values": {"pace_rule": [{"value": "fast"} | FACTS]}},
        ],
        ids=["name", "author", "both", "scope", "option"],
    )
    def test_a_wrong_file_is_marked(self, judge: jsonschema.Draft202012Validator, written: dict[str, Any]) -> None:
        assert not judge.is_valid(written)


class TestRetired:
    def test_a_name_is_told_what_became_of_it(self) -> None:
        with pytest.raises(ConfigurationError, match="pack.yaml: 'qipp' is no assumption. It is called savings"):
            parameter("qipp", "pack.yaml")

    def test_no_name_is_both(self) -> None:
        assert not set(retired()) & set(catalogue())
        assert all(sentence.endswith(".") for sentence in retired().values())


def _plain(value: Any) -> Any:
    """As a JSON reader would have it."""
    return json.loads(json.dumps(value, default=lambda item: float(item) if isinstance(item, Decimal) else str(item)))

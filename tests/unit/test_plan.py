"""A locality's YAML: what it may say, and what is said when it is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from budget.bundle import find_inputs
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import write_yaml
from budget.kernel.years import FinancialYear
from budget.plan import Plan

pytestmark = pytest.mark.unit

WRITTEN: dict[str, Any] = {
    "locality": "small",
    "title": "A small locality",
    "base_year": "2025/26",
    "budget_years": ["2026/27", "2027/28"],
    "snapshot_date": date(2025, 4, 1),
    "icb_code": "QXX",
    "inputs": "../inputs",
    "assumptions": ["packs/national.yaml", "packs/local.yaml"],
    "segmentation": "scheme.yaml",
    "population_rules": "rules.yaml",
    "need": ".",
    "gates": "gates.yaml",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "small"
    home.mkdir()
    for name in ("scheme.yaml", "rules.yaml", "gates.yaml", "model.yaml", "streams.yaml", "carr_hill.yaml"):
        (home / name).write_text("{}\n")
    return home


def read(folder: Path, lacking: str = "", **changes: Any) -> Plan:
    write_yaml(folder / "run.yaml", {name: value for name, value in (WRITTEN | changes).items() if name != lacking})
    return Plan.read(folder)


def test_a_folder_or_its_file_is_read_and_paths_start_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = read(folder)
    assert plan.years == tuple(FinancialYear(start) for start in (2025, 2026, 2027))
    assert plan.inputs == folder.parent / "inputs"
    assert plan.assumptions == (folder / "packs/national.yaml", folder / "packs/local.yaml")
    assert plan.scenarios is None
    assert plan.person_id == "nhs_number"
    monkeypatch.chdir(folder)
    assert Plan.read(Path("run.yaml")) == plan


def test_activity_speaks_of_the_base_year_unless_the_locality_says_otherwise(folder: Path) -> None:
    assert read(folder).care_year == FinancialYear(2025)
    assert read(folder, activity_year="2024/25").care_year == FinancialYear(2024)


def test_a_contract_starts_on_a_day_if_the_locality_says_so(folder: Path) -> None:
    assert read(folder).contract_starts_on is None
    assert read(folder, contract_starts_on=date(2025, 10, 1)).contract_starts_on == date(2025, 10, 1)


def test_contracts_are_the_files_of_a_folder_in_order_of_name(folder: Path) -> None:
    assert read(folder).contract_files == ()
    (folder / "contracts").mkdir()
    for name in ("b.yaml", "a.yaml", "notes.txt"):
        (folder / "contracts" / name).write_text("{}\n")
    assert [file.name for file in read(folder, contracts="contracts").contract_files] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"contracts": "nowhere"}, "there is no such folder"),
        ({"budget_years": ["2027/28"]}, "budget_years must follow base_year 2025/26 one by one"),
        ({"budget_years": ["2026/27", "2028/29"]}, "budget_years must follow base_year 2025/26 one by one"),
        ({"budget_years": ["2027/28", "2026/27"]}, "budget_years must follow base_year 2025/26 one by one"),
        ({"budget_years": []}, "budget_years must follow base_year 2025/26 one by one"),
        ({"base_year": "2025"}, "'2025' is not a financial year; write it as 2026/27"),
        ({"base_year": 2025}, "'2025' is not a financial year"),
        ({"snapshot_date": "April"}, "snapshot_date: "),
        ({"snapshotdate": date(2025, 4, 1)}, "snapshotdate: Extra inputs are not permitted"),
        ({"person_id": "name"}, "person_id: Input should be"),
        ({"gates": "gates_of_old.yaml"}, "gates names"),
        ({"waivers": "waivers_of_old.yaml"}, "waivers names"),
        ({"locality": "../elsewhere"}, "locality: String should match pattern"),
        ({"locality": "a/b"}, "locality: String should match pattern"),
        ({"locality": ".hidden"}, "locality: String should match pattern"),
    ],
)
def test_a_mistake_is_named_with_the_file(folder: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError) as stop:
        read(folder, **changes)
    assert str(stop.value).startswith(str(folder / "run.yaml"))
    assert fault in str(stop.value)


def test_waivers_are_named_or_there_are_none(folder: Path) -> None:
    assert read(folder).waivers is None
    (folder / "waivers.yaml").write_text("waivers: []\n")
    assert read(folder, waivers="waivers.yaml").waivers == folder / "waivers.yaml"


def test_limits_come_with_those_that_they_extend(folder: Path) -> None:
    (folder / "national.yaml").write_text("checks: {}\n")
    (folder / "gates.yaml").write_text("extends: national.yaml\nchecks: {}\n")
    assert read(folder).gate_files == (folder / "gates.yaml", folder / "national.yaml")
    (folder / "national.yaml").write_text("extends: gates.yaml\n")
    with pytest.raises(ConfigurationError, match="extends itself"):
        _ = read(folder).gate_files


@pytest.mark.parametrize("lacking", ["locality", "base_year", "icb_code", "inputs", "gates"])
def test_a_missing_setting_is_named(folder: Path, lacking: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{lacking}: Field required"):
        read(folder, lacking=lacking)


def test_a_missing_file_and_a_list_are_no_plan(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"run\.yaml: there is no such file"):
        Plan.read(folder)
    (folder / "run.yaml").write_text("- a\n")
    with pytest.raises(ConfigurationError, match=r"run\.yaml: expected a mapping"):
        Plan.read(folder)


class TestFindInputs:
    def test_every_shape_is_found_with_its_hash(self, tmp_path: Path) -> None:
        (tmp_path / "spend.csv").write_text("a\n")
        (tmp_path / "areas.csv.gz").write_bytes(b"x")
        (tmp_path / "practices.parquet").write_bytes(b"x")
        (tmp_path / "activity").mkdir()
        for part in ("b.parquet", "a.parquet", "notes.txt"):
            (tmp_path / "activity" / part).write_bytes(b"x")
        (tmp_path / "unknown.csv").write_text("a\n")
        found = find_inputs(tmp_path)
        assert {file.table for file in found} == {"spend", "areas", "practices", "activity"}
        assert [file.path.name for file in found if file.table == "activity"] == ["a.parquet", "b.parquet"]
        assert all(len(file.sha256) == 64 for file in found)

    def test_a_table_that_is_there_twice_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "spend.csv").write_text("a\n")
        (tmp_path / "spend.parquet").write_bytes(b"x")
        with pytest.raises(ConfigurationError, match=r"spend is there twice, as spend\.parquet and spend\.csv"):
            find_inputs(tmp_path)

    def test_a_folder_without_parts_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "activity").mkdir()
        (tmp_path / "activity" / "a.csv").write_text("a\n")
        with pytest.raises(ConfigurationError, match="activity: the folder holds no Parquet files"):
            find_inputs(tmp_path)

    def test_a_missing_folder_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="capitation synth"):
            find_inputs(tmp_path / "none")

"""A run knows its assumptions as of a day, keeps what it knew from, and can be made again as of an earlier one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from flows import direct
from flows.headline import headline
from flows.request import Request
from flows.sides import side_of
from tests.flows import fakes

pytestmark = pytest.mark.integration

NATIONAL = Path(__file__).parents[2] / "config/assumptions/national.yaml"
DAY_BEFORE, DAY = date(2025, 6, 26), date(2025, 6, 27)
OPENING = 2 * 30_000_00
"""Two lines of two places, in pence."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Testshire in 2025/26, under a copy of the national pack."""
    folder = fakes.locality(tmp_path / "testshire")
    years = fakes.RUN_YAML.replace("2025/26", "2024/25").replace("[2026/27, 2027/28]", "[2025/26]")
    (folder / "run.yaml").write_text(years)
    (folder / "pack.yaml").write_text(NATIONAL.read_text())
    return folder


def run(config: Path, out: Path, **changes: object) -> Run:
    return direct.carry_out(Request(config, out=out, **changes), fakes.pipeline())  # type: ignore[arg-type]


def rerun(parent: Run, **changes: object) -> Run:
    return direct.carry_out(Request.rerun(parent.folder, **changes), fakes.pipeline())  # type: ignore[arg-type]


def growth(run: Run) -> float:
    return round(headline(run)[0].allocation_pence / OPENING - 1, 4)


@pytest.mark.parametrize(
    ("known_on", "net"), [(DAY_BEFORE, 0.0215), (DAY, 0.0283), (None, 0.0283)], ids=["before", "after", "everything"]
)
def test_the_uplift_of_2025_26_is_the_one_known_by_the_day(
    config: Path, tmp_path: Path, known_on: date | None, net: float
) -> None:
    """4.15% until 26 June 2025, 4.83% from 27 June 2025, less 2.0% (the method, section 8.13)."""
    done = run(config, tmp_path / "runs", known_on=known_on)
    assert growth(done) == net
    assert done.manifest["known_on"] == (str(known_on) if known_on else None)


def test_a_run_can_be_made_again_as_of_an_earlier_day(config: Path, tmp_path: Path) -> None:
    today = run(config, tmp_path)
    earlier = rerun(today, known_on=DAY_BEFORE)
    assert (growth(today), growth(earlier)) == (0.0283, 0.0215)
    assert earlier.run_id == run(config, tmp_path / "straight", known_on=DAY_BEFORE).run_id
    assert rerun(earlier).manifest["known_on"] == str(DAY_BEFORE), "a rerun keeps the day"


def test_the_day_of_the_locality_holds_where_none_is_asked_for(config: Path, tmp_path: Path) -> None:
    (config / "run.yaml").write_text((config / "run.yaml").read_text() + f"known_on: {DAY_BEFORE}\n")
    assert growth(run(config, tmp_path / "a")) == 0.0215
    assert growth(run(config, tmp_path / "b", known_on=DAY)) == 0.0283


def test_what_is_asked_of_a_run_later_knows_what_the_run_knew(config: Path, tmp_path: Path) -> None:
    (config / "run.yaml").write_text((config / "run.yaml").read_text() + f"known_on: {DAY_BEFORE}\n")
    done = run(config, tmp_path / "runs", known_on=DAY)
    side = side_of(done)
    assert side.bundle is not None
    assert side.bundle.assumptions.digest() == side.assumptions.digest()


def test_two_days_with_the_same_values_are_two_runs(config: Path, tmp_path: Path) -> None:
    one, other = (run(config, tmp_path, known_on=day) for day in (DAY, date(2025, 6, 28)))
    assert one.run_id != other.run_id, "their reports name different days"
    assert [stage["stage"] for stage in other.manifest["stages"] if not stage["reused"]] == ["publish"]


def test_a_run_keeps_its_packs_and_scenarios_as_they_were(config: Path, tmp_path: Path) -> None:
    parent = run(config, tmp_path, scenarios=("lean",))
    kept = [(fact["kind"], fact["name"], fact["file"]) for fact in parent.manifest["layers"]]
    assert kept == [("pack", "national", "layers/01-national.yaml"), ("scenario", "lean", "layers/02-lean.yaml")]
    assert (parent.folder / "layers/01-national.yaml").read_bytes() == NATIONAL.read_bytes()
    (config / "pack.yaml").unlink()
    (config / "scenarios/lean.yaml").unlink()
    assert growth(rerun(parent, overrides={"cost_uplift_factor": "0.05"})) == 0.01


def test_a_pack_that_was_changed_in_the_run_folder_is_refused(config: Path, tmp_path: Path) -> None:
    parent = run(config, tmp_path)
    kept = parent.folder / "layers/01-national.yaml"
    kept.write_text(kept.read_text() + "# later\n")
    with pytest.raises(ConfigurationError, match="the pack is not as the run left it"):
        rerun(parent)


def test_a_value_that_gains_a_status_gives_a_run_of_its_own(config: Path, tmp_path: Path) -> None:
    before = run(config, tmp_path)
    pack = config / "pack.yaml"
    pack.write_text(pack.read_text().replace("status: approved", "status: draft"))
    after = run(config, tmp_path)
    assert after.run_id != before.run_id
    assert set(after.table("assumption_ledger")["status"]) == {"draft", "unverified"}


class TestWarnings:
    """What there is to know of a scenario reaches whoever asked and the record."""

    def test_a_scenario_that_is_not_pinned(self, config: Path, tmp_path: Path) -> None:
        done = run(config, tmp_path, scenarios=("lean",))
        (warning,) = done.manifest["warnings"]
        assert warning.startswith("scenario lean is not pinned")

    def test_a_scenario_that_changes_nothing(
        self, config: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        idle = fakes.SCENARIO.replace("0.04", "0.02").replace("0.03", "0.0483")
        (config / "scenarios/idle.yaml").write_text(idle.replace("scenario: lean", "scenario: idle"))
        run(config, tmp_path)
        done = run(config, tmp_path, scenarios=("lean", "lean"))
        assert done.manifest["warnings"][1] == "scenario lean changes nothing", "the second time"
        assert "scenario lean changes nothing" in [record.getMessage() for record in caplog.records]

    def test_it_is_in_the_record_although_the_values_are_those_of_another_run(
        self, config: Path, tmp_path: Path
    ) -> None:
        plain = run(config, tmp_path, overrides={"efficiency_factor": "0.04", "cost_uplift_factor": "0.03"})
        said = run(
            config, tmp_path, overrides={"efficiency_factor": "0.04", "cost_uplift_factor": "0.03"}, scenarios=("lean",)
        )
        assert plain.manifest["warnings"] == []
        assert said.run_id != plain.run_id and said.manifest["scenarios"] == ["lean"]
        assert json.loads((said.folder / "manifest.json").read_text())["warnings"]

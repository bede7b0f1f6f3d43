"""Waivers: what they cover, what they refuse, and what becomes of each."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from budget.audit.waivers import Waiver, Waivers, asked_for
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml

pytestmark = pytest.mark.unit

DAY = date(2026, 5, 1)
WARNING = CheckResult("costs", "B03w", "warn", "failed", "line_attribution", "most spend", 0.0712345678, "at most 0.05")
GIVEN: dict[str, Any] = {
    "id": "W-1",
    "check": "B03w",
    "locality": "testshire",
    "value": "0.0712346",
    "threshold": "at most 0.05",
    "person": "A. Lee",
    "role": "Finance lead",
    "reason": "the provider's codes are late",
    "given_on": date(2026, 4, 1),
    "expires_on": date(2026, 6, 30),
}


def warning(**changes: Any) -> CheckResult:
    facts = {"least": None, "most": 0.05} | changes
    return CheckResult(**{**WARNING.as_dict(), "keys": (), **facts})


def waiver(**changes: Any) -> Waiver:
    return Waiver.model_validate(GIVEN | changes)


def held(*waivers: Waiver, required: bool = False) -> Waivers:
    return Waivers(waivers, DAY, required)


def written(folder: Path, *waivers: dict[str, Any]) -> Path:
    write_yaml(folder / "waivers.yaml", {"waivers": list(waivers)})
    return folder / "waivers.yaml"


def read(path: Path | None, *, day: date = DAY, required: bool = False) -> Waivers:
    return Waivers.read(path, locality="testshire", budget_year="2026/27", required=required, day=day)


class TestWhatIsCovered:
    @pytest.mark.parametrize(
        ("found", "limits", "accepted", "covered"),
        [
            (0.0712345678, {}, "0.0712346", True),
            (0.06, {}, "0.0712346", True),
            (0.0712355, {}, "0.0712346", False),
            (40.0, {"least": 45.0, "most": None}, "40", True),
            (42.0, {"least": 45.0, "most": None}, "40", True),
            (39.0, {"least": 45.0, "most": None}, "40", False),
            (0.04, {"least": 0.05, "most": 0.2}, "0.25", False),
            (0.22, {"least": 0.05, "most": 0.2}, "0.25", True),
            (0.22, {"least": 0.05, "most": 0.2}, "0.04", False),
            (7.0, {"most": None}, "7", True),
            (6.0, {"most": None}, "7", False),
        ],
    )
    def test_what_is_no_worse_than_what_was_accepted(
        self, found: float, limits: dict[str, Any], accepted: str, covered: bool
    ) -> None:
        (check,) = held(waiver(value=accepted)).over([warning(observed=found, **limits)])
        assert (check.outcome, check.waiver_id) == (("waived", "W-1") if covered else ("failed", None))

    def test_nothing_once_the_limit_has_changed(self) -> None:
        check = warning(threshold="at most 0.03", most=0.03)
        assert held(waiver()).over([check]) == (check,)
        (standing,) = held(waiver()).standings([check])
        assert "given against 'at most 0.05', the limit is 'at most 0.03'" in standing.why_not

    @pytest.mark.parametrize(
        ("check", "changes"),
        [
            (warning(severity="fail"), {}),
            (warning(severity="info"), {}),
            (warning(outcome="passed"), {}),
            (warning(observed=None), {}),
            (warning(), {"check": "B03"}),
            (warning(), {"table": "spend"}),
        ],
        ids=["fails", "takes note", "passed", "not measured", "another check", "another table"],
    )
    def test_nothing_but_its_own_warning(self, check: CheckResult, changes: dict[str, Any]) -> None:
        assert held(waiver(**changes)).over([check]) == (check,)

    def test_only_the_codes_that_it_names(self) -> None:
        named = waiver(codes=["F84001", "F84002"])
        (covered,) = held(named).over([warning(keys=("F84002",))])
        assert covered.outcome == "waived"
        (open_,) = held(named).over([warning(keys=("F84002", "F84003"))])
        assert open_.outcome == "failed"
        assert "does not name F84003" in named.objection(warning(keys=("F84003",)))

    def test_no_codes_that_may_be_cut_short(self) -> None:
        many = tuple(f"F8400{digit}" for digit in range(10))
        assert "others may be behind them" in waiver(codes=many).objection(warning(keys=many))

    def test_the_first_that_covers_it(self) -> None:
        (check,) = held(waiver(value="0.06"), waiver(id="W-2"), waiver(id="W-3")).over([warning()])
        assert check.waiver_id == "W-2"


class TestWhatStopsARun:
    def test_a_failure_always_an_open_warning_where_waivers_are_required(self) -> None:
        failed, open_ = warning(severity="fail"), warning()
        checks = (failed, open_, warning(outcome="waived"), warning(severity="info"))
        assert held().stopping(checks) == (failed,)
        assert held(required=True).stopping(checks) == (failed, open_)


class TestWhatBecameOfThem:
    def test_every_waiver_is_told_of(self) -> None:
        waivers = held(waiver(), waiver(id="W-2", check="I03"), waiver(id="W-3", value="0.06"), waiver(id="W-4"))
        checks = waivers.over([warning()])
        used, not_asked, worse, second = waivers.standings(checks)
        assert used.check == checks[0] and used.as_dict()["found"] == pytest.approx(0.0712345678)
        assert not_asked.why_not == "the check was not asked"
        assert worse.check is None and second.check is None
        assert [standing.as_dict()["used"] for standing in (used, not_asked, worse, second)] == [True, *[False] * 3]

    def test_one_that_is_too_weak_says_so(self) -> None:
        (standing,) = held(waiver(value="0.06")).standings([warning()])
        assert standing.why_not == "found 0.0712346, worse than the 0.06 that it accepts"


class TestReading:
    def test_those_of_the_locality_and_year(self, tmp_path: Path) -> None:
        path = written(
            tmp_path,
            GIVEN,
            GIVEN | {"id": "W-2", "locality": "elsewhere", "expires_on": date(2026, 4, 2)},
            GIVEN | {"id": "W-3", "budget_year": "2026/27"},
            GIVEN | {"id": "W-4", "budget_year": "2025/26"},
        )
        assert [waiver.id for waiver in read(path).held] == ["W-1", "W-3"]

    def test_none_where_the_locality_names_no_file(self) -> None:
        assert read(None).held == ()

    @pytest.mark.parametrize("day", [date(2026, 4, 1), date(2026, 6, 30)])
    def test_one_holds_from_its_first_day_to_its_last(self, tmp_path: Path, day: date) -> None:
        assert len(read(written(tmp_path, GIVEN), day=day).held) == 1

    def test_an_expired_one_stops_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError) as error:
            read(written(tmp_path, GIVEN), day=date(2026, 7, 1))
        for said in ("W-1", "B03w", "until 2026-06-30", "today is 2026-07-01", "A. Lee", "waivers.yaml", "mend"):
            assert said in str(error.value)

    def test_one_that_does_not_hold_yet_stops_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="does not hold yet: it holds from 2026-04-01"):
            read(written(tmp_path, GIVEN), day=date(2026, 3, 31))

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"reason": "  "}, "reason"),
            ({"expires_on": date(2026, 3, 1)}, "expires_on lies before given_on"),
            ({"value": "much"}, "value"),
            ({"colour": "blue"}, "colour"),
            ({"id": "a b"}, "id"),
        ],
    )
    def test_an_incomplete_one_is_refused_with_file_and_number(
        self, tmp_path: Path, change: dict[str, Any], fault: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=f"waivers.yaml: waiver 2:(.|\n)*{fault}"):
            read(written(tmp_path, GIVEN, GIVEN | {"id": "W-2"} | change))

    @pytest.mark.parametrize("name", ["expires_on", "person", "role", "reason", "value", "threshold", "given_on"])
    def test_nothing_may_be_left_unsaid(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ConfigurationError, match=f"{name}: Field required"):
            read(written(tmp_path, {key: value for key, value in GIVEN.items() if key != name}))

    def test_one_name_stands_for_one_waiver(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="two waivers have the id W-1"):
            read(written(tmp_path, GIVEN, GIVEN))

    @pytest.mark.parametrize("text", ["[]", "waivers: {}", "waiver: []", "waivers: []\nmore: 1"])
    def test_another_shape_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "waivers.yaml").write_text(text)
        with pytest.raises(ConfigurationError, match="expected the key waivers"):
            read(tmp_path / "waivers.yaml")

    def test_what_a_run_keeps_can_be_read_again(self, tmp_path: Path) -> None:
        before = read(written(tmp_path, GIVEN | {"codes": ["F84001"], "table": "line_attribution"}))
        write_yaml(tmp_path / "kept.yaml", before.as_written())
        assert read(tmp_path / "kept.yaml") == before
        assert before.digest() == read(tmp_path / "kept.yaml").digest() != Waivers().digest()

    def test_the_shipped_file_holds_none(self) -> None:
        assert read_yaml(Path(__file__).parents[2] / "config" / "waivers.yaml") == {"waivers": []}


class TestAgainstTheGates:
    @pytest.mark.parametrize(
        ("severities", "fault"),
        [
            ({"B03w": "fail"}, "only a warning can be waived"),
            ({"B03w": "info"}, "only takes note"),
            ({}, "no gate has"),
        ],
    )
    def test_only_a_warning_can_be_waived(self, severities: dict[str, Any], fault: str) -> None:
        with pytest.raises(ConfigurationError, match=f"W-1.*{fault}"):
            held(waiver()).check(severities)

    def test_a_warning_passes(self) -> None:
        held(waiver()).check({"B03w": "warn", "B03": "fail"})


def test_what_is_asked_for_becomes_a_waiver_once_completed(tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(f"- {asked_for(warning())}\n")
    (said,) = read_yaml(tmp_path / "line.yaml")
    completed = {name: GIVEN[name] if value is None else value for name, value in said.items()}
    (check,) = held(Waiver.model_validate(completed)).over([warning()])
    assert check.outcome == "waived"

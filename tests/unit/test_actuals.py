"""Actuals are asked before anything is settled; what is wrong is named, never a person."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from budget.actuals.checks import Plan, check_actuals, check_list
from budget.actuals.folder import Handed, find_files, read_folder
from budget.actuals.people import homes_of, news_of_counts, of_list
from budget.engine import DuckEngine
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement
from tests.support.settling import PLACES, SEGMENTS, YEAR, agreement, outcomes, run, spend

pytestmark = pytest.mark.unit

NUMBER = "9434765919"
PEOPLE = ["month", "place", "segment", "people"]


def asked(deal: Agreement | None = None, /, **frames: pd.DataFrame) -> dict[str, CheckResult]:
    """The questions that failed, by identifier."""
    tables = run()
    handed = Handed(Path("actuals"), {name: () for name in frames}, frames)
    providers = frozenset(tables["provider_activity"]["provider_code"])
    plan = Plan(
        YEAR,
        3,
        tables["integrated_budget"],
        providers,
        tables["choice_by_provider"],
        (deal or agreement(),),
        frozenset({"NL"}),
    )
    return {check.check_id: check for check in check_actuals(handed, plan) if check.outcome == "failed"}


def good() -> pd.DataFrame:
    return spend(run(), 3)


def test_good_spend_passes() -> None:
    assert asked(actual_spend=good()) == {}


@pytest.mark.parametrize(
    ("column", "value", "check_id", "severity"),
    [
        ("financial_year", "2027/28", "Y01", "fail"),
        ("place", "Elsewhere", "Y03", "fail"),
        ("service_line", "dentistry", "Y04", "fail"),
        ("commissioner", "QZZ", "Y05", "fail"),
        ("provider_code", "ZZZ", "Y06", "warn"),
        ("segment", "XX", "Y07", "fail"),
    ],
)
def test_names_that_nobody_knows(column: str, value: str, check_id: str, severity: str) -> None:
    rows = good().astype({"segment": "object"})
    rows.loc[0, column] = value
    found = asked(actual_spend=rows)[check_id]
    assert (found.severity, found.keys) == (severity, (value,))
    assert value in found.sentence()


def test_months_that_are_missing_are_named() -> None:
    rows = good()
    found = asked(actual_spend=rows[~((rows["place"] == "East") & (rows["month"] == 2))])["Y02"]
    assert found.keys == ("East, month 2",) and found.stops


@pytest.mark.parametrize("divisor", [100, 100_000])
def test_pounds_and_thousands_are_refused(divisor: int) -> None:
    rows = good()
    assert asked(actual_spend=rows.assign(amount_pence=rows["amount_pence"] // divisor))["Y08"].stops


def test_lines_without_spend_and_lines_far_from_plan_are_named() -> None:
    rows = good()
    here = (rows["place"] == "West") & (rows["service_line"] == "community")
    assert asked(actual_spend=rows[~here])["Y09"].keys == ("West, community",)
    far = rows.assign(amount_pence=rows["amount_pence"].where(~here, rows["amount_pence"] * 3))
    assert asked(actual_spend=far)["Y10"].keys == ("West, community",)


def test_rows_that_are_there_twice() -> None:
    rows = good()
    assert asked(actual_spend=pd.concat([rows, rows[:1]]))["Y11"].rows_failed == 2


def test_outcomes_that_nobody_agreed_and_scores_out_of_bounds() -> None:
    rows = outcomes(
        ("alliance", "wait", 12.0), ("alliance", "other", 1.0), ("East", "score", 1.2), ("East", "wait", 1.0)
    )
    found = asked(actual_spend=good(), actual_outcomes=rows)
    assert found["Y24"].keys == ("East: wait", "alliance: other")
    assert found["Y25"].keys == ("East",)


def test_performance_is_that_of_parties_who_share_by_it() -> None:
    rows = outcomes(("alliance", "AAA", 0.7), ("alliance", "BBB", 1.7), ("alliance", "CCC", 0.9))
    by_performance = agreement("C8", parameters={"performance_losses": "budget"})
    handed = {"actual_spend": good(), "actual_outcomes": rows}
    found = asked(by_performance, **handed)
    assert found["Y24"].keys == ("alliance: CCC",), "it is no party"
    assert found["Y25"].keys == ("alliance",)
    assert len(asked(**handed)["Y24"].keys) == 3, "an alliance by budget asks for none"


def test_choice_needs_units_or_an_amount_and_a_price() -> None:
    rows = pd.DataFrame(
        [
            ("East", "acute", "FAR", None, None),
            ("East", "acute", "NEW", 3.0, None),
            ("West", "acute", "FAR", 3.0, None),
        ],
        columns=["place", "service_line", "provider_code", "units", "amount_pence"],
    ).astype({"units": "float64", "amount_pence": "Int64"})
    found = asked(actual_spend=good(), actual_choice=rows)
    assert found["Y26"].keys == ("FAR",)
    assert found["Y28"].keys == ("NEW",)


def test_an_adjustment_is_of_an_earlier_year() -> None:
    columns = ["financial_year", "commissioner", "place", "service_line", "amount_pence", "reason"]
    rows = pd.DataFrame([(YEAR, "QXX", "East", "acute", 5, "now")], columns=columns)
    assert asked(actual_spend=good(), prior_year_adjustments=rows)["Y29"].keys == (YEAR,)


def test_people_of_every_month_and_of_segments_that_are_budgeted_for() -> None:
    rows = pd.DataFrame([(m, p, s, 0.0) for m in (1, 2, 3) for p in PLACES for s in SEGMENTS], columns=PEOPLE)
    assert asked(actual_spend=good(), actual_people=rows) == {}
    gap = (rows["place"] == "West") & (rows["segment"] == "OA") & (rows["month"] == 2)
    found = asked(actual_spend=good(), actual_people=rows[~gap & (rows["month"] != 3)])
    assert found["Y21"].stops and "West, OA, month 2" in found["Y21"].keys
    assert len(found["Y21"].keys) == 1 + len(PLACES) * len(SEGMENTS)
    both = asked(actual_spend=good(), actual_people=rows, registered_list=pd.DataFrame(columns=["x"]))
    assert both["Y23"].stops


def test_people_on_no_list_are_not_asked_for() -> None:
    tables = run()
    rows = pd.DataFrame([(m, p, "AMW", 5.0) for m in (1, 2, 3) for p in PLACES], columns=PEOPLE)
    handed = Handed(Path("actuals"), {}, {"actual_spend": good(), "actual_people": rows})
    plan = Plan(YEAR, 3, tables["integrated_budget"], frozenset(), None, (), frozenset({"OA"}))
    assert "Y21" not in {check.check_id for check in check_actuals(handed, plan) if check.outcome == "failed"}


def test_units_on_some_rows_of_a_line_are_warned_of() -> None:
    rows = good()
    mine = (rows["provider_code"] == "BBB") & (rows["service_line"] == "acute")
    found = asked(actual_spend=rows.assign(units=rows["units"].mask(mine & (rows["month"] == 2))))["Y12"]
    assert (found.severity, found.keys, found.rows_failed) == ("warn", ("BBB, acute",), 2)
    assert asked(actual_spend=rows.assign(units=rows["units"].mask(mine))) == {}


def test_people_who_were_counted_stay_as_they_were() -> None:
    rows = pd.DataFrame(
        [(m, "East", "AMW", 5.0 + m) for m in (1, 2, 3)], columns=["month", "place", "segment", "people"]
    )
    told = news_of_counts(rows, 2)
    assert told.people[["month", "known_month", "people"]].to_numpy().tolist() == [[1, 1, 6], [1, 2, 6], [2, 2, 7]]
    assert told.late.empty


def test_a_list_of_strangers_is_refused() -> None:
    found = {check.check_id: check for check in check_list({"rows": 10, "recorded": 0, "strangers": 3}, 4, 10)}
    assert found["Y31"].stops and found["Y31"].observed == 0.4
    assert (found["Y32"].rows_failed, found["Y33"].severity) == (3, "warn")
    assert all(check.outcome == "passed" for check in check_list({"rows": 9, "recorded": 9, "strangers": 0}, 9, 9))


class TestFolder:
    def written(self, folder: Path, name: str, text: str) -> Path:
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder

    def test_there_has_to_be_spend(self, tmp_path: Path) -> None:
        with DuckEngine() as engine, pytest.raises(RunStopped, match="actual_spend"):
            read_folder(engine, tmp_path, "pseudonym")
        with pytest.raises(ConfigurationError, match="no such folder"):
            find_files(tmp_path / "nowhere")

    def test_a_table_is_there_once(self, tmp_path: Path) -> None:
        self.written(tmp_path, "actual_spend", "x\n")
        (tmp_path / "actual_spend.parquet").write_bytes(b"")
        with pytest.raises(ConfigurationError, match="twice"):
            find_files(tmp_path)

    def test_wrong_values_are_counted_and_never_shown(self, tmp_path: Path) -> None:
        self.written(
            tmp_path,
            "registered_list",
            "person_id,practice_code,sex,date_of_birth,lsoa_code,registered_on,deregistered_on,died_on,registration_type,flags\n"
            f"{NUMBER},F1,F,yesterday,,2026-04-01,,,regular,\n",
        )
        spent = "financial_year,month,commissioner,place,service_line,amount_pence\n2026/27,13,QXX,East,acute,1.5\n"
        self.written(tmp_path, "actual_spend", spent)
        with DuckEngine() as engine, pytest.raises(RunStopped) as stopped:
            read_folder(engine, tmp_path, "synthetic_nhs_number")
        said = str(stopped.value)
        assert {"month", "amount_pence", "date_of_birth"} <= set(said.replace(":", " ").split())
        assert NUMBER not in said and "yesterday" not in said
        assert {check.gate for check in stopped.value.failures} == {"actuals"}

    def test_people_are_read_under_pseudonyms_and_practices_followed(self, tmp_path: Path) -> None:
        head = "person_id,practice_code,sex,date_of_birth,lsoa_code,registered_on,deregistered_on,died_on"
        head += ",registration_type,flags"
        rows = f"{head}\n{NUMBER},F1,F,1980-01-01,,2020-04-01,,,regular,\n,F9,F,1980-01-01,,2020-04-01,,,regular,\n"
        self.written(tmp_path, "registered_list", rows)
        self.written(tmp_path, "actual_spend", "financial_year,month,commissioner,place,service_line,amount_pence\n")
        with DuckEngine() as engine:
            handed = read_folder(engine, tmp_path, "synthetic_nhs_number")
            known = engine.frame("select person_id from later_list where person_id is not null")["person_id"].iloc[0]
            assert known != NUMBER and len(known) == 20
            people = pd.DataFrame(
                {"practice_code": ["F1", "F1", "F1"], "place": ["East", "East", "West"], "segment": "AMW"}
            )
            engine.lend("population", people)
            homes = homes_of(engine, handed, FinancialYear.parse(YEAR))
            assert homes.to_dict("records") == [{"practice_code": "F1", "place": "East"}]
            assert of_list(engine, homes) == {"rows": 2, "recorded": 0, "strangers": 1}
        assert handed.missing == ("actual_outcomes", "actual_choice", "prior_year_adjustments", "counterfactual_spend")

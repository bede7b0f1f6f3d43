"""The micro-tests of the method (3.6) for LONDON6, through the segmentation stage."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.engine import DuckEngine
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.yaml import read_yaml, write_yaml
from budget.segmentation.stage import SEGMENTATION
from tests.support.given import REPOSITORY, given
from tests.support.people import place, run

pytestmark = pytest.mark.integration

LONDON6 = REPOSITORY / "config/segmentation/london6.yaml"
CODELISTS = REPOSITORY / "config/segmentation/codelists/conditions.csv"

# person: age, conditions, and the segment by each scheme
SCHEMES = ("complex_first", "age_first", "nwl15", "snee", "bridges_to_health")
RECORDS: dict[str, tuple[int | None, list[str], str, str, str, str, str]] = {
    "a": (3, [], "U5", "U5", "NWL01", "CHILD", "HEALTHY"),
    "b": (4, ["continuing_care"], "CCX", "CCX", "NWL09", "CHILD", "DISABILITY"),
    "c": (10, ["asthma"], "CMW", "CMW", "NWL05", "CHILD", "CHRONIC"),
    "d": (17, [], "CMW", "CMW", "NWL02", "CHILD", "HEALTHY"),
    "e": (18, [], "AMW", "AMW", "NWL03", "LIVE_WELL", "HEALTHY"),
    "f": (40, ["diabetes"], "AMW", "AMW", "NWL06", "STAY_WELL", "CHRONIC"),
    "g": (40, ["severe_mental_illness"], "ACX", "ACX", "NWL11", "FEEL_WELL", "DISABILITY"),
    "h": (50, ["diabetes", "asthma", "copd", "hypertension"], "ACX", "ACX", "NWL06", "AGE_WELL", "CHRONIC"),
    "i": (66, [], "OA", "OA", "NWL04", "LIVE_WELL", "HEALTHY"),
    "j": (82, ["dementia", "diabetes", "asthma", "chd"], "ACX", "OA", "NWL14", "AGE_WELL", "FRAILTY"),
    "k": (70, ["palliative", "diabetes"], "ACX", "OA", "NWL07", "DIE_WELL", "NEAR_DEATH"),
    "l": (35, ["homeless", "alcohol"], "ACX", "ACX", "NWL15", "FEEL_WELL", "HEALTHY"),
    "m": (65, [], "OA", "OA", "NWL04", "LIVE_WELL", "HEALTHY"),
    "n": (None, [], "UNSEG", "UNSEG", "UNSEG", "UNSEG", "UNSEG"),
    "o": (64, [], "AMW", "AMW", "NWL03", "LIVE_WELL", "HEALTHY"),
}
GROWTH = [
    {"financial_year": year, "place": "Here", "sex": sex, "age_from": band, "growth_index": index}
    for year, index in (("2025/26", 1.0), ("2026/27", 1.1), ("2027/28", 1.2))
    for sex in ("F", "M", "I", "U")
    for band in (None, *range(0, 100, 5))
]
TABLES = {
    "population_base": [{"person_id": person, "age": age} for person, (age, *_) in RECORDS.items()],
    "conditions": [{"person_id": p, "condition": name} for p, (_, names, *_) in RECORDS.items() for name in names],
    "population_growth": GROWTH,
}


def segments(tables: dict[str, Any], values: dict[str, object] | None = None) -> dict[str, str]:
    with DuckEngine() as engine:
        people = place(engine, TABLES | tables, values)["population"]
    return dict(zip(people["person_id"], people["segment"], strict=True))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_fifteen_persons(scheme: str) -> None:
    column = 2 + SCHEMES.index(scheme)
    values = {"older_precedence": scheme} if scheme in ("complex_first", "age_first") else {}
    file = LONDON6 if values else LONDON6.with_name(f"{scheme}.yaml")
    with DuckEngine() as engine:
        people = place(engine, TABLES, values, scheme=file)["population"]
    found = dict(zip(people["person_id"], people["segment"], strict=True))
    assert found == {person: record[column] for person, record in RECORDS.items()}


def test_another_precedence_moves_people_only_between_the_two_groups_it_names() -> None:
    before, after = segments({}), segments({}, {"older_precedence": "age_first"})
    assert {(before[p], after[p]) for p in before if before[p] != after[p]} == {("ACX", "OA")}


class TestComplexNeeds:
    """Two long-term conditions and an emergency admission in the twelve months before the snapshot."""

    def segment(self, *, conditions: int = 2, recorded_on: date = date(2020, 1, 1), **admission: Any) -> str:
        names = ["diabetes", "asthma", "chd", "copd"][:conditions]
        care = {
            "person_id": "p",
            "activity_date": date(2024, 10, 1),
            "service_line": "acute_nonelective",
            "emergency": True,
        } | admission
        tables = {
            "population_base": [{"person_id": "p", "age": 40}],
            "conditions": [{"person_id": "p", "condition": name, "recorded_on": recorded_on} for name in names],
            "activity": [care],
        }
        return segments(tables)["p"]

    def test_together_they_are_complex(self) -> None:
        assert self.segment() == "ACX"
        assert self.segment(conditions=1) == "AMW"
        assert self.segment(conditions=4, emergency=False) == "ACX"

    @pytest.mark.parametrize(
        "admission",
        [
            {"activity_date": date(2024, 3, 31)},
            {"activity_date": date(2025, 4, 1)},
            {"emergency": False},
            {"emergency": None},
            {"service_line": "acute_elective"},
            {"person_id": "q"},
        ],
    )
    def test_another_admission_does_not_count(self, admission: dict[str, Any]) -> None:
        assert self.segment(**admission) == "AMW"

    @pytest.mark.parametrize("day", [date(2024, 4, 1), date(2025, 3, 31)])
    def test_the_window_has_both_ends(self, day: date) -> None:
        assert self.segment(activity_date=day) == "ACX"

    def test_a_condition_is_on_record_from_the_snapshot_on(self) -> None:
        assert self.segment(recorded_on=date(2025, 4, 1)) == "ACX"
        assert self.segment(recorded_on=date(2025, 4, 2)) == "AMW"


def test_what_stands_under_a_replaced_identifier_is_the_persons_own() -> None:
    tables = {
        "population_base": [{"person_id": "new", "age": 40}],
        "conditions": [
            {"person_id": person, "condition": name}
            for person, name in [("old", "diabetes"), ("new", "diabetes"), ("older", "asthma")]
        ],
        "activity": [
            {
                "person_id": "old",
                "activity_date": date(2024, 10, 1),
                "service_line": "acute_nonelective",
                "emergency": True,
            }
        ],
        "person_merges": [{"person_id": person, "replaced_by": "new"} for person in ("old", "older")],
    }
    with DuckEngine() as engine:
        found = place(engine, TABLES | tables)["population"]
    assert found[["segment", "long_term_conditions"]].values.tolist() == [["ACX", 2]]


class TestUnregistered:
    PEOPLE = [
        {"person_id": person, "age": age, "basis": "unregistered_resident", "practice_code": None}
        for person, age in [("u1", 3), ("u2", 12), ("u3", 40), ("u4", 70), ("u5", None)]
    ]
    ESTIMATES = [
        {"place": "Here", "basis": "unregistered", "sex": "F", "age": age, "people": 2.5} for age in (3, 12, 40, 70)
    ]
    BY_AGE = {"unreg_segment_mode": "by_age"}

    def test_they_are_a_segment_of_their_own_or_placed_by_age(self) -> None:
        tables = {"population_base": self.PEOPLE, "conditions": []}
        assert set(segments(tables).values()) == {"UNREG"}
        expected = {"u1": "U5", "u2": "CMW", "u3": "AMW", "u4": "OA", "u5": "UNSEG"}
        assert segments(tables, self.BY_AGE) == expected

    @pytest.mark.parametrize("people", [[], PEOPLE], ids=["estimates", "persons"])
    def test_both_ways_count_the_same_people(self, people: list[dict[str, Any]]) -> None:
        listed = [*TABLES["population_base"], *people]
        counts = [] if people else self.ESTIMATES
        totals = []
        for values in ({}, self.BY_AGE):
            with DuckEngine() as engine:
                tables = TABLES | {"population_base": listed, "population_counts": counts}
                totals.append(place(engine, tables, values)["segment_people"].groupby("financial_year")["people"].sum())
        pd.testing.assert_series_equal(totals[0], totals[1])
        assert totals[0]["2025/26"] == len(RECORDS) + (5 if people else 10)

    def test_estimates_are_placed_by_age(self) -> None:
        tables = TABLES | {"population_base": [], "conditions": [], "population_counts": self.ESTIMATES}
        with DuckEngine() as engine:
            summary = place(engine, tables, self.BY_AGE)["segment_summary"]
        assert summary.set_index("segment")["people"].to_dict() == dict.fromkeys(["AMW", "CMW", "OA", "U5"], 2.5)


class TestProjection:
    def test_every_year_grows_by_its_index_and_shares_add_up(self) -> None:
        with DuckEngine() as engine:
            found = place(engine, TABLES)
        people = found["segment_people"].pivot(index="segment", columns="financial_year", values="people")
        assert people["2025/26"].sum() == len(RECORDS)
        assert (people["2026/27"] / people["2025/26"]).round(12).eq(1.1).all()
        assert (people["2027/28"] / people["2025/26"]).round(12).eq(1.2).all()
        assert found["segment_summary"]["share"].sum() == pytest.approx(1)

    def test_a_place_without_a_projection_stops_the_run(self) -> None:
        elsewhere = [row | {"place": "There"} for row in GROWTH]
        with DuckEngine() as engine, pytest.raises(RunStopped, match=r"needs a projection(.|\n)*which: Here"):
            place(engine, TABLES | {"population_growth": elsewhere})

    def test_segments_are_listed_by_precedence_with_what_stands_in_for_the_unregistered(self) -> None:
        with DuckEngine() as engine:
            found = place(engine, TABLES)["segments"].set_index("segment")
        assert found.index.tolist() == ["UNSEG", "CCX", "ACX", "OA", "U5", "CMW", "AMW", "UNREG"]
        assert found["rank"].tolist() == list(range(1, 9))
        assert found.loc["UNREG", ["unregistered", "rate_from"]].tolist() == [True, "AMW"]
        assert found["broad_group"].tolist() == [
            "unsegmented", "complex_needs", "complex_needs", "older_adults", *["mostly_well"] * 3, "unregistered",
        ]  # fmt: skip


class TestWithoutPersons:
    TOTALS = pd.DataFrame(
        {"place": ["Here", "Here"], "segment": ["OA", "U5"], "people": [30.0, 10.0], "projected_people": [33.0, 9.0]}
    )

    def stage(self, budget_years: tuple[str, ...]) -> Any:
        frames = {"segment_population": self.TOTALS}
        return SEGMENTATION.run(given(frames, {}, base_year="2025/26", budget_years=budget_years))

    def test_totals_are_taken_as_they_are(self) -> None:
        found = self.stage(("2026/27",))
        assert found["segment_people"]["people"].tolist() == [30.0, 10.0, 33.0, 9.0]
        assert found["segment_summary"]["share"].tolist() == [0.75, 0.25]
        assert found["segments"]["segment"].tolist() == ["OA", "U5"]
        assert found["segments"]["broad_group"].tolist() == ["older_adults", "mostly_well"]
        assert "population" not in found

    def test_they_speak_of_one_budget_year(self) -> None:
        with pytest.raises(RunStopped, match="the run can set only one"):
            self.stage(("2026/27", "2027/28"))


class TestSchemes:
    def place_with(self, path: Path, **changes: Any) -> dict[str, str]:
        write_yaml(path, read_yaml(LONDON6) | {"codelists": [str(CODELISTS)]} | changes)
        with DuckEngine() as engine:
            people = place(engine, TABLES, scheme=path)["population"]
        return dict(zip(people["person_id"], people["segment"], strict=True))

    def test_a_scheme_without_events_is_placed_as_well(self, tmp_path: Path) -> None:
        features = {name: f for name, f in read_yaml(LONDON6)["features"].items() if name != "emergency_admissions"}
        flags = {"complex": "long_term_conditions >= 4 or complex_conditions >= 1"}
        found = self.place_with(tmp_path / "scheme.yaml", features=features, flags=flags)
        assert found == {person: record[2] for person, record in RECORDS.items()}

    @pytest.mark.parametrize("boundary", ["child_from", "adult_from", "older_from"])
    def test_every_boundary_moves_somebody(self, tmp_path: Path, boundary: str) -> None:
        boundaries = read_yaml(LONDON6)["boundaries"]
        moved = boundaries | {boundary: boundaries[boundary] - 2}
        assert self.place_with(tmp_path / "scheme.yaml", boundaries=moved) != segments({})

    @pytest.mark.parametrize(("months", "segment"), [(1, "AMW"), (6, "AMW"), (7, "ACX"), (12, "ACX")])
    def test_a_look_back_is_a_parameter(self, tmp_path: Path, months: int, segment: str) -> None:
        """Two conditions and an admission on 15 September 2024, more than six months before the snapshot."""
        write_yaml(
            tmp_path / "scheme.yaml",
            read_yaml(LONDON6) | {"codelists": [str(CODELISTS)], "look_backs": {"admissions": months}},
        )
        admission = {
            "person_id": "p",
            "activity_date": date(2024, 9, 15),
            "service_line": "acute_nonelective",
            "emergency": True,
        }
        tables = TABLES | {
            "population_base": [{"person_id": "p", "age": 40}],
            "conditions": [{"person_id": "p", "condition": name} for name in ("diabetes", "asthma")],
            "activity": [admission],
        }
        with DuckEngine() as engine:
            people = place(engine, tables, scheme=tmp_path / "scheme.yaml")["population"]
        assert people["segment"].tolist() == [segment]

    @pytest.mark.parametrize(
        ("recorded_on", "segment"),
        [
            (date(2024, 3, 31), "LIVE_WELL"),
            (date(2024, 4, 1), "AGE_WELL"),
            (date(2025, 4, 1), "AGE_WELL"),
            (date(2025, 4, 2), "LIVE_WELL"),
        ],
    )
    def test_a_condition_may_have_a_look_back(self, recorded_on: date, segment: str) -> None:
        stay = {"person_id": "p", "condition": "frailty_stay", "recorded_on": recorded_on}
        tables = TABLES | {"population_base": [{"person_id": "p", "age": 80}], "conditions": [stay]}
        with DuckEngine() as engine:
            people = place(engine, tables, scheme=LONDON6.with_name("snee.yaml"))["population"]
        assert people["segment"].tolist() == [segment]

    def test_an_unknown_word_stops_before_anybody_is_placed(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="'frailty' in 'frailty >= 3' is unknown"):
            self.place_with(tmp_path / "scheme.yaml", flags={"complex": "frailty >= 3"})

    def test_a_choice_that_nobody_made_is_an_error(self) -> None:
        lacking = {"population_counts": [], "activity": [], "person_merges": []}
        with DuckEngine() as engine, pytest.raises(ConfigurationError, match="older_precedence has no value"):
            run(SEGMENTATION, engine, TABLES | lacking, {})


class TestCodelists:
    def test_a_production_run_does_not_lean_on_drafts(self) -> None:
        with DuckEngine() as engine, pytest.raises(ConfigurationError) as refused:
            place(engine, TABLES, purpose="annual")
        for words in ("london6.yaml: 4 codelists", "severe_frailty (draft)", "homeless (draft)", "mend: have them"):
            assert words in str(refused.value)

    def test_a_production_run_goes_on_with_approved_lists(self, tmp_path: Path) -> None:
        (tmp_path / "lists.csv").write_text(CODELISTS.read_text(encoding="utf-8").replace(",draft,", ",approved,"))
        write_yaml(tmp_path / "scheme.yaml", read_yaml(LONDON6) | {"codelists": ["lists.csv"]})
        with DuckEngine() as engine:
            found = place(engine, TABLES, scheme=tmp_path / "scheme.yaml", purpose="annual")
        assert (found["segment_codelists"]["status"] == "approved").all()

    def test_what_no_register_has_is_unknown(self, tmp_path: Path) -> None:
        features = read_yaml(LONDON6)["features"]
        features["complex_conditions"] = {"count_conditions": ["dementia", "lycanthropy"]}
        features["vampires"] = {"count_group": "vampires"}
        write_yaml(tmp_path / "scheme.yaml", read_yaml(LONDON6) | {"codelists": [str(CODELISTS)], "features": features})
        with DuckEngine() as engine:
            lists = place(engine, TABLES, scheme=tmp_path / "scheme.yaml")["segment_codelists"].set_index("codelist")
        assert lists.loc[["lycanthropy", "vampires"], "status"].tolist() == ["unknown", "unknown"]
        with (
            DuckEngine() as engine,
            pytest.raises(ConfigurationError, match=r"lycanthropy \(unknown\), vampires \(group"),
        ):
            place(engine, TABLES, scheme=tmp_path / "scheme.yaml", purpose="annual")

    def test_each_list_says_how_many_have_it_on_record(self) -> None:
        with DuckEngine() as engine:
            lists = place(engine, TABLES)["segment_codelists"].set_index("codelist")
        assert lists.loc[["diabetes", "asthma", "epilepsy"], "people"].tolist() == [4, 3, 0]
        assert lists.loc["severe_frailty", ["status", "groups"]].tolist() == ["draft", "complex_needs"]


def test_prevalence_is_that_of_the_registers_ages() -> None:
    published = [
        {"practice_code": "P1", "condition": "diabetes", "from_age": 17, "share": 0.5},
        {"practice_code": "P1", "condition": "asthma", "from_age": 6, "share": 0.1},
        {"practice_code": "P2", "condition": "asthma", "from_age": 6, "share": 0.9},
        {"practice_code": "P1", "condition": "obesity", "from_age": 18, "share": 0.2},
    ]
    with DuckEngine() as engine:
        found = place(engine, TABLES | {"published_prevalence": published})["condition_prevalence"]
    rows = found.set_index("condition")[["register_people", "recorded_people", "published_people"]]
    assert rows.loc["diabetes"].tolist() == [11, 4, 5.5], "11 of 15 are 17 and over; one has no age"
    assert rows.loc["asthma"].tolist() == [12, 3, pytest.approx(1.2)], "nobody is on the list of P2"
    assert "obesity" not in rows.index, "the scheme does not count it"


def test_people_are_counted_by_practice_sex_and_band() -> None:
    with DuckEngine() as engine:
        detail = place(engine, TABLES)["segment_detail"]
    assert detail["people"].sum() == len(RECORDS)
    older = detail[detail["segment"] == "OA"][["practice_code", "sex", "age_from", "people"]]
    assert older.values.tolist() == [["P1", "F", 65.0, 2.0]]
    assert detail.loc[detail["segment"] == "UNSEG", "age_from"].isna().all()

"""Lists and who is on none: practices of ours and of others, people without a practice, lists that are too long."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from budget.engine import DuckEngine
from budget.kernel.errors import RunStopped
from tests.support.people import areas, by_rule, count, practices, projection

pytestmark = pytest.mark.integration

OUTSIDE = "E01099999"


class TestPractices:
    def test_a_closed_practice_gives_its_list_and_its_published_count_to_its_successor(self) -> None:
        closed = practices("P0", successor_code="P1", closed_on=date(2024, 1, 1))
        tables = {
            "registered_list": [{"person_id": "a", "practice_code": "P0"}, {"person_id": "b"}],
            "practices": [*practices("P1"), *closed],
            "published_list": [{"practice_code": code, "sex": "F", "age": 44, "patients": 1} for code in ("P0", "P1")],
        }
        with DuckEngine() as engine:
            found = count(engine, tables)
        statement = found["population_reconciliation"].set_index("practice_code")
        assert statement.index.tolist() == ["P1"]
        assert statement.loc["P1", ["closing", "published", "difference"]].tolist() == [2, 2, 0]

    def test_a_practice_that_nobody_knows_is_not_ours_though_its_patients_live_here(self) -> None:
        with DuckEngine() as engine:
            found = count(engine, {"registered_list": [{"person_id": "a", "practice_code": "PY"}]})
        assert by_rule(found) == {("exported", "RC12", None): 1}
        (days,) = found["member_days"].astype(object).where(found["member_days"].notna(), None).to_dict("records")
        assert (days["commissioner"], days["place"], days["member_days"]) == (None, None, 365)

    def test_a_practice_of_another_icb_is_not_ours_wherever_its_patients_live(self) -> None:
        tables = {
            "registered_list": [{"person_id": "a", "practice_code": "PX"}],
            "practices": practices("PX", icb="QYY", place="There"),
        }
        with DuckEngine() as engine:
            found = count(engine, tables)
        assert found["population_base"].empty
        assert found["population_reconciliation"].empty


class TestOnNoList:
    """RC13, RC13U, RC14 and RC14U: who is here without a list, and who is not known to be."""

    CASES: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
        "lives here": ({"practice_code": "V81997"}, ("counted", "RC13")),
        "a hostel here": ({"practice_code": "V81997", "flags": "no_fixed_abode"}, ("counted", "RC14")),
        "lives elsewhere": ({"practice_code": "V81997", "lsoa_code": OUTSIDE}, ("exported", "RC0")),
        "no fixed abode elsewhere": (
            {"practice_code": "V81997", "lsoa_code": OUTSIDE, "flags": "no_fixed_abode"},
            ("exported", "RC0"),
        ),
        "no fixed abode and no area": (
            {"practice_code": "V81997", "lsoa_code": None, "flags": "no_fixed_abode"},
            ("quarantined", "RC14U"),
        ),
        "no area": ({"practice_code": "V81997", "lsoa_code": None}, ("exported", "RC0")),
        "not applicable": ({"practice_code": "V81998"}, ("quarantined", "RC13U")),
        "unknown": ({"practice_code": "V81999", "lsoa_code": OUTSIDE}, ("quarantined", "RC13U")),
        "nobody's record": ({"person_id": None, "identifier_valid": False}, ("quarantined", "RC1")),
        "no fixed abode, on a list": ({"flags": "no_fixed_abode"}, ("counted", "")),
    }

    def test_who_is_counted_without_a_list(self) -> None:
        records = [{"person_id": str(number)} | facts for number, (facts, _) in enumerate(self.CASES.values())]
        with DuckEngine() as engine:
            people = count(engine, {"registered_list": records})["population_base"].set_index("person_id")
            judged = engine.frame("select person_id, outcome, reason_code from outcomes").set_index("person_id")
        assert len(judged) == len(records)
        for number, (name, (facts, expected)) in enumerate(self.CASES.items()):
            person = facts.get("person_id", str(number))
            if expected[0] == "counted":
                assert people.loc[person, "reason_codes"] == expected[1], name
            else:
                row = judged.loc[person] if person else judged[judged.index.isna()].iloc[0]
                assert tuple(row) == expected, name
        assert people["member_days"].tolist() == [365] * 3


class TestResidents:
    ESTIMATE = {
        "lad_code": "E09000001",
        "sex": "M",
        "age_from": 20,
        "age_to": 29,
        "people": 25.0,
        "evidence": "a count",
    }

    def test_estimates_are_spread_over_their_band(self) -> None:
        with DuckEngine() as engine:
            counts = count(engine, {"registered_list": [], "unregistered_residents": [self.ESTIMATE]})[
                "population_counts"
            ]
        assert counts["basis"].unique().tolist() == ["unregistered"]
        assert counts["age"].tolist() == list(range(20, 30))
        assert counts["people"].tolist() == [2.5] * 10

    def test_a_district_in_two_places_is_refused(self) -> None:
        tables = {"registered_list": [], "areas": [*areas("E01000001"), *areas("E01000002", place="There")]}
        with (
            DuckEngine() as engine,
            pytest.raises(RunStopped, match=r"every district must lie in one place.*\n.*E09000001"),
        ):
            count(engine, tables)

    def test_an_estimate_for_an_unknown_district_is_refused(self) -> None:
        elsewhere = [self.ESTIMATE | {"lad_code": "E09000099"}]
        with (
            DuckEngine() as engine,
            pytest.raises(RunStopped, match=r"every district must be one of the areas(.|\n)*E09000099"),
        ):
            count(engine, {"registered_list": [], "unregistered_residents": elsewhere})

    def test_persons_and_estimates_of_the_same_residents_are_refused(self) -> None:
        tables = {
            "registered_list": [{"person_id": "secret", "practice_code": "V81997"}],
            "unregistered_residents": [self.ESTIMATE],
        }
        with DuckEngine() as engine, pytest.raises(RunStopped, match="not both") as stop:
            count(engine, tables)
        assert "secret" not in str(stop.value)


class TestListInflation:
    """What each way of meeting lists that are too long would make of them; nobody is ever removed."""

    FAR = areas("E01000009", place="There", lad_code="E09000009")
    PEOPLE: tuple[dict[str, Any], ...] = (
        *({"person_id": f"{n}"} for n in range(60)),  # 60 women of 44, and 50 residents
        *({"person_id": f"m{n}", "sex": "M"} for n in range(20)),  # 20 men, and 50 residents
        {"person_id": "unknown", "date_of_birth": None},
        {"person_id": "old", "flags": "fp69", "fp69_on": date(2024, 9, 30)},
        {"person_id": "new", "flags": "fp69", "fp69_on": date(2025, 1, 1)},
    )

    def told(self, months: int = 6, **tables: Any) -> pd.DataFrame:
        with DuckEngine() as engine:
            found = count(engine, {"registered_list": self.PEOPLE} | tables, {"fp69_months": months})
        assert len(found["population_base"]) == len(self.PEOPLE)
        return found["list_inflation"]

    def test_a_list_is_scaled_towards_the_residents_within_bounds(self) -> None:
        scaled = self.told().set_index(["adjustment", "sex", "age_from"]).loc["scale_to_resident"]
        assert scaled.loc[("F", 40)].tolist() == ["Here", 62, 62 * 0.90]  # 50 / 62 is below the bound
        assert scaled.loc[("M", 40)].tolist() == ["Here", 20, 20 * 1.02]  # 50 / 20 is above it
        (unknown,) = scaled[scaled.index.get_level_values("age_from").isna()]["adjusted_people"]
        assert unknown == 1.02  # as the place: 100 / 82

    def test_between_the_bounds_a_list_is_its_residents(self) -> None:
        scaled = self.told(population_projection=[row | {"persons": 12.0} for row in projection()])
        band = scaled.set_index(["adjustment", "sex", "age_from"]).loc[("scale_to_resident", "F", 40)]
        assert band["adjusted_people"] == pytest.approx(60.0)

    @pytest.mark.parametrize(("months", "left"), [(0, 81), (3, 81), (4, 82), (6, 82), (7, 83)])
    def test_pending_removals_count_until_they_are_old(self, months: int, left: int) -> None:
        assert self.told(months).groupby("adjustment")["adjusted_people"].sum()["exclude_fp69"] == left

    def test_a_removal_without_a_day_has_no_age(self) -> None:
        undated = [{"person_id": "p", "flags": "fp69"}]
        assert set(self.told(0, registered_list=[*self.PEOPLE[:-1], *undated])["adjustment"]) == {
            "none",
            "scale_to_resident",
            "exclude_fp69",
        }
        with DuckEngine() as engine, pytest.raises(RunStopped, match="needs fp69_on for every flagged record"):
            chosen = {"fp69_months": 6, "list_inflation_adjustment": "exclude_fp69"}
            count(engine, {"registered_list": undated}, chosen)

    def test_a_place_without_estimates_cannot_be_scaled(self) -> None:
        """The other place can, and an adjustment of it alone would move money between them."""
        tables = {
            "registered_list": [{"person_id": "a"}, {"person_id": "b", "practice_code": "P2"}],
            "practices": [*practices("P1"), *practices("P2", place="There")],
            "areas": [*areas("E01000001"), *self.FAR],
        }
        with DuckEngine() as engine:
            found = count(engine, tables)["list_inflation"].set_index(["adjustment", "place"])["adjusted_people"]
        assert found["none"].tolist() == [1, 1]
        assert pd.isna(found[("scale_to_resident", "There")])
        with DuckEngine() as engine, pytest.raises(RunStopped, match="can be worked out for every place"):
            count(engine, tables, {"list_inflation_adjustment": "scale_to_resident"})


class TestGrowth:
    def test_growth_is_a_rate_and_everyone_has_one(self) -> None:
        rows = [row | {"persons": 10.0 * (1 + 0.1 * (row["year"] - 2025))} for row in projection()]
        with DuckEngine() as engine:
            found = count(engine, {"registered_list": [], "population_projection": rows})
        growth = found["population_growth"]
        assert set(growth["sex"]) == {"F", "M", "I", "U"}
        by_year = growth.groupby("financial_year")["growth_index"].agg(["min", "max"]).round(12)
        assert by_year.loc["2025/26"].tolist() == [1.0, 1.0]
        assert by_year.loc["2027/28"].tolist() == [1.2, 1.2]
        assert growth["age_from"].isna().sum() == 3 * 4

    def test_each_variant_has_its_growth_and_one_is_chosen(self) -> None:
        steps = {"principal": 0.1, "low": 0.0, "high": 0.2}
        rows = [
            row | {"variant": variant, "persons": 10.0 * (1 + step * (row["year"] - 2025))}
            for variant, step in steps.items()
            for row in projection(step=5)
        ]
        with DuckEngine() as engine:
            found = count(
                engine, {"registered_list": [], "population_projection": rows}, {"population_variant": "high"}
            )
        last = found["population_growth_variants"].query("financial_year == '2027/28'")
        growth = last.groupby("variant")["growth_index"].agg(["min", "max"]).round(12)
        assert growth.to_dict("index") == {name: {"min": 1 + 2 * n, "max": 1 + 2 * n} for name, n in steps.items()}
        chosen = found["population_growth"].query("financial_year == '2027/28'")["growth_index"]
        assert chosen.round(12).unique().tolist() == [1.4]

    def test_a_variant_that_is_not_there_is_refused(self) -> None:
        with DuckEngine() as engine, pytest.raises(RunStopped, match="population_variant = low needs projected rows"):
            count(engine, {"registered_list": []}, {"population_variant": "low"})

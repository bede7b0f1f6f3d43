"""The workload formula of general medical services, and the global sum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.need.carr_hill import COMPONENTS, age_sex_units, carr_hill, describe_facts
from budget.need.primary_care import PrimaryCare, global_sum_pence

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "config" / "need" / "carr_hill.yaml"
CURVES = ROOT / "data" / "england" / "nhs_cost_age_sex_imd_2014_15.csv.gz"
BANDS = (2, 10, 30, 50, 70, 80, 90)
"""An age of each band."""


@pytest.fixture(scope="module")
def primary() -> PrimaryCare:
    return PrimaryCare.read(SETTINGS)


def a_list(code: str = "P1", scale: float = 1.0) -> pd.DataFrame:
    """The list of 10,000 of the method, section 8."""
    people = {"M": (300, 600, 2100, 1300, 450, 200, 50), "F": (290, 580, 2000, 1320, 480, 250, 80)}
    rows = [(code, sex, age, n * scale) for sex, counts in people.items() for age, n in zip(BANDS, counts, strict=True)]
    return pd.DataFrame(rows, columns=["practice_code", "sex", "age", "people"])


def facts(*codes: str, **values: float) -> pd.DataFrame:
    usual = {
        "share_new": 0.08,
        "share_nursing_home": 0.005,
        "long_standing_illness": 100.0,
        "mortality_under_65": 100.0,
        "distance_km": 1.5,
        "density": 40.0,
        "staff_market_forces_factor": 1.0,
    }
    return pd.DataFrame([{"practice_code": code} | usual | values for code in codes])


def two(**of_second: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two practices of the same list; facts of the second differ."""
    return pd.concat([a_list("P1"), a_list("P2")]), pd.concat([facts("P1"), facts("P2", **of_second)])


def test_units_of_the_methods_list(primary: PrimaryCare) -> None:
    people = a_list()
    units = age_sex_units(people, primary.formula) * people["people"]
    assert people["people"].sum() == 10_000
    assert units.sum() == pytest.approx(24_966.6, abs=1e-6)


def test_the_list_against_england(primary: PrimaryCare) -> None:
    england = pd.read_csv(CURVES)
    mean = np.average(age_sex_units(england, primary.formula), weights=england["population"])
    assert mean == pytest.approx(2.5337514, abs=5e-8)
    assert 2.49666 / mean == pytest.approx(0.985361, abs=5e-7)


@pytest.mark.parametrize(
    ("age", "male"),
    [(0, 3.97), (4, 3.97), (5, 1.0), (14, 1.0), (15, 1.02), (64, 2.15), (65, 4.19), (85, 6.27), (99, 6.27)],
)
def test_bands_begin_where_they_are_said_to(age: int, male: float, primary: PrimaryCare) -> None:
    assert age_sex_units(pd.DataFrame({"sex": ["M"], "age": [age]}), primary.formula).tolist() == [male]


@pytest.mark.parametrize(
    ("illness", "mortality", "needs"), [(100, 100, 97.9108), (120, 115, 106.6852), (80, 85, 89.1364)]
)
def test_additional_needs(illness: float, mortality: float, needs: float, primary: PrimaryCare) -> None:
    found = carr_hill(*two(long_standing_illness=illness, mortality_under_65=mortality), primary.formula)
    ratio = found["additional_needs"][1] / found["additional_needs"][0]
    assert ratio == pytest.approx(needs / 97.9108, abs=2e-6)
    assert found["need_index"][1] / found["need_index"][0] == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("fact", "value", "component", "ratio"),
    [
        ("share_new", 1.0, "turnover", 1.46 / (1 + 0.08 * 0.46)),
        ("share_nursing_home", 1.0, "nursing_home", 1.43 / (1 + 0.005 * 0.43)),
        ("staff_market_forces_factor", 1.1, "staff_market_forces", 1.048),
        ("distance_km", 3.0, "rurality", 2**0.05),
        ("density", 20.0, "rurality", 2**0.06),
    ],
)
def test_each_fact_moves_its_component(
    fact: str, value: float, component: str, ratio: float, primary: PrimaryCare
) -> None:
    found = carr_hill(*two(**{fact: value}), primary.formula)
    assert found[component][1] / found[component][0] == pytest.approx(ratio)
    for other in set(COMPONENTS) - {component}:
        assert found[other].tolist() == pytest.approx([1, 1])


def test_weighted_and_registered_totals_agree(primary: PrimaryCare) -> None:
    lists = pd.concat([a_list("P1"), a_list("P2", 0.3), a_list("P3").query("age > 60")])
    found = carr_hill(lists, facts("P1", "P2", "P3").assign(share_new=[0.1, 0.3, 0.02]), primary.formula)
    assert found["weighted_population"].sum() == pytest.approx(lists["people"].sum())
    assert found["need_index"].idxmax() == 2
    for component in COMPONENTS:
        assert np.average(found[component], weights=found["registered"]) == pytest.approx(1)


def test_weights_from_memory_say_so(primary: PrimaryCare) -> None:
    found = carr_hill(a_list(), facts("P1"), primary.formula)
    assert primary.formula.status == "unverified" and primary.global_sum.status == "approved"
    assert found["source_status"].tolist() == ["unverified"]


@pytest.mark.parametrize("wrong", [{"share_new": 1.2}, {"density": 0.0}, {"mortality_under_65": float("nan")}])
def test_a_fact_out_of_range_is_refused_by_practice(wrong: dict[str, float], primary: PrimaryCare) -> None:
    with pytest.raises(ConfigurationError, match="P2"):
        carr_hill(*two(**wrong), primary.formula)


def test_a_practice_without_facts_is_named(primary: PrimaryCare) -> None:
    lists, _ = two()
    with pytest.raises(ConfigurationError, match="which: P2"):
        carr_hill(lists, facts("P1"), primary.formula)


def test_a_practice_twice_is_named(primary: PrimaryCare) -> None:
    with pytest.raises(ConfigurationError, match="which: P1"):
        carr_hill(a_list(), facts("P1", "P1"), primary.formula)


def test_a_missing_fact_is_named(primary: PrimaryCare) -> None:
    assert "density" in describe_facts()
    with pytest.raises(ConfigurationError, match="needs density"):
        carr_hill(a_list(), facts("P1").drop(columns="density"), primary.formula)


@pytest.mark.parametrize("row", [("I", 40), ("F", float("nan")), ("M", -1)])
def test_a_person_that_it_does_not_weigh_is_refused(row: tuple[str, float], primary: PrimaryCare) -> None:
    with pytest.raises(ConfigurationError, match="1 rows have no sex"):
        age_sex_units(pd.DataFrame([row], columns=["sex", "age"]), primary.formula)


@pytest.mark.parametrize(
    ("weighted", "year", "opted_out", "pence"),
    [
        (10_000, "2022/23", False, 99_700_000),
        (10_000, "2022/23", True, 94_964_250),
        (92_400, "2025/26", False, 1_125_339_600),
        (92_400, "2025/26", True, 1_071_885_969),
        (1, "2023/24", False, 10_473),
        (0.5, "2024/25", False, 5_625),
    ],
)
def test_global_sum(weighted: float, year: str, opted_out: bool, pence: int, primary: PrimaryCare) -> None:
    assert global_sum_pence(weighted, year, primary.global_sum, opted_out=opted_out) == pence


def test_a_year_without_a_price_is_refused(primary: PrimaryCare) -> None:
    with pytest.raises(ConfigurationError, match=r"no price of 2015/16; known: 2010/11"):
        global_sum_pence(1, "2015/16", primary.global_sum)


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "carr_hill.yaml"
    file.write_text(SETTINGS.read_text(encoding="utf-8").replace("nursing_home:", "nursing:"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="nursing_home"):
        PrimaryCare.read(file)

"""Every method of need through the stage, on a small locality, each against its formula by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError, RunStopped
from budget.need.carr_hill import carr_hill
from budget.need.formula import weighted_capitation_2018_19
from budget.need.methods import METHODS
from budget.need.primary_care import PrimaryCare
from budget.need.stage import NEED
from tests.support.need import CONFIG, YEARS, Tables, index, locality, people, weigh, without_persons_cost

pytestmark = pytest.mark.integration

WORKBOOK = {
    "general_acute": "WP_G&A",
    "community": "WP_CS",
    "mental_health": "WP_MH",
    "maternity": "WP_Mat",
    "prescribing": "WP_Presc",
    "health_inequalities": "WP_SMR",
}
MODEL_TABLES = (
    "cells",
    "risk_model",
    "risk_diagnostics",
    "risk_challengers",
    "risk_caps",
    "risk_weights",
    "need_covariance",
)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return locality()


@pytest.fixture(scope="module")
def written(tables: Tables) -> Tables:
    return weigh(tables)


@pytest.fixture(scope="module")
def plain(tables: Tables) -> Tables:
    return without_persons_cost(tables)


def over_all(per_head: pd.Series, tables: Tables, year: str = YEARS[0]) -> dict[str, float]:
    """Need a head of places over that of all of them."""
    counted = tables["segment_people"].query("financial_year == @year").groupby("place")["people"].sum()
    return (per_head / ((per_head * counted).sum() / counted.sum())).to_dict()


def test_every_method_is_shown_in_every_year_and_place(written: Tables) -> None:
    weights = written["need_weights"]
    assert set(weights["method"]) == {method.name for method in METHODS}
    shown = weights.groupby(["method", "stream"]).size()
    assert (shown == len(YEARS) * 4).all()
    assert shown["published"].index.nunique() == 9
    only_where_asked = {"need_growth_limit", "need_model_lines"}
    assert set(written) == {*MODEL_TABLES, "need_weights", "need_by_line"} == set(NEED.writes) - only_where_asked
    sums = weights.groupby(["financial_year", "method", "stream"])
    mixed = (weights["need_index"] * weights["population"]).groupby(weights["method"]).sum()
    people_of = weights["population"].groupby(weights["method"]).sum()
    np.testing.assert_allclose(mixed / people_of, 1, rtol=1e-12)
    assert sums["used"].nunique().max() == 1


def test_weights_have_the_columns_of_their_contract(written: Tables) -> None:
    from budget.contracts import table

    for name, frame in written.items():
        assert set(frame.columns) == {column.name for column in table(name).columns}, name


def test_segment_cost_is_used_where_it_is_chosen(written: Tables) -> None:
    used = written["need_weights"].query("used")
    assert set(used["method"]) == {"segment_cost"}
    assert len(used) == len(YEARS) * 4


# the workbook's formula


def by_workbook(tables: Tables, year: str) -> dict[str, float]:
    weights = tables["published_weights"].query("financial_year == @year")
    wide = weights.pivot(index="practice_code", columns="stream", values="weighted_population").rename(columns=WORKBOOK)
    wide["GP_pop"] = weights.drop_duplicates("practice_code").set_index("practice_code")["population"]
    indices = tables["practice_adjustments"].set_index("practice_code")
    wide["MFF_index"] = indices["market_forces_factor"]
    wide["EACA_index"] = indices["emergency_ambulance_index"]
    wide["Remoteness_index"] = indices["remoteness_index"]
    overall = weighted_capitation_2018_19(wide)["WP_Overall"]
    place = tables["practices"].set_index("practice_code")["place"]
    return over_all(overall.groupby(place).sum() / wide["GP_pop"].groupby(place).sum(), tables, year)


@pytest.mark.parametrize("year", YEARS)
def test_the_2018_19_formula_is_that_of_the_workbook(tables: Tables, written: Tables, year: str) -> None:
    found = index(written["need_weights"], "formula_2018_19", year=year)
    assert found == pytest.approx(by_workbook(tables, year), rel=1e-12)


def test_an_index_out_of_bounds_is_refused(plain: Tables) -> None:
    for column, value in (
        ("market_forces_factor", 1.151),
        ("emergency_ambulance_index", 0.989),
        ("remoteness_index", 0.999),
    ):
        wrong = plain["practice_adjustments"].copy()
        wrong.loc[3, column] = value
        with pytest.raises(RunStopped) as stop:
            weigh(plain | {"practice_adjustments": wrong})
        (failure,) = stop.value.failures
        assert (failure.check_id, failure.rows_failed) == ("W03", len(YEARS))


def test_a_practice_without_indices_is_refused_by_name(plain: Tables) -> None:
    indices = plain["practice_adjustments"]
    with pytest.raises(RunStopped, match="every practice with a published weight has its indices") as stop:
        weigh(plain | {"practice_adjustments": indices.iloc[1:]})
    (failure,) = stop.value.failures
    assert (failure.check_id, failure.keys) == ("W10", (indices["practice_code"].iloc[0],))


def test_a_formula_without_a_stream_that_it_adds_up_is_refused(plain: Tables) -> None:
    weights = plain["published_weights"]
    with pytest.raises(RunStopped) as stop:
        weigh(plain | {"published_weights": weights[weights["stream"] != "maternity"]})
    assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W10", ("maternity",))


# national cost curves


def test_age_sex_and_deprivation_are_the_curves_on_every_person(tables: Tables, written: Tables) -> None:
    curves = tables["cost_curves"].rename(columns={"cost_per_head_total_gbp": "pounds"})
    curves["spend"] = curves["pounds"] * curves["population"]
    oldest = int(curves["age"].max())

    def pounds(person: pd.Series) -> float:
        """The mean of England's people who share what is known of the person."""
        alike = curves
        if person["sex"] in ("F", "M"):
            alike = alike[alike["sex"] == person["sex"]]
        if pd.notna(person["age"]):
            alike = alike[alike["age"] == min(int(person["age"]), oldest)]
        if pd.notna(person["imd_decile"]):
            alike = alike[alike["imd_quintile"] == -(-int(person["imd_decile"]) // 2)]
        return alike["spend"].sum() / alike["population"].sum()

    counted = tables["population"]
    kinds = counted.groupby(["place", "sex", "age", "imd_decile"], as_index=False, dropna=False).size()
    expected = kinds.apply(pounds, axis=1) * kinds["size"]
    per_head = expected.groupby(kinds["place"]).sum() / kinds["size"].groupby(kinds["place"]).sum()
    by_hand = over_all(per_head, tables)
    assert index(written["need_weights"], "age_sex_deprivation") == pytest.approx(by_hand, rel=1e-10)


# the workload formula


def test_carr_hill_weighs_lists_whose_sex_and_age_are_known_for_all_of_them(tables: Tables, written: Tables) -> None:
    formula = PrimaryCare.read(CONFIG / "carr_hill.yaml").formula
    lists = tables["population"].dropna(subset=["practice_code"]).assign(people=1)
    known = lists[lists["sex"].isin(["F", "M"]) & lists["age"].notna()]
    assert len(known) < len(lists) < len(tables["population"])
    of_practice = carr_hill(known, tables["practice_workload"], formula).set_index("practice_code")["need_index"]
    weighted = lists["practice_code"].map(of_practice)
    by_hand = over_all(weighted.groupby(lists["place"]).mean(), tables)
    assert index(written["need_weights"], "carr_hill") == pytest.approx(by_hand, rel=1e-12)


def test_more_work_is_more_need(tables: Tables, plain: Tables, written: Tables) -> None:
    workload = plain["practice_workload"].merge(plain["practices"], on="practice_code")
    more = workload["share_new"].where(workload["place"] != "A", workload["share_new"] + 0.3)
    harder = plain["practice_workload"].assign(share_new=more)
    found = index(weigh(plain | {"practice_workload": harder})["need_weights"], "carr_hill")
    assert found["A"] > index(written["need_weights"], "carr_hill")["A"]


def test_carr_hill_is_for_primary_medical_care_alone(plain: Tables) -> None:
    with pytest.raises(ConfigurationError, match="need_weighting@acute_nonelective: carr_hill"):
        weigh(plain, {"need_weighting": "carr_hill"})


def test_a_practice_without_its_facts_is_refused_by_name(plain: Tables) -> None:
    few = plain["practice_workload"].iloc[1:]
    with pytest.raises(ConfigurationError, match=plain["practice_workload"]["practice_code"].iloc[0]):
        weigh(plain | {"practice_workload": few})


# adjustments


def indices_of_places(tables: Tables, year: str) -> pd.Series:
    joined = tables["published_weights"].query("financial_year == @year").drop_duplicates("practice_code")
    joined = joined.merge(tables["practices"]).merge(tables["practice_adjustments"])
    product = joined["market_forces_factor"] * joined["emergency_ambulance_index"] * joined["remoteness_index"]
    weighted = (product * joined["population"]).groupby(joined["place"]).sum()
    return weighted / joined["population"].groupby(joined["place"]).sum()


def mortality(tables: Tables, year: str) -> pd.Series:
    weights = tables["published_weights"].query("financial_year == @year and stream == 'health_inequalities'")
    sums = weights.merge(tables["practices"]).groupby("place")[["weighted_population", "population"]].sum()
    return sums["weighted_population"] / sums["population"]


LACKING = ("segment_cost", "age_sex_deprivation")
"""Methods whose weights hold neither cost indices nor health inequalities; so does the model's."""
WHOLE = ("formula_2018_19", "carr_hill")


@pytest.mark.parametrize("year", YEARS)
def test_cost_indices_of_practices_multiply_need_that_lacks_them(plain: Tables, written: Tables, year: str) -> None:
    before = written["need_weights"]
    found = weigh(plain, {"need_adjustments": "practice_adjustments"})["need_weights"]
    for method in LACKING:
        per_head = pd.Series(index(before, method, year=year)) * indices_of_places(plain, year)
        assert index(found, method, year=year) == pytest.approx(over_all(per_head, plain, year), rel=1e-12), method
    for method in WHOLE:
        assert index(found, method, year=year) == pytest.approx(index(before, method, year=year), rel=1e-12), method
    assert index(found, "published", "core", year) == index(before, "published", "core", year)


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_a_share_of_need_follows_avoidable_mortality(plain: Tables, written: Tables, share: float) -> None:
    found = weigh(plain, {f"health_inequality_share@{YEARS[1]}": share, "health_inequality_share": 0})["need_weights"]
    deaths = pd.Series(over_all(mortality(plain, YEARS[1]), plain, YEARS[1]))
    for method in LACKING:
        before = pd.Series(index(written["need_weights"], method, year=YEARS[1]))
        by_hand = ((1 - share) * before + share * deaths).to_dict()
        assert index(found, method, year=YEARS[1]) == pytest.approx(by_hand, rel=1e-12), method
        assert index(found, method) == pytest.approx(index(written["need_weights"], method), rel=1e-12), method
    for method in WHOLE:
        assert index(found, method, year=YEARS[1]) == index(written["need_weights"], method, year=YEARS[1])


def test_both_together_are_the_share_first_and_then_the_indices(plain: Tables, written: Tables) -> None:
    values = {"health_inequality_share": 0.15, "need_adjustments": "practice_adjustments"}
    found = weigh(plain, values)["need_weights"]
    before, deaths = index(written["need_weights"], "segment_cost"), over_all(mortality(plain, YEARS[0]), plain)
    mixed = 0.85 * pd.Series(before) + 0.15 * pd.Series(deaths)
    by_hand = over_all(mixed * indices_of_places(plain, YEARS[0]), plain)
    assert index(found, "segment_cost") == pytest.approx(by_hand, rel=1e-12)


def test_adjustments_without_their_tables_are_refused(plain: Tables) -> None:
    bare = {name: plain[name] for name in ("segment_people", "segment_cost")}
    with pytest.raises(RunStopped, match="health_inequality_share needs the stream") as stop:
        weigh(bare, {"health_inequality_share": 0.1})
    assert stop.value.failures[0].check_id == "W10"
    with pytest.raises(RunStopped, match="cost indices of practices are there") as stop:
        weigh(
            bare | {name: plain[name] for name in ("practices", "published_weights")},
            {"need_adjustments": "practice_adjustments"},
        )
    assert stop.value.failures[0].check_id == "W10"


def test_adjustments_by_practice_without_published_lists_are_refused(plain: Tables) -> None:
    """A cost index of a place is the mean of its practices, each with its published list: without one there is none."""
    names = ("segment_people", "segment_cost", "practice_adjustments")
    with pytest.raises(RunStopped) as stop:
        weigh({name: plain[name] for name in names}, {"need_adjustments": "practice_adjustments"})
    assert stop.value.failures[0].check_id == "W10"


def test_a_place_without_what_adjusts_it_is_refused_by_name(plain: Tables) -> None:
    tables = {name: plain[name] for name in ("segment_people", "segment_cost", "practices")}
    weights, of_a = plain["published_weights"], plain["practices"].query("place == 'A'")["practice_code"]
    deaths = weights["stream"] == "health_inequalities"
    lacking = weights[~(deaths & weights["practice_code"].isin(of_a) & (weights["financial_year"] == YEARS[1]))]
    with pytest.raises(RunStopped, match="stream health_inequalities in every budget year") as stop:
        weigh(tables | {"published_weights": lacking}, {"health_inequality_share": 0.1})
    assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W10", (f"A {YEARS[1]}",))


# list inflation


def test_need_is_applied_to_people_as_they_are_counted(plain: Tables) -> None:
    counted = plain["segment_people"]
    ways = pd.concat(
        [
            counted.assign(assumption="list_inflation_adjustment", alternative="none"),
            counted.assign(
                assumption="list_inflation_adjustment", alternative="exclude_fp69", people=counted["people"] / 2
            ),
            counted.assign(assumption="population_variant", alternative="exclude_fp69", people=counted["people"] * 9),
        ]
    )
    found, half = (
        weigh(plain | {"segment_people_alternatives": ways}, {"list_inflation_adjustment": way})["need_weights"]
        for way in ("none", "exclude_fp69")
    )
    np.testing.assert_allclose(half["population"], found["population"] / 2, rtol=1e-12)
    np.testing.assert_allclose(half["need_index"], found["need_index"], rtol=1e-12)


# laws


def test_the_order_of_rows_changes_nothing(plain: Tables, written: Tables) -> None:
    found = weigh({name: table.sample(frac=1, random_state=1) for name, table in plain.items()})["need_weights"]
    before = written["need_weights"].query("method != 'model'").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, before, rtol=1e-12, check_dtype=False)


@pytest.mark.parametrize("method", ["segment_cost", "age_sex_deprivation"])
def test_a_place_made_of_two_has_the_mean_of_both(method: str, plain: Tables, written: Tables) -> None:
    joined = {
        name: table.replace({"place": {"B": "A"}}) if "place" in table else table for name, table in plain.items()
    }
    keys = {
        "segment_cost": ["place", "segment", "service_line"],
        "segment_people": ["financial_year", "place", "segment"],
    }
    joined |= {name: joined[name].groupby(by, as_index=False).sum() for name, by in keys.items()}
    rows = written["need_weights"].query("method == @method and financial_year == @YEARS[0]")
    sums = rows.replace({"place": {"B": "A"}}).groupby("place")[["weighted_people", "population"]].sum()
    by_hand = over_all(sums["weighted_people"] / sums["population"], joined)
    assert index(weigh(joined)["need_weights"], method) == pytest.approx(by_hand, rel=1e-9)


def test_without_persons_there_is_no_model_and_nothing_of_it(plain: Tables) -> None:
    found = weigh(plain)
    assert set(found) == {"need_weights", "need_by_line"}
    assert "model" not in set(found["need_weights"]["method"])


def test_the_model_may_weigh(tables: Tables, written: Tables) -> None:
    few = tables | people(3_000)
    found = weigh(
        {name: few[name] for name in ("population", "person_cost", "segment_people", "segment_cost")},
        {"need_weighting": "model"},
    )
    used = found["need_weights"].query("used")
    assert set(used["method"]) == {"model"}
    assert index(found["need_weights"], "model") == index(written["need_weights"], "model")

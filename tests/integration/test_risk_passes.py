"""Passes over people: whole sums that no order changes, caps, folds, misses, areas; against pandas on every person."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import budget.need
from budget.engine import DuckEngine, Engine
from budget.need.glm import fit
from budget.need.glm.trouble import ImpossibleSums
from budget.need.risk.caps import check_cap, payment_fit, pooled_share, retained
from budget.need.risk.challengers import compare, expected_by
from budget.need.risk.estimators import estimators
from budget.need.risk.fitness import cumming, practice_fit, r_squared
from budget.need.risk.folds import out_of_fold
from budget.need.risk.passes import (
    area_levels,
    area_people,
    capped_cells,
    lived_cells,
    misses,
    person_years,
    show_people,
)
from budget.need.risk.supply import area_rows, fit_sterilised
from tests.support.risk import draw_people, for_the_engine

pytestmark = pytest.mark.integration

CAPS = (50_000, 200_000, 800_000)
CAP = CAPS[1]
DAYS = 365
TERMS = ("sex:age_band", "imd_tenth", "condition_band", "segment")
KEYS = ["sex", "age_band", "imd_tenth", "condition_band", "segment"]


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    return for_the_engine(draw_people(40_000))


@pytest.fixture(scope="module")
def engine(tables: tuple[pd.DataFrame, pd.DataFrame]) -> Iterator[Engine]:
    with DuckEngine() as opened:
        lend(opened, *tables)
        yield opened


def lend(engine: Engine, population: pd.DataFrame, cost: pd.DataFrame) -> None:
    engine.lend("population", population)
    engine.lend("person_cost", cost)
    show_people(engine)


@pytest.fixture(scope="module")
def cells(engine: Engine) -> pd.DataFrame:
    return capped_cells(engine, CAPS)


@pytest.fixture(scope="module")
def people(engine: Engine) -> pd.DataFrame:
    """Everyone with the covariates that the passes gave them."""
    return engine.frame("select * from need_people join cell_labels using (cell)")


@pytest.fixture(scope="module")
def expected(cells: pd.DataFrame) -> pd.Series:
    return out_of_fold(cells, estimators(f"y_{CAP}", TERMS)["wls"], TERMS)


def test_cells_hold_everyone_and_every_penny(cells: pd.DataFrame, people: pd.DataFrame) -> None:
    assert cells["people"].sum() == len(people) == 40_000
    assert cells["y"].sum() == people["cost_pence"].sum()
    assert cells["positives"].sum() == (people["cost_pence"] > 0).sum()
    assert not cells[[*KEYS, "place", "fold"]].duplicated().any()


@pytest.mark.parametrize("cap", CAPS)
def test_a_cap_splits_every_persons_cost(cells: pd.DataFrame, people: pd.DataFrame, cap: int) -> None:
    check_cap(cells, cap)
    cost = people["cost_pence"]
    kept, above = cost.clip(upper=cap), (cost - cap).clip(lower=0)
    each = (
        people.assign(y=kept, yy=kept.astype(float) ** 2, above=above, squared=above.astype(float) ** 2)
        .groupby([*KEYS, "place", "fold"])[["y", "yy", "above", "squared"]]
        .sum()
    )
    found = cells.set_index([*KEYS, "place", "fold"]).sort_index()
    assert (found[f"y_{cap}"] == each["y"]).all()
    assert (found[f"excess_{cap}"] == each["above"]).all()
    np.testing.assert_allclose(found[f"yy_{cap}"], each["yy"], rtol=1e-12)
    np.testing.assert_allclose(found[f"yexcess_{cap}"], each["squared"], rtol=1e-12)


def test_covariates_are_what_they_say(people: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    population, _ = tables
    start = population["age"].dropna().astype(int) // 5 * 5
    bands = start.map(lambda age: "90+" if age >= 90 else f"{age:02d}-{age + 4:02d}")
    by_hand = {
        "age_band": bands.reindex(population.index).fillna("unknown"),
        "imd_tenth": population["imd_decile"].map("{:02d}".format, na_action="ignore").fillna("unknown"),
        "condition_band": population["long_term_conditions"].map(lambda many: "5+" if many >= 5 else str(many)),
        "sex": population["sex"],
    }
    for covariate, levels in by_hand.items():
        assert people[covariate].value_counts().to_dict() == levels.value_counts().to_dict()
    assert {"90+", "unknown"} <= set(people["age_band"])
    assert {"10", "unknown"} <= set(people["imd_tenth"])


def test_folds_are_even_and_do_not_follow_cost(people: pd.DataFrame) -> None:
    counts = people["fold"].value_counts(normalize=True)
    assert set(counts.index) == {0, 1, 2, 3, 4}
    assert counts.between(0.19, 0.21).all()
    means = people.groupby("fold")["cost_pence"].mean()
    assert (means / people["cost_pence"].mean() - 1).abs().max() < 0.1


def test_sums_are_the_same_in_any_order_thread_and_bucket(
    cells: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path
) -> None:
    population, cost = tables
    mixed = population.sample(frac=1, random_state=3), cost.sample(frac=1, random_state=4)
    for threads in (1, 2):
        with DuckEngine(threads=threads) as other:
            lend(other, *mixed)
            pd.testing.assert_frame_equal(capped_cells(other, CAPS), cells, check_exact=True)
    for number in range(8):
        population.iloc[number::8].to_parquet(tmp_path / f"population-{number}.parquet")
    with DuckEngine({"population": tmp_path / "population-*.parquet"}) as bucketed:
        bucketed.lend("person_cost", cost)
        show_people(bucketed)
        pd.testing.assert_frame_equal(capped_cells(bucketed, CAPS), cells, check_exact=True)


def test_four_million_people_at_two_million_pounds_do_not_overflow() -> None:
    with DuckEngine() as engine:
        engine.view(
            "need_people",
            "select cast(n % 100 as integer) as cell, 'A' as segment, 'P' as place, cast(n % 5 as tinyint) as fold,"
            " 200000000 as cost_pence from range(4000000) as drawn(n)",
        )
        engine.step("cell_labels", (Path(budget.need.__file__).parent / "sql" / "cell_labels.sql").read_text("utf-8"))
        found = capped_cells(engine, [20_000_000_000])
    assert found["y"].sum() == 4_000_000 * 200_000_000
    assert found["yy"].sum() == pytest.approx(4_000_000 * 200_000_000**2, rel=1e-15)


@pytest.fixture(scope="module")
def lived(engine: Engine) -> pd.DataFrame:
    return lived_cells(engine, CAP, DAYS)


@pytest.fixture(scope="module")
def there(people: pd.DataFrame) -> pd.DataFrame:
    """People who were on a list for a day, with their part of the year and their cost up to the cap."""
    lived = people[people["care_days"] > 0]
    return lived.assign(years=lived["care_days"] / DAYS, kept=lived["cost_pence"].clip(upper=CAP).astype(float))


def test_nobody_lives_a_year_without_a_day(lived: pd.DataFrame, there: pd.DataFrame, people: pd.DataFrame) -> None:
    assert 0 < len(people) - len(there) == len(people) - lived["people"].sum()
    gone = people[people["care_days"] == 0]
    assert (gone["cost_pence"] > 0).any(), "some of them have cost, which no part of a year can be made of"
    assert lived["e"].sum() == pytest.approx(there["years"].sum(), rel=1e-12)
    assert lived["y"].sum() == there["kept"].sum()


def test_cost_a_year_needs_five_more_sums(lived: pd.DataFrame, there: pd.DataFrame) -> None:
    import statsmodels.api as sm

    model = fit(lived, "y", TERMS, exposure="e")
    years = there["years"].to_numpy()
    by_hand = sm.WLS(there["kept"] / years, model.design.matrix(there), weights=years).fit()
    np.testing.assert_allclose(model.params, by_hand.params, rtol=1e-8)
    np.testing.assert_allclose(model.bse, by_hand.bse, rtol=1e-9)
    np.testing.assert_allclose(model.errors("HC1"), by_hand.get_robustcov_results("HC1").bse, rtol=1e-8)
    assert model.r_squared == pytest.approx(by_hand.rsquared, rel=1e-9)


def test_person_years_have_the_same_coefficients_and_no_errors_of_their_own(lived: pd.DataFrame) -> None:
    a_year, as_people = fit(lived, "y", TERMS, exposure="e"), fit(person_years(lived), "y", TERMS)
    np.testing.assert_allclose(as_people.params, a_year.params, rtol=1e-12)
    assert as_people.r_squared == pytest.approx(a_year.r_squared, rel=1e-12)
    assert np.abs(as_people.errors("HC1") / a_year.errors("HC1") - 1).max() > 0.01


def test_practice_errors_come_from_one_more_group_by(engine: Engine, people: pd.DataFrame) -> None:
    import statsmodels.api as sm

    by_practice = capped_cells(engine, [CAP], by=("segment", "practice_code"))
    model = fit(by_practice, f"y_{CAP}", TERMS, cluster="practice_code")
    by_hand = sm.OLS(people["cost_pence"].clip(upper=CAP).astype(float), model.design.matrix(people)).fit()
    clustered = by_hand.get_robustcov_results(
        "cluster", groups=pd.factorize(people["practice_code"])[0], use_correction=False, df_correction=False
    )
    np.testing.assert_allclose(model.bse_clustered, clustered.bse, rtol=1e-8)


@pytest.mark.parametrize("pooled", [1.0, 0.8, 0.0])
def test_what_is_kept_and_how_it_pays(cells: pd.DataFrame, people: pd.DataFrame, pooled: float) -> None:
    kept_cells = retained(cells, CAP, pooled)
    cost = people["cost_pence"].astype(float)
    above = (cost - CAP).clip(lower=0)
    kept = cost - pooled * above
    assert kept_cells["y"].sum() == pytest.approx(kept.sum(), rel=1e-12)
    assert kept_cells["yy"].sum() == pytest.approx((kept**2).sum(), rel=1e-12)
    assert pooled_share(cells, CAP, pooled) == pytest.approx(1 - kept.sum() / cost.sum(), abs=1e-12)
    model = fit(kept_cells, "y", TERMS)
    expected = model.predict(people)
    share = 1 - ((kept - expected) ** 2).sum() / ((cost - cost.mean()) ** 2).sum()
    assert payment_fit(cells, model.predict(cells), CAP, pooled) == pytest.approx(share, rel=1e-9)


def test_sums_of_another_cap_are_refused(cells: pd.DataFrame) -> None:
    other = cells.assign(**{f"yy_{CAP}": cells[f"yy_{CAPS[0]}"]})
    with pytest.raises(ImpossibleSums, match="yexcess"):
        retained(other, CAP)


def test_each_fold_is_predicted_by_the_others(cells: pd.DataFrame, expected: pd.Series) -> None:
    inside = cells["fold"] == 2
    by_hand = fit(cells[~inside], f"y_{CAP}", TERMS).predict(cells[inside])
    pd.testing.assert_series_equal(expected[inside], by_hand, rtol=1e-10)
    within = fit(cells, f"y_{CAP}", TERMS).predict(cells)
    assert r_squared(cells, expected, f"y_{CAP}") < r_squared(cells, within, f"y_{CAP}")


@pytest.fixture(scope="module")
def a_year(lived: pd.DataFrame) -> pd.Series:
    """Out of fold, kept cost a head and year, by what a prediction depends on."""
    years = person_years(lived)
    raw = expected_by(years, "y", TERMS, {"wls": estimators("y", TERMS)["wls"]})["wls"]
    keyed = years[["cell", "segment", "fold"]].assign(a_year=raw).drop_duplicates()
    return keyed.set_index(["cell", "segment", "fold"])["a_year"]


@pytest.fixture(scope="module")
def rate(cells: pd.DataFrame, a_year: pd.Series) -> pd.Series:
    """The same by cell; nothing of those of whom nobody was there for a day."""
    found = a_year.reindex(pd.MultiIndex.from_frame(cells[["cell", "segment", "fold"]])).to_numpy()
    return pd.Series(found, index=cells.index).fillna(0.0)  # nobody there for a day: a true zero


@pytest.mark.parametrize("pooled", [1.0, 0.8])
def test_misses_are_those_of_people_and_of_their_days(
    engine: Engine, cells: pd.DataFrame, people: pd.DataFrame, a_year: pd.Series, rate: pd.Series, pooled: float
) -> None:
    found = misses(engine, cells, rate, CAP, DAYS, pooled)
    cost = people["cost_pence"].astype(float)
    kept = cost.clip(upper=CAP) + (1 - pooled) * (cost - CAP).clip(lower=0)
    of_people = a_year.reindex(pd.MultiIndex.from_frame(people[["cell", "segment", "fold"]])).to_numpy()
    predicted = np.where(people["care_days"] > 0, of_people, 0.0) * people["care_days"] / DAYS
    missed = (kept - predicted).abs()
    assert found["people"].sum() == len(people)
    assert found["missed_pence"].sum() == pytest.approx(missed.sum(), rel=1e-9)
    share = 1 - missed.sum() / (kept - kept.mean()).abs().sum()
    assert cumming(found) == pytest.approx(share, rel=1e-9)
    sums = found.select_dtypes("number").sum()
    assert sums["whole_pence"] == cost.sum()
    assert sums["missed_squares"] == pytest.approx(((kept - predicted) ** 2).sum(), rel=1e-9)
    assert sums["kept_squares"] == pytest.approx((kept**2).sum(), rel=1e-12)
    assert sums["whole_squares"] == pytest.approx((cost**2).sum(), rel=1e-12)
    assert sums["whole_expected"] == pytest.approx((cost * predicted).sum(), rel=1e-9)
    assert sums["expected_squares"] == pytest.approx((predicted**2).sum(), rel=1e-9)
    of_practice = found.set_index("practice_code")
    by_practice = people["practice_code"]
    np.testing.assert_allclose(of_practice["kept_pence"], kept.groupby(by_practice).sum(), rtol=1e-12)
    np.testing.assert_allclose(of_practice["expected_pence"], predicted.groupby(by_practice).sum(), rtol=1e-9)
    explained, off = practice_fit(found)
    # a prediction of cost up to the cap is too low for what a smaller pool leaves
    assert (explained[2] > 0) is (pooled == 1)
    assert 0 < off[2] < 1


def test_a_prediction_by_place_has_no_misses(engine: Engine, cells: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="may differ by cell, segment, fold alone"):
        misses(engine, cells, pd.Series(np.arange(len(cells)) * 1.0, index=cells.index), CAP, DAYS)


def test_people_of_areas_are_person_years_of_those_whose_area_is_known(
    engine: Engine, people: pd.DataFrame, there: pd.DataFrame
) -> None:
    known = there[there["lsoa_code"].notna()]
    found = area_people(engine, DAYS).set_index(["place", "area"])["people"]
    by_hand = known.groupby(["place", "lsoa_code"])["years"].sum()
    assert found.to_dict() == pytest.approx(by_hand.to_dict(), rel=1e-12)
    in_areas = lived_cells(engine, CAP, DAYS, by=("segment",), in_areas=True)
    assert in_areas["people"].sum() == len(known) < len(there) < len(people)


def test_covariates_of_areas_enter_exactly(engine: Engine, there: pd.DataFrame) -> None:
    import statsmodels.api as sm

    terms = ("age_band", "imd_tenth", "segment")
    model = fit(lived_cells(engine, CAP, DAYS, by=("segment",), in_areas=True), "y", terms, exposure="e")
    levels = {term: area_levels(engine, term, CAP, DAYS) for term in terms}
    rows = area_rows(model.design, levels)
    chance = np.random.default_rng(5)
    areas = pd.DataFrame(
        {"hospital_near": chance.random(len(rows)), "air": chance.normal(size=len(rows))}, index=rows.index
    )
    found = fit_sterilised(model, rows, areas, {"hospital_near": "supply", "air": "need"})
    known = there[there["lsoa_code"].notna()]
    z, years = areas.loc[known["lsoa_code"]].to_numpy(), known["years"].to_numpy()
    design = np.column_stack([model.design.matrix(known), z])
    by_hand = sm.WLS(known["kept"].to_numpy() / years, design, weights=years).fit()
    np.testing.assert_allclose([*found.person, *found.area], by_hand.params, rtol=1e-7)
    np.testing.assert_allclose(found.errors, by_hand.bse, rtol=1e-8)
    np.testing.assert_allclose(found.means, years @ z / years.sum(), rtol=1e-12)


def test_every_estimator_is_compared_out_of_fold(cells: pd.DataFrame, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    response = f"y_{CAP}"
    expected = expected_by(cells, response, TERMS, estimators(response, TERMS))
    found = compare(cells, response, expected, ("age_band", "segment", "place"))
    assert list(found.index) == [
        "wls", "poisson_log", "poisson_sqrt", "gamma_log", "tweedie_log", "two_part", "cell_mean",
    ]  # fmt: skip
    assert found["calibration"].between(0.98, 1.02).all()
    assert found["r_squared"].between(0.05, 0.5).all()
    assert not found.loc["wls", "replaces"]
    assert found.loc["wls", "places_moved"] == 0
    assert json.dumps(found["reason"].to_dict())

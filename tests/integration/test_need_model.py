"""The need model on cells is the model on people: coefficients, errors and fit, against statsmodels on every row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import budget.need
from budget.engine import Engine
from budget.engine.statement import Statement
from budget.need.model import NeedModel, design, diagnostics, fit
from tests.oracle import need as oracle

pytestmark = pytest.mark.integration

CAP = 15_000_000
FACTORS = (("sex", "age_band"), ("imd_fifth",), ("condition_band",))
CELLS = Statement.read(Path(budget.need.__file__).parent / "sql" / "cells.sql")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """20,000 people with heavy-tailed cost, some without a date of birth or an area."""
    chance = np.random.default_rng(20250401)
    count = 20_000
    age = pd.Series(chance.integers(0, 96, count), dtype="Int16").mask(chance.random(count) < 0.002)
    decile = pd.Series(chance.integers(1, 11, count), dtype="Int8").mask(chance.random(count) < 0.01)
    conditions = chance.poisson(age.fillna(40).to_numpy(dtype=float) / 40)
    mean = 20_000 + 1_500 * age.fillna(40).to_numpy(dtype=float) + 90_000 * conditions
    cost = (chance.lognormal(0, 1.6, count) / np.exp(1.28) * mean * (chance.random(count) < 0.8)).astype("int64")
    return pd.DataFrame(
        {
            "person_id": [f"p{number:05d}" for number in range(count)],
            "age": age,
            "sex": chance.choice(["F", "M"], count),
            "place": chance.choice(["A", "B", "C"], count),
            "imd_decile": decile,
            "long_term_conditions": conditions.astype("int16"),
            "cost_pence": cost,
        }
    )


def in_cells(people: pd.DataFrame, cap: int = CAP) -> pd.DataFrame:
    with Engine() as engine:
        engine.lend("population", people.drop(columns="cost_pence"))
        engine.lend("person_cost", people[["person_id", "cost_pence"]])
        return engine.frame(CELLS, cap=cap)


@pytest.fixture(scope="module")
def cells(people: pd.DataFrame) -> pd.DataFrame:
    return in_cells(people)


@pytest.fixture(scope="module")
def model(cells: pd.DataFrame) -> NeedModel:
    return fit(cells, FACTORS)


@pytest.fixture(scope="module")
def expected(people: pd.DataFrame) -> oracle.PersonFit:
    return oracle.fit(people, CAP)


def test_cells_hold_everyone_and_every_penny(people: pd.DataFrame, cells: pd.DataFrame) -> None:
    assert cells["people"].sum() == len(people)
    capped = people["cost_pence"].clip(upper=CAP)
    assert cells["y"].sum() == capped.sum()
    assert cells["excess_pence"].sum() == people["cost_pence"].sum() - capped.sum() > 0
    assert cells["yy"].sum() == pytest.approx((capped.astype(float) ** 2).sum(), rel=1e-14)
    assert len(cells) < len(people)


def test_coefficients_are_those_of_person_rows(model: NeedModel, expected: oracle.PersonFit) -> None:
    assert set(model.terms) == set(expected.params)
    for term, estimate in zip(model.terms, model.params, strict=True):
        assert estimate == pytest.approx(expected.params[term], rel=1e-8), term


def test_robust_errors_are_those_of_person_rows(model: NeedModel, expected: oracle.PersonFit) -> None:
    for term, error in zip(model.terms, model.standard_errors, strict=True):
        assert error == pytest.approx(expected.standard_errors[term], rel=1e-8), term


def test_r_squared_is_that_of_person_rows(model: NeedModel, expected: oracle.PersonFit) -> None:
    assert model.r_squared == pytest.approx(expected.r_squared, rel=1e-9)
    assert 0.02 < model.r_squared < 0.9


def test_errors_of_weighted_cells_would_be_wrong(model: NeedModel, cells: pd.DataFrame) -> None:
    """A guard: robust errors that a library computes on cells alone know nothing of people within a cell."""
    _, matrix = design(cells, FACTORS)
    naive = sm.WLS(cells["y"] / cells["people"], matrix, weights=cells["people"]).fit(cov_type="HC1")
    assert np.abs(naive.bse / model.standard_errors - 1).max() > 0.05


def test_the_reference_is_the_level_with_most_people(people: pd.DataFrame, model: NeedModel) -> None:
    for factor, values in oracle.covariates(people).items():
        assert f"{factor}={values.value_counts().idxmax()}" not in model.terms


def test_the_model_gives_back_what_was_spent(cells: pd.DataFrame, model: NeedModel) -> None:
    assert (model.fitted * cells["people"]).sum() == pytest.approx(cells["y"].sum(), rel=1e-12)


def test_the_order_of_people_changes_nothing(people: pd.DataFrame, cells: pd.DataFrame) -> None:
    mixed = people.sample(frac=1, random_state=3).reset_index(drop=True)
    pd.testing.assert_frame_equal(in_cells(mixed), cells)


def test_diagnostics_are_ratios_of_predicted_to_actual(cells: pd.DataFrame, model: NeedModel) -> None:
    found = diagnostics(model, cells, "test", ["place", "age_band"]).set_index(["measure", "group"])["value"]
    assert found["calibration", "all"] == pytest.approx(1, abs=1e-12)
    assert found["r_squared", "all"] == model.r_squared
    here = cells["place"] == "A"
    predicted = (model.fitted * cells["people"])[here].sum()
    assert found["predictive_ratio", "place: A"] == pytest.approx(predicted / cells.loc[here, "y"].sum())
    # place is no factor of the model, age is
    assert found["predictive_ratio", "place: A"] != pytest.approx(1, abs=1e-6)
    excess = cells["excess_pence"].sum()
    assert found["pooled_share", "all"] == pytest.approx(excess / (cells["y"].sum() + excess))


def test_collinear_factors_are_refused_by_name(cells: pd.DataFrame) -> None:
    twin = cells.assign(echo="level " + cells["imd_fifth"])
    with pytest.raises(ValueError, match="combinations of others: echo=level"):
        fit(twin, (("imd_fifth",), ("echo",)))


def test_more_columns_than_cells_are_refused(cells: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="combinations of others"):
        fit(cells.sample(4, random_state=1), (("sex",), ("imd_fifth",), ("condition_band",), ("age_band",)))


def test_sums_of_squares_of_large_costs_do_not_overflow() -> None:
    count, cost = 1_000, 3_000_000_000
    rich = pd.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(count)],
            "age": 40,
            "sex": "F",
            "place": "A",
            "imd_decile": 1,
            "long_term_conditions": 0,
            "cost_pence": cost,
        }
    )
    (cell,) = in_cells(rich, cap=cost).itertuples()
    assert cell.yy == float(count * cost**2)

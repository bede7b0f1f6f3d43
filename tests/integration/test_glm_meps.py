"""Real persons: the fit on cells of a published survey is that of statsmodels on its 19,386 rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from budget.need.glm import RiskModel, fit
from budget.need.risk.fitness import r_squared
from budget.need.risk.folds import out_of_fold
from tests.support.risk import in_cells, read_meps

pytestmark = pytest.mark.integration

AGE_SEX = ("sex:age_band",)
FULL = (*AGE_SEX, "region", "income", "insurance", "physical", "mental", "limited")
KEYS = ("sex", "age_band", *FULL[1:])


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    chance = np.random.default_rng(2004)
    found = read_meps()
    return found.assign(fold=chance.permutation(np.arange(len(found)) % 5))


@pytest.fixture(scope="module")
def cells(people: pd.DataFrame) -> pd.DataFrame:
    return in_cells(people, [*KEYS, "fold"])


@pytest.fixture(scope="module")
def full(cells: pd.DataFrame) -> RiskModel:
    return fit(cells, "y", FULL)


def cumming(actual: pd.Series, expected: pd.Series) -> float:
    return float(1 - (actual - expected).abs().sum() / (actual - actual.mean()).abs().sum())


def test_everyone_of_the_survey_is_there(people: pd.DataFrame, cells: pd.DataFrame) -> None:
    assert len(people) == cells["people"].sum() == 19_386
    assert people["cost"].mean() == pytest.approx(368_525, abs=1)
    assert not [column for column in people if column.startswith("use_")]


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_the_fit_is_that_of_rows(people: pd.DataFrame, cells: pd.DataFrame, family: str) -> None:
    model = fit(cells, "y", FULL, family)
    kinds = {"gaussian": sm.families.Gaussian, "poisson": sm.families.Poisson}
    rows = sm.GLM(people["cost"].to_numpy(dtype=float), model.design.matrix(people), family=kinds[family]())
    expected = rows.fit(scale="X2", cov_type="HC0", rtol=1e-13, atol=0)
    away = np.abs(model.params.to_numpy() - expected.params)
    assert (away <= 1e-8 * np.maximum(np.abs(expected.params), expected.bse)).all()
    np.testing.assert_allclose(model.bse_robust, expected.bse, rtol=1e-8)
    assert model.scale == pytest.approx(expected.scale, rel=1e-9)


def test_a_root_that_statsmodels_cannot_fit_is_fitted(cells: pd.DataFrame) -> None:
    """Near a root of zero expected information leads astray (statsmodels ends at a deviance of 1e43)."""
    model = fit(cells, "y", FULL, "poisson", "sqrt")
    eta = model.rows @ model.coefficients
    score = model.rows.T @ (2 / eta * model.sums.scores(model.fitted))
    assert np.abs(score).max() < 1e-6 * model.sums.total.sum() / np.abs(eta).mean()
    assert model.r_squared == pytest.approx(0.1421, abs=1e-4)


def test_health_explains_what_age_and_sex_do_not(people: pd.DataFrame, cells: pd.DataFrame, full: RiskModel) -> None:
    """The figures stand in docs/guides/need.md."""
    plain = fit(cells, "y", AGE_SEX)
    assert (plain.r_squared, cumming(people["cost"], plain.predict(people))) == pytest.approx(
        (0.0611, 0.0920), abs=5e-5
    )
    assert (full.r_squared, cumming(people["cost"], full.predict(people))) == pytest.approx((0.1333, 0.1485), abs=5e-5)


def test_out_of_fold_it_explains_a_little_less(cells: pd.DataFrame, full: RiskModel) -> None:
    expected = out_of_fold(cells, lambda given: fit(given, "y", FULL), FULL)
    assert r_squared(cells, expected) == pytest.approx(0.1276, abs=5e-5)
    assert full.r_squared > 0.1276

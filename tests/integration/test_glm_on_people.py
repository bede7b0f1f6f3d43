"""A fit on cells is the fit on people: every family against statsmodels on 200,000 person rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_white_simple

from budget.need.glm import RiskModel, fit
from tests.support.risk import draw_people, in_cells

pytestmark = pytest.mark.integration

PEOPLE = 200_000
TERMS = ("sex:age_band", "conditions", "frail")
KEYS = ("sex", "age_band", "conditions", "frail", "practice_code")


@dataclass(frozen=True)
class Case:
    """A family on cells, and the same in statsmodels on people."""

    family: str
    link: str | None
    on_people: Callable[[pd.DataFrame, np.ndarray], Any]
    response: str = "y"
    users: bool = False
    exposure: str | None = None
    offset: str | None = None


def glm(family: Any) -> Callable[[pd.DataFrame, np.ndarray], Any]:
    def fitted(people: pd.DataFrame, design: np.ndarray) -> Any:
        model = sm.GLM(people["cost"].to_numpy(dtype=float), design, family=family)
        return model.fit(scale="X2", rtol=1e-12, atol=0)

    return fitted


def annualised(people: pd.DataFrame, design: np.ndarray) -> Any:
    part = people["days"].to_numpy() / 365
    return sm.WLS(people["cost"].to_numpy() / part, design, weights=part).fit()


def offset(people: pd.DataFrame, design: np.ndarray) -> Any:
    known = np.log(people["price_index"].to_numpy())
    model = sm.GLM(people["cost"].to_numpy(dtype=float), design, family=sm.families.Poisson(), offset=known)
    return model.fit(scale="X2", rtol=1e-12, atol=0)


def offset_of_exposure(people: pd.DataFrame, design: np.ndarray) -> Any:
    model = sm.GLM(
        people["cost"].to_numpy(dtype=float),
        design,
        family=sm.families.Poisson(),
        exposure=people["days"].to_numpy() / 365,
    )
    return model.fit(scale="X2", rtol=1e-12, atol=0)


def logit(people: pd.DataFrame, design: np.ndarray) -> Any:
    model = sm.GLM((people["cost"] > 0).to_numpy(dtype=float), design, family=sm.families.Binomial())
    return model.fit(scale="X2", rtol=1e-12, atol=0)


F, L = sm.families, sm.families.links
CASES = {
    "gaussian": Case("gaussian", None, lambda people, design: sm.OLS(people["cost"].to_numpy(float), design).fit()),
    "poisson log": Case("poisson", None, glm(F.Poisson())),
    "poisson sqrt": Case("poisson", "sqrt", glm(F.Poisson(link=L.Sqrt()))),
    "gamma log": Case("gamma", None, glm(F.Gamma(link=L.Log())), users=True),
    "tweedie log": Case("tweedie", None, glm(F.Tweedie(link=L.Log(), var_power=1.5, eql=True))),
    "annualised": Case("gaussian", None, annualised, exposure="e"),
    "offset": Case("poisson", None, offset, offset="log_index"),
    "offset of exposure": Case("poisson", None, offset_of_exposure, exposure="e"),
    "logit": Case("binomial", None, logit, response="positives"),
}


@cache
def everyone() -> pd.DataFrame:
    return draw_people(PEOPLE)


def people_of(case: Case) -> pd.DataFrame:
    people = everyone()
    return people[people["cost"] > 0] if case.users else people


@dataclass(frozen=True)
class Both:
    """One case, fitted both ways."""

    case: Case
    cells: pd.DataFrame
    model: RiskModel
    people: pd.DataFrame
    expected: Any
    robust: np.ndarray
    clustered: np.ndarray


@pytest.fixture(scope="module", params=list(CASES))
def both(request: pytest.FixtureRequest) -> Both:
    case = CASES[request.param]
    people = people_of(case)
    cells = in_cells(people, [*KEYS, "price_index"] if case.offset else KEYS)
    if case.offset:
        cells[case.offset] = np.log(cells["price_index"])
    model = fit(
        cells, case.response, TERMS, case.family, case.link, "practice_code", exposure=case.exposure, offset=case.offset
    )
    expected = case.on_people(people, model.design.matrix(people))
    practices = pd.factorize(people["practice_code"])[0]
    return Both(case, cells, model, people, expected, *sandwiches(expected, practices))


def sandwiches(expected: Any, practices: np.ndarray) -> Iterator[np.ndarray]:
    """Statsmodels' robust and clustered errors; scores and observed information are made once for both."""
    model = expected.model
    if hasattr(model, "score_obs"):
        arrays = (model.score_obs(expected.params), np.linalg.inv(model.hessian(expected.params)))
    else:
        arrays = expected
    yield np.sqrt(np.diag(cov_white_simple(arrays, use_correction=False)))
    yield np.sqrt(np.diag(cov_cluster(arrays, practices, use_correction=False)))


def agree(found: Any, expected: Any, within: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=within, atol=0)


def test_cells_are_far_fewer_than_people(both: Both) -> None:
    assert len(both.cells) < PEOPLE / 2
    assert len(both.model.rows) < PEOPLE / 500


def test_coefficients(both: Both) -> None:
    error = np.asarray(both.expected.bse)
    away = np.abs(both.model.params.to_numpy() - both.expected.params)
    # one that is zero but for chance is compared on the scale of its error
    assert (away <= 1e-8 * np.maximum(np.abs(both.expected.params), error)).all()


def test_errors_of_the_family(both: Both) -> None:
    agree(both.model.bse, both.expected.bse)


def test_robust_errors(both: Both) -> None:
    agree(both.model.bse_robust, both.robust)
    people, columns = both.expected.model.exog.shape
    agree(both.model.errors("HC1"), both.robust * np.sqrt(people / (people - columns)))


def test_errors_clustered_by_practice(both: Both) -> None:
    agree(both.model.bse_clustered, both.clustered)


def test_dispersion(both: Both) -> None:
    assert both.model.scale == pytest.approx(both.expected.scale, rel=1e-9)


def test_r_squared(both: Both) -> None:
    case, people = both.case, both.people
    part = people["days"].to_numpy() / 365 if case.exposure else np.ones(len(people))
    actual = (people["cost"] > 0 if case.response == "positives" else people["cost"]).to_numpy(dtype=float) / part
    index = people["price_index"].to_numpy() if case.offset else 1.0
    eta = both.model.design.matrix(people) @ both.model.coefficients
    expected = both.model.link.mean(eta) * index
    mean = np.average(actual, weights=part)
    share = 1 - (part @ (actual - expected) ** 2) / (part @ (actual - mean) ** 2)
    assert both.model.r_squared == pytest.approx(share, rel=1e-9)
    assert 0.01 < share < 0.9


def test_deviance(both: Both) -> None:
    part = both.people["days"].to_numpy() / 365 if both.case.exposure else None
    wanted = both.expected.ssr if both.case.family == "gaussian" else both.expected.deviance
    saturated = both.model.family.saturated_sum(both.people["cost"].to_numpy(dtype=float), part)
    assert both.model.deviance(saturated) == pytest.approx(wanted, rel=1e-9)


def test_a_prediction_is_the_mean_of_the_predictor(both: Both) -> None:
    few = both.people.head(50)
    eta = both.model.design.matrix(few) @ np.asarray(both.expected.params)
    known = np.log(few["price_index"]) if both.case.offset else 0.0
    given = few.assign(**{both.case.offset: known}) if both.case.offset else few
    agree(both.model.predict(given), both.model.link.mean(eta + known))


def test_scoring_takes_few_steps(both: Both) -> None:
    assert both.model.steps <= 12


def test_errors_by_leverage_are_those_of_person_rows() -> None:
    people = everyone().head(20_000)
    model = fit(in_cells(people, KEYS), "y", TERMS)
    expected = sm.OLS(people["cost"].to_numpy(float), model.design.matrix(people)).fit()
    for kind in ("HC1", "HC2", "HC3"):
        agree(model.errors(kind), expected.get_robustcov_results(kind).bse, within=1e-9)


def test_robust_errors_of_weighted_rows_would_be_wrong() -> None:
    """A guard: a library that is given cells with frequency weights knows nothing of people within a cell."""
    cells = in_cells(everyone(), KEYS[:4])
    model = fit(cells, "y", TERMS, "poisson")
    weights = cells["people"].to_numpy(dtype=float)
    on_cells = sm.GLM(cells["y"] / weights, model.design.matrix(cells), family=F.Poisson(), freq_weights=weights).fit(
        cov_type="HC0", rtol=1e-12, atol=0
    )
    agree(model.params, on_cells.params)
    assert (np.abs(on_cells.bse / model.bse_robust.to_numpy() - 1) > 0.05).all()


def test_cells_of_more_detail_give_the_same_fit() -> None:
    people = everyone().head(20_000)
    coarse, fine = (fit(in_cells(people, keys), "y", TERMS, "tweedie") for keys in (KEYS[:4], [*KEYS, "place", "fold"]))
    agree(fine.params, coarse.params, within=1e-10)
    agree(fine.bse_robust, coarse.bse_robust, within=1e-10)


def test_the_order_of_cells_changes_nothing() -> None:
    cells = in_cells(everyone().head(20_000), KEYS)
    given, mixed = (fit(rows, "y", TERMS, "poisson") for rows in (cells, cells.sample(frac=1, random_state=3)))
    pd.testing.assert_series_equal(mixed.params, given.params, rtol=1e-12)
    pd.testing.assert_series_equal(mixed.bse_robust, given.bse_robust, rtol=1e-12)


@pytest.mark.parametrize(
    ("family", "link"), [("gaussian", None), ("poisson", None), ("poisson", "sqrt"), ("gamma", None)]
)
def test_cost_in_another_unit_is_the_same_fit(family: str, link: str | None) -> None:
    people = everyone().head(20_000)
    people = people[people["cost"] > 0]
    pence, pounds = (
        fit(in_cells(people.assign(cost=people["cost"] / unit), KEYS), "y", TERMS, family, link) for unit in (1, 100)
    )
    agree(pence.fitted, pounds.fitted * 100, within=1e-9)

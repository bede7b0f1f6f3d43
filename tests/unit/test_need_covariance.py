"""How far the need model may be off in places beside one another: the delta method against differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from budget.need.glm import RiskModel, fit
from budget.need.risk.place_errors import need_covariance
from tests.support.risk import draw_people, in_cells

pytestmark = pytest.mark.unit

TERMS = ["sex", "age_band", "conditions"]


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    keys = ["place", "practice_code", *TERMS]
    return in_cells(draw_people(8_000), keys).assign(conditions=lambda frame: frame["conditions"].astype(str))


@pytest.fixture(scope="module", params=["gaussian", "gamma"])
def model(request: pytest.FixtureRequest, cells: pd.DataFrame) -> RiskModel:
    return fit(cells, "y", TERMS, request.param, cluster="practice_code", pool=True)


def log_need(model: RiskModel, cells: pd.DataFrame, coefficients: np.ndarray, held: np.ndarray) -> np.ndarray:
    mean = model.sums.weight @ model.rows / model.sums.weight.sum()
    matrix = np.where(held, mean, model.design.matrix(cells))
    per_head = np.clip(model.link.mean(matrix @ coefficients), 0, None)
    sums = pd.DataFrame({"expected": per_head * cells["people"], "people": cells["people"]})
    by_place = sums.groupby(cells["place"]).sum()
    need = by_place["expected"] / by_place["people"]
    return np.log((need / (sums["expected"].sum() / sums["people"].sum())).to_numpy())


@pytest.mark.parametrize("held", [(), ("conditions",)])
def test_it_is_the_covariance_that_small_changes_give(
    model: RiskModel, cells: pd.DataFrame, held: tuple[str, ...]
) -> None:
    stands = np.array([any(name.startswith(f"{term}=") for term in held) for name in model.design.names])
    at, steps = model.coefficients, []
    for number, size in enumerate(np.abs(at) * 1e-6 + 1e-9):
        step = np.zeros(len(at))
        step[number] = size
        ends = [log_need(model, cells, at + way * step, stands) for way in (1, -1)]
        steps.append((ends[0] - ends[1]) / (2 * size))
    gradient = np.array(steps).T
    expected = gradient @ model.covariances["clustered"] @ gradient.T
    found = need_covariance(model, cells, held)
    square = found.pivot(index="place", columns="other_place", values="covariance").to_numpy()
    np.testing.assert_allclose(square, expected, rtol=1e-4, atol=1e-9)
    assert set(found["errors"]) == {"clustered"}


def test_all_places_together_have_no_error(model: RiskModel, cells: pd.DataFrame) -> None:
    found = need_covariance(model, cells).pivot(index="place", columns="other_place", values="covariance")
    matrix = model.design.matrix(cells)
    expected = cells["people"] * np.clip(model.link.mean(matrix @ model.coefficients), 0, None)
    share = (expected.groupby(cells["place"]).sum() / expected.sum()).to_numpy()
    # need is a share of one whole, so what one place has too much others have too little
    assert share @ found.to_numpy() @ share == pytest.approx(0, abs=1e-12)
    assert (np.diag(found) > 0).all()


def test_people_all_alike_leave_places_without_error(cells: pd.DataFrame) -> None:
    alike = fit(cells.assign(sex="F"), "y", ["sex"], cluster="practice_code", pool=True)
    assert need_covariance(alike, cells.assign(sex="F"))["covariance"].abs().max() < 1e-12

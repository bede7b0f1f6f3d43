"""Risk models on cells: terms, levels, what is pooled, what is refused by name, what a model says of itself."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

import budget.need.glm
from budget.need.glm import RiskModel, fit
from budget.need.glm import trouble as t
from budget.need.glm.families import family_of, link_for
from budget.need.glm.links import link_of
from tests.support.risk import draw_people, in_cells

pytestmark = pytest.mark.unit

KEYS = ("sex", "age_band", "imd_fifth", "conditions", "frail")
TERMS = ("sex:age_band", "imd_fifth", "conditions", "frail")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return draw_people(20_000)


@pytest.fixture(scope="module")
def cells(people: pd.DataFrame) -> pd.DataFrame:
    return in_cells(people, KEYS)


def simple(**columns: object) -> pd.DataFrame:
    """Four cells of two levels each, whatever else is said of them."""
    whole = {
        "sex": ["F", "F", "M", "M"],
        "band": ["old", "young", "old", "young"],
        "people": [100, 200, 300, 400],
        "y": [900, 400, 3_000, 1_000],
        "yy": [20_000.0, 5_000.0, 90_000.0, 9_000.0],
    }
    return pd.DataFrame(whole | columns)


def test_the_function_stands_where_it_is_looked_for() -> None:
    assert budget.need.glm.fit is fit
    assert budget.need.glm.RiskModel is RiskModel


def test_the_reference_is_the_level_with_most_people() -> None:
    model = fit(simple(), "y", ["sex", "band"])
    assert list(model.params.index) == ["intercept", "sex=F", "band=old"]
    assert (model.predict(simple()) * simple()["people"]).sum() == pytest.approx(5_300)


def test_a_saturated_model_gives_each_cell_its_mean() -> None:
    cells = simple()
    for family in ("gaussian", "poisson", "gamma", "tweedie"):
        model = fit(cells, "y", ["sex:band"], family)
        np.testing.assert_allclose(model.predict(cells), cells["y"] / cells["people"], rtol=1e-9)


def test_crossed_terms_are_named_in_two_ways_and_are_the_same() -> None:
    for terms in (["sex:band"], [("sex", "band")], ["both"]):
        cells = simple(both=["F:old", "F:young", "M:old", "M:young"])
        assert fit(cells, "y", terms).params.to_list() == fit(cells, "y", ["sex:band"]).params.to_list()


def test_numbers_are_numbers_and_truths_are_flags(cells: pd.DataFrame) -> None:
    model = fit(cells, "y", ["conditions", "frail", "sex"])
    assert list(model.params.index) == ["intercept", "conditions", "frail", "sex=F"] or "sex=M" in model.params
    assert (
        (fit(cells.astype({"conditions": str}), "y", ["conditions"]).params.index[1:])
        .str.startswith("conditions=")
        .all()
    )


def test_squares_stand_beside_their_response() -> None:
    capped = simple(y_500=[500, 400, 2_000, 900], yy_500=[9_000.0, 5_000.0, 40_000.0, 8_000.0])
    model = fit(capped, "y_500", ["sex"])
    named = fit(capped.rename(columns={"y_500": "spend", "yy_500": "q"}), "spend", ["sex"], squares="q")
    assert model.columns.squares == "yy_500"
    pd.testing.assert_series_equal(model.bse_robust, named.bse_robust)
    only = capped.drop(columns=["y", "yy_500"]).rename(columns={"y_500": "cost"})
    assert fit(only.assign(yy=capped["yy_500"]), "cost", ["sex"]).bse_robust.equals(model.bse_robust)


def test_predictions_keep_the_index_of_the_cells(cells: pd.DataFrame) -> None:
    model = fit(cells, "y", TERMS)
    some = cells.sample(50, random_state=1)
    assert model.predict(some).index.equals(some.index)
    np.testing.assert_allclose(model.predict(some), model.predict(cells)[some.index])


@pytest.mark.parametrize(
    ("columns", "error", "names"),
    [
        ({"people": [100, 200, None, 400]}, t.MissingValues, "people"),
        ({"yy": [1e5, float("inf"), 1e5, 1e5]}, t.MissingValues, "yy"),
        ({"sex": ["F", "F", None, "M"]}, t.MissingValues, "sex"),
        ({"y": [900, -1, 3_000, 1_000]}, t.NegativeCost, "y"),
        ({"people": [100, -1, 300, 400]}, t.NegativeCost, "people"),
        ({"y": [0] * 4, "yy": [0.0] * 4}, t.NoCost, "y"),
        ({"people": [0] * 4, "y": [0] * 4, "yy": [0.0] * 4}, t.NoCost, "y"),
        ({"yy": [-7058095356650717184.0, 5_000.0, 90_000.0, 9_000.0]}, t.ImpossibleSums, "yy"),
        ({"yy": [20_000.0, 5_000.0, 9_000.0, 9_000.0]}, t.ImpossibleSums, "yy"),
    ],
)
def test_cells_that_cannot_be_are_refused_by_name(columns: dict, error: type[t.UnfitCells], names: str) -> None:
    with pytest.raises(error, match=names) as refusal:
        fit(simple(**columns), "y", ["sex", "band"])
    assert "mend: " in str(refusal.value)
    assert isinstance(refusal.value, ValueError)


def test_an_absent_column_is_named() -> None:
    with pytest.raises(t.AbsentColumns, match="yy"):
        fit(simple().drop(columns="yy"), "y", ["sex"])
    with pytest.raises(t.AbsentColumns, match="age"):
        fit(simple(), "y", ["sex:age"])
    with pytest.raises(t.AbsentColumns, match="practice"):
        fit(simple(), "y", ["sex"], cluster="practice")
    with pytest.raises(t.MissingValues, match="practice"):
        fit(simple(practice=["a", "b", None, "c"]), "y", ["sex"], cluster="practice")
    with pytest.raises(t.MissingValues, match="score"):
        fit(simple(score=[1.0, 2.0, np.nan, 3.0]), "y", ["score"])


def test_collinear_terms_are_refused_or_left_out_by_name(cells: pd.DataFrame) -> None:
    twin = cells.assign(echo="of " + cells["imd_fifth"])
    with pytest.raises(t.CollinearTerms, match="echo=of"):
        fit(twin, "y", [*TERMS, "echo"])
    pooled = fit(twin, "y", [*TERMS, "echo"], pool=True)
    plain = fit(cells, "y", TERMS)
    pd.testing.assert_series_equal(pooled.params, plain.params)
    pd.testing.assert_series_equal(pooled.bse_robust, plain.bse_robust)
    assert len(pooled.poolings) == 4
    assert all("echo=of" in pooling and "combination" in pooling for pooling in pooled.poolings)
    np.testing.assert_allclose(pooled.predict(twin), plain.predict(cells))


def test_a_column_without_anything_is_collinear() -> None:
    with pytest.raises(t.CollinearTerms, match="flag"):
        fit(simple(flag=0.0), "y", ["sex", "flag"])


@pytest.fixture
def with_a_free_level(cells: pd.DataFrame) -> pd.DataFrame:
    """Twelve people of a level of their own, who cost nothing (statsmodels reports a coefficient of -13.8)."""
    row = cells.iloc[[0]].assign(imd_fifth="6", people=12, y=0, yy=0.0, positives=0)
    return pd.concat([cells, row], ignore_index=True)


@pytest.mark.parametrize("family", ["poisson", "tweedie", "gamma"])
def test_a_level_without_cost_is_refused_under_a_log(with_a_free_level: pd.DataFrame, family: str) -> None:
    with pytest.raises(t.SeparatedTerms, match="imd_fifth=6"):
        fit(with_a_free_level, "y", TERMS, family)


def test_a_level_without_cost_is_pooled_with_its_neighbour(with_a_free_level: pd.DataFrame) -> None:
    model = fit(with_a_free_level, "y", TERMS, "poisson", pool=True)
    assert model.poolings == ("imd_fifth=6 is counted with imd_fifth=5",)
    merged = fit(with_a_free_level.replace({"imd_fifth": {"6": "5"}}), "y", TERMS, "poisson")
    pd.testing.assert_series_equal(model.params, merged.params)
    assert np.isfinite(model.predict(with_a_free_level)).all()


def test_a_level_without_cost_is_no_trouble_in_levels(with_a_free_level: pd.DataFrame) -> None:
    model = fit(with_a_free_level, "y", TERMS)
    assert "imd_fifth=6" in model.params
    assert model.poolings == ()


def test_a_flag_without_cost_is_refused_or_left_out(cells: pd.DataFrame) -> None:
    row = cells.iloc[[0]].assign(people=12, y=0, yy=0.0)
    flagged = pd.concat([cells.assign(rare=False), row.assign(rare=True)], ignore_index=True)
    with pytest.raises(t.SeparatedTerms, match="rare"):
        fit(flagged, "y", [*TERMS, "rare"], "poisson")
    model = fit(flagged, "y", [*TERMS, "rare"], "poisson", pool=True)
    assert model.poolings == ("rare is left out: it has no finite coefficient",)


def test_a_level_of_users_alone_has_no_finite_chance(cells: pd.DataFrame) -> None:
    sure = cells.assign(positives=np.where(cells["imd_fifth"] == "3", cells["people"], cells["positives"]))
    with pytest.raises(t.SeparatedTerms, match="imd_fifth=3"):
        fit(sure, "positives", TERMS, "binomial")
    assert "imd_fifth=3" not in fit(sure, "positives", TERMS, "binomial", pool=True).params


def test_an_empty_level_is_pooled_and_said(cells: pd.DataFrame) -> None:
    row = cells.iloc[[0]].assign(imd_fifth="0", people=0, y=0, yy=0.0)
    empty = pd.concat([row, cells], ignore_index=True)
    model = fit(empty, "y", TERMS, "poisson")
    assert model.poolings == ("imd_fifth=0 is counted with imd_fifth=1",)
    pd.testing.assert_series_equal(model.params, fit(cells, "y", TERMS, "poisson").params)
    categories = cells.assign(imd_fifth=pd.Categorical(cells["imd_fifth"], list("123456")))
    assert fit(categories, "y", TERMS).poolings == ("imd_fifth=6 is counted with imd_fifth=5",)


def test_a_level_that_nobody_had_cannot_be_predicted(cells: pd.DataFrame) -> None:
    model = fit(cells, "y", TERMS)
    with pytest.raises(t.UnknownLevels, match="imd_fifth=9"):
        model.predict(cells.head(3).assign(imd_fifth="9"))


def test_cells_that_are_nearly_people_are_remarked_upon(people: pd.DataFrame, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        fit(in_cells(people, KEYS), "y", TERMS)
        assert not caplog.records
        fit(in_cells(people, [*KEYS, "practice_code"]), "y", TERMS)
    assert "cells save little" in caplog.text


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no family 'normal'"):
        fit(simple(), "y", ["sex"], "normal")
    with pytest.raises(ValueError, match="no link 'probit'"):
        link_of("probit")
    with pytest.raises(ValueError, match="gaussian goes with"):
        link_for(family_of("gaussian"), "logit")
    with pytest.raises(ValueError, match="between 1 and 2"):
        family_of("tweedie", 2.5)


@pytest.mark.parametrize("name", ["identity", "log", "sqrt", "logit"])
def test_the_slopes_of_a_link_are_its_slopes(name: str) -> None:
    link, eta, step = link_of(name), np.linspace(0.3, 2.0, 7), 1e-6
    np.testing.assert_allclose(link.predictor(link.mean(eta)), eta)
    for function, slope in ((link.mean, link.slope), (link.slope, link.bend)):
        np.testing.assert_allclose(slope(eta), (function(eta + step) - function(eta - step)) / (2 * step), atol=1e-8)


@pytest.mark.parametrize("name", ["gaussian", "poisson", "gamma", "tweedie", "binomial"])
def test_the_slope_of_a_variance_is_its_slope(name: str) -> None:
    family, mean, step = family_of(name), np.linspace(0.2, 0.8, 7), 1e-6
    slope = (family.variance(mean + step) - family.variance(mean - step)) / (2 * step)
    np.testing.assert_allclose(family.variance_slope(mean), slope, atol=1e-8)


def test_a_level_of_one_person_has_errors(cells: pd.DataFrame) -> None:
    lone = cells.iloc[[0]].assign(imd_fifth="6", people=1, y=500, yy=250_000.0)
    model = fit(pd.concat([cells, lone], ignore_index=True), "y", TERMS)
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        assert np.isfinite(model.errors(kind)).all()


def test_scoring_and_statsmodels_on_cells_agree(cells: pd.DataFrame) -> None:
    import statsmodels.api as sm

    model = fit(cells, "y", (("sex", "age_band"), "imd_fifth"))
    weighted = sm.WLS(cells["y"] / cells["people"], model.design.matrix(cells), weights=cells["people"]).fit()
    np.testing.assert_allclose(model.params, weighted.params, rtol=1e-9)


def test_errors_of_weighted_cells_would_be_wrong(cells: pd.DataFrame) -> None:
    """A guard: robust errors that a library computes on cells alone know nothing of people within a cell."""
    import statsmodels.api as sm

    model = fit(cells, "y", TERMS)
    naive = sm.WLS(cells["y"] / cells["people"], model.design.matrix(cells), weights=cells["people"])
    assert np.abs(naive.fit(cov_type="HC1").bse.to_numpy() / model.errors("HC1").to_numpy() - 1).max() > 0.05


def test_errors_are_worked_out_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from budget.need.glm import sandwich

    asked = []
    real = sandwich.robust
    monkeypatch.setattr(sandwich, "robust", lambda *given: asked.append("HC0") or real(*given))
    model = fit(simple(), "y", ["sex", "band"])
    assert not asked
    assert (model.errors("HC1") > model.errors("HC0")).all()
    assert asked == ["HC0"], "once, for all that rest on it"
    with pytest.raises(KeyError):
        model.errors("HC9")


def test_clustered_errors_are_there_where_there_are_clusters(people: pd.DataFrame, cells: pd.DataFrame) -> None:
    assert fit(cells, "y", TERMS).bse_clustered is None
    by_practice = in_cells(people, [*KEYS, "practice_code"])
    clustered = fit(by_practice, "y", TERMS, cluster="practice_code").bse_clustered
    assert clustered is not None and (clustered > 0).all()


def test_diagnostics_tell_of_the_people_it_was_fitted_on(cells: pd.DataFrame) -> None:
    model = fit(cells, "y", TERMS, "poisson")
    found = model.diagnostics(cells).set_index(["measure", "group"])["value"]
    assert found["calibration", "all"] == pytest.approx(1, abs=1e-10)
    assert found["people", "all"] == 20_000
    assert found["r_squared", "all"] == model.r_squared
    tenths = found["predictive_ratio"].filter(like="predicted_tenth")
    assert list(tenths.index) == [f"predicted_tenth: {number:02d}" for number in range(1, 11)]
    # the canonical link pays every level of a term what it cost
    np.testing.assert_allclose(found["predictive_ratio"].filter(like="imd_fifth"), 1, rtol=1e-9)
    assert len(model.diagnostics()) < len(found)


def test_the_table_has_the_columns_of_the_contract(cells: pd.DataFrame) -> None:
    model = fit(cells, "y", TERMS)
    table = model.table("wls")
    assert list(table.columns) == ["model", "term", "estimate", "standard_error"]
    assert table.set_index("term")["standard_error"].to_dict() == model.errors("HC1").to_dict()


def test_a_model_does_not_show_its_cells(cells: pd.DataFrame) -> None:
    assert len(repr(fit(cells, "y", ["sex"]))) < 600


def test_near_constant_cost_leaves_no_squares_below_zero() -> None:
    same = simple(y=[100_000_001, 200_000_000, 300_000_000, 400_000_000])
    squares = same["y"] ** 2 / same["people"]
    model = fit(same.assign(yy=squares), "y", ["sex", "band"])
    assert (model.bse_robust >= 0).all()


def test_large_costs_do_not_overflow() -> None:
    """Four million people at two million pounds."""
    people, pence = 1_000_000, 200_000_000
    rich = simple(people=[people] * 4, y=[people * pence] * 4, yy=[float(people * pence**2)] * 4)
    model = fit(rich.assign(y=rich["y"] - [0, 1, 2, 3]), "y", ["sex"])
    assert model.params["intercept"] == pytest.approx(pence)

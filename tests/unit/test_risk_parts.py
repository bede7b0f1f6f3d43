"""What is made of fitted models: two parts, rates, constraints, supply, credibility, places, weights, the switch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from statsmodels.stats.meta_analysis import combine_effects

from budget.need.glm import RiskModel, fit
from budget.need.glm import trouble as t
from budget.need.ratios import predicted_tenth, predictive_ratios
from budget.need.risk.cell_mean import fit_cell_mean
from budget.need.risk.challengers import (
    best,
    challenge,
    compare,
    expected_by,
    switch,
    with_unfit,
    worst_ratio,
)
from budget.need.risk.constrained import close_gaps, fit_nonnegative
from budget.need.risk.credibility import credibility
from budget.need.risk.estimators import estimators
from budget.need.risk.fitness import r_squared
from budget.need.risk.folds import out_of_fold
from budget.need.risk.itemised import contributions, risk_weights
from budget.need.risk.places import calibrated, place_budgets
from budget.need.risk.supply import area_rows, fit_sterilised, held_at_mean
from budget.need.risk.two_part import fit_two_part
from tests.support.risk import draw_people, in_cells

pytestmark = pytest.mark.unit

KEYS = ("sex", "age_band", "imd_fifth", "conditions", "frail")
TERMS = ("sex:age_band", "imd_fifth", "conditions")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return draw_people(20_000, seed=11)


@pytest.fixture(scope="module")
def cells(people: pd.DataFrame) -> pd.DataFrame:
    return in_cells(people, [*KEYS, "place", "fold"])


@pytest.fixture(scope="module")
def wls(cells: pd.DataFrame) -> RiskModel:
    return fit(cells, "y", TERMS)


# two parts


@pytest.mark.parametrize("second", ["gamma", "gaussian"])
def test_two_parts_are_those_of_people(people: pd.DataFrame, cells: pd.DataFrame, second: str) -> None:
    import statsmodels.api as sm

    model = fit_two_part(cells, "y", TERMS, second)
    design = model.use.design.matrix(people)
    users = (people["cost"] > 0).to_numpy()
    chance = sm.GLM(users.astype(float), design, family=sm.families.Binomial()).fit(rtol=1e-12, atol=0)
    own = model.cost.design.matrix(people)
    families = {"gamma": sm.families.Gamma(sm.families.links.Log()), "gaussian": sm.families.Gaussian()}
    cost = sm.GLM(people["cost"][users].astype(float), own[users], family=families[second]).fit(rtol=1e-12, atol=0)
    np.testing.assert_allclose(model.predict(people), chance.predict(design) * cost.predict(own), rtol=1e-8)


def test_two_parts_drift_and_are_rescaled(cells: pd.DataFrame) -> None:
    raw = fit_two_part(cells, "y", TERMS).predict(cells)
    scaled = calibrated(cells["people"], raw, float(cells["y"].sum()))
    assert scaled.scalar != pytest.approx(1, abs=1e-6)
    assert scaled.scalar == pytest.approx(1, abs=0.02)
    assert (scaled.per_head * cells["people"]).sum() == pytest.approx(cells["y"].sum())


# direct rates


def test_a_rate_is_the_mean_of_people_who_are_alike(people: pd.DataFrame, cells: pd.DataFrame) -> None:
    model = fit_cell_mean(cells, "y", ["age_band", "sex", "imd_fifth"], least_people=50)
    by_hand = people.groupby(["age_band", "sex", "imd_fifth"])["cost"].transform("mean")
    np.testing.assert_allclose(model.predict(people), by_hand, rtol=1e-12)


def test_few_people_take_the_rate_of_fewer_covariates() -> None:
    cells = pd.DataFrame(
        {"age": ["old", "old", "young"], "sex": ["F", "M", "F"], "people": [900, 90, 90], "y": [9_000, 90, 180]}
    )
    model = fit_cell_mean(cells, "y", ["age", "sex"], least_people=100)
    assert model.predict(cells).to_list() == [10.0, 9_090 / 990, 9_270 / 1_080]
    assert model.predict(pd.DataFrame({"age": ["new"], "sex": ["X"]})).to_list() == [9_270 / 1_080]


# constraints


def test_a_groups_gap_is_closed(cells: pd.DataFrame, wls: RiskModel) -> None:
    frail = cells["frail"]

    def gap(model: RiskModel) -> float:
        expected = model.predict(cells) * cells["people"]
        return float((cells["y"] - expected)[frail].sum() / cells["people"][frail].sum())

    closed, half = close_gaps(wls, cells, [frail]), close_gaps(wls, cells, [frail], share=0.5)
    assert gap(wls) > 1_000
    assert gap(closed) == pytest.approx(0, abs=1e-6)
    assert gap(half) == pytest.approx(gap(wls) / 2, rel=1e-9)
    assert wls.r_squared > half.r_squared > closed.r_squared
    assert (closed.predict(cells) * cells["people"]).sum() == pytest.approx(cells["y"].sum())


def test_one_constraint_is_the_formula(cells: pd.DataFrame, wls: RiskModel) -> None:
    frail = cells["frail"]
    closed = close_gaps(wls, cells, [frail], share=0.7, keep_total=False)
    weight = cells["people"].to_numpy(dtype=float)
    x = wls.design.matrix(cells)
    spread = np.linalg.inv(x.T @ (x * weight[:, None]))
    mean = np.average(x[frail], axis=0, weights=weight[frail])
    gap = cells["y"][frail].sum() / weight[frail].sum() - mean @ wls.coefficients
    by_hand = wls.coefficients + spread @ mean * 0.7 * gap / (mean @ spread @ mean)
    np.testing.assert_allclose(closed.coefficients, by_hand, rtol=1e-8)


def test_a_constrained_combination_has_no_error(cells: pd.DataFrame, wls: RiskModel) -> None:
    frail = cells["frail"]
    closed = close_gaps(wls, cells, [frail])
    weight = cells["people"].to_numpy(dtype=float)
    mean = np.average(wls.design.matrix(cells)[frail], axis=0, weights=weight[frail])
    before, after = (mean @ model.covariances["HC1"] @ mean for model in (wls, closed))
    assert after < before * 1e-9


def test_everyone_is_no_group(cells: pd.DataFrame, wls: RiskModel) -> None:
    with pytest.raises(t.CollinearTerms, match="group 2"):
        close_gaps(wls, cells, [pd.Series(True, index=cells.index)])
    with pytest.raises(ValueError, match="least squares"):
        close_gaps(fit(cells, "y", TERMS, "poisson"), cells, [cells["frail"]])


def test_bound_coefficients_are_the_best_that_are_not_negative(cells: pd.DataFrame) -> None:
    cheap = cells.assign(below=-1.0 * cells["conditions"], other=(cells["imd_fifth"] == "2").astype(float))
    terms = ["sex", "frail", "below", "other"]
    free, bound = fit(cheap, "y", terms), fit_nonnegative(cheap, "y", terms, ["below", "other", "frail"])
    assert free.params["below"] < 0
    assert bound.params["below"] == 0
    assert (bound.params[["other", "frail"]] >= 0).all()
    x = free.design.matrix(cheap)
    weight, mean = cheap["people"].to_numpy(float), (cheap["y"] / cheap["people"]).to_numpy(float)
    bounds = [(0 if name in ("below", "other", "frail") else None, None) for name in free.params.index]

    def loss(params: np.ndarray) -> tuple[float, np.ndarray]:
        off = x @ (params * 1e4) - mean
        return float(weight @ off**2) / 1e12, 2e4 * x.T @ (weight * off) / 1e12

    found = minimize(loss, bound.coefficients / 1e4 + 0.1, jac=True, bounds=bounds, tol=1e-14)
    np.testing.assert_allclose(bound.coefficients, found.x * 1e4, rtol=1e-3, atol=1)
    with pytest.raises(ValueError, match="no term of the model: weather"):
        fit_nonnegative(cheap, "y", terms, ["weather"])


def test_a_bound_that_does_not_bind_changes_nothing(cells: pd.DataFrame) -> None:
    free, bound = fit(cells, "y", TERMS), fit_nonnegative(cells, "y", TERMS, ["conditions"])
    np.testing.assert_allclose(bound.coefficients, free.coefficients, rtol=1e-7)


# supply


@pytest.fixture(scope="module")
def by_area(people: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Covariates of eighty areas (the practices stand for them), and people by area and level."""
    chance = np.random.default_rng(2)
    names = sorted(people["practice_code"].unique())
    areas = pd.DataFrame({"beds": chance.normal(size=80), "air": chance.normal(size=80)}, index=names)
    whole = people.rename(columns={"practice_code": "area", "cost": "y"}).assign(people=1)
    whole["sex:age_band"] = whole["sex"] + ":" + whole["age_band"]
    levels = {
        term: whole.assign(level=whole[term]).groupby(["area", "level"], as_index=False)[["people", "y"]].sum()
        for term in ("sex:age_band", "imd_fifth")
    }
    return areas, levels


def test_supply_moves_no_money(cells: pd.DataFrame, by_area: tuple[pd.DataFrame, dict[str, pd.DataFrame]]) -> None:
    areas, levels = by_area
    model = fit(cells, "y", ("sex:age_band", "imd_fifth"))
    rows = area_rows(model.design, levels)
    as_supply = fit_sterilised(model, rows, areas, {"beds": "supply", "air": "neutral"})
    as_need = fit_sterilised(model, rows, areas, {"beds": "need", "air": "neutral"})
    few, theirs = cells.head(4), pd.DataFrame({"beds": [-1.0, 0.0, 1.0, 2.0], "air": 9.0}, index=cells.index[:4])
    held = as_supply.predict(few)
    pd.testing.assert_series_equal(as_supply.predict(few, theirs), held)
    moved = as_need.predict(few, theirs) - held
    np.testing.assert_allclose(moved, as_need.area["beds"] * (theirs["beds"] - as_need.means["beds"]), rtol=1e-9)
    # with everything held at the mean, the total of the people it was fitted on comes back
    assert (as_supply.predict(cells) * cells["people"]).sum() == pytest.approx(cells["y"].sum(), rel=1e-9)


def test_areas_that_do_not_fit_are_named(cells: pd.DataFrame, by_area: tuple[pd.DataFrame, dict]) -> None:
    areas, levels = by_area
    model = fit(cells, "y", ("sex:age_band", "imd_fifth"))
    rows = area_rows(model.design, levels)
    with pytest.raises(t.AbsentColumns, match="beds"):
        fit_sterilised(model, rows, areas, {"air": "need"})
    with pytest.raises(t.MissingValues, match="3 without covariates"):
        fit_sterilised(model, rows, areas.iloc[3:], {"air": "need", "beds": "supply"})
    with pytest.raises(t.CollinearTerms, match="air"):
        fit_sterilised(model, rows, areas.assign(beds=2 * areas["air"]), {"air": "need", "beds": "supply"})
    with pytest.raises(t.AbsentColumns, match="imd_fifth"):
        area_rows(model.design, {"sex:age_band": levels["sex:age_band"]})
    other = levels | {"imd_fifth": levels["imd_fifth"].replace({"level": {"5": "6"}})}
    with pytest.raises(t.UnknownLevels, match="imd_fifth=6"):
        area_rows(model.design, other)


def test_a_term_of_the_model_itself_is_held_at_its_mean(cells: pd.DataFrame, wls: RiskModel) -> None:
    held = held_at_mean(wls, cells, ["imd_fifth"])
    assert (held * cells["people"]).sum() == pytest.approx((wls.predict(cells) * cells["people"]).sum())
    same = ["sex", "age_band", "conditions"]
    assert held.groupby([cells[column] for column in same]).std().max() < 1e-6
    with pytest.raises(ValueError, match="no term of the model: weather"):
        held_at_mean(wls, cells, ["weather"])


# credibility


def test_shrinkage_is_dersimonian_and_laird() -> None:
    observed = pd.Series({"A": 120.0, "B": 90.0, "C": 210.0, "D": 99.0})
    expected, variance = (
        pd.Series({"A": 100.0, "B": 100.0, "C": 200.0, "D": 100.0}),
        pd.Series(25.0, index=observed.index),
    )
    found = credibility(observed, expected, variance)
    by_hand = combine_effects((observed / expected).to_numpy(), (variance / expected**2).to_numpy(), method_re="chi2")
    assert found.between == pytest.approx(by_hand.tau2, rel=1e-12)
    table = found.table
    assert (table["credibility"] == found.between / (found.between + table["variance"])).all()
    assert ((table["shrunk"] - 1).abs() < (table["ratio"] - 1).abs()).all()
    # the larger place is believed more
    assert table["credibility"].idxmax() == "C"


def test_ratios_that_differ_by_chance_alone_are_not_believed() -> None:
    expected = pd.Series({"A": 100.0, "B": 100.0})
    found = credibility(pd.Series({"A": 101.0, "B": 99.0}), expected, pd.Series({"A": 100.0, "B": 100.0}))
    assert found.between == 0
    assert (found.table["shrunk"] == 1).all()
    with pytest.raises(ValueError, match="two places"):
        credibility(expected.head(1), expected.head(1), expected.head(1))
    with pytest.raises(ValueError, match="above zero"):
        credibility(expected, expected, expected * 0)


# places


def test_budgets_add_up_and_carry_both_errors(cells: pd.DataFrame, people: pd.DataFrame, wls: RiskModel) -> None:
    found = place_budgets(wls, cells)
    assert found["budget"].sum() == pytest.approx(cells["y"].sum())
    assert found["people"].to_dict() == people["place"].value_counts().to_dict()
    x = wls.design.matrix(people)
    for place, row in found.iterrows():
        mine = (people["place"] == place).to_numpy()
        d = x[mine].sum(axis=0)
        assert row["model_error"] == pytest.approx(np.sqrt(d @ wls.covariances["HC1"] @ d), rel=1e-8)
    # a place of a quarter of the people: chance is about sd / sqrt(n) of its spend
    spread = np.sqrt(((people["cost"] - x @ wls.coefficients) ** 2).mean())
    np.testing.assert_allclose(found["process_error"], spread * np.sqrt(found["people"]), rtol=0.1)
    assert ((found["high"] - found["low"]) > 2 * 1.9 * found["process_error"]).all()


def test_process_variance_of_alike_people_is_theirs() -> None:
    cells = pd.DataFrame(
        {"place": ["A", "B"], "sex": ["F", "F"], "people": [10, 30], "y": [100.0, 300.0], "yy": [2_000.0, 6_000.0]}
    )
    found = place_budgets(fit(cells, "y", ["sex"], pool=True), cells)
    # 40 people of mean 10 and mean square 200: variance 100 each
    np.testing.assert_allclose(found["process_error"], np.sqrt([1_000.0, 3_000.0]))


def test_places_of_a_product_are_calibrated(cells: pd.DataFrame) -> None:
    model = fit(cells, "y", TERMS, "gamma")
    found = place_budgets(model, cells)
    assert found["budget"].sum() == pytest.approx(cells["y"].sum())
    assert (found["low"] < found["budget"]).all()


def test_predictions_below_zero_are_set_to_zero_and_counted() -> None:
    people, per_head = pd.Series([10, 20, 30]), pd.Series([-5.0, 10.0, 20.0])
    found = calibrated(people, per_head, 1_600.0)
    assert found.floored_people == 10
    assert found.scalar == 2.0
    assert found.per_head.to_list() == [0.0, 20.0, 40.0]
    with pytest.raises(t.NoCost):
        calibrated(people, per_head * 0, 1.0)


# ratios


def test_ratios_are_predicted_over_actual() -> None:
    people, actual = pd.Series([10.0, 10.0, 20.0]), pd.Series([100.0, 300.0, 0.0])
    found = predictive_ratios(people, actual, pd.Series([110.0, 250.0, 40.0]), pd.Series(["a", "a", "b"]))
    assert found.loc["a", "ratio"] == 0.9
    assert found.loc["a", "over_per_head"] == -2.0
    assert np.isnan(found.loc["b", "ratio"])
    assert found.loc["b", "over_per_head"] == 2.0


def test_cells_of_one_prediction_stay_in_one_tenth() -> None:
    people = pd.Series([10.0] * 10)
    assert predicted_tenth(people, pd.Series(range(10))).to_list() == [f"{n:02d}" for n in range(1, 11)]
    assert set(predicted_tenth(people, pd.Series([5.0] * 10))) == {"06"}


# weights, itemised


@pytest.mark.parametrize(("family", "link"), [("gaussian", None), ("poisson", "log"), ("poisson", "sqrt")])
def test_contributions_add_up_to_the_prediction(cells: pd.DataFrame, family: str, link: str | None) -> None:
    model = fit(cells, "y", TERMS, family, link)
    parts = contributions(model, cells)
    assert list(parts.columns) == ["intercept", "sex:age_band", "imd_fifth", "conditions"]
    np.testing.assert_allclose(model.link.mean(parts.sum(axis=1).to_numpy()), model.predict(cells), rtol=1e-10)


@pytest.mark.parametrize(("family", "how"), [("gaussian", "adds"), ("poisson", "multiplies")])
def test_weights_of_a_cell_come_apart_by_term(cells: pd.DataFrame, family: str, how: str) -> None:
    model = fit(cells, "y", TERMS, family)
    few = cells.sample(20, random_state=2)
    table = risk_weights(model, few, "test")
    assert list(table.columns) == ["model", "cell", "term", "level", "contribution", "weight", "how"]
    assert set(table["how"]) == {how}
    assert len(table) == 20 * 4
    grouped = table.groupby("cell")["weight"]
    whole = grouped.sum() if how == "adds" else grouped.prod()
    mean = cells["y"].sum() / cells["people"].sum()
    np.testing.assert_allclose(whole[few.index], model.predict(few) / mean, rtol=1e-10)
    of_one = table[table["cell"] == few.index[0]].set_index("term")["level"]
    first = few.iloc[0]
    assert of_one["sex:age_band"] == f"{first['sex']}:{first['age_band']}"
    assert of_one["conditions"] == str(first["conditions"])


def test_a_root_does_not_come_apart(cells: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="sqrt"):
        risk_weights(fit(cells, "y", TERMS, "poisson", "sqrt"), cells, "test")


def test_an_offset_is_an_item(people: pd.DataFrame) -> None:
    cells = in_cells(people, [*KEYS, "price_index"])
    cells["known"] = np.log(cells["price_index"])
    model = fit(cells, "y", TERMS, "poisson", offset="known")
    assert "offset" in contributions(model, cells)
    whole = risk_weights(model, cells, "test").groupby("cell")["weight"].prod()
    np.testing.assert_allclose(whole, model.predict(cells) / model.sums.mean, rtol=1e-10)


# folds and the switch


def test_a_level_of_one_fold_alone_is_still_predicted(cells: pd.DataFrame) -> None:
    lone = cells.assign(imd_fifth=np.where(cells["fold"] == 3, "9", cells["imd_fifth"]))
    for name, estimator in estimators("y", TERMS).items():
        assert np.isfinite(out_of_fold(lone, estimator, TERMS)).all(), name
    with pytest.raises(ValueError, match="two folds"):
        out_of_fold(cells.assign(fold=1), estimators("y", TERMS)["wls"], TERMS)


def test_one_fold_less_is_no_peeking(cells: pd.DataFrame) -> None:
    given = out_of_fold(cells, estimators("y", TERMS)["wls"], TERMS)
    richer = cells.assign(
        y=cells["y"].where(cells["fold"] != 1, cells["y"] * 2),
        yy=cells["yy"].where(cells["fold"] != 1, cells["yy"] * 4),
    )
    after = out_of_fold(richer, estimators("y", TERMS)["wls"], TERMS)
    inside = cells["fold"] == 1
    pd.testing.assert_series_equal(given[inside], after[inside], rtol=1e-9)
    assert (given[~inside] < after[~inside]).mean() > 0.9


@pytest.mark.parametrize(
    ("gain", "worse", "replaces"),
    [(0.003, 0.01, True), (0.0029, 0.0, False), (0.02, 0.011, False), (0.01, -0.05, True)],
)
def test_the_switch_needs_a_gain_and_no_group_paid_worse(gain: float, worse: float, replaces: bool) -> None:
    decision = switch(gain, worse)
    assert decision.replaces is replaces
    assert decision.reason


def test_a_better_challenger_would_replace(cells: pd.DataFrame) -> None:
    chosen = estimators("y", TERMS)
    blind = {"wls": lambda given: fit(given, "y", ["imd_fifth"]), "poisson_log": chosen["poisson_log"]}
    found = compare(cells, "y", expected_by(cells, "y", TERMS, blind), ["age_band"])
    assert found.loc["poisson_log", "replaces"]
    assert found.loc["poisson_log", "r_squared"] > found.loc["wls", "r_squared"]
    assert best(found) == "poisson_log"


def test_least_squares_stays_where_no_challenger_replaces_it(cells: pd.DataFrame) -> None:
    alike = estimators("y", TERMS)["wls"]
    found = compare(cells, "y", expected_by(cells, "y", TERMS, {"wls": alike, "poisson_log": alike}), ["age_band"])
    assert not found["replaces"].any()
    assert best(found) == "wls"


def test_a_challenger_without_an_answer_is_named_and_replaces_nothing(cells: pd.DataFrame) -> None:
    def never(_: pd.DataFrame) -> RiskModel:
        raise t.NotConverged(["poisson", "log"])

    chosen = {"wls": estimators("y", TERMS)["wls"], "poisson_log": never}
    found = challenge(cells, "y", TERMS, chosen)
    assert set(found.expected) == {"wls"}
    table = with_unfit(compare(cells, "y", found.expected, ["age_band"]), found.unfit)
    assert table.loc["poisson_log", "reason"] == "it has no answer here: the fit did not converge"
    assert table.loc["poisson_log", ["calibration", "r_squared", "worst_ratio", "places_moved"]].isna().all()
    assert not table["replaces"].any() and best(table) == "wls"
    assert table["places_moved"].dtype == "Int64" and table["replaces"].dtype == bool
    for stops in (lambda: challenge(cells, "y", TERMS, {"wls": never}), lambda: expected_by(cells, "y", TERMS, chosen)):
        with pytest.raises(t.NotConverged):
            stops()


def test_places_are_read_once_whatever_the_estimators(cells: pd.DataFrame) -> None:
    chosen = {"wls": estimators("y", TERMS)["wls"]}
    gathered = expected_by(cells, "y", TERMS, chosen)["wls"]
    pd.testing.assert_series_equal(gathered, out_of_fold(cells, chosen["wls"], TERMS), rtol=1e-9, check_names=False)


def test_small_groups_are_not_judged(cells: pd.DataFrame) -> None:
    per_head = pd.Series(cells["y"].sum() / cells["people"].sum(), index=cells.index)
    worst, where = worst_ratio(cells, "y", per_head, ["age_band"], 1_000)
    assert where.startswith("age_band: ")
    assert worst > 0.5
    assert worst_ratio(cells, "y", per_head, ["age_band"], 10**9) == (0.0, "none")


def test_r_squared_of_a_prediction_is_that_of_people(people: pd.DataFrame, cells: pd.DataFrame, wls: RiskModel) -> None:
    assert r_squared(cells, wls.predict(cells)) == pytest.approx(wls.r_squared, rel=1e-10)

"""What the settings of the need model do: roles, bounds, gaps, other estimators, frozen coefficients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.need.glm import fit
from budget.need.glm import trouble as t
from budget.need.modelled import Modelled
from budget.need.risk.coefficients import COLUMNS, HELD, Formula, coefficient_table
from budget.need.risk.paying import paying
from tests.oracle import need as oracle
from tests.oracle.need import TERMS
from tests.support.need import (
    CALM,
    CAP,
    DAYS,
    Tables,
    area,
    by_level,
    lived_by_practice,
    locality,
    need_folder,
    run,
    settings,
    term,
    weigh,
)  # fmt: skip

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tables() -> Tables:
    return locality(6_000)


@pytest.fixture(scope="module")
def plain(tables: Tables) -> Modelled:
    return run(tables)


@pytest.fixture(scope="module")
def lived(tables: Tables) -> pd.DataFrame:
    return lived_by_practice(tables)


# coefficients as a table


@pytest.mark.parametrize(
    ("name", "family", "link"),
    [("wls", "gaussian", None), ("poisson_log", "poisson", "log"), ("poisson_sqrt", "poisson", "sqrt")],
)
def test_the_table_says_what_the_model_says(lived: pd.DataFrame, name: str, family: str, link: str | None) -> None:
    model = fit(lived, "y", TERMS, family, link, "practice_code", exposure="e", pool=True)
    table = coefficient_table(model, name, dict.fromkeys(TERMS, "need"))
    assert tuple(table.columns) == COLUMNS
    np.testing.assert_allclose(Formula.of(table).predict(lived), model.predict(lived), rtol=1e-12, atol=1e-9)
    for kind, column in (("HC1", "standard_error"), ("clustered", "clustered_error")):
        told = table.loc[~table["reference"] & table["counted_with"].isna() & (table["term"] != HELD), column]
        np.testing.assert_allclose(told.to_numpy(), model.errors(kind).to_numpy(), rtol=1e-12)
    assert table.groupby("term")["reference"].sum()[list(TERMS)].eq(1).all()


@pytest.fixture(scope="module")
def table(lived: pd.DataFrame) -> pd.DataFrame:
    return coefficient_table(fit(lived, "y", TERMS, exposure="e", pool=True), "wls", dict.fromkeys(TERMS, "need"))


def test_a_level_that_the_table_does_not_know_is_refused_by_name(lived: pd.DataFrame, table: pd.DataFrame) -> None:
    with pytest.raises(t.UnknownLevels, match="segment=NEW"):
        Formula.of(table).predict(lived.head(2).assign(segment="NEW"))


@pytest.mark.parametrize("models", [["two_part"], ["wls", "poisson_log"], ["cell_mean"], []])
def test_a_table_of_no_formula_is_refused(table: pd.DataFrame, models: list[str]) -> None:
    parts = [table.assign(model=name) for name in models] or [table.head(0)]
    with pytest.raises(t.AbsentColumns, match="coefficients of one of wls, poisson_log"):
        Formula.of(pd.concat(parts))


def test_columns_that_are_combinations_of_others_are_told(lived: pd.DataFrame) -> None:
    """A level that is left out has its reference's estimate, and the table says that it stands with it."""
    twin = lived.assign(echo="was " + lived["segment"])
    model = fit(twin, "y", (*TERMS, "echo"), exposure="e", pool=True)
    found = coefficient_table(model, "wls", dict.fromkeys((*TERMS, "echo"), "need")).query("term == 'echo'")
    out = found[~found["reference"]]
    assert out["counted_with"].tolist() == found.loc[found["reference"], "level"].tolist()
    assert (out["estimate"] == 0).all() and out["standard_error"].isna().all()
    assert any("combination of other columns" in told for told in model.poolings)


# supply and neutral terms


@pytest.mark.parametrize("role", ["supply", "neutral"])
def test_a_term_that_is_no_need_is_held_at_its_mean(tables: Tables, plain: Modelled, role: str) -> None:
    terms = [term("sex", "age_band"), term("imd_tenth"), term("condition_band"), term("segment", role=role)]
    found = run(tables, terms=terms)
    rows = oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)
    estimates = by_level(found)["estimate"]
    # in the regression like any other, so that need does not take its credit
    like_any = [
        table.query("term != 'held'")["estimate"] for table in (found.tables["risk_model"], plain.tables["risk_model"])
    ]
    pd.testing.assert_series_equal(*like_any, rtol=1e-9)
    there = rows[rows["years"] > 0]
    of_person = there["segment"].map(estimates["segment"])
    held = (of_person * there["years"]).sum() / there["years"].sum()
    assert estimates[HELD].iloc[0] == pytest.approx(held, rel=1e-8)
    assert by_level(plain)["estimate"][HELD].iloc[0] == 0
    a_year = estimates["intercept"].iloc[0] + held
    a_year = a_year + sum(rows[name].map(estimates[name]) for name in TERMS if name != "segment")
    a_year = a_year.clip(lower=0)
    by_hand = a_year.groupby(rows["place"]).mean() / a_year.mean()
    assert found.per_head.to_dict() == pytest.approx(by_hand.to_dict(), rel=1e-9)


def test_shares_do_not_move_with_supply(tables: Tables) -> None:
    """Place A's people are all made well supplied, place B's all poorly: what they need is what it was."""
    terms = [term("sex", "age_band"), term("imd_tenth"), term("condition_band"), term("segment", role="supply")]
    supplied = {}
    for rich, poor in (("A", "B"), ("B", "A")):
        population = tables["population"]
        segment = population["segment"].mask(population["place"] == rich, "COMPLEX")
        population = population.assign(segment=segment.mask(population["place"] == poor, "WELL"))
        frozen = run(tables, terms=terms).tables["risk_model"]
        supplied[rich] = run(tables | {"population": population}, terms=terms, frozen=frozen).per_head
    pd.testing.assert_series_equal(supplied["A"], supplied["B"], rtol=1e-12)


# bounds and gaps


def test_coefficients_that_may_not_be_negative_are_not(tables: Tables, plain: Modelled) -> None:
    free = by_level(plain)["estimate"]["imd_tenth"]
    assert (free < 0).any()
    found = run(tables, nonnegative=["imd_tenth"])
    bound = by_level(found)
    assert (bound["estimate"]["imd_tenth"] >= 0).all() and (bound["estimate"]["imd_tenth"] == 0).sum() > 1
    assert (bound["estimate"]["sex:age_band"] < 0).any(), "other terms are free"
    assert bound["standard_error"].isna().all(), "errors of least squares do not hold where a bound binds"
    assert "place_budget" not in set(found.tables["risk_diagnostics"]["measure"])
    assert not np.allclose(found.per_head, plain.per_head, rtol=1e-6)


def gap(tables: Tables, found: Modelled, segment: str) -> float:
    """Kept cost less expected cost of a segment's people, in parts of their cost, on the people of the fit."""
    rows = oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)
    there = rows[rows["years"] > 0]
    cells = there.rename(columns={"sex:age_band": "sex_age"}).assign(sex=there["sex:age_band"].str[0])
    expected = Formula.of(found.tables["risk_model"]).predict(cells) * there["years"]
    inside = there["segment"] == segment
    return float((there["kept"] - expected)[inside].sum() / there["kept"][inside].sum())


@pytest.mark.parametrize("share", [1, 0.5])
def test_a_gap_is_closed_as_far_as_is_asked(tables: Tables, share: float) -> None:
    without = {"terms": [term("sex", "age_band"), term("imd_tenth")]}
    blind = run(tables, **without)
    closed = run(tables, **without, close_gaps={"groups": ["segment=COMPLEX"], "share": share})
    assert gap(tables, blind, "COMPLEX") > 0.1
    assert gap(tables, closed, "COMPLEX") == pytest.approx((1 - share) * gap(tables, blind, "COMPLEX"), abs=1e-9)
    errors = by_level(closed)[["standard_error", "clustered_error"]].dropna()
    assert (errors > 0).all(axis=None)


def test_a_gap_of_nobody_is_refused(tables: Tables) -> None:
    with pytest.raises(t.CollinearTerms, match="group 1"):
        run(tables, close_gaps={"groups": ["segment=NOBODY"], "share": 1})


# other estimators


@pytest.mark.parametrize("name", ["poisson_log", "poisson_sqrt", "tweedie_log", "cell_mean"])
def test_another_estimator_may_pay(tables: Tables, plain: Modelled, name: str) -> None:
    found = run(tables, estimator=name)
    assert set(found.tables["risk_model"]["model"]) == {name}
    assert set(found.tables["risk_diagnostics"]["model"]) == {name}
    assert found.per_head.to_dict() == pytest.approx(plain.per_head.to_dict(), rel=0.05)
    assert not np.allclose(found.per_head, plain.per_head, rtol=1e-6)
    value = found.tables["risk_diagnostics"].set_index(["measure", "group"])["value"]
    assert value["calibrated", "all"] == pytest.approx(1, abs=1e-12)
    assert ("risk_weights" in found.tables) is (name in ("poisson_log", "tweedie_log"))


def test_direct_rates_are_the_mean_of_people_who_are_alike(tables: Tables) -> None:
    found = run(tables, estimator="cell_mean", terms=[term("segment"), term("condition_band")])
    rows = oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)
    there = rows[rows["years"] > 0]
    rates = by_level(found)["estimate"]
    by_hand = there.groupby(["segment", "condition_band"])[["kept", "years"]].sum().query("years >= 100")
    assert len(by_hand) > 5
    for (segment, conditions), row in by_hand.iterrows():
        told = rates["segment:condition_band", f"{segment}:{conditions}"]
        assert told == pytest.approx(row["kept"] / row["years"], rel=1e-10)
    by_segment = there.groupby("segment")[["kept", "years"]].sum()
    assert rates["segment"].to_dict() == pytest.approx((by_segment["kept"] / by_segment["years"]).to_dict(), rel=1e-10)
    assert rates["mean", "everyone"] == pytest.approx(there["kept"].sum() / there["years"].sum(), rel=1e-10)


def test_an_estimator_that_cannot_pay_is_refused(lived: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="two_part does not pay"):
        paying(lived, "two_part", settings())


def test_best_is_least_squares_where_nothing_replaces_it(tables: Tables) -> None:
    found = run(tables, estimator="best", challengers=["cell_mean"])
    challengers = found.tables["risk_challengers"].set_index("estimator")
    assert not challengers["replaces"].any()
    assert set(found.tables["risk_model"]["model"]) == {"wls"}


def test_best_is_the_challenger_that_replaces_it(tables: Tables) -> None:
    """Cost that multiplies: least squares without crossed terms misses what a product hits."""
    population = tables["population"]
    factor = 1.6 ** population["long_term_conditions"] * np.where(population["segment"] == "COMPLEX", 6, 1)
    cost = tables["person_cost"].assign(cost_pence=(1_000 * factor).round().astype("int64"))
    cost["cost_pence"] += np.arange(len(cost)) % 7
    changes = {"terms": [term("condition_band"), term("segment")], "challengers": ["poisson_log", "cell_mean"]}
    found = run(tables | {"person_cost": cost}, **changes, groups=["segment"], estimator="best")
    challengers = found.tables["risk_challengers"].set_index("estimator")
    chosen = challengers[challengers["replaces"]]["r_squared"].idxmax()
    assert set(found.tables["risk_model"]["model"]) == {chosen} != {"wls"}


# itemised weights


@pytest.mark.parametrize(("name", "how"), [("wls", "adds"), ("poisson_log", "multiplies")])
def test_risk_weights_come_to_the_prediction(tables: Tables, name: str, how: str) -> None:
    found = run(tables, estimator=name)
    weights = found.tables["risk_weights"]
    assert set(weights["how"]) == {how} and set(weights["model"]) == {name}
    wide = weights.pivot(index="cell", columns="term", values="level")
    whole = weights.groupby("cell")["weight"].agg("sum" if how == "adds" else "prod")
    split = wide["sex:age_band"].str.split(":", expand=True)
    cells = wide.drop(columns="sex:age_band").assign(sex=split[0], age_band=split[1])
    rows = oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)
    mean = rows.loc[rows["years"] > 0, "kept"].sum() / rows["years"].sum()
    predicted = Formula.of(found.tables["risk_model"]).predict(cells) / mean
    np.testing.assert_allclose(whole, predicted, rtol=1e-9, atol=1e-12)
    assert not wide.duplicated().any()


# frozen coefficients


def frozen_of(found: Modelled) -> pd.DataFrame:
    """What is given as ``risk_coefficients``: the columns of its contract."""
    return found.tables["risk_model"][["model", "term", "level", "role", "estimate"]].assign(stream=None)


def test_frozen_coefficients_give_the_same_need(tables: Tables, plain: Modelled) -> None:
    found = run(tables, frozen=frozen_of(plain))
    pd.testing.assert_series_equal(found.per_head, plain.per_head, rtol=1e-12)
    assert set(found.tables["risk_diagnostics"]["model"]) == {"frozen"}
    assert found.tables["risk_model"]["estimate"].tolist() == plain.tables["risk_model"]["estimate"].tolist()
    assert "risk_weights" not in found.tables
    value = found.tables["risk_diagnostics"].set_index(["measure", "group"])["value"]
    assert value["calibration", "all"] == pytest.approx(1, abs=1e-9), "on the people it was fitted on"


def test_frozen_coefficients_do_not_look_at_cost(tables: Tables, plain: Modelled) -> None:
    chance = np.random.default_rng(4)
    other = tables["person_cost"].assign(cost_pence=chance.permutation(tables["person_cost"]["cost_pence"]))
    found = run(tables | {"person_cost": other}, frozen=frozen_of(plain))
    pd.testing.assert_series_equal(found.per_head, plain.per_head, rtol=1e-12)


def test_frozen_products_are_applied_through_their_link(tables: Tables) -> None:
    fitted = run(tables, estimator="poisson_log")
    found = run(tables, frozen=frozen_of(fitted))
    pd.testing.assert_series_equal(found.per_head, fitted.per_head, rtol=1e-12)


def test_a_level_that_frozen_coefficients_do_not_know_stops_the_run(tables: Tables, plain: Modelled) -> None:
    frozen = frozen_of(plain)
    known = {name: tables[name] for name in ("population", "person_cost", "segment_people", "segment_cost")}
    lacking = frozen[frozen["level"] != "COMPLEX"]
    with pytest.raises(RunStopped, match="segment=COMPLEX") as stop:
        weigh(known | {"risk_coefficients": lacking}, {"need_coefficients": "frozen"})
    assert stop.value.failures[0].check_id == "W09"


def test_frozen_without_coefficients_stops_the_run(tables: Tables, plain: Modelled) -> None:
    known = {name: tables[name] for name in ("population", "person_cost", "segment_people", "segment_cost")}
    with pytest.raises(RunStopped, match="need_coefficients = frozen needs the coefficients") as stop:
        weigh(known, {"need_coefficients": "frozen"})
    assert stop.value.failures[0].check_id == "W11"
    found = weigh(known | {"risk_coefficients": frozen_of(plain)}, {"need_coefficients": "frozen"})
    shown = found["need_weights"].query("method == 'model' and financial_year == '2025/26'").set_index("place")
    counted = shown["population"]
    mean = (plain.per_head * counted).sum() / counted.sum()
    assert shown["need_index"].to_dict() == pytest.approx((plain.per_head / mean).to_dict(), rel=1e-12)


# through the stage


def test_the_stage_reads_the_settings_of_its_folder(tables: Tables, tmp_path: Path) -> None:
    folder = need_folder(tmp_path, **CALM, areas=[area("beds", "supply"), area("air", "need")], groups=["segment"])
    known = ("population", "person_cost", "segment_people", "segment_cost", "area_covariates")
    found = weigh({name: tables[name] for name in known}, {"need_estimator": "wls"}, need=folder)
    assert {"beds", "air"} <= set(found["risk_model"]["term"])
    with pytest.raises(RunStopped, match="area_covariates, which the need model names") as stop:
        weigh({name: tables[name] for name in known[:-1]}, need=folder)
    assert stop.value.failures[0].check_id == "W09"

"""What the settings of the need model do: roles, areas, bounds, gaps, other estimators, frozen coefficients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.engine import Engine
from budget.kernel.errors import RunStopped
from budget.need.glm import RiskModel, fit
from budget.need.glm import trouble as t
from budget.need.modelled import Modelled
from budget.need.risk.coefficients import COLUMNS, HELD, Formula, coefficient_table
from budget.need.risk.passes import lived_cells, show_people
from budget.need.risk.paying import paying
from tests.oracle import need as oracle
from tests.support.need import (
    CAP,
    DAYS,
    Tables,
    area,
    locality,
    modelled,
    need_folder,
    people,
    settings,
    term,
    wanted,
    weigh,
)

pytestmark = pytest.mark.integration

CALM = {"challengers": []}
"""No challengers, which these tests do not look at."""
TERMS = ("sex:age_band", "imd_tenth", "condition_band", "segment")


@pytest.fixture(scope="module")
def tables() -> Tables:
    return locality(6_000)


@pytest.fixture(scope="module")
def plain(tables: Tables) -> Modelled:
    return modelled(tables, wanted(settings(**CALM), caps=()))


@pytest.fixture(scope="module")
def lived(tables: Tables) -> Iterator[pd.DataFrame]:
    """Cells by practice."""
    with Engine() as engine:
        for name in ("population", "person_cost"):
            engine.lend(name, tables[name])
        show_people(engine)
        cells = lived_cells(engine, CAP, DAYS, by=("segment", "practice_code", "place"))
    yield cells.assign(practice_code=cells["practice_code"].fillna("none"))


def run(tables: Tables, **changes: object) -> Modelled:
    named = {name: changes.pop(name) for name in ("estimator", "frozen", "area_covariates") if name in changes}
    return modelled(tables, wanted(settings(**(CALM | changes)), caps=(), **named))


def of_model(found: Modelled) -> pd.DataFrame:
    return found.tables["risk_model"]


def model_of(found: Modelled) -> pd.DataFrame:
    return of_model(found).set_index(["term", "level"])


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
    estimates = model_of(found)["estimate"]
    # in the regression like any other, so that need does not take its credit
    like_any = [table.query("term != 'held'")["estimate"] for table in (of_model(found), of_model(plain))]
    pd.testing.assert_series_equal(*like_any, rtol=1e-9)
    there = rows[rows["years"] > 0]
    of_person = there["segment"].map(estimates["segment"])
    held = (of_person * there["years"]).sum() / there["years"].sum()
    assert estimates[HELD].iloc[0] == pytest.approx(held, rel=1e-8)
    assert model_of(plain)["estimate"][HELD].iloc[0] == 0
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


# covariates of areas


AREAS = [area("beds", "supply"), area("air", "need")]


@pytest.fixture(scope="module")
def covariates(tables: Tables) -> pd.DataFrame:
    """As drawn, but the air of place A is bad."""
    drawn = tables["area_covariates"]
    of_a = tables["population"].query("place == 'A'")["lsoa_code"].dropna().unique()
    worse = (drawn["covariate"] == "air") & drawn["lsoa_code"].isin(of_a)
    return drawn.assign(value=drawn["value"] + 3.0 * worse)


@pytest.fixture(scope="module")
def with_areas(tables: Tables, covariates: pd.DataFrame) -> Modelled:
    return run(tables, areas=AREAS, area_covariates=covariates)


def test_covariates_of_areas_are_those_of_people(
    tables: Tables, covariates: pd.DataFrame, with_areas: Modelled
) -> None:
    import statsmodels.api as sm

    rows = oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)
    rows["lsoa_code"] = tables["population"]["lsoa_code"]
    wide = covariates.pivot(index="lsoa_code", columns="covariate", values="value")[["beds", "air"]]
    there = rows[(rows["years"] > 0) & rows["lsoa_code"].notna()]
    years = there["years"].to_numpy()
    design = oracle.indicators(there)
    z = wide.loc[there["lsoa_code"]].to_numpy()
    fitted = sm.WLS(there["kept"].to_numpy() / years, np.column_stack([design, z]), weights=years).fit()
    estimates = model_of(with_areas)["estimate"]
    names = [name for name in design.columns if name in estimates.index]
    by_hand = dict(zip(design.columns, fitted.params, strict=False))
    for name in names:
        assert estimates[name] == pytest.approx(by_hand[name], rel=1e-6, abs=1e-3), name
    for name, value in zip(("beds", "air"), fitted.params[-2:], strict=True):
        assert estimates[name, "a unit"] == pytest.approx(value, rel=1e-6)
    # both at their mean in the constant, and what need adds to a place on top
    mean = years @ z / years.sum()
    held = float(mean @ fitted.params[-2:])
    assert estimates[HELD].iloc[0] == pytest.approx(held, rel=1e-6)
    constant = fitted.params[0] + held
    known = pd.Series(constant, index=rows.index)
    for name in TERMS:
        known = known + rows[name].map(estimates[name])
    known = known.clip(lower=0)
    away = wide.loc[there["lsoa_code"], "air"].to_numpy() - mean[1]
    weighted = pd.Series(away * fitted.params[-1] * years, index=there.index)
    added = weighted.groupby(there["place"]).sum() / there["years"].groupby(there["place"]).sum()
    per_head = known.groupby(rows["place"]).mean() + added
    counts = rows["place"].value_counts()
    by_place = per_head / ((per_head * counts).sum() / counts.sum())
    assert with_areas.per_head.to_dict() == pytest.approx(by_place.to_dict(), rel=1e-7)


def test_need_of_areas_moves_money_and_supply_does_not(
    tables: Tables, covariates: pd.DataFrame, with_areas: Modelled
) -> None:
    as_supply = run(tables, areas=[area("beds", "supply"), area("air", "supply")], area_covariates=covariates)
    roles = model_of(with_areas)["role"]
    assert (roles["beds", "a unit"], roles["air", "a unit"]) == ("supply", "area need")
    moved = with_areas.per_head - as_supply.per_head
    coefficient = model_of(with_areas)["estimate"]["air", "a unit"]
    assert np.sign(moved["A"]) == np.sign(coefficient)
    np.testing.assert_allclose(
        model_of(with_areas)["estimate"].to_numpy(), model_of(as_supply)["estimate"].to_numpy(), rtol=1e-12
    )


def test_the_unit_of_a_covariate_changes_no_need(
    tables: Tables, covariates: pd.DataFrame, with_areas: Modelled
) -> None:
    other = covariates.assign(value=covariates["value"] * 100 + 7)
    found = run(tables, areas=AREAS, area_covariates=other)
    pd.testing.assert_series_equal(found.per_head, with_areas.per_head, rtol=1e-8)


@pytest.mark.parametrize("role", ["supply", "need"])
def test_covariates_that_are_missing_are_refused_by_name(tables: Tables, covariates: pd.DataFrame, role: str) -> None:
    with pytest.raises(t.AbsentColumns, match="area_covariates"):
        run(tables, areas=[area("beds", role)])
    with pytest.raises(t.AbsentColumns, match="area_covariates: water"):
        run(tables, areas=[area("water", role)], area_covariates=covariates)
    with pytest.raises(t.MissingValues, match="1 without covariates"):
        run(tables, areas=[area("beds", role)], area_covariates=covariates.iloc[1:])
    twin = covariates.query("covariate == 'beds'").assign(covariate="chairs")
    with pytest.raises(t.CollinearTerms, match="chairs"):
        run(tables, areas=[area("beds", role), area("chairs", role)], area_covariates=pd.concat([covariates, twin]))


# bounds and gaps


def test_coefficients_that_may_not_be_negative_are_not(tables: Tables, plain: Modelled) -> None:
    free = model_of(plain)["estimate"]["imd_tenth"]
    assert (free < 0).any()
    found = run(tables, nonnegative=["imd_tenth"])
    bound = model_of(found)
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
    errors = model_of(closed)[["standard_error", "clustered_error"]].dropna()
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
    rates = model_of(found)["estimate"]
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
    return found.tables["risk_model"][["model", "term", "level", "role", "estimate"]]


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
    folder = need_folder(tmp_path, **CALM, areas=AREAS, groups=["segment"])
    known = ("population", "person_cost", "segment_people", "segment_cost", "area_covariates")
    found = weigh({name: tables[name] for name in known}, {"need_estimator": "wls"}, need=folder)
    assert {"beds", "air"} <= set(found["risk_model"]["term"])
    with pytest.raises(RunStopped, match="area_covariates, which the need model names") as stop:
        weigh({name: tables[name] for name in known[:-1]}, need=folder)
    assert stop.value.failures[0].check_id == "W09"


# bad input


def spoilt(tables: Tables, **changes: object) -> Tables:
    """Few people, some of whose columns are otherwise."""
    few = people(2_000)
    population, cost = few["population"], few["person_cost"]
    return {"population": population.assign(**{k: v for k, v in changes.items() if k in population}),
            "person_cost": cost.assign(**{k: v for k, v in changes.items() if k not in population}),
            "segment_people": tables["segment_people"], "segment_cost": tables["segment_cost"]}  # fmt: skip


class TestBadInput:
    """A clear error with the name of what is at fault, or a pooling that the table of coefficients states."""

    def stopped(self, tables: Tables, **values: object) -> str:
        with pytest.raises(RunStopped) as stop:
            weigh(tables, values)
        (failure,) = stop.value.failures
        assert (failure.check_id, failure.table) == ("W09", "cells")
        return failure.sentence()

    def test_cost_that_is_all_nought(self, tables: Tables) -> None:
        assert "there is nothing to explain" in self.stopped(spoilt(tables, cost_pence=0))

    def test_cost_below_nought(self, tables: Tables) -> None:
        cost = people(2_000)["person_cost"]["cost_pence"]
        assert "cost is below zero in: y" in self.stopped(spoilt(tables, cost_pence=-cost))

    def test_covariates_that_say_the_same_are_told(self, tables: Tables, tmp_path: Path) -> None:
        many = people(2_000)["population"]["long_term_conditions"]
        same = spoilt(tables, segment=np.where(many > 0, "ILL", "WELL"))
        found = weigh(same, need=need_folder(tmp_path, **CALM))["risk_model"].query("term == 'segment'")
        out = found[~found["reference"]]
        assert out["counted_with"].tolist() == found.loc[found["reference"], "level"].tolist()
        assert (out["estimate"] == 0).all()

    def test_a_group_without_cost_has_its_coefficient_in_levels(self, tables: Tables, tmp_path: Path) -> None:
        few = people(2_000)
        cost = few["person_cost"]["cost_pence"].mask(few["population"]["segment"] == "COMPLEX", 0)
        found = weigh(spoilt(tables, cost_pence=cost), need=need_folder(tmp_path, **CALM))["risk_model"]
        found = found.set_index(["term", "level"])
        assert np.isfinite(found.loc[("segment", "COMPLEX"), "estimate"])

    def test_and_stands_with_its_neighbour_in_a_product(self, tables: Tables, tmp_path: Path) -> None:
        few = people(2_000)
        cost = few["person_cost"]["cost_pence"].mask(few["population"]["segment"] == "COMPLEX", 0)
        values = {"need_estimator": "poisson_log"}
        found = weigh(spoilt(tables, cost_pence=cost), values, need=need_folder(tmp_path, **CALM))["risk_model"]
        found = found.set_index(["term", "level"])
        assert found.loc[("segment", "COMPLEX"), "counted_with"] == "WELL"

    def test_nobody_there_for_a_day(self, tables: Tables) -> None:
        with pytest.raises(RunStopped) as stop:
            weigh(spoilt(tables, care_days=0))
        assert stop.value.failures[0].check_id == "W09"

    def test_no_message_holds_a_persons_value(self, tables: Tables) -> None:
        few = people(2_000)
        told = self.stopped(spoilt(tables, cost_pence=-few["person_cost"]["cost_pence"]))
        assert not any(person in told for person in few["population"]["person_id"])


def test_missing_values_in_cells_are_refused_by_name(lived: pd.DataFrame) -> None:
    with pytest.raises(t.MissingValues, match="y .1 cells"):
        paying(lived.assign(y=lived["y"].astype(float).mask(lived.index == 3)), "wls", settings())
    with pytest.raises(t.MissingValues, match="e .1 cells"):
        paying(lived.assign(e=lived["e"].mask(lived.index == 3)), "wls", settings())
    with pytest.raises(t.MissingValues, match="practice_code"):
        paying(lived.assign(practice_code=lived["practice_code"].mask(lived.index == 3)), "wls", settings())


def test_a_model_that_is_no_table_of_levels_is_refused(lived: pd.DataFrame) -> None:
    model: RiskModel = fit(lived.assign(number=lived["people"] * 1.0), "y", ["number"], exposure="e")
    with pytest.raises(TypeError, match="number: a term of the need model is a category"):
        coefficient_table(model, "wls", {"number": "need"})

"""Covariates of small areas in the need model: exact, and only what is need moves money."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from budget.need.glm import trouble as t
from budget.need.modelled import Modelled
from budget.need.risk.coefficients import HELD
from tests.oracle import need as oracle
from tests.oracle.need import TERMS
from tests.support.need import CAP, DAYS, Tables, area, by_level, locality, run

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tables() -> Tables:
    return locality(6_000)


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
    estimates = by_level(with_areas)["estimate"]
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
    roles = by_level(with_areas)["role"]
    assert (roles["beds", "a unit"], roles["air", "a unit"]) == ("supply", "area need")
    moved = with_areas.per_head - as_supply.per_head
    coefficient = by_level(with_areas)["estimate"]["air", "a unit"]
    assert np.sign(moved["A"]) == np.sign(coefficient)
    np.testing.assert_allclose(
        by_level(with_areas)["estimate"].to_numpy(), by_level(as_supply)["estimate"].to_numpy(), rtol=1e-12
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

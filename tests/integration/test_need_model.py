"""The need model on cells is the model on people: a year's capped cost, errors and need, against every person a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from budget.engine import DuckEngine
from budget.need.modelled import Modelled
from budget.need.risk.passes import lived_cells, show_people
from tests.oracle import need as oracle
from tests.support.need import CAP, DAYS, Tables, modelled, people, wanted

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tables() -> Tables:
    return people(20_000)


@pytest.fixture(scope="module")
def rows(tables: Tables) -> pd.DataFrame:
    return oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)


@pytest.fixture(scope="module")
def model(tables: Tables) -> Modelled:
    return modelled(tables, wanted())


@pytest.fixture(scope="module")
def expected(rows: pd.DataFrame) -> oracle.PersonFit:
    return oracle.fit(rows)


@pytest.fixture(scope="module")
def estimates(model: Modelled) -> pd.DataFrame:
    """Coefficients that were estimated: no references, no pooled levels, nothing that is held."""
    table = model.tables["risk_model"]
    stands = ~table["reference"] & table["counted_with"].isna() & (table["term"] != "held")
    return table[stands].set_index(["term", "level"])


def test_the_people_are_those_that_matter(rows: pd.DataFrame) -> None:
    assert (rows["years"] == 0).any() and rows["years"].between(0.1, 0.9).any()
    assert (rows["practice_code"] == "none").any()
    assert (rows["whole"] > CAP).any() and (rows["whole"] == 0).any()
    for covariate in ("age_band", "imd_tenth"):
        assert (rows[covariate] == "unknown").any()


def test_coefficients_are_those_of_person_rows(estimates: pd.DataFrame, expected: oracle.PersonFit) -> None:
    assert set(estimates.index) == set(expected.params)
    for term in expected.params:
        assert estimates.loc[term, "estimate"] == pytest.approx(expected.params[term], rel=1e-8), term


def test_robust_errors_are_those_of_person_rows(estimates: pd.DataFrame, expected: oracle.PersonFit) -> None:
    for term in expected.hc1:
        assert estimates.loc[term, "standard_error"] == pytest.approx(expected.hc1[term], rel=1e-8), term


def test_errors_by_practice_are_those_of_person_rows(estimates: pd.DataFrame, expected: oracle.PersonFit) -> None:
    for term in expected.clustered:
        assert estimates.loc[term, "clustered_error"] == pytest.approx(expected.clustered[term], rel=1e-8), term


def test_the_reference_is_the_level_with_most_people(rows: pd.DataFrame, model: Modelled) -> None:
    there, table = rows[rows["years"] > 0], model.tables["risk_model"]
    references = table[table["reference"]].set_index("term")
    assert references["level"].to_dict() == {term: there[term].value_counts().idxmax() for term in oracle.TERMS}
    assert (references["estimate"] == 0).all()
    assert references[["standard_error", "clustered_error"]].isna().all(axis=None)


def test_need_is_a_full_year_of_everyone_who_is_counted(rows: pd.DataFrame, model: Modelled) -> None:
    a_year = oracle.predicted(rows, rows).clip(lower=0)
    by_hand = a_year.groupby(rows["place"]).mean() / a_year.mean()
    assert model.per_head.to_dict() == pytest.approx(by_hand.to_dict(), rel=1e-9)
    counts = rows["place"].value_counts()
    assert (model.per_head * counts).sum() == pytest.approx(len(rows), rel=1e-12)


def test_cells_hold_everyone_and_every_penny(rows: pd.DataFrame, model: Modelled) -> None:
    cells = model.tables["cells"]
    above = rows["whole"] - rows["kept"]
    assert cells["people"].sum() == len(rows)
    assert cells["positives"].sum() == (rows["whole"] > 0).sum()
    assert cells["y"].sum() == rows["kept"].sum()
    assert cells["excess_pence"].sum() == above.sum() > 0
    assert cells["yy"].sum() == pytest.approx((rows["kept"] ** 2).sum(), rel=1e-14)
    assert cells["excess_squares"].sum() == pytest.approx((above**2).sum(), rel=1e-14)
    keys = ["sex", "age_band", "imd_tenth", "condition_band", "segment", "place", "fold"]
    assert not cells.duplicated(keys).any()
    assert cells.groupby("fold")["people"].sum().to_dict() == rows["fold"].value_counts().to_dict()


def assert_same_model(found: Modelled, before: Modelled, rtol: float = 1e-9) -> None:
    pd.testing.assert_series_equal(found.per_head, before.per_head, rtol=rtol)
    pd.testing.assert_frame_equal(found.tables["risk_model"], before.tables["risk_model"], rtol=rtol)


@pytest.fixture(scope="module")
def few() -> Tables:
    return people(4_000)


@pytest.fixture(scope="module")
def before(few: Tables) -> Modelled:
    return modelled(few, wanted())


class TestLaws:
    """What the model owes to anybody, on fewer people."""

    def test_the_order_of_people_changes_nothing(self, few: Tables, before: Modelled) -> None:
        mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in few.items()}
        found = modelled(mixed, wanted())
        pd.testing.assert_series_equal(found.per_head, before.per_head, check_exact=True)
        for name, table in before.tables.items():
            pd.testing.assert_frame_equal(found.tables[name], table, check_exact=True)

    def test_another_unit_of_money_changes_no_share(self, few: Tables, before: Modelled) -> None:
        cost = few["person_cost"].assign(cost_pence=few["person_cost"]["cost_pence"] * 10)
        found = modelled(few | {"person_cost": cost}, wanted(cap=CAP * 10, caps=()))
        pd.testing.assert_series_equal(found.per_head, before.per_head, rtol=1e-10)
        figures = ["estimate", "standard_error", "clustered_error"]
        np.testing.assert_allclose(
            found.tables["risk_model"][figures], before.tables["risk_model"][figures] * 10, rtol=1e-7, atol=1e-6
        )

    def test_half_a_year_at_half_the_cost_is_the_same_need(self, few: Tables) -> None:
        """Somebody who came in October is not cheap."""
        population = few["population"].assign(care_days=few["population"]["care_days"] // 2 * 2)
        cost = few["person_cost"].assign(cost_pence=few["person_cost"]["cost_pence"] // 2 * 2)
        halves = {
            "population": population.assign(care_days=population["care_days"] // 2),
            "person_cost": cost.assign(cost_pence=cost["cost_pence"] // 2),
        }
        nobody_capped = 10**12
        whole = modelled({"population": population, "person_cost": cost}, wanted(cap=nobody_capped, caps=()))
        half = modelled(halves, wanted(cap=nobody_capped, caps=()))
        pd.testing.assert_series_equal(half.per_head, whole.per_head, rtol=1e-9)
        estimates = [found.tables["risk_model"]["estimate"] for found in (half, whole)]
        np.testing.assert_allclose(estimates[0], estimates[1], rtol=1e-8, atol=1e-6)

    def test_cost_above_the_cap_moves_nobodys_need(self, few: Tables, before: Modelled) -> None:
        cost = few["person_cost"]["cost_pence"]
        dearer = few["person_cost"].assign(cost_pence=cost.where(cost <= CAP, cost * 3))
        found = modelled(few | {"person_cost": dearer}, wanted())
        assert_same_model(found, before)
        pooled = [model.tables["risk_caps"].set_index("used").loc[True, "pooled_share"] for model in (found, before)]
        assert pooled[0] > pooled[1] > 0

    def test_people_without_a_day_are_counted_but_teach_nothing(self, few: Tables, before: Modelled) -> None:
        gone = few["population"]["care_days"] == 0
        cost = few["person_cost"].assign(cost_pence=few["person_cost"]["cost_pence"].mask(gone, 777_777))
        assert 0 < gone.sum() < len(gone) / 50
        found = modelled(few | {"person_cost": cost}, wanted())
        assert_same_model(found, before)
        assert found.tables["cells"]["people"].sum() == len(gone)
        assert found.tables["cells"]["y"].sum() > before.tables["cells"]["y"].sum()

    def test_a_level_of_people_without_a_day_stands_with_its_neighbour(self, few: Tables) -> None:
        population = few["population"]
        days = population["care_days"].mask(population["imd_decile"].eq(10).fillna(False), 0)
        found = modelled(few | {"population": population.assign(care_days=days)}, wanted())
        tenths = found.tables["risk_model"].query("term == 'imd_tenth'").set_index("level")
        assert tenths["counted_with"].dropna().to_dict() == {"10": "09"}
        assert tenths.loc["10", "estimate"] == tenths.loc["09", "estimate"]
        assert np.isfinite(found.per_head).all()


def test_sums_of_squares_of_large_costs_do_not_overflow() -> None:
    count, cost, days = 1_000, 3_000_000_000, 73
    rich = pd.DataFrame({"person_id": [f"p{number}" for number in range(count)], "age": 40, "sex": "F", "place": "A"})
    rich = rich.assign(
        imd_decile=1, long_term_conditions=0, segment="S", practice_code="P", lsoa_code="E", care_days=days
    )
    with DuckEngine() as engine:
        engine.lend("population", rich)
        engine.lend("person_cost", rich[["person_id"]].assign(cost_pence=cost))
        show_people(engine)
        (cell,) = lived_cells(engine, cost, DAYS, by=("place",)).itertuples()
    assert (cell.y, cell.yy) == (count * cost, float(count * cost**2))
    assert (cell.e, cell.ee) == pytest.approx((count / 5, count / 25))
    assert (cell.ey, cell.yy_per_e) == pytest.approx((count * cost / 5, float(count * cost**2 * 5)))

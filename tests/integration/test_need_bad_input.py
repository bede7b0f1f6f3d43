"""What the need model makes of bad input: an error with the name of what is at fault, or a pooling that it states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.need.glm import RiskModel, fit
from budget.need.glm import trouble as t
from budget.need.risk.coefficients import coefficient_table
from budget.need.risk.paying import paying
from tests.support.need import CALM, Tables, lived_by_practice, locality, need_folder, people, settings, weigh

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tables() -> Tables:
    return locality(2_000)


@pytest.fixture(scope="module")
def lived(tables: Tables) -> pd.DataFrame:
    return lived_by_practice(tables)


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

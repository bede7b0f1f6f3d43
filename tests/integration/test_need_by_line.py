"""Service lines with methods of their own, through the need stage."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.need.lines import BY_LINE
from tests.support.need import LINES, YEARS, Tables, index, locality, weigh, without_persons_cost

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def plain() -> Tables:
    return without_persons_cost(locality())


@pytest.fixture(scope="module")
def by_line(plain: Tables) -> Tables:
    values = {
        "need_weighting": "published",
        "need_stream": BY_LINE,
        "need_weighting@line:primary_medical_care": "carr_hill",
        "need_weighting@line:community": "segment_cost",
    }
    return weigh(plain, values)


def test_lines_may_have_methods_of_their_own(by_line: Tables) -> None:
    lines = by_line["need_by_line"]
    chosen = lines.drop_duplicates("service_line").set_index("service_line")
    assert chosen["method"].to_dict() == {
        "acute_nonelective": "published",
        "community": "segment_cost",
        "primary_medical_care": "carr_hill",
    }
    assert chosen["stream"].to_dict() == {
        "acute_nonelective": "general_acute",
        "community": "all",
        "primary_medical_care": "all",
    }
    assert chosen["share_of_spend"].to_dict() == pytest.approx(LINES)
    assert len(lines) == len(YEARS) * len(LINES) * 4


@pytest.mark.parametrize("year", YEARS)
def test_together_they_are_the_mix_of_their_indices(by_line: Tables, plain: Tables, year: str) -> None:
    weights = by_line["need_weights"]
    used = weights[weights["used"] & (weights["financial_year"] == year)].set_index("place")
    assert set(used["method"]) == {BY_LINE}
    mixed = (
        LINES["acute_nonelective"] * pd.Series(index(weights, "published", "general_acute", year))
        + LINES["community"] * pd.Series(index(weights, "segment_cost", year=year))
        + LINES["primary_medical_care"] * pd.Series(index(weights, "carr_hill", year=year))
    )
    assert used["need_index"].to_dict() == pytest.approx(mixed.to_dict(), rel=1e-12)
    counted = plain["segment_people"].query("financial_year == @year")["people"].sum()
    assert used["weighted_people"].sum() == pytest.approx(counted, rel=1e-12)


def test_one_method_for_all_is_that_methods_rows(plain: Tables) -> None:
    found = weigh(plain, {"need_weighting": "published", "need_stream": "core"})
    used = found["need_weights"].query("used")
    assert set(zip(used["method"], used["stream"], strict=True)) == {("published", "core")}
    assert BY_LINE not in set(found["need_weights"]["method"])


def test_years_may_be_weighed_differently(plain: Tables) -> None:
    found = weigh(plain, {"need_weighting": "segment_cost", f"need_weighting@{YEARS[1]}": "formula_2018_19"})
    used = found["need_weights"].query("used").groupby("financial_year")["method"].agg(set)
    assert used.to_dict() == {YEARS[0]: {"segment_cost"}, YEARS[1]: {"formula_2018_19"}}


def test_places_that_share_a_quantum_with_peers_are_weighed_by_one_method(plain: Tables) -> None:
    peers = {"peer_places": pd.DataFrame({"place": ["Peer"]})}
    assert weigh(plain | peers)["need_weights"]["used"].any()
    with pytest.raises(RunStopped, match="weighed by one method") as stop:
        weigh(plain | peers, {"need_weighting@line:community": "age_sex_deprivation"})
    assert stop.value.failures[0].check_id == "W12"

"""Low-volume pairs: the published thresholds of both rules, the mean of three years, and which side a pair falls."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.assumptions.resolve import resolve
from budget.assumptions.resolved import Assumptions
from budget.contracts import table
from budget.kernel.years import FinancialYear
from budget.ledger.low_volume import Rule, low_volume_pairs
from tests.support.given import REPOSITORY, assume

pytestmark = pytest.mark.unit

OLD, NEW = FinancialYear.parse("2024/25"), FinancialYear.parse("2025/26")
POUNDS = 100


@pytest.fixture(scope="module")
def national() -> Assumptions:
    """The shipped values."""
    return resolve((REPOSITORY / "config/assumptions/national.yaml",), years=(NEW,), needed=())


def history(*rows: tuple[object, ...], source: str = "spend") -> pd.DataFrame:
    """Rows of provider, year and pounds of one commissioner, place and line."""
    facts = [
        (year, "QXX", "A", "acute_nonelective", provider, provider, True, None, round(pounds * POUNDS), source)  # type: ignore[operator]
        for provider, year, pounds in rows
    ]
    return pd.DataFrame(facts, columns=list(table("provider_history").names))


@pytest.mark.parametrize(("pence", "low"), [(149_999_900, True), (150_000_000, True), (150_000_001, False)])
def test_from_2025_26_a_pair_may_cost_as_much_as_the_threshold(pence: int, low: bool, national: Assumptions) -> None:
    rule = Rule.of(national, NEW)
    assert (rule.threshold_pence, rule.limit) == (150_000_000, "up_to")
    assert rule.holds(pence, 1) is low


@pytest.mark.parametrize(("pence", "low"), [(49_999_999, True), (50_000_000, False)])
def test_before_it_had_to_cost_less(pence: int, low: bool, national: Assumptions) -> None:
    rule = Rule.of(national, OLD)
    assert (rule.threshold_pence, rule.limit) == (50_000_000, "below")
    assert rule.holds(pence, 1) is low


def test_a_mean_is_compared_exactly_even_where_it_is_no_whole_penny(national: Assumptions) -> None:
    rule = Rule.of(national, NEW)
    assert rule.holds(450_000_000, 3)
    assert not rule.holds(450_000_001, 3), "a third of a penny above"
    assert not Rule.of(national, OLD).holds(150_000_000, 3)
    assert Rule.of(national, OLD).holds(149_999_999, 3)


def test_the_rule_before_is_the_latest_that_differs(national: Assumptions) -> None:
    for year in ("2025/26", "2026/27", "2028/29"):
        before = Rule.of(national, FinancialYear.parse(year)).before(national)
        assert before is not None
        assert (str(before.year), before.threshold_pence, before.limit) == ("2024/25", 50_000_000, "below")
    assert Rule.of(national, FinancialYear.parse("2023/24")).before(national) is None


def test_a_limit_alone_makes_another_rule() -> None:
    known = assume(
        {
            "low_volume_threshold": 500_000,
            "low_volume_limit@2024/25": "below",
            "low_volume_limit@2025/26": "up_to",
        }
    )
    before = Rule.of(known, NEW).before(known)
    assert before is not None and before.limit == "below"


def test_the_mean_of_three_years(national: Assumptions) -> None:
    years = (("RX1", "2022/23", 1_210_000), ("RX1", "2023/24", 1_340_000), ("RX1", "2024/25", 1_290_000))
    older = ("RX1", "2021/22", 99_000_000)
    rule = Rule.of(national, NEW)
    (pair,) = low_volume_pairs(history(older, *years), rule, rule.before(national), 3).itertuples()
    assert pair.pair_mean_pence == pair.place_mean_pence == 128_000_000
    assert (pair.years, pair.low_volume, pair.earlier_low_volume) == (3, True, False)
    assert (pair.threshold_pence, pair.earlier_threshold_pence) == (150_000_000, 50_000_000)
    assert (pair.limit, pair.earlier_limit, pair.earlier_year) == ("up_to", "below", "2024/25")


def test_a_year_without_care_is_a_true_zero_of_the_mean(national: Assumptions) -> None:
    rows = history(("RX1", "2024/25", 900_000), ("RX2", "2022/23", 3), ("RX2", "2023/24", 3), ("RX2", "2024/25", 3))
    pairs = low_volume_pairs(rows, Rule.of(national, NEW), None, 3).set_index("provider_code")
    assert pairs["pair_mean_pence"].to_dict() == {"RX1": 30_000_000, "RX2": 300}
    assert pairs["earlier_low_volume"].isna().all()


def test_a_pair_is_judged_over_all_its_places(national: Assumptions) -> None:
    one = history(("RX1", "2024/25", 1_000_000))
    both = pd.concat([one, one.assign(place="B")], ignore_index=True)
    rule = Rule.of(national, NEW)
    assert low_volume_pairs(one, rule, None, 3)["low_volume"].tolist() == [True]
    pairs = low_volume_pairs(both, rule, None, 3)
    assert pairs["low_volume"].tolist() == [False, False]
    assert pairs["pair_mean_pence"].tolist() == [200_000_000] * 2
    apart = pd.concat([one, one.assign(place="B", commissioner="QYY")], ignore_index=True)
    assert low_volume_pairs(apart, rule, None, 3)["low_volume"].all(), "another commissioner is another pair"


def test_activity_is_one_year_beside_three_of_spend(national: Assumptions) -> None:
    spent = history(("RX1", "2022/23", 30), ("RX1", "2023/24", 30), ("RX1", "2024/25", 30))
    seen = history(("RX1", "2024/25", 12), source="activity").assign(service_line="acute_elective")
    whole = pd.concat([spent, seen], ignore_index=True)
    (pair,) = low_volume_pairs(whole, Rule.of(national, NEW), None, 3).itertuples()
    assert (pair.pair_mean_pence, pair.years) == (4_200, 1)

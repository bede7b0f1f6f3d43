"""What separates the assumptions of two runs, and one laid over the other."""

from __future__ import annotations

import pytest

from budget.kernel.years import FinancialYear
from budget.scenario.overlay import NO_VALUE, Narrow, differing, laid_over, with_newcomers
from tests.support.given import assume

pytestmark = pytest.mark.unit

BASE, FIRST, SECOND = (FinancialYear.parse(year) for year in ("2024/25", "2025/26", "2026/27"))
YEARS = (FIRST, SECOND)


def told(first: dict[str, object], second: dict[str, object]) -> list[tuple[str, str, str]]:
    found = differing(assume(first), assume(second), YEARS, (BASE,))
    return [(str(one), one.before, one.after) for one in found]


def test_the_same_values_differ_in_nothing_however_they_are_written() -> None:
    year_by_year = {f"efficiency_factor@{year}": 0.02 for year in YEARS}
    assert told({"efficiency_factor": 0.02}, year_by_year) == []
    assert told({"efficiency_factor": 0.02}, {"efficiency_factor": 0.020}) == []


def test_a_year_is_named_only_where_the_others_agree() -> None:
    assert told({"efficiency_factor": 0.02}, {"efficiency_factor": 0.01}) == [("efficiency_factor", "0.02", "0.01")]
    second = {"efficiency_factor": 0.02, "efficiency_factor@2026/27": 0.01}
    assert told({"efficiency_factor": 0.02}, second) == [("efficiency_factor 2026/27", "0.02", "0.01")]


def test_a_line_and_a_place_stand_for_themselves() -> None:
    found = told(
        {"efficiency_factor": 0.02, "efficiency_factor@place:P1": 0.03},
        {"efficiency_factor": 0.02, "efficiency_factor@line:community": 0.01},
    )
    assert found == [
        ("efficiency_factor@P1", "0.03", NO_VALUE),
        ("efficiency_factor@community", NO_VALUE, "0.01"),
    ]


def test_the_order_is_that_of_the_catalogue() -> None:
    first: dict[str, object] = {"ips_share": 0.01, "growth_nondemographic": 0, "quantum": 1}
    second: dict[str, object] = {"quantum": 2, "growth_nondemographic": 0.01, "ips_share": 0.02}
    assert [name for name, _, _ in told(first, second)] == ["growth_nondemographic", "quantum", "ips_share"]


def test_a_base_year_counts_where_both_have_a_value() -> None:
    only_budget_years = {"efficiency_factor@2025/26": 0.02, "efficiency_factor@2026/27": 0.02}
    assert told(only_budget_years, {"efficiency_factor": 0.02}) == []
    both = {"efficiency_factor": 0.02, "efficiency_factor@2024/25": 0.05}
    assert told(both, {"efficiency_factor": 0.02}) == [("efficiency_factor 2024/25", "0.05", "0.02")]


def test_an_assumption_that_the_product_did_not_know_belongs_to_the_code() -> None:
    first, second = assume({"ips_share": 0.01}), assume({"ips_share": 0.01, "quantum": 5})
    assert differing(first, second, YEARS) == () == differing(second, first, YEARS)
    assert with_newcomers(first, second).digest() == second.digest()
    asked_only_where_used = assume({"ips_share": 0.01, "runout_months": 3})
    assert [str(one) for one in differing(first, asked_only_where_used, YEARS)] == ["runout_months"]


def test_laying_over_replaces_every_year_of_one_assumption_alone() -> None:
    first = assume({"efficiency_factor": 0.02, "efficiency_factor@2026/27": 0.03, "ips_share": 0.01})
    second = assume({"efficiency_factor": 0.01, "ips_share": 0.02})
    laid = laid_over(first, second, Narrow("efficiency_factor"))
    assert laid.digest() == assume({"efficiency_factor": 0.01, "ips_share": 0.01}).digest()


def test_laying_over_takes_away_what_the_other_does_not_have() -> None:
    first = assume({"efficiency_factor": 0.02, "efficiency_factor@line:community": 0.03})
    second = assume({"efficiency_factor": 0.02})
    assert laid_over(first, second, Narrow("efficiency_factor", "community")).digest() == second.digest()

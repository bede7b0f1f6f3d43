"""The ledger on draws is the ledger: without a range its sums, and under any one draw's values what it books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from budget.assumptions.draws import Draws, name_of
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.assumptions.spread import Spread
from budget.contracts import table
from budget.kernel.errors import CapitationError
from budget.ledger.book import ALLOCATED
from budget.ledger.stage import BOOKS, book_years
from budget.ledger.uncertainty.paths import Drawn, draw_years
from budget.ledger.uncertainty.ranges import booked
from budget.scenario.recompute import Tables, recompute
from tests.support.given import assume, plan_of
from tests.support.given import given as lent
from tests.support.localities import BASE, YEARS, Locality, localities, locality

pytestmark = pytest.mark.integration

# a ledger of three years takes half a second to book, too long to look for the smallest failure
thorough = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
THREE = (*YEARS, "2027/28")
WIDTHS = {"rate_per_year": Decimal("0.01"), "share": Decimal("0.02"), "pounds": Decimal("1")}


def tables_of(small: Locality) -> Tables:
    frames = {
        "baseline_lines": small.baseline,
        "segment_cost": small.costs,
        "segment_people": small.people,
        "need_weights": small.weights,
    }
    return Tables(frames | dict(small.others or {}))


def with_ranges(assumptions: Assumptions) -> Assumptions:
    """Every number of the ledger with a range about it, within its bounds."""
    return Assumptions.of(_with_range(entry) for entry in assumptions.entries.values())


def _with_range(entry: Entry) -> Entry:
    width = WIDTHS.get(entry.parameter.unit)
    if width is None or not isinstance(entry.value, Decimal) or entry.parameter.id == "stop_loss_threshold":
        return entry
    return replace(entry, low=max(entry.value - width, _least(entry)), high=min(entry.value + width, _most(entry)))


def _least(entry: Entry) -> Decimal:
    return entry.value if entry.parameter.minimum is None else entry.parameter.minimum  # type: ignore[return-value]


def _most(entry: Entry) -> Decimal:
    return entry.value if entry.parameter.maximum is None else entry.parameter.maximum  # type: ignore[return-value]


def as_drawn(assumptions: Assumptions, draws: Draws, number: int) -> Assumptions:
    """The values of one draw."""

    def value(entry: Entry) -> Entry:
        name = name_of(entry)
        spread = Spread.of(entry)
        if spread is None or name not in draws.normals:
            return entry
        drawn = Decimal(repr(float(spread.at(draws.normals[name])[number])))
        if entry.parameter.unit == "pounds":
            drawn = drawn.quantize(Decimal("0.01"))
        return replace(entry, value=drawn)

    return Assumptions.of(value(entry) for entry in assumptions.entries.values())


def drawn_of(small: Locality, assumptions: Assumptions, draws: Draws) -> tuple[Drawn, ...]:
    look = lent(dict(tables_of(small).frames), {}, base_year=BASE, budget_years=small.years)
    books = book_years(replace(look, assumptions=assumptions))
    return tuple(draw_years(books.pairs, books.years, draws))


def booked_of(small: Locality, assumptions: Assumptions) -> pd.Series:
    """Booked pence by year, place and measure."""
    written = recompute(tables_of(small), plan_of(BASE, small.years), assumptions, (BOOKS,))
    rows = booked(written["growth_bridge"], ALLOCATED, "all").query("scale == 'place'")
    return rows.set_index(["financial_year", "unit", "measure"])["booked_pence"]


def assert_close(small: Locality, drawn: tuple[Drawn, ...], number: int, assumptions: Assumptions) -> bool:
    """Whether the ledger takes the values; where it does, that the draw is what it books, to within pennies."""
    try:
        expected = booked_of(small, assumptions)
    except CapitationError:  # an infeasible quantum above all: what draws do then is tested with pace of change
        return False
    for year in drawn:
        for measure in ("allocation", "core"):
            for place, pence in zip(year.places, getattr(year, measure)[:, number], strict=True):
                # keys are booked each in whole pence before a next year grows them
                assert abs(pence - expected[year.year, place, measure]) <= 25, (year.year, place, measure)
    return True


@thorough
@given(localities(years=THREE))
def test_without_a_range_every_draw_is_the_ledger(small: Locality) -> None:
    assumptions = assume(dict(small.values))
    try:
        drawn = drawn_of(small, assumptions, Draws(1, 3))
    except CapitationError:
        return
    assert_close(small, drawn, 0, assumptions)
    assert all(np.ptp(year.core, axis=1).max() == 0 for year in drawn)


@thorough
@given(
    localities(years=THREE),
    st.integers(0, 10**6),
    st.sampled_from(["growth", "given"]),
    st.booleans(),
    st.integers(0, 3),
)
def test_a_draw_is_what_the_ledger_books_under_its_values(
    small: Locality, seed: int, basis: str, moves: bool, rebase: int
) -> None:
    # sums that small places can bear, and enough new money for floors to be met in most draws
    whole = int(small.baseline["normalised_pence"].sum()) // 100
    values = dict(small.values) | {"rebase_years": rebase, "quantum": round(whole * 1.2, 2), "quantum_growth": 0.15}
    values |= {"low_volume_activity": 5, "non_contract_activity": 2, "stop_loss_premium": 3, "specialised_services": 1}
    values |= {"investment": 50, "savings": 20} if moves else {}
    values |= {"quantum_basis": "given"} if basis == "given" else {"quantum_basis": "growth"}
    values |= {"pace_max_under_target": -0.5}
    assumptions = with_ranges(assume(values))
    draws = Draws(seed, 4)
    try:
        drawn = drawn_of(small, assumptions, draws)
    except CapitationError:
        return
    for number in range(draws.count):
        assert_close(small, drawn, number, as_drawn(assumptions, draws, number))


def test_ranges_of_a_quiet_locality() -> None:
    spend = {"North": 60_000_000_00, "South": 40_000_000_00}
    small = locality(spend, years=THREE, growth=1.01, quantum_growth=0.04, ips_share=0.02)
    assumptions = with_ranges(assume(dict(small.values)))
    (first, *_, last) = drawn_of(small, assumptions, Draws(1, 2000))
    expected = booked_of(small, assume(dict(small.values)))
    for place in range(2):
        low, middle, high = np.percentile(first.allocation[place], (10, 50, 90))
        assert low < expected["2025/26", first.places[place], "allocation"] < high
        assert middle == pytest.approx(expected["2025/26", first.places[place], "allocation"], rel=0.003)
    # three years of growth that are drawn once move the last year more than the first
    assert last.allocation.sum(axis=0).std() > 1.5 * first.allocation.sum(axis=0).std()


def with_providers(small: Locality) -> Locality:
    """A locality that knows three years of care by provider, some of it elsewhere and some without a contract."""
    facts, seen = [], []
    for number, (place, line) in enumerate(
        sorted(set(zip(small.costs["place"], small.costs["service_line"], strict=True)))
    ):
        for provider, local, contracted, pence in (("RX1", True, True, 10), ("RX2", False, False, 7 + number)):
            facts += [
                (year, "QXX", place, line, provider, provider, local, contracted, pence, "spend")
                for year in ("2022/23", "2023/24", "2024/25")
            ]
            seen.append((place, line, provider, provider, local, contracted, 1.0, pence))
    history = pd.DataFrame(facts, columns=list(table("provider_history").names))
    activity = pd.DataFrame(seen, columns=list(table("provider_activity").names))
    return replace(small, others={"provider_history": history, "provider_activity": activity})


@thorough
@given(localities(years=THREE), st.sampled_from(["flows", "share"]), st.sampled_from([0, 1]))
def test_carve_outs_by_flows_and_history_are_those_of_the_ledger(small: Locality, basis: str, limit: float) -> None:
    values = dict(small.values) | {"choice_basis": basis, "low_volume_basis": "history", "choice_share": 0.2}
    values |= {"non_contract_basis": "history", "low_volume_threshold": limit, "quantum_basis": "growth"}
    values |= {"pace_rule": "uniform"}
    found = with_providers(small)
    assumptions = with_ranges(
        assume(values | {f"efficiency_factor@place:{place}": 0.01 for place in small.costs["place"]})
    )
    draws = Draws(5, 3)
    try:
        drawn = drawn_of(found, assumptions, draws)
    except CapitationError:
        return
    for number in range(draws.count):
        assert_close(found, drawn, number, as_drawn(assumptions, draws, number))


def test_a_peer_shares_the_quantum_and_is_not_told_of() -> None:
    values = {"quantum_basis": "given", "quantum": 1_575_000, "pace_min_growth": 0.01}
    small = locality({"North": 60_000_000, "South": 40_000_000}, **values)  # type: ignore[arg-type]
    peers = [(YEARS[0], "East", 50_000_000, 3e7)]
    columns = ["financial_year", "place", "opening_pence", "weighted_people"]
    others = {"peer_places": pd.DataFrame(peers, columns=columns)}
    with_peer = replace(small, others=others)
    assumptions = with_ranges(assume(dict(small.values)))
    draws = Draws(3, 3)
    drawn = drawn_of(with_peer, assumptions, draws)
    assert drawn[0].places == ("North", "South")
    assert all(assert_close(with_peer, drawn, n, as_drawn(assumptions, draws, n)) for n in range(3))

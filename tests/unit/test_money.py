"""Pence: half-up where they are booked, largest remainder where they are shared."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.kernel.money import apportion, apportion_within, half_up, pounds, pounds_text

pytestmark = pytest.mark.unit

TOTALS = st.integers(-(10**13), 10**13)
SHARES = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@pytest.mark.parametrize(
    ("estimate", "booked"),
    [
        (2.5, 3),
        (-2.5, -3),
        (0.5, 1),
        (1.5, 2),
        (0.4999, 0),
        (-0.4999, 0),
        (Decimal("100.005") * 100, 10001),
        (1e13 + 0.5, 10**13 + 1),
    ],
)
def test_half_up_rounds_halves_away_from_zero(estimate: float | Decimal, booked: int) -> None:
    assert half_up(estimate) == booked


def test_a_hundred_pence_among_three_equals() -> None:
    assert apportion(100, [1, 1, 1]).tolist() == [34, 33, 33]


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        (100, [1, 1, 1, 1, 1, 1, 1], [15, 15, 14, 14, 14, 14, 14]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [0, 0, 5], [0, 0, 1]),
        (10, [0.1, 0.2, 0.7], [1, 2, 7]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (5, [1], [5]),
        (7, [3, 0, 4], [3, 0, 4]),
    ],
)
def test_apportion_examples(total: int, shares: list[float], parts: list[int]) -> None:
    assert apportion(total, shares).tolist() == parts


@given(TOTALS, SHARES)
def test_parts_add_up_and_are_within_a_penny_of_their_quota(total: int, shares: list[int]) -> None:
    parts = apportion(total, shares)
    assert parts.dtype == np.int64
    assert int(parts.sum()) == total
    whole = sum(shares)
    assert all(abs(int(part) - Fraction(total * share, whole)) < 1 for part, share in zip(parts, shares, strict=True))
    assert all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)


@given(TOTALS, SHARES)
def test_a_negative_total_is_the_mirror_of_a_positive_one(total: int, shares: list[int]) -> None:
    assert apportion(-total, shares).tolist() == (-apportion(total, shares)).tolist()


@given(st.data(), TOTALS, SHARES)
def test_order_matters_only_between_equal_remainders(data: st.DataObject, total: int, shares: list[int]) -> None:
    shuffled = data.draw(st.permutations(range(len(shares))))
    parts, moved = apportion(total, shares), apportion(total, [shares[i] for i in shuffled])
    whole = sum(shares)

    def penny(i: int) -> tuple[int, int]:
        return divmod(abs(total) * shares[i], whole)

    for after, before in enumerate(shuffled):
        if moved[after] != parts[before]:
            equals = [i for i in range(len(shares)) if penny(i)[1] == penny(before)[1]]
            assert len(equals) > 1, "a part changed although nobody shares its remainder"
    assert int(moved.sum()) == int(parts.sum())


@given(TOTALS, SHARES, st.integers(-20, 20))
def test_the_scale_of_shares_does_not_matter(total: int, shares: list[int], power: int) -> None:
    scaled = [share * 2.0**power for share in shares]
    assert apportion(total, scaled).tolist() == apportion(total, shares).tolist()


@pytest.mark.parametrize("share", [-1.0, float("nan"), float("inf"), -float("inf")])
def test_impossible_shares_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match="negative or not finite"):
        apportion(100, [1.0, share])
    with pytest.raises(ValueError, match="negative or not finite"):
        apportion_within(np.array([100]), np.array([1.0, share]), np.array([0, 0]))


def test_money_with_nowhere_to_go_is_refused() -> None:
    with pytest.raises(ValueError, match="no positive share"):
        apportion(1, [0, 0])
    with pytest.raises(ValueError, match="no positive share"):
        apportion_within(np.array([0, 1]), np.array([1.0, 0.0]), np.array([0, 1]))


GROUPS = st.lists(st.tuples(st.integers(-(10**11), 10**11), SHARES), min_size=1, max_size=6)


@given(GROUPS, st.randoms(use_true_random=False))
def test_sharing_within_groups_agrees_with_sharing_one_by_one(
    groups: list[tuple[int, list[int]]], random: object
) -> None:
    totals = np.array([total for total, _ in groups], dtype=np.int64)
    members = [(number, share) for number, (_, shares) in enumerate(groups) for share in shares]
    random.shuffle(members)  # type: ignore[attr-defined]
    numbers = np.array([number for number, _ in members], dtype=np.intp)
    shares = np.array([share for _, share in members], dtype=np.float64)
    parts = apportion_within(totals, shares, numbers)
    for number, total in enumerate(totals):
        mine = parts[numbers == number]
        assert int(mine.sum()) == total
        assert np.abs(mine - apportion(int(total), shares[numbers == number])).max() <= 1


@given(
    st.lists(st.tuples(st.integers(-(10**6), 10**6), st.lists(st.integers(0, 99), min_size=1, max_size=9).filter(any)))
)
def test_sharing_within_groups_is_the_same_rule(groups: list[tuple[int, list[int]]]) -> None:
    """Small enough for float64 to tell every pair of remainders apart, so the parts are equal, ties included."""
    totals = np.array([total for total, _ in groups], dtype=np.int64)
    numbers = np.array([n for n, (_, shares) in enumerate(groups) for _ in shares], dtype=np.intp)
    shares = np.array([share for _, shares in groups for share in shares], dtype=np.float64)
    expected = [part for total, shares in groups for part in apportion(total, shares).tolist()]
    assert apportion_within(totals, shares, numbers).tolist() == expected


@pytest.mark.parametrize(
    ("pence", "text"), [(123450, "£1,234.50"), (-1, "-£0.01"), (0, "£0.00"), (10**14, "£1,000,000,000,000.00")]
)
def test_pence_as_people_read_them(pence: int, text: str) -> None:
    assert pounds_text(pence) == text


def test_pounds_are_exact() -> None:
    assert pounds(1) == Decimal("0.01")
    assert pounds(-250) == Decimal("-2.50")

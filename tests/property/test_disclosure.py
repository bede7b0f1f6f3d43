"""What is shared: whatever a reader adds, subtracts or solves, a hidden cell cannot be told."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from budget.disclosure.hiding import hide
from budget.disclosure.layers import Cell, Layer, Nesting
from budget.disclosure.rules import Rules
from budget.disclosure.shared import few
from budget.kernel.errors import CapitationError

pytestmark = pytest.mark.unit

AREAS, SEGMENTS = ("p1", "p2", "p3"), ("s1", "s2", "s3")
NESTING = Nesting(
    areas={"all": [AREAS]}, parts={"all": [SEGMENTS, ("b1", "b2")], "b1": [("s1", "s2")], "b2": [("s3",)]}
)
"""Three places and three segments, two of which are a broad group: five tables that share cells."""
counts = st.one_of(st.integers(0, 12), st.integers(0, 400))


def table(inner: Mapping[Cell, float]) -> dict[Cell, float]:
    """The cells with every total."""
    groups = {"all": SEGMENTS, "b1": ("s1", "s2"), "b2": ("s3",)} | {s: (s,) for s in SEGMENTS}
    areas = {"all": AREAS} | {a: (a,) for a in AREAS}
    return {
        (area, part): float(sum(inner[a, s] for a in areas[area] for s in groups[part]))
        for area in areas
        for part in groups
    }


def people(inner: Mapping[Cell, float], rules: Rules, public: tuple[Cell, ...] = ()) -> Layer:
    values = table(inner)
    needed = dict.fromkeys(values, float(rules.least))
    return Layer.of("people", "any", counts=True, values=values, needed=needed, public=public, nesting=NESTING)


def money(inner: Mapping[Cell, float], pence: Mapping[Cell, float], rules: Rules) -> Layer:
    values, persons = table(pence), table(inner)
    # money of nobody needs no doubt
    needed = {cell: values[cell] * rules.least / persons[cell] if persons[cell] else 0.0 for cell in values}
    return Layer.of("pence", "any", counts=False, values=values, needed=needed, public=(), nesting=NESTING)


cells = st.fixed_dictionaries({(area, segment): counts for area in AREAS for segment in SEGMENTS})
all_rules = st.builds(Rules, least=st.sampled_from([3, 5]), rounding=st.sampled_from([1, 5]), dominance=st.just(0.1))


@settings(max_examples=25, deadline=None)
@given(inner=cells, rules=all_rules)
def test_no_small_number_is_shown_and_none_can_be_worked_out(inner: dict[Cell, float], rules: Rules) -> None:
    layer = people(inner, rules)
    hidden = hide([layer], few([layer], rules), rules)
    shown = layer.as_shown(hidden, rules)
    assert not rules.few(shown[~np.isnan(shown)]).any()
    for number in np.flatnonzero(np.isnan(shown)):
        least, most = whole_worlds(layer, shown, rules, int(number))
        assert least <= layer.values[number] <= most
        assert most - least >= layer.needed[number]


def whole_worlds(layer: Layer, shown: np.ndarray, rules: Rules, number: int) -> tuple[float, float]:
    """The least and the most of a cell over every world of whole people: by another solver, on every cell at once."""
    low, high = layer.known(shown, rules)
    ties = LinearConstraint(layer.sums, 0, 0)
    direction = np.zeros(len(low))
    direction[number] = 1
    ends = [
        milp(sign * direction, integrality=np.ones(len(low)), bounds=(low, high), constraints=ties) for sign in (1, -1)
    ]
    assert all(end.success for end in ends)
    return float(round(ends[0].fun)), float(round(-ends[1].fun))


@settings(max_examples=20, deadline=None)
@given(inner=cells)
def test_no_sum_or_difference_of_unrounded_tables_gives_a_hidden_cell(inner: dict[Cell, float]) -> None:
    rules = Rules(5, 1, 0.1)
    layer = people(inner, rules)
    hidden = layer.hides(hide([layer], few([layer], rules), rules))
    ties = layer.sums.toarray()
    for signs in itertools.product((-1, 0, 1), repeat=min(len(ties), 8)):
        left = (np.array(signs) @ ties[: len(signs)])[hidden]
        assert np.count_nonzero(left) != 1, "what is left of the sum is one hidden cell, and so its value"
    assert not determined(ties[:, hidden]).any()


def determined(ties: np.ndarray) -> np.ndarray:
    """Which unknowns any weighted sum of equations gives: those whose unit vector lies in the row space."""
    if not ties.shape[1]:
        return np.zeros(0, dtype=bool)
    _, sizes, rows = np.linalg.svd(ties, full_matrices=False)
    space = rows[sizes > 1e-9]
    return np.isclose((space**2).sum(axis=0), 1.0)


@settings(max_examples=20, deadline=None)
@given(inner=cells, rates=st.lists(st.integers(1_000, 900_000), min_size=3, max_size=3), rules=all_rules)
def test_money_is_hidden_with_its_people_and_keeps_as_many_in_doubt(
    inner: dict[Cell, float], rates: list[int], rules: Rules
) -> None:
    pence = {(area, segment): inner[area, segment] * rates[SEGMENTS.index(segment)] for area, segment in inner}
    layers = [people(inner, rules), money(inner, pence, rules)]
    hidden = hide(layers, few(layers, rules), rules)
    layer = layers[1]
    shown = layer.as_shown(hidden, rules)
    low, high = layer.known(shown, rules)
    for number in np.flatnonzero(np.isnan(shown) & (layer.needed > 0)):
        direction = np.zeros(len(low))
        direction[number] = 1
        ties = LinearConstraint(layer.sums, 0, 0)
        ends = [milp(sign * direction, bounds=(low, high), constraints=ties).fun * sign for sign in (1, -1)]
        assert ends[1] - ends[0] >= layer.needed[number] * (1 - 1e-6)


@settings(max_examples=15, deadline=None)
@given(inner=cells, rules=all_rules)
def test_everything_is_shown_where_there_is_nothing_to_hide(inner: dict[Cell, float], rules: Rules) -> None:
    many = {cell: value + rules.least if value else 0.0 for cell, value in inner.items()}
    assert hide([people(many, rules)], few([people(many, rules)], rules), rules) == frozenset()


def test_totals_that_are_not_their_parts_are_refused() -> None:
    values = table(dict.fromkeys(itertools.product(AREAS, SEGMENTS), 10.0)) | {("all", "all"): 91.0}
    needed = dict.fromkeys(values, 5.0)
    with pytest.raises(CapitationError, match="3 totals are not their parts'"):
        Layer.of("people", "any", counts=True, values=values, needed=needed, public=(), nesting=NESTING)

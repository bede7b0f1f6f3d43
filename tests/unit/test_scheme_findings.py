"""Rules that can place nobody are found by reasoning, and agree with a search of every person there could be."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from budget.segmentation.compile import rules
from budget.segmentation.findings import findings
from budget.segmentation.reach import Reach
from budget.segmentation.resolved import Resolved
from budget.segmentation.rule import TRUE, parse
from budget.segmentation.scheme import Scheme
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

LONDON6 = REPOSITORY / "config/segmentation/london6.yaml"
FEATURES: dict[str, Any] = {
    "long_term_conditions": {"count_conditions": ["a", "b", "c"]},
    "serious": {"count_conditions": ["c", "d"]},
    "fresh": {"count_conditions": ["c"], "months": 6},
    "stays": {"count_events": {"service_line": ["ward", "clinic"], "months": 12}},
    "emergencies": {"count_events": {"service_line": "ward", "emergency": True, "months": 12}},
}


def scheme(*conditions: str, last: str = "true", **changes: Any) -> Resolved:
    """A scheme of segments A, B, ... with these conditions, and Z for everyone who is left."""
    names = [*("ABCDEFGH"[: len(conditions)]), "Z"]
    parts = [
        {"code": code, "name": code, "broad_group": "mostly_well", "when": when}
        for code, when in zip(names, (*conditions, last), strict=True)
    ]
    written = read_yaml(LONDON6) | {"features": FEATURES, "flags": {}, "codelists": [], "segments": parts}
    last_segment = {"code": "U", "name": "U", "rate_from": "Z"}
    return Resolved(Scheme.model_validate(written | {"unregistered": last_segment} | changes), {}, separate=True)


def faults(*conditions: str, **changes: Any) -> dict[str, str]:
    return {f.segment: f.kind for f in findings(scheme(*conditions, **changes)) if f.is_fault}


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("age < 5 and age >= 18", "never"),
        ("age > 200", "never"),
        ("age < 0", "never"),
        ("age between 20 and 10", "never"),
        ("false", "never"),
        ("age is null and age >= 0", "never"),
        ("not (age < 5 or age >= 5) and age is not null", "never"),
        ("long_term_conditions >= 4", "never"),
        ("serious = 1.5", "never"),
        ("fresh >= 1 and serious = 0", "never"),
        ("fresh >= 1 and long_term_conditions = 0", "never"),
        ("emergencies > 3 and stays < 4", "never"),
        ("long_term_conditions >= 3", None),
        ("serious >= 2 and long_term_conditions = 1 and fresh = 0", None),
        ("stays >= 20 and emergencies = 0", None),
        ("18 <= age", None),
        ("age = 125", None),
    ],
)
def test_a_rule_that_nobody_can_meet_is_found(condition: str, kind: str | None) -> None:
    assert faults(condition).get("A") == kind


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ("age >= 18", "age >= 65", True),
        ("age >= 65", "age >= 18", False),
        ("serious >= 1", "fresh >= 1", True),
        ("long_term_conditions >= 1", "serious >= 1", False),
        ("long_term_conditions >= 1", "serious >= 2", True),
        ("stays >= 1", "emergencies >= 1", True),
        ("emergencies >= 1", "stays >= 1", False),
        ("age < 18 or serious >= 1", "age < 18", True),
        ("not age >= 18", "age < 18", True),
        ("not age >= 18", "age is null", False),
    ],
)
def test_a_rule_whose_people_are_placed_before_is_found(first: str, second: str, shadowed: bool) -> None:
    assert faults(first, second) == ({"B": "shadowed"} if shadowed else {})


def test_two_rules_together_may_shadow_a_third() -> None:
    assert faults("age < 40", "age >= 30", "age between 20 and 50") == {"C": "shadowed"}


def test_a_rule_that_no_later_one_overlaps_has_a_free_rank() -> None:
    found = {f.segment: f.kind for f in findings(scheme("age < 5", "serious >= 1", "age >= 5", last="age is null"))}
    assert found == {"C": "apart"}, "A and B overlap, and so do B and C"
    apart = findings(scheme("age is null", "age < 18", last="age >= 18"))
    assert [(f.segment, f.kind) for f in apart] == [("A", "apart"), ("B", "apart")]
    assert "its rank is free" in apart[0].sentence


@pytest.mark.parametrize(
    ("last", "who"),
    [("age >= 18", "age missing"), ("age >= 18 or age is null", "age 0"), ("age is null or serious < 2", "serious 2")],
)
def test_a_scheme_that_leaves_somebody_out_is_refused(last: str, who: str) -> None:
    with pytest.raises(ConfigurationError, match=f"somebody would be in no segment .*{who}"):
        findings(scheme("age > 70 and age < 60", last=last))


WORDS = ["age", *FEATURES]
COMPARISONS = st.tuples(
    st.sampled_from(WORDS), st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]), st.integers(0, 3)
).map(lambda parts: f"{parts[0]} {parts[1]} {parts[2]}")
CONDITIONS = st.recursive(
    st.one_of(COMPARISONS, st.just("age is null"), st.just("age is not null")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda part: f"not ({part})"),
    ),
    max_leaves=5,
)


def everyone() -> list[dict[str, int | None]]:
    """Every record of up to four conditions and six events, at every age that matters here."""
    people = []
    for age, a, b, c, d, ward, clinic in product(
        (None, *range(6)), (0, 1), (0, 1), (0, 1, 2), (0, 1), range(5), range(5)
    ):
        on = min(c, 1)  # c is not there, there since long, or there of late
        people.append(
            {
                "age": age,
                "long_term_conditions": a + b + on,
                "serious": on + d,
                "fresh": int(c == 2),
                "stays": ward + clinic,
                "emergencies": ward,
            }
        )
    return [dict(person) for person in {tuple(person.items()) for person in people}]


EVERYONE = everyone()


def holds(condition: str, person: dict[str, int | None]) -> bool:
    ranges = {word: None if value is None else (value, value) for word, value in person.items()}
    return parse(condition).outcomes(ranges) == TRUE


@settings(max_examples=20, deadline=None)
@given(first=CONDITIONS, second=CONDITIONS)
def test_reasoning_agrees_with_a_search_of_everyone(first: str, second: str) -> None:
    resolved = scheme(first, second)
    ranked = [rule for _, rule in rules(resolved)]
    reach = Reach.of(resolved.scheme, ranked)
    alone = reach.someone(ranked[1], []) is not None
    left = reach.someone(ranked[1], ranked[:1]) is not None
    assert alone == any(holds(second, person) for person in EVERYONE)
    assert left == any(holds(second, person) and not holds(first, person) for person in EVERYONE)


def test_the_shipped_schemes_leave_nobody_out(tmp_path: Path) -> None:
    written = read_yaml(LONDON6)
    unregistered = {"code": "U", "name": "U", "rate_from": "OA"}
    without_last = {"segments": written["segments"][:-1], "unregistered": unregistered}
    write_yaml(tmp_path / "scheme.yaml", written | without_last)
    choices = {"older_precedence": "complex_first"}
    resolved = Resolved(Scheme.read(tmp_path / "scheme.yaml"), choices, separate=True)
    with pytest.raises(ConfigurationError, match=r"somebody would be in no segment \(age 18"):
        findings(resolved)

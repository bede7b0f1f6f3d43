"""A scheme compiled to SQL: one aggregate a feature, one CASE for the segment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from budget.engine.statement import Sql, literal, quote
from budget.kernel.errors import ConfigurationError
from budget.segmentation.scheme import Events, Scheme, Segment

_WORD = re.compile(r"\b[a-z_][a-z0-9_]*\b")
_GRAMMAR = frozenset({"and", "or", "not", "is", "null", "between", "true", "false"})


def condition_counts(scheme: Scheme) -> Sql:
    """Select list over ``conditions``, grouped by person: the features that count conditions."""
    parts = [
        f"count(distinct condition) filter (where condition in {literal(feature.count_conditions)}) as {name}"
        for name, feature in scheme.features.items()
        if feature.count_conditions
    ]
    return Sql(", ".join(parts))


def event_counts(scheme: Scheme, snapshot: date) -> Sql:
    """Select list over ``activity``, grouped by person: the features that count events."""
    parts = [
        f"count(*) filter (where {_in_window(feature.count_events, snapshot)}) as {name}"
        for name, feature in scheme.features.items()
        if feature.count_events is not None
    ]
    return Sql(", ".join(parts))


def event_filter(scheme: Scheme, snapshot: date) -> Sql:
    """Condition that keeps only the activity that some feature counts."""
    windows = [_in_window(f.count_events, snapshot) for f in scheme.features.values() if f.count_events is not None]
    return Sql(" or ".join(f"({window})" for window in windows) or "false")


def segment_case(scheme: Scheme, choices: Mapping[str, str]) -> Sql:
    """The segment of a person as one CASE over ``age`` and the features.

    Args:
        scheme: the scheme.
        choices: option by assumption, for conditions that depend on one.

    Raises:
        ConfigurationError: a condition uses a word that is no feature, flag or boundary.
    """
    whens = "\n        ".join(
        f"when {expand(scheme, _condition(segment, choices))} then {quote(segment.code)}" for segment in scheme.segments
    )
    return Sql(f"case\n        {whens}\n    end")


def expand(scheme: Scheme, condition: str) -> str:
    """A condition with its flags written out and its boundaries as numbers."""

    def meaning(match: re.Match[str]) -> str:
        word = match[0]
        if word in scheme.flags:
            return f"({expand(scheme, scheme.flags[word])})"
        if word in scheme.boundaries:
            return str(scheme.boundaries[word])
        if word in scheme.features or word == "age" or word in _GRAMMAR:
            return word
        known = ", ".join(["age", *scheme.features, *scheme.flags, *scheme.boundaries])
        raise ConfigurationError(f"scheme {scheme.scheme}: '{word}' in '{condition}' is unknown; known: {known}.")

    if not re.fullmatch(r"[\w\s<>=!().]*", condition):
        raise ConfigurationError(f"scheme {scheme.scheme}: '{condition}' holds a sign that a condition may not have.")
    return _WORD.sub(meaning, condition)


def _condition(segment: Segment, choices: Mapping[str, str]) -> str:
    if isinstance(segment.when, str):
        return segment.when
    chosen = choices[segment.when.assumption]
    if chosen not in segment.when.options:
        raise ConfigurationError(f"segment {segment.code} has no condition for {segment.when.assumption} = {chosen}.")
    return segment.when.options[chosen]


def _in_window(events: Events | None, snapshot: date) -> str:
    if events is None:
        return "false"
    months = snapshot.year * 12 + snapshot.month - 1 - events.months
    start = date(months // 12, months % 12 + 1, min(snapshot.day, 28))
    tests = [
        f"service_line = {quote(events.service_line)}",
        f"activity_date >= {literal(start)}",
        f"activity_date < {literal(snapshot)}",
    ]
    if events.emergency is not None:
        tests.append("emergency" if events.emergency else "not emergency")
    return " and ".join(tests)

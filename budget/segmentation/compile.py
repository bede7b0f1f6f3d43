"""A scheme compiled to SQL: one aggregate a feature, one CASE for the segment."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from budget.engine.statement import Sql, literal, quote
from budget.kernel.errors import ConfigurationError
from budget.segmentation.scheme import Events, Scheme, Segment

_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_GRAMMAR = frozenset({"and", "or", "not", "is", "null", "between", "true", "false"})


def condition_counts(scheme: Scheme) -> Sql:
    """Select list over each person's conditions, every condition once: the features that count conditions."""
    parts = [
        f"count(*) filter (where condition in {literal(feature.count_conditions)}) as {name}"
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
        ConfigurationError: a condition uses a word that is no feature, flag or boundary, or is no condition at all.
    """
    conditions = [expand(scheme, _condition(segment, choices)) for segment in scheme.segments]
    whens = "\n        ".join(
        f"when {condition} then {quote(segment.code)}"
        for segment, condition in zip(scheme.segments, conditions, strict=True)
    )
    return Sql(f"case\n        {whens}\n    end")


def expand(scheme: Scheme, condition: str, within: tuple[str, ...] = ()) -> str:
    """A condition with its flags written out and its boundaries as numbers.

    Args:
        scheme: the scheme.
        condition: as the scheme writes it.
        within: the flags that are being written out, outermost first.

    Raises:
        ConfigurationError: an unknown word or sign, a flag that needs itself, or text that is no condition.
    """

    def meaning(match: re.Match[str]) -> str:
        word = match[0]
        if word in within:
            raise ConfigurationError(f"scheme {scheme.scheme}: the flag '{word}' is defined by itself.")
        if word in scheme.flags:
            return f"({expand(scheme, scheme.flags[word], (*within, word))})"
        if word in scheme.boundaries:
            return str(scheme.boundaries[word])
        if word in scheme.features or word == "age" or word in _GRAMMAR:
            return word
        known = ", ".join(["age", *scheme.features, *scheme.flags, *scheme.boundaries])
        raise ConfigurationError(f"scheme {scheme.scheme}: '{word}' in '{condition}' is unknown; known: {known}.")

    if not re.fullmatch(r"[\w\s<>=!().]*", condition, re.ASCII):
        raise ConfigurationError(f"scheme {scheme.scheme}: '{condition}' holds a sign that a condition may not have.")
    expanded = _WORD.sub(meaning, condition)
    if not _is_condition(expanded):
        raise ConfigurationError(f"scheme {scheme.scheme}: '{condition}' is not a condition.")
    return expanded


def _is_condition(text: str) -> bool:
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(text, dialect="duckdb")
    except SqlglotError:
        return False
    return isinstance(tree.unnest(), exp.Predicate | exp.Connector | exp.Not | exp.Boolean | exp.Between)


def _condition(segment: Segment, choices: Mapping[str, str]) -> str:
    if isinstance(segment.when, str):
        return segment.when
    assumption, options = segment.when.assumption, segment.when.options
    if assumption not in choices:
        raise ConfigurationError(
            f"segment {segment.code} depends on {assumption}; it can depend on {', '.join(choices)}."
        )
    if choices[assumption] not in options:
        raise ConfigurationError(f"segment {segment.code} has no condition for {assumption} = {choices[assumption]}.")
    return options[choices[assumption]]


def _in_window(events: Events | None, snapshot: date) -> str:
    if events is None:
        return "false"
    tests = [
        f"service_line = {quote(events.service_line)}",
        f"activity_date >= {literal(_months_before(snapshot, events.months))}",
        f"activity_date < {literal(snapshot)}",
    ]
    if events.emergency is not None:
        tests.append("emergency" if events.emergency else "not emergency")
    return " and ".join(tests)


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

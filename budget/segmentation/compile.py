"""A scheme compiled to SQL: one aggregate a feature, one CASE for the segment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from budget.engine.statement import Sql, literal, quote
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import months_before
from budget.segmentation.resolved import Resolved
from budget.segmentation.rule import Rule, parse
from budget.segmentation.scheme import Feature, Scheme

_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_GRAMMAR = frozenset({"and", "or", "not", "is", "null", "between", "true", "false"})


def condition_counts(scheme: Scheme, snapshot: date) -> Sql:
    """Select list over each person's conditions, every condition once: the features that count conditions."""
    parts = [
        f"count(case when {_on_record(scheme, feature, snapshot)} then 1 end) as {name}"
        for name, feature in scheme.features.items()
        if feature.count_events is None
    ]
    return Sql(", ".join(parts))


def event_counts(scheme: Scheme, snapshot: date) -> Sql:
    """Select list over ``activity``, grouped by person: the features that count events."""
    parts = [f"count(case when {window} then 1 end) as {name}" for name, window in _windows(scheme, snapshot)]
    return Sql(", ".join(parts) or "0 as none")


def event_filter(scheme: Scheme, snapshot: date) -> Sql:
    """Condition that keeps only the activity that some feature counts."""
    return Sql(" or ".join(f"({window})" for _, window in _windows(scheme, snapshot)) or "false")


def condition_filter(scheme: Scheme) -> Sql:
    """Condition that keeps only the conditions that some feature counts."""
    counted = {codelist for feature in scheme.features.values() for codelist in feature.count_conditions}
    return Sql(f"condition in {literal(sorted(counted))}" if counted else "false")


def rules(resolved: Resolved) -> tuple[tuple[str, Rule], ...]:
    """Each segment's code and condition, in order of precedence.

    Raises:
        ConfigurationError: a condition uses a word that is no feature, flag or boundary, or is no condition at all.
    """
    scheme = resolved.scheme
    return tuple((part.code, _parsed(scheme, resolved.condition(part))) for part in scheme.segments)


def segment_case(resolved: Resolved) -> Sql:
    """The segment of a person as one CASE over ``age`` and the features.

    Raises:
        ConfigurationError: a condition uses a word that is no feature, flag or boundary, or is no condition at all.
    """
    rules(resolved)
    scheme = resolved.scheme
    whens = "\n        ".join(
        f"when {expand(scheme, resolved.condition(part))} then {quote(part.code)}" for part in scheme.segments
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
    _refuse_what_is_no_rule(scheme, condition, expanded)
    return expanded


def _parsed(scheme: Scheme, condition: str) -> Rule:
    return parse(expand(scheme, condition))


def _refuse_what_is_no_rule(scheme: Scheme, condition: str, expanded: str) -> None:
    try:
        parse(expanded)
    except ConfigurationError as error:
        why = "is not a condition" if str(error) == "not a condition" else f"is not a condition: {error}"
        raise ConfigurationError(f"scheme {scheme.scheme}: '{condition}' {why}.") from None


def _on_record(scheme: Scheme, feature: Feature, snapshot: date) -> str:
    if not feature.count_conditions:
        return "false"
    months = scheme.months(feature)
    since = "" if months is None else f" and recorded_on >= {literal(months_before(snapshot, months))}"
    return f"condition in {literal(feature.count_conditions)}{since}"


def _windows(scheme: Scheme, snapshot: date) -> Iterator[tuple[str, str]]:
    for name, feature in scheme.features.items():
        events, months = feature.count_events, scheme.months(feature)
        if events is None or months is None:
            continue
        tests = [
            f"service_line in {literal(events.service_line)}",
            f"activity_date >= {literal(months_before(snapshot, months))}",
            f"activity_date < {literal(snapshot)}",
        ]
        if events.emergency is not None:
            tests.append("emergency" if events.emergency else "not emergency")
        yield name, " and ".join(tests)

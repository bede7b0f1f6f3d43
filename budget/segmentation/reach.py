"""Whom a scheme can meet: every combination of age and counts that a person's record can add up to.

Features that count the same codelists or the same events move together: whoever has dementia among the complex
conditions also has it among the long-term ones. So what varies is not the features but what stands on a record,
one variable for all codelists (and all events) that the same features count. A search over these, which settles
whole ranges at once, decides whether a person exists; nothing is sampled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from budget.segmentation.rule import TRUE, Range, Rule
from budget.segmentation.scheme import Scheme

OLDEST = 125
"""No living person is older; the gates ask about people over 110."""

_EVER = 10_000
"""Months of a window that has no beginning."""

Person = Mapping[str, int | None]
Option = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Variable:
    """Something that varies between people, in steps that the rules can tell apart.

    Attributes:
        options: what each value adds to the features; for age, the age itself.
        words: the words that it bears on.
    """

    options: tuple[Option, ...]
    words: frozenset[str]

    @classmethod
    def of(cls, options: Iterable[Mapping[str, int]], words: Iterable[str]) -> Variable:
        """A variable whose options are given as what each adds to its words."""
        return cls(tuple(dict.fromkeys(tuple(sorted(option.items())) for option in options)), frozenset(words))

    @cached_property
    def most(self) -> dict[str, int]:
        """The most that it can add to each of its words."""
        return {word: max(dict(option).get(word, 0) for option in self.options) for word in self.words}


@dataclass(frozen=True)
class Reach:
    """All people that the rules of a scheme could meet.

    Attributes:
        ages: one age a stretch between the boundaries of the rules, and the missing age.
        variables: what varies beside the age.
        words: the features; one that no variable bears on is nought for everybody.
    """

    ages: tuple[int | None, ...]
    variables: tuple[Variable, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, scheme: Scheme, rules: Iterable[Rule]) -> Reach:
        """Everyone whom the scheme's features could describe, as finely as its rules look."""
        asked: dict[str, set[int]] = {word: set() for word in ("age", *scheme.features)}
        for comparison in (comparison for rule in rules for comparison in rule.comparisons()):
            floor = int(comparison.number // 1)
            asked[comparison.word] |= {floor - 1, floor, floor + 1, floor + 2}
        ages = sorted({0, OLDEST} | {age for age in asked["age"] if 0 <= age <= OLDEST})
        caps = {name: max([0, *numbers]) for name, numbers in asked.items()}
        return cls((None, *ages), (*_records(scheme, caps), *_events(scheme, caps)), tuple(scheme.features))

    def someone(self, who: Rule, placed: Sequence[Rule]) -> Person | None:
        """A person for whom one rule holds and none of some others does; None where there is nobody."""
        for age in self.ages:
            found = self._search(None if age is None else (age, age), who, placed, {})
            if found is not None:
                return {"age": age, **found}
        return None

    def _search(
        self, age: Range, who: Rule, placed: Sequence[Rule], chosen: Mapping[int, Option]
    ) -> dict[str, int] | None:
        """The least of what is asked for that a record can hold, settling one variable after another."""
        ranges = self._ranges(age, chosen)
        outcomes = who.outcomes(ranges)
        others = [(rule, rule.outcomes(ranges)) for rule in placed]
        if True not in outcomes or any(others_outcome == TRUE for _, others_outcome in others):
            return None
        open_rules = [rule for rule, found in [(who, outcomes), *others] if True in found and len(found) > 1]
        if not open_rules:
            return {word: span[0] for word, span in sorted(ranges.items()) if span is not None and word != "age"}
        for number, variable in self._bearing_on(open_rules, chosen):
            for option in variable.options:
                found_person = self._search(age, who, placed, {**chosen, number: option})
                if found_person is not None:
                    return found_person
            return None
        return None

    def _bearing_on(self, rules: Sequence[Rule], chosen: Mapping[int, Option]) -> Iterator[tuple[int, Variable]]:
        """The variables that are still open and bear on rules that are."""
        words = {comparison.word for rule in rules for comparison in rule.comparisons()}
        return (
            (number, variable)
            for number, variable in enumerate(self.variables)
            if number not in chosen and variable.words & words
        )

    def _ranges(self, age: Range, chosen: Mapping[int, Option]) -> dict[str, Range]:
        """Least and most of every word, given what was chosen so far."""
        low: Counter[str] = Counter()
        high: Counter[str] = Counter()
        for number, variable in enumerate(self.variables):
            if number in chosen:
                low.update(dict(chosen[number]))
                high.update(dict(chosen[number]))
            else:
                high.update(variable.most)
        return {"age": age} | {word: (low[word], high[word]) for word in self.words}


def _records(scheme: Scheme, caps: Mapping[str, int]) -> Iterator[Variable]:
    """One variable for all codelists that the same features count over the same windows."""
    counted_by: dict[str, set[tuple[str, int]]] = {}
    for name, feature in scheme.features.items():
        months = scheme.months(feature)
        for codelist in feature.count_conditions:
            counted_by.setdefault(codelist, set()).add((name, _EVER if months is None else months))
    for signature, size in Counter(map(frozenset, counted_by.values())).items():
        states = _states(signature)
        cap = min(size, max(caps[name] for name, _ in signature))
        counts = (n for n in product(range(cap + 1), repeat=len(states)) if sum(n) <= size)
        yield Variable.of(tuple(_sum(states, n) for n in counts), (name for name, _ in signature))


def _events(scheme: Scheme, caps: Mapping[str, int]) -> Iterator[Variable]:
    """One variable for all events that the same features count."""
    features = {name: f.count_events for name, f in scheme.features.items() if f.count_events is not None}
    windows = {name: scheme.months(scheme.features[name]) or _EVER for name in features}
    lines = {line for events in features.values() for line in events.service_line}
    kinds = {
        frozenset(
            name
            for name, events in features.items()
            if line in events.service_line and events.emergency in (None, emergency) and windows[name] >= since
        )
        for line, emergency, since in product(lines, (True, False, None), set(windows.values()))
    }
    for kind in sorted(filter(None, kinds), key=sorted):
        cap = max(caps[name] for name in kind)
        yield Variable.of(tuple({name: n for name in kind} for n in range(cap + 1)), kind)


def _states(signature: Iterable[tuple[str, int]]) -> tuple[frozenset[str], ...]:
    """The sets of features that one codelist can count in, by how long ago it was recorded."""
    windows = sorted({months for _, months in signature})
    return tuple(frozenset(name for name, months in signature if months >= since) for since in windows)


def _sum(states: Sequence[frozenset[str]], counts: Sequence[int]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for state, count in zip(states, counts, strict=True):
        total.update(dict.fromkeys(state, count))
    return dict(total)

"""From packs, scenarios and ``--set`` to the values that a run uses; nothing is defaulted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from budget.assumptions.catalogue import Value, catalogue, parameter
from budget.assumptions.layer import Layer, read_layer
from budget.assumptions.pack import Entry, Scope, Source
from budget.assumptions.pins import check_pins, unpinned
from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear

logger = logging.getLogger(__name__)


def resolve(
    packs: Sequence[Path],
    *,
    scenarios: Sequence[Path] = (),
    overrides: Mapping[str, str] | None = None,
    years: Sequence[FinancialYear],
    needed: Iterable[str],
    known_on: date | None = None,
) -> Assumptions:
    """Resolve every assumption of a run.

    Later packs win over earlier ones, scenarios over packs, ``--set`` over all. Of two values that one
    pack gives for the same year and scope, the one published last (on or before ``known_on``) holds.

    Args:
        packs: pack files, national before local.
        scenarios: scenario files, applied in order.
        overrides: ``--set`` values: ``id`` or ``id@line`` or ``id@place`` to text.
        years: budget years of the run.
        needed: identifiers that the stages declare.
        known_on: the day as of which the run knows; None for everything in the packs.

    Raises:
        ConfigurationError: an unknown identifier, a wrong value, or no value for a year of the run.
    """
    layers = _read(packs, scenarios)
    entries: dict[tuple[str, Scope], Entry] = {}
    warnings = []
    for layer in layers:
        changed = _lay_over(entries, latest(layer, known_on))
        warnings += _doubts(layer, changed=changed)
    for name, text in (overrides or {}).items():
        _override(entries, name, text)
    for warning in warnings:
        logger.warning("%s", warning)
    kept = [entry for entry in entries.values() if _is_of_the_run(entry, years)]
    resolved = Assumptions.of(kept, layers=layers, known_on=known_on, warnings=tuple(warnings))
    _refuse_gaps(resolved, years, needed)
    return resolved


def latest(layer: Layer, known_on: date | None) -> list[Entry]:
    """Of several values for one scope, the one published last by a day; two of one day are a mistake.

    Args:
        layer: a pack or scenario.
        known_on: the day; None for everything.

    Raises:
        ConfigurationError: two values for one scope were published on one day.
    """
    known = [e for e in layer.entries if not (known_on and e.published_on and e.published_on > known_on)]
    chosen: dict[tuple[str, Scope], Entry] = {}
    seen: set[tuple[str, Scope, date | None]] = set()
    for entry in sorted(known, key=lambda entry: entry.published_on or date.min):
        identifier, scope = entry.parameter.id, entry.scope
        if (identifier, scope, entry.published_on) in seen:
            raise ConfigurationError(
                f"{layer.path}: {identifier} has two values for {scope.year or 'all years'} ({scope})."
            )
        seen.add((identifier, scope, entry.published_on))
        earlier = chosen.get((identifier, scope))
        chosen[identifier, scope] = replace(entry, previous=earlier.value) if earlier else entry
    return list(chosen.values())


def _read(packs: Sequence[Path], scenarios: Sequence[Path]) -> tuple[Layer, ...]:
    """Packs and scenarios in the order in which they are laid, each where it belongs."""
    below, above = [read_layer(path) for path in packs], [read_layer(path) for path in scenarios]
    for layers, kind in ((below, "pack"), (above, "scenario")):
        for layer in layers:
            if layer.kind != kind:
                raise ConfigurationError(f"{layer.path}: this is a {layer.kind}; a {kind} is wanted here.")
    names = [pack.name for pack in below]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"Two packs of the run are called {', '.join(twice)}; a scenario could mean either.")
    for scenario in above:
        check_pins(scenario, below)
    return (*below, *above)


def _doubts(layer: Layer, *, changed: bool) -> list[str]:
    """What whoever started the run should know of a scenario."""
    if layer.kind == "pack":
        return []
    idle = [] if changed else [f"scenario {layer.name} changes nothing"]
    return idle if layer.based_on else [*idle, unpinned(layer)]


def _is_of_the_run(entry: Entry, years: Sequence[FinancialYear]) -> bool:
    """Whether a run of these years can come to use a value; history stays in the packs."""
    return entry.scope.year is None or entry.scope.year in years or entry.parameter.when_used


def _lay_over(entries: dict[tuple[str, Scope], Entry], layer: Sequence[Entry]) -> bool:
    """Lay one pack over what is there; a value for all years replaces the earlier values of single years."""
    before = dict(entries)
    for entry in layer:
        if entry.scope.year is None:
            for key in [key for key in entries if _same_but_year(key, entry)]:
                del entries[key]
    for entry in layer:
        key = (entry.parameter.id, entry.scope)
        found = _value_before(before, entry)
        laid = replace(entry, previous=entry.previous if found is None else found)
        entries[key] = _with_range_of(_replaced(before, entry), laid)
    return {key: entry.value for key, entry in before.items()} != {key: entry.value for key, entry in entries.items()}


def _value_before(before: Mapping[tuple[str, Scope], Entry], entry: Entry) -> Value | None:
    """The value that an entry replaces; None where there was none, or a different one in each year."""
    values = {other.value for other in _replaced(before, entry)}
    return values.pop() if len(values) == 1 else None


def _replaced(before: Mapping[tuple[str, Scope], Entry], entry: Entry) -> list[Entry]:
    """The entries that one takes the place of."""
    general = (entry.parameter.id, replace(entry.scope, year=None))
    key = (entry.parameter.id, entry.scope)
    if entry.scope.year is not None:
        return [before[at] for at in (key, general) if at in before][:1]
    return [before[at] for at in before if _same_but_year(at, entry)]


def _with_range_of(replaced: Sequence[Entry], entry: Entry) -> Entry:
    """An entry with the range documented for what it replaces, where it states none and all of that have the same."""
    ranges = {(other.low, other.high, other.range_reason) for other in replaced}
    if entry.low is not None or entry.high is not None or len(ranges) != 1:
        return entry
    low, high, reason = ranges.pop()
    return replace(entry, low=low, high=high, range_reason=reason)


def _same_but_year(key: tuple[str, Scope], entry: Entry) -> bool:
    identifier, scope = key
    return identifier == entry.parameter.id and (scope.line, scope.place) == (entry.scope.line, entry.scope.place)


def _override(entries: dict[tuple[str, Scope], Entry], name: str, text: str) -> None:
    identifier, _, narrow = name.partition("@")
    known = parameter(identifier, "--set")
    line, place = _line_or_place(entries, known.scopes, narrow, identifier)
    entry = Entry(
        parameter=known,
        scope=Scope(None, line, place),
        value=known.read(text, "--set"),
        source=Source(title="Command line", where="--set"),
        owner="whoever started the run",
        status="draft",
        reason="set for this run",
        set_by="--set",
    )
    _lay_over(entries, [entry])


def _line_or_place(
    entries: Mapping[tuple[str, Scope], Entry], scopes: tuple[str, ...], narrow: str, identifier: str
) -> tuple[str | None, str | None]:
    if not narrow:
        return None, None
    lines = {item for (name, _), entry in entries.items() if name == "in_scope_lines" for item in entry.value}  # type: ignore[union-attr]
    scope = "line" if narrow in lines else "place"
    if scope not in scopes:
        raise ConfigurationError(f"--set {identifier}@{narrow}: {identifier} cannot be set for one {scope}.")
    return (narrow, None) if scope == "line" else (None, narrow)


def _refuse_gaps(resolved: Assumptions, years: Sequence[FinancialYear], needed: Iterable[str]) -> None:
    """Every declared assumption needs a general value in every budget year, but those asked for only when used."""
    gaps = []
    for identifier in sorted(set(needed)):
        if identifier not in catalogue():
            raise ConfigurationError(f"a stage declares '{identifier}', which the catalogue lacks.")
        if catalogue()[identifier].when_used:
            continue
        missing = [str(year) for year in years if not _has_value(resolved, identifier, year)]
        if missing:
            gaps.append(f"  {identifier}: no value for {', '.join(missing)}")
    if gaps:
        raise ConfigurationError(
            "These assumptions have no value for a year in the run:\n"
            + "\n".join(gaps)
            + "\n  mend: the assumption packs that the locality names"
        )


def _has_value(resolved: Assumptions, identifier: str, year: FinancialYear) -> bool:
    return any((identifier, Scope(when, None, None)) in resolved.entries for when in (year, None))

"""The parameters: their meaning, and every value of the shipped packs."""

from __future__ import annotations

from pathlib import Path

from budget.assumptions.catalogue import as_text, catalogue
from budget.assumptions.layer import read_pack
from budget.assumptions.pack import Entry

from .markdown import NOTE, grid
from .numbers import NUMBERS, order

_SHIPPED = Path(__file__).resolve().parents[2] / "config" / "assumptions"
_PACKS = {"national": "every locality", "east_london": "East London", "norfolk_waveney": "Norfolk and Waveney"}
_UNITS = {"rate_per_year": "rate a year", "lines": "service lines"}


def parameters() -> str:
    """The parameter table, with the values of the national pack."""
    national: dict[str, list[Entry]] = {}
    for entry in read_pack(_SHIPPED / "national.yaml"):
        national.setdefault(entry.parameter.id, []).append(entry)
    known = sorted(catalogue().values(), key=lambda parameter: order(NUMBERS[parameter.id]))
    rows = [
        (
            NUMBERS[parameter.id],
            f"`{parameter.id}`",
            parameter.about,
            _UNITS.get(parameter.unit, parameter.unit),
            parameter.allowed,
            ", ".join(parameter.scopes),
            "<br>".join(_in_pack(entry) for entry in national.get(parameter.id, ())) or "set locally",
        )
        for parameter in known
    ]
    return grid(("no.", "parameter", "meaning", "unit", "allowed", "also for one", "national pack"), rows)


def parameter_reference() -> str:
    """Every parameter with its values in the shipped packs: what for, source, status and range."""
    values: dict[str, list[tuple[str, Entry]]] = {}
    for pack in _PACKS:
        for entry in read_pack(_SHIPPED / f"{pack}.yaml"):
            values.setdefault(entry.parameter.id, []).append((pack, entry))
    known = sorted(catalogue().values(), key=lambda parameter: order(NUMBERS[parameter.id]))
    parts = [
        "# Parameters",
        NOTE,
        "Every value of the shipped packs. A local pack is laid over the national one. **Unverified** values were "
        "recalled, or read in summaries, and must be checked before a budget rests on them; **draft** ones await a "
        "decision. What each parameter means is in [the method](method.md#11-parameters) too; how to change one, in "
        "[assumptions](guides/assumptions.md).",
    ]
    for parameter in known:
        unit = _UNITS.get(parameter.unit, parameter.unit)
        allowed = f" Allowed: {parameter.allowed}." if parameter.allowed else ""
        about = f"{parameter.about}. Unit: {unit}.{allowed}"
        rows = [_sourced(pack, entry) for pack, entry in values.get(parameter.id, ())]
        head = ("for", "years and scope", "value", "range", "status", "source", "reason")
        told = grid(head, rows) if rows else "Each locality sets it."
        parts += [f"## {NUMBERS[parameter.id]}. `{parameter.id}`", about, told]
    return "\n\n".join(parts) + "\n"


def _sourced(pack: str, entry: Entry) -> tuple[str, ...]:
    """One value of a pack as a row."""
    year = str(entry.scope.year) if entry.scope.year else "any year"
    parts = [part for part in (entry.scope.line, entry.scope.place) if part]
    known = [f"known from {entry.published_on}"] if entry.published_on else []
    span = "" if entry.low is None or entry.high is None else f"{as_text(entry.low)} to {as_text(entry.high)}"
    return (
        _PACKS[pack], ", ".join([year, *parts, *known]), as_text(entry.value), span, entry.status, str(entry.source),
        entry.reason,
    )  # fmt: skip


def _in_pack(entry: Entry) -> str:
    scope = [str(entry.scope.year)] if entry.scope.year else []
    scope += [part for part in (entry.scope.line, entry.scope.place) if part]
    notes = [f"known from {entry.published_on}"] if entry.published_on else []
    notes += [entry.status] if entry.status != "approved" else []
    return (
        (f"{', '.join(scope)}: " if scope else "") + as_text(entry.value) + (f" ({', '.join(notes)})" if notes else "")
    )

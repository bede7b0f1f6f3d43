"""One assumption changed at a time on a small locality, and the tables that move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from budget.assumptions.catalogue import Parameter, Value, as_text
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.bundle import Bundle, prepare
from budget.contracts import output_tables
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.years import FinancialYear
from budget.pipeline import STAGES, needed_assumptions
from budget.runner import StageResult, execute
from tests.support.runs import LenientGate

Values = Mapping[str, str]

_WHOLE = {"months": Decimal(3), "years": Decimal(1), "count": Decimal(1)}
"""What is added to a number that must stay whole."""
_TO_NOUGHT = {"pounds": Decimal(1000)}
"""What is added to a nought; a hundredth where nothing is said."""
_LAST = "payment"


@dataclass(frozen=True)
class Small:
    """A small locality of which every run shares one store.

    Attributes:
        config: its folder.
        out: where its store lies.
        year: the one budget year that is computed.
        always: values under which it can be computed at all.
    """

    config: Path
    out: Path
    year: str
    always: Values = field(default_factory=dict)
    _usual: dict[frozenset[tuple[str, str]], list[StageResult]] = field(default_factory=dict)

    def moved(self, known: Parameter, beside: Values) -> str:
        """The first published table that moves when an assumption does; empty where none does.

        Args:
            known: the assumption.
            beside: values of other assumptions under which it is used.
        """
        usual = self._results(beside)
        value = self.value_of(known, beside)
        for other in others(known, value):
            found = self._first_change(usual, {**beside, known.id: other})
            if found:
                return found
        return ""

    def value_of(self, known: Parameter, beside: Values) -> Value:
        """The value that an assumption has: of the year, or whichever there is."""
        assumptions = self._bundle(beside).assumptions
        entry = assumptions.find(known.id, FinancialYear.parse(self.year)) or _any(assumptions, known)
        return entry.value

    def _first_change(self, usual: list[StageResult], values: Values) -> str:
        bundle, done = self._bundle(values), []
        for before, stage in zip(usual, STAGES, strict=False):
            try:
                done.append(execute(stage, bundle, tuple(done), LenientGate()))
            except (RunStopped, ConfigurationError):
                return ""  # a value that the run refuses moves nothing; another one is tried
            changed = _published(before).items() ^ _published(done[-1]).items()
            if changed:
                return min(name for name, _ in changed)
        return ""

    def _results(self, values: Values) -> list[StageResult]:
        key = frozenset(values.items())
        if key not in self._usual:
            bundle, done = self._bundle(values), []
            for stage in STAGES:
                done.append(execute(stage, bundle, tuple(done), LenientGate()))
                if stage.name == _LAST:
                    break
            self._usual[key] = done
        return self._usual[key]

    def _bundle(self, values: Values) -> Bundle:
        year = FinancialYear.parse(self.year)
        overrides = {**self.always, **values}
        return prepare(self.config, needed=needed_assumptions(), out=self.out, overrides=overrides, last_year=year)


def others(known: Parameter, value: Value) -> Iterator[str]:
    """Other values of an assumption, as ``--set`` takes them."""
    if known.unit == "choice":
        yield from (option for option in known.options if option != value)
    elif isinstance(value, Decimal):
        step = _WHOLE.get(known.unit) or abs(value) / 2 or _TO_NOUGHT.get(known.unit, Decimal("0.01"))
        near = [number for number in (value + step, value - step) if _holds(known, number)]
        ends = [end for end in (known.minimum, known.maximum) if end not in (None, value)]
        yield from map(as_text, [*near, *ends] if known.unit in ("share", "index") else near)
    elif known.unit == "numbers":
        yield from (as_text(tuple(Decimal(item) + Decimal("0.01") for item in value)),)
    else:
        yield from (as_text(value[1:]),) if len(value) > 1 else ("community", "prescribing")


def _holds(known: Parameter, number: Decimal) -> bool:
    return (known.minimum is None or number >= known.minimum) and (known.maximum is None or number <= known.maximum)


def _any(assumptions: Assumptions, known: Parameter) -> Entry:
    return next(entry for (name, _), entry in assumptions.entries.items() if name == known.id)


def _published(result: StageResult) -> dict[str, str]:
    contracts = output_tables()
    return {ref.name: ref.sha256 for ref in result.tables if ref.name in contracts and not contracts[ref.name].internal}

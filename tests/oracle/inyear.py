"""Late news with plain loops: who counts for a month, as known at the end of a month; slow, and meant to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from budget.kernel.years import FinancialYear

Key = tuple[int, int, str, str]


@dataclass(frozen=True)
class Record:
    """One row of a later extract."""

    person: str
    place: str
    registered_on: date
    left_on: date | None = None
    died_on: date | None = None
    recorded_on: date | None = None

    @property
    def gone_from(self) -> date | None:
        """The first day on which the person is no longer there."""
        ends = [self.died_on] if self.died_on else []
        if self.left_on and self.left_on >= self.registered_on:
            ends.append(self.left_on + timedelta(days=1))
        return max(min(ends), self.registered_on) if ends else None


def month_starts(year: FinancialYear) -> list[date]:
    """The first days of thirteen months, April to the April after."""
    return [date(year.start + (m + 2) // 12, (m + 2) % 12 + 1, 1) for m in range(1, 14)]


def known_month(record: Record, year: FinancialYear) -> int:
    """The month at whose end a row was known; 0 before the year, 99 after it."""
    starts = month_starts(year)
    if record.recorded_on is None or record.recorded_on < starts[0]:
        return 0
    return next((m for m in range(1, 13) if record.recorded_on < starts[m]), 99)


def begun_month(record: Record, year: FinancialYear) -> int:
    """The month that a registration began in."""
    return known_month(
        Record(record.person, record.place, record.registered_on, recorded_on=record.registered_on), year
    )


def known_by(records: Sequence[Record], month: int, year: FinancialYear) -> list[Record]:
    """The registrations of one person as known at the end of a month, by the latest version of each."""
    chosen = []
    for key in sorted({(r.registered_on, r.place) for r in records}):
        versions = [r for r in records if (r.registered_on, r.place) == key]
        told = [r for r in versions if known_month(r, year) <= month]
        if told:
            latest = max(known_month(r, year) for r in told)
            chosen.append(next(r for r in told if known_month(r, year) == latest))
        elif versions[0].gone_from and begun_month(versions[0], year) <= month:
            chosen.append(Record(versions[0].person, versions[0].place, versions[0].registered_on))
    return chosen


def place_on(day: date, registrations: Sequence[Record]) -> str | None:
    """Where a person counts on a day: the latest registration that had begun, if it has not ended."""
    begun = [r for r in registrations if r.registered_on <= day]
    if not begun:
        return None
    last = max(begun, key=lambda r: (r.registered_on, r.place))
    return None if last.gone_from and last.gone_from <= day else last.place


def share_of_month(registrations: Sequence[Record], month: int, count: str, year: FinancialYear) -> Mapping[str, float]:
    """How much of a person counts for a month, by place."""
    starts = month_starts(year)
    first, following = starts[month - 1], starts[month]
    days = {
        "snapshot_day": [first],
        "average": [first, following],
        "days": [first + timedelta(days=n) for n in range((following - first).days)],
    }[count]
    found: dict[str, float] = {}
    for day in days:
        place = place_on(day, registrations)
        if place:
            found[place] = found.get(place, 0.0) + 1 / len(days)
    return found


def people(
    records: Iterable[Record], segments: Mapping[str, str], last: int, count: str, year: FinancialYear
) -> dict[Key, float]:
    """People by month, known_month, place and segment."""
    by_person: dict[str, list[Record]] = {}
    for record in records:
        by_person.setdefault(record.person, []).append(record)
    totals: dict[Key, float] = {}
    for person, theirs in by_person.items():
        for known in range(1, last + 1):
            for month in range(1, known + 1):
                shares = share_of_month(known_by(theirs, known, year), month, count, year)
                for place, share in shares.items():
                    key = (month, known, place, segments[person])
                    totals[key] = totals.get(key, 0.0) + share
    return totals

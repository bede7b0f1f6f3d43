"""What records are judged by, slowly: whose each practice is on every day, and where its list is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

Row = Mapping[str, Any]

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Locality:
    """What records are judged by.

    Attributes:
        practices: practices by code.
        areas: small areas by code.
        merges: the identifier that replaced another.
        year: first and last day of the base year.
        care_year: first and last day of the year of care.
        terms: rows of the dated map from practice to ICB; none where the practices themselves name it.
    """

    icb: str
    practices: Mapping[str, Row]
    areas: Mapping[str, Row]
    merges: Mapping[str, str]
    snapshot: date
    year: tuple[date, date]
    care_year: tuple[date, date]
    terms: Sequence[Row] | None = None

    @cached_property
    def days(self) -> frozenset[date]:
        return _days_of(*self.year)

    @cached_property
    def care_days(self) -> frozenset[date]:
        return _days_of(*self.care_year)

    @cached_property
    def settled_days(self) -> dict[str, frozenset[date]]:
        """Days of either year on which each practice has stayed with its ICB, seen from the snapshot."""
        return {code: frozenset(self._stayed(code)) for code in self.practices}

    def home(self, code: str) -> str:
        """The practice whose list this one's is at the snapshot."""
        closed = self.practices.get(code, {})
        gone = closed.get("closed_on") is None or closed["closed_on"] < self.snapshot
        return self.home(closed["successor_code"]) if closed.get("successor_code") and gone else code

    def icb_of(self, code: str) -> str | None:
        """The ICB of a practice at the snapshot, or when it opens; none where it is not known."""
        return self.commissioner(code, self._seen_from(code))

    def commissioner(self, code: str, day: date) -> str | None:
        """The ICB that a practice belongs to on a day; none where it is not known."""
        if self.terms is None or code not in self.practices:
            return self.practices.get(code, {}).get("icb_code")
        for term in self.terms:
            if term["practice_code"] == code and term["effective_from"] <= day <= (term["effective_to"] or date.max):
                return str(term["icb_code"])
        return None

    def _stayed(self, code: str) -> Iterable[date]:
        first, *_, last = sorted((*self.year, *self.care_year))
        since, now = self._seen_from(code), self.icb_of(code)
        for start, step in ((since, _DAY), (since - _DAY, -_DAY)):
            day = start
            while min(first, since) <= day <= max(last, since) and self.commissioner(code, day) == now:
                yield day
                day += step

    def _seen_from(self, code: str) -> date:
        opened = self.practices.get(code, {}).get("opened_on")
        return max(self.snapshot, opened or self.snapshot)


def _days_of(first: date, last: date) -> frozenset[date]:
    return frozenset(first + _DAY * n for n in range((last - first).days + 1))

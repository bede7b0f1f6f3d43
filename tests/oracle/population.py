"""Who is counted and for how many days, slowly: plain Python that judges record by record and day by day.

Written from the method (section 4) and the contracts, apart from the SQL: no intervals, only days, one after another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.oracle.locality import Locality

__all__ = ["Judged", "Locality", "base", "districts", "exceptions", "judge", "member_days", "statement", "survivor"]

Row = Mapping[str, Any]

_DAY = timedelta(days=1)
_NO_PRACTICE = ("V81997", "V81998", "V81999")
_COUNTED = ("counted", "unregistered")
_ON_A_LIST = ("counted", "unregistered", "exported", "ended")
_RULES = (None, "RC3", "RC5", "RC7", "RC8", "RC14", "RC13", "RC12", "RC0")
_MARKS = ("RC7", "RC10", "RC11", "RC20")


@dataclass(eq=False)
class Judged:
    """One record and what became of it.

    Attributes:
        practice: whose list it is at the snapshot.
        ends: first day on which the record is over.
        commissioner: the ICB of the practice at the snapshot.
        payer: who pays for the person by this record.
        outcome: that of the first rule that holds; ``ended`` is shown as excluded.
        open: days of the base year and the year of care on which the record stands, whatever else the person has.
        days: those of them that are counted here and nowhere else.
    """

    row: Row
    person: str | None
    practice: str
    ends: date | None
    here: bool
    commissioner: str | None
    payer: str | None = None
    outcome: str = ""
    reason: str | None = None
    marks: list[str] = field(default_factory=list)
    open: frozenset[date] = frozenset()
    days: set[date] = field(default_factory=set)

    def current(self, day: date) -> bool:
        return self.row["registered_on"] <= day and (self.ends is None or self.ends > day)

    @property
    def on_no_list(self) -> bool:
        return self.row["practice_code"] in _NO_PRACTICE

    @property
    def shown(self) -> str:
        return "excluded" if self.outcome == "ended" else self.outcome


def judge(rows: Iterable[Row], locality: Locality) -> list[Judged]:
    """Every record with its outcome and its days, in the order given."""
    records = [_first_look(row, locality) for row in rows]
    people: dict[str, list[Judged]] = defaultdict(list)
    for record in records:
        if record.person is not None:
            people[record.person].append(record)
    for own in people.values():
        live = [record for record in own if _live(record, locality)]
        for year in (locality.days, locality.care_days):
            _share_out(year, [record for record in own if record in live or not year.isdisjoint(record.open)])
        _keep_one(live)
    return records


def survivor(person: str | None, merges: Mapping[str, str]) -> str | None:
    """The identifier at the end of the chain of replacements."""
    while person in merges:
        person = merges[person]
    return person


def _first_look(row: Row, locality: Locality) -> Judged:
    practice = locality.home(row["practice_code"])
    record = Judged(
        row=row,
        person=survivor(row["person_id"], locality.merges),
        practice=practice,
        ends=_end(row),
        here=row["lsoa_code"] in locality.areas,
        commissioner=locality.icb_of(practice),
    )
    record.outcome, record.reason = _outcome(record, locality)
    record.payer = "NHSE" if record.reason == "RC5" else _payer(record, locality)
    record.marks = _marks(record, locality)
    if record.outcome in _ON_A_LIST:
        either = locality.days | locality.care_days
        stayed = locality.settled_days.get(practice, either)
        record.open = frozenset(day for day in either if record.current(day) and day in stayed)
    return record


def _end(row: Row) -> date | None:
    left, died, joined = row["deregistered_on"], _died(row), row["registered_on"]
    ends = []
    if left is not None and left >= joined:
        ends.append(left + _DAY)
    if died is not None:
        ends.append(max(died, joined))
    return min(ends) if ends else None


def _died(row: Row) -> date | None:
    """The day of death, or the middle of the month or the year where that is all that is known."""
    died = row["died_on"]
    if died is None or row.get("died_precision") in (None, "day"):
        return died
    return date(died.year, died.month, 15) if row["died_precision"] == "month" else date(died.year, 7, 1)


def _outcome(record: Judged, locality: Locality) -> tuple[str, str | None]:
    row, flags = record.row, _flags(record.row)
    kind, left, joined, died = row["registration_type"], row["deregistered_on"], row["registered_on"], _died(row)
    if not row["identifier_valid"]:
        return "quarantined", "RC1"
    if "test_patient" in flags:
        return "excluded", "RC2"
    if died is not None and died <= locality.snapshot:
        return "ended", "RC3"
    if "overseas" in flags:
        return "excluded", "RC4"
    if "armed_forces" in flags or "prison" in flags:
        return "exported", "RC5"
    if kind == "left" and (left is None or left < joined):
        return "excluded", "RC7"
    if kind not in ("regular", "left"):
        return "excluded", "RC6"
    if left is not None and joined <= left < locality.snapshot:
        return "ended", "RC7"
    if joined > locality.snapshot:
        return "ended", "RC8"
    return _by_place(record, locality)


def _by_place(record: Judged, locality: Locality) -> tuple[str, str | None]:
    """Where the person is registered and lives decides."""
    if record.row["practice_code"] in ("V81998", "V81999"):
        return "quarantined", "RC13U"
    if record.row["practice_code"] == "V81997":
        homeless = "no_fixed_abode" in _flags(record.row)
        if record.here:
            return "unregistered", "RC14" if homeless else "RC13"
        if homeless and record.row["lsoa_code"] is None:
            return "quarantined", "RC14U"
    if record.commissioner != locality.icb:
        return "exported", "RC12" if record.here else "RC0"
    return "counted", None


def _payer(record: Judged, locality: Locality) -> str | None:
    """The ICB of the practice; that of the area for people on no list; nobody where neither is known."""
    if record.on_no_list:
        return locality.icb if record.here else None
    return record.commissioner


def _marks(record: Judged, locality: Locality) -> list[str]:
    row, marks = record.row, []
    if row["deregistered_on"] is not None and row["deregistered_on"] < row["registered_on"]:
        marks.append("RC7")
    if "fp69" in _flags(row):
        marks.append("RC10")
    if record.commissioner == locality.icb and not record.here:
        marks.append("RC11")
    if row["date_of_birth"] is None:
        marks.append("RC20")
    return marks


def _flags(row: Row) -> list[str]:
    return (row["flags"] or "").split(";")


def _live(record: Judged, locality: Locality) -> bool:
    return record.outcome in (*_COUNTED, "exported") and record.current(locality.snapshot)


def _share_out(year: Iterable[date], own: Sequence[Judged]) -> None:
    """Give every day of a year to one record of a person, or to none."""
    for day in year:
        owner = _owner(own, day)
        if owner is not None:
            owner.days.add(day)


def _owner(own: Sequence[Judged], day: date) -> Judged | None:
    """Whose day it is: the registration's that began last; without one, the time on no list that began last.

    A registration that has begun ends the one before it, and the time on no list before it, even where it is over.
    """
    begun = [record for record in own if record.row["registered_on"] <= day]
    registered = [record for record in begun if not record.on_no_list]
    latest = min(registered, key=_preference, default=None)
    if latest is not None and latest.current(day):
        return latest if day in latest.open else None
    unlisted = min((record for record in begun if record.on_no_list), key=_preference, default=None)
    if unlisted is None or day not in unlisted.open:
        return None
    since = unlisted.row["registered_on"]
    return None if any(record.row["registered_on"] > since for record in registered) else unlisted


def _keep_one(rivals: Sequence[Judged]) -> None:
    """RC9: one of several current registrations is kept."""
    ranked = sorted(rivals, key=_preference)
    for record in ranked[1:]:
        best = ranked[0]
        twice = record.practice == best.practice and record.row["person_id"] != best.row["person_id"]
        record.outcome, record.reason = "excluded", "RC9M" if twice else "RC9"


def _preference(record: Judged) -> tuple[Any, ...]:
    """The order of RC9, the first is kept; what still ties is the same in every column that is kept."""
    row, missing = record.row, date.max
    recorded = row.get("recorded_on")
    return (
        record.on_no_list,
        -row["registered_on"].toordinal(),
        -recorded.toordinal() if recorded else 0,
        [-ord(letter) for letter in record.practice],
        row["date_of_birth"] or missing,
        row["sex"],
        row["lsoa_code"] or "~",
        record.ends or missing,
        sum(1 << _MARKS.index(mark) for mark in record.marks),
        _RULES.index(record.reason),
        "" if row["person_id"] == record.person else row["person_id"],
        _died(row) or missing,
    )


def base(records: Iterable[Judged], locality: Locality) -> dict[str, dict[str, Any]]:
    """Everyone who is counted, by person."""
    records = list(records)
    ours: Counter[str | None] = Counter()
    care: Counter[str | None] = Counter()
    for record in records:
        ours[record.person] += len(record.days & locality.days) * (record.payer == locality.icb)
        care[record.person] += len(record.days & locality.care_days) * (record.payer == locality.icb)
    return {
        str(record.person): _person(record, locality)
        | {"member_days": ours[record.person], "care_days": care[record.person]}
        for record in records
        if record.outcome in _COUNTED
    }


def _person(record: Judged, locality: Locality) -> dict[str, Any]:
    row, counted = record.row, record.outcome == "counted"
    kind = (
        "unregistered_resident" if not counted else "registered_resident" if record.here else "registered_nonresident"
    )
    return {
        "age": _age(row["date_of_birth"], locality.snapshot),
        "sex": row["sex"],
        "place": _place(record, locality),
        "practice_code": record.practice if counted else None,
        "lsoa_code": row["lsoa_code"],
        "basis": kind,
        "registered_commissioner": record.commissioner,
        "resident_commissioner": locality.icb if record.here else None,
        "responsible_commissioner": record.payer,
        "reason_codes": ";".join(([] if counted else [str(record.reason)]) + record.marks),
    }


def _place(record: Judged, locality: Locality) -> str | None:
    home = locality.practices.get(record.practice) or locality.areas.get(record.row["lsoa_code"], {})
    return home.get("place")


def _age(born: date | None, day: date) -> int | None:
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def exceptions(records: Iterable[Judged]) -> Counter[tuple[Any, ...]]:
    """Records that are not counted, by outcome, rule and, for exports, who pays."""
    return Counter(
        (record.shown, record.reason, record.payer if record.outcome == "exported" else None)
        for record in records
        if record.outcome not in _COUNTED
    )


def member_days(records: Iterable[Judged], locality: Locality) -> dict[tuple[Any, ...], tuple[int, int]]:
    """People at the snapshot, and days of the year, by who pays, place, practice, sex and band of age."""
    people: Counter[tuple[Any, ...]] = Counter()
    days: Counter[tuple[Any, ...]] = Counter()
    for record in records:
        listed = record.days & locality.days
        if listed or record.outcome in _COUNTED:
            ours, age = record.payer == locality.icb, _age(record.row["date_of_birth"], locality.snapshot)
            place = _place(record, locality) if ours else None
            practice = record.practice if ours and not record.on_no_list else None
            band = None if age is None else min(max(age, 0), 95) // 5 * 5
            key = (record.payer, place, practice, record.row["sex"], band)
            people[key] += record.outcome in _COUNTED
            days[key] += len(listed)
    return {key: (people[key], days[key]) for key in people}


def districts(records: Iterable[Judged], locality: Locality) -> dict[str, Counter[str]]:
    """Where the people of our lists, of other lists and of no list live."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    columns = {"counted": "registered_here", "unregistered": "unregistered", "exported": "registered_elsewhere"}
    for record in records:
        theirs = record.outcome == "exported" and record.here and record.current(locality.snapshot)
        if record.outcome in _COUNTED or theirs:
            elsewhere = "unknown" if record.row["lsoa_code"] is None else "outside"
            area = locality.areas.get(record.row["lsoa_code"])
            found[area["lad_code"] if area else elsewhere][columns[record.outcome]] += 1
    return found


def statement(records: Iterable[Judged], locality: Locality, then: date, month_before: date) -> dict[str, Counter[str]]:
    """Opening list to closing list of every practice of the ICB, one record after another; it opens ``then``."""
    now = locality.snapshot
    parts: dict[str, Counter[str]] = {}
    for record in records:
        if record.commissioner != locality.icb:
            continue
        count = parts.setdefault(record.practice, Counter())
        count["opening"] += record.current(then)
        count["month_before"] += record.current(month_before)
        if then < record.row["registered_on"] <= now:
            born = record.row["date_of_birth"]
            count["births" if born is not None and born > then else "joins"] += 1
        if record.ends is not None and then < record.ends <= now and record.row["registered_on"] <= now:
            died = _died(record.row)
            count["deaths" if died is not None and died <= record.ends else "leavers"] += 1
        if record.current(now):
            count[_closing_part(record)] += 1
    return parts


def _closing_part(record: Judged) -> str:
    if record.outcome == "counted":
        return "closing"
    if record.outcome == "quarantined":
        return "quarantined"
    return "duplicates" if record.reason == "RC9" else "excluded"

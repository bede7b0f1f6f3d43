"""Who is counted, slowly: plain Python that judges record by record (method, 4.3), written apart from the SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_DAY = timedelta(days=1)
_NO_PRACTICE = ("V81997", "V81998", "V81999")


@dataclass(frozen=True)
class Locality:
    """What records are judged by."""

    icb: str
    practices: Mapping[str, Mapping[str, Any]]
    areas: frozenset[str]
    merges: Mapping[str, str]
    snapshot: date
    year: tuple[date, date]


@dataclass
class Judged:
    """One record and what became of it."""

    row: Mapping[str, Any]
    person: str
    practice: str
    ends: date | None
    """First day on which the record is over."""
    outcome: str = ""
    reason: str | None = None
    days: int = 0
    marks: list[str] = field(default_factory=list)

    def current(self, day: date) -> bool:
        return self.row["registered_on"] <= day and (self.ends is None or self.ends > day)


def judge(rows: Iterable[Mapping[str, Any]], locality: Locality) -> list[Judged]:
    """Every record with its outcome, in the order given."""
    records = [_first_look(row, locality) for row in rows]
    people = defaultdict(list)
    for record in records:
        live = record.outcome in ("counted", "unregistered", "exported") and record.current(locality.snapshot)
        if live:
            people[record.person].append(record)
    for rivals in people.values():
        _keep_one(rivals)
    return records


def _first_look(row: Mapping[str, Any], locality: Locality) -> Judged:
    practice = locality.practices.get(row["practice_code"], {})
    record = Judged(
        row=row,
        person=survivor(row["person_id"], locality.merges),
        practice=practice.get("successor_code") or row["practice_code"],
        ends=_end(row),
    )
    record.outcome, record.reason = _outcome(row, record, practice.get("icb_code") == locality.icb, locality)
    record.days = _days(record, locality)
    record.marks = _marks(row, practice.get("icb_code") == locality.icb, locality)
    return record


def survivor(person: str, merges: Mapping[str, str]) -> str:
    """The identifier at the end of the chain of replacements."""
    for _ in range(20):
        person = merges.get(person, person)
    return person


def _end(row: Mapping[str, Any]) -> date | None:
    left, died, joined = row["deregistered_on"], row["died_on"], row["registered_on"]
    ends = []
    if left is not None and left >= joined:
        ends.append(left + _DAY)
    if died is not None:
        ends.append(max(died, joined))
    return min(ends) if ends else None


def _outcome(row: Mapping[str, Any], record: Judged, ours: bool, locality: Locality) -> tuple[str, str | None]:
    flags = (row["flags"] or "").split(";")
    lives_here = row["lsoa_code"] in locality.areas
    kind, left, joined = row["registration_type"], row["deregistered_on"], row["registered_on"]
    if not row["identifier_valid"]:
        return "quarantined", "RC1"
    if "test_patient" in flags:
        return "excluded", "RC2"
    if row["died_on"] is not None and row["died_on"] <= locality.snapshot:
        return "ended", "RC3"
    if "overseas" in flags:
        return "excluded", "RC4"
    if "armed_forces" in flags or "prison" in flags:
        return "exported", "RC5"
    if kind not in ("regular", "left"):
        return "excluded", "RC6"
    if kind == "left" and (left is None or left < joined):
        return "ended", "RC7"
    if left is not None and joined <= left < locality.snapshot:
        return "ended", "RC7"
    if joined > locality.snapshot:
        return "ended", "RC8"
    if row["practice_code"] == "V81997" and lives_here:
        return "unregistered", "RC13"
    if not ours:
        return "exported", "RC12" if lives_here else "RC0"
    return "counted", None


def _keep_one(rivals: Sequence[Judged]) -> None:
    """The order of RC9; what still ties is the same in every column that is kept."""
    missing = date.max

    def worth(record: Judged) -> tuple[Any, ...]:
        row = record.row
        return (
            row["practice_code"] in _NO_PRACTICE,
            -row["registered_on"].toordinal(),
            [-ord(letter) for letter in record.practice],
            row["date_of_birth"] or missing,
            row["sex"],
            row["lsoa_code"] or "~",
            record.ends or missing,
            ";".join(record.marks),
            record.outcome,
            "" if row["person_id"] == record.person else row["person_id"],
        )

    best, *rest = sorted(rivals, key=worth)
    for record in rest:
        twice = record.practice == best.practice and record.row["person_id"] != best.row["person_id"]
        record.outcome, record.reason = "excluded", "RC9M" if twice else "RC9"


def _marks(row: Mapping[str, Any], ours: bool, locality: Locality) -> list[str]:
    marks = []
    if row["deregistered_on"] is not None and row["deregistered_on"] < row["registered_on"]:
        marks.append("RC7")
    if "fp69" in (row["flags"] or "").split(";"):
        marks.append("RC10")
    if ours and row["lsoa_code"] not in locality.areas:
        marks.append("RC11")
    if row["date_of_birth"] is None:
        marks.append("RC20")
    return marks


def _days(record: Judged, locality: Locality) -> int:
    first, last = locality.year
    days = [first + _DAY * n for n in range((last - first).days + 1)]
    return sum(record.current(day) for day in days)


def base(records: Iterable[Judged], locality: Locality) -> list[tuple[Any, ...]]:
    """Person, age, practice, basis, days and marks of everyone who is counted."""
    rows = []
    for record in records:
        if record.outcome == "counted":
            here = record.row["lsoa_code"] in locality.areas
            basis = "registered_resident" if here else "registered_nonresident"
        elif record.outcome == "unregistered":
            basis = "unregistered_resident"
        else:
            continue
        practice = record.practice if record.outcome == "counted" else None
        age = _age(record.row["date_of_birth"], locality.snapshot)
        rows.append((record.person, age, practice, basis, record.days, ";".join(record.marks)))
    return sorted(rows)


def _age(born: date | None, day: date) -> int | None:
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def statement(records: Iterable[Judged], locality: Locality) -> dict[str, Counter[str]]:
    """Opening list to closing list of every practice of the ICB, one record after another."""
    now = locality.snapshot
    then = now.replace(year=now.year - 1)
    parts: dict[str, Counter[str]] = {}
    for record in records:
        if locality.practices.get(record.row["practice_code"], {}).get("icb_code") != locality.icb:
            continue
        count = parts.setdefault(record.practice, Counter())
        count["opening"] += record.current(then)
        if then < record.row["registered_on"] <= now:
            born = record.row["date_of_birth"]
            count["births" if born is not None and born > then else "joins"] += 1
        if record.ends is not None and then < record.ends <= now and record.row["registered_on"] <= now:
            died = record.row["died_on"]
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

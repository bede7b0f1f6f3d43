"""Random lists, counted by the stage and by a slow oracle; and what must never matter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from budget.engine import DuckEngine, Engine
from budget.kernel.years import FinancialYear, months_before
from tests.oracle import population as oracle
from tests.support.people import areas, arrow, count, practices, projection

pytestmark = pytest.mark.integration

Record = dict[str, Any]

PRACTICES = [
    *practices("P1", "P2"),
    *practices("P3", place="Near"),
    # a chain, a practice that closes in the base year, and one that closed for good
    *practices("P8", successor_code="P9"),
    *practices("P9", successor_code="P1", closed_on=date(2024, 10, 31)),
    *practices("P7", successor_code="P3", closed_on=date(2025, 7, 31)),
    *practices("P4", opened_on=date(2025, 7, 1)),
    *practices("PX", "PZ", icb="QYY", place="There"),
]
AREAS = [
    *areas("E01000001", "E01000002"),
    *areas("E01000003", place="Near", lad_code="E09000002"),
]
PROJECTION = [*projection(step=5), *projection("E09000002", step=5)]
CODES = (
    ["P1"] * 3
    + ["P2"] * 3
    + ["P3", "P4", "P7", "P8", "P9", "PX", "PX", "PZ", "PY", "V81997", "V81997", "V81998", "V81999"]
)
FLAGS = ["fp69", "overseas", "armed_forces", "prison", "test_patient", "no_fixed_abode", "other"]


def term(code: str, icb: str, since: date, until: date | None = None) -> Record:
    return {"practice_code": code, "icb_code": icb, "effective_from": since, "effective_to": until}


LONG_AGO = date(2000, 1, 1)
TERMS = [
    *(term(code, "QXX", LONG_AGO) for code in ("P1", "P7", "P8", "P9")),
    # ours until the autumn, another's from then on; and the other way round
    term("P2", "QXX", LONG_AGO, date(2025, 11, 14)),
    term("P2", "QYY", date(2025, 11, 15)),
    term("PZ", "QYY", LONG_AGO, date(2025, 5, 31)),
    term("PZ", "QXX", date(2025, 6, 1)),
    # a contract that was renewed is no change
    term("P3", "QXX", LONG_AGO, date(2025, 8, 31)),
    term("P3", "QXX", date(2025, 9, 1)),
    # not open yet at the snapshot
    term("P4", "QXX", date(2025, 7, 1)),
    term("PX", "QYY", LONG_AGO),
]
"""Who commissions each practice, by day; the practices themselves name the ICB of before."""


@dataclass(frozen=True)
class Setting:
    """When people are counted, and by which map."""

    base_year: str = "2025/26"
    snapshot: date = date(2025, 4, 1)
    terms: Sequence[Record] | None = None
    activity_year: str | None = None

    @property
    def year(self) -> FinancialYear:
        return FinancialYear.parse(self.base_year)

    @property
    def care_year(self) -> FinancialYear:
        return FinancialYear.parse(self.activity_year or self.base_year)

    def locality(self, merges: Mapping[str, str]) -> oracle.Locality:
        return oracle.Locality(
            icb="QXX",
            practices={str(row["practice_code"]): row for row in PRACTICES},
            areas={str(row["lsoa_code"]): row for row in AREAS},
            merges=merges,
            snapshot=self.snapshot,
            year=(self.year.first_day, self.year.last_day),
            care_year=(self.care_year.first_day, self.care_year.last_day),
            terms=self.terms,
        )

    def counted(
        self,
        engine: Engine,
        records: Sequence[Record],
        merges: Mapping[str, str],
        practices: Sequence[Mapping[str, Any]] = PRACTICES,
    ) -> dict[str, pd.DataFrame]:
        # intake hands merges over with their chains followed to the end
        survivors = [{"person_id": old, "replaced_by": oracle.survivor(old, merges)} for old in merges]
        tables = {
            "practices": practices,
            "areas": AREAS,
            "population_projection": PROJECTION,
            "registered_list": records,
            "person_merges": survivors,
        }
        tables |= {} if self.terms is None else {"practice_commissioners": self.terms}
        years = {"base_year": self.base_year, "activity_year": self.activity_year}
        return count(engine, tables, snapshot=self.snapshot, **years)


USUAL = Setting()
SETTINGS = {
    "at the start of the year": USUAL,
    "with a dated map": Setting(terms=TERMS),
    "in the midst of the year": Setting(snapshot=date(2025, 10, 1), terms=TERMS),
    "before the year": Setting(snapshot=date(2025, 2, 28)),
    "a year of 366 days": Setting(base_year="2027/28", snapshot=date(2027, 4, 1)),
    "on the 29th of February": Setting(base_year="2027/28", snapshot=date(2028, 2, 29)),
    "after care of the year before": Setting(activity_year="2024/25"),
    "amidst the year, after care of the year before": Setting(
        snapshot=date(2025, 10, 1), terms=TERMS, activity_year="2024/25"
    ),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckEngine(threads=1) as shared:
        yield shared


def random_list(seed: int, people: int, year: FinancialYear) -> tuple[list[Record], dict[str, str]]:
    """People with one to four registrations about a year, some of them under an identifier that was replaced.

    Nothing about them is plausible but the dates, which crowd around the snapshot and the ends of the year.
    """
    draw = random.Random(seed)
    records: list[Record] = []
    merges: dict[str, str] = {}
    for number in range(people):
        person = f"p{number:04}"
        facts = _facts(draw, year)
        for _ in range(draw.choice([1, 1, 2, 2, 3, 4])):
            records.append({"person_id": person} | facts | _registration(draw, year))
        if draw.random() < 0.1:
            merges |= {f"{person}_old": person, f"{person}_older": f"{person}_old"}
            records.append({"person_id": f"{person}_old{draw.choice(['', 'er'])}"} | facts | _registration(draw, year))
        if draw.random() < 0.1:
            records.append(dict(records[-1]))
    draw.shuffle(records)
    return records, merges


def _facts(draw: random.Random, year: FinancialYear) -> Record:
    """What is true of a person whatever the list says."""
    first = year.first_day
    born = draw.choice([None, first.replace(year=1960), date(1960, 2, 29), date(1928, 1, 1), _day(draw, year)])
    return {
        "sex": draw.choice("FMFMIU"),
        "date_of_birth": born if draw.random() < 0.5 else date(draw.randint(1920, 2020), draw.randint(1, 12), 5),
        "died_on": _day(draw, year) if draw.random() < 0.2 else None,
        "died_precision": draw.choice([None, None, "day", "month", "year"]),
    }


def _registration(draw: random.Random, year: FinancialYear) -> Record:
    ended, recorded = draw.random() < 0.4, draw.random() < 0.3
    return {
        "practice_code": draw.choice(CODES),
        "lsoa_code": draw.choice(["E01000001", "E01000001", "E01000002", "E01000003", "E01099999", None]),
        "registered_on": date(2010, 5, 5) if draw.random() < 0.4 else _day(draw, year),
        "deregistered_on": _day(draw, year) if ended else None,
        "registration_type": draw.choice(["regular"] * 12 + ["temporary", "left"]),
        "flags": ";".join(draw.sample(FLAGS, draw.choice([1, 1, 2]))) if draw.random() < 0.2 else None,
        "recorded_on": _day(draw, year) if recorded else None,
        "identifier_valid": draw.random() > 0.03,
    }


def _day(draw: random.Random, year: FinancialYear) -> date:
    """A day of the year before or the year itself, often one of its edges."""
    edges = [year.first_day + timedelta(days=n) for n in (-366, -365, -1, 0, 1, 364, 365, 366)]
    anywhere = year.first_day + timedelta(days=draw.randint(-400, 400))
    return draw.choice([*edges, *[anywhere] * 8])


def assert_agrees(
    found: Mapping[str, pd.DataFrame], setting: Setting, records: Sequence[Record], merges: Mapping[str, str]
) -> None:
    """The stage and the oracle say the same of every person, practice, rule, band and district."""
    locality = setting.locality(merges)
    judged = oracle.judge(records, locality)
    _assert_same_people(found["population_base"], oracle.base(judged, locality), records, merges)
    exceptions = _plain(found["population_exceptions"])
    assert {
        (row["outcome"], row["reason_code"], row["commissioner"]): row["records"] for row in exceptions
    } == oracle.exceptions(judged)
    then, month_before = months_before(setting.snapshot, 12), months_before(setting.snapshot, 1)
    expected = oracle.statement(judged, locality, then, month_before)
    statement = found["population_reconciliation"].set_index("practice_code").drop(columns=["published", "difference"])
    assert {code: {name: n for name, n in row.items() if n} for code, row in statement.to_dict("index").items()} == {
        code: dict(+parts) for code, parts in expected.items()
    }
    days = {
        (row["commissioner"], row["place"], row["practice_code"], row["sex"], row["age_from"]): row
        for row in _plain(found["member_days"])
    }
    assert {key: (row["people"], row["member_days"]) for key, row in days.items()} == oracle.member_days(
        judged, locality
    )
    assert all(row["average_people"] == row["member_days"] / setting.year.days for row in days.values())
    columns = ["registered_here", "registered_elsewhere", "unregistered"]
    where = found["district_reconciliation"].set_index("lad_code")[columns].to_dict("index")
    assert {code: dict(+Counter(row)) for code, row in where.items() if any(row.values())} == {
        code: dict(row) for code, row in oracle.districts(judged, locality).items()
    }


def _assert_same_people(
    frame: pd.DataFrame, expected: Mapping[str, Record], records: Sequence[Record], merges: Mapping[str, str]
) -> None:
    """Names the first person who differs, with their records: they are all made up."""
    got = {row["person_id"]: row for row in _plain(frame)}
    for person in sorted({*got, *expected}):
        own = [row for row in records if oracle.survivor(row["person_id"], merges) == person]
        told = {name: got.get(person, {}).get(name) for name in expected.get(person, {"age": None})}
        assert (person in got) == (person in expected), own
        assert told == expected[person], own
    assert len(got) == len(frame)


def _plain(frame: pd.DataFrame) -> list[Record]:
    """Rows as Python values, what is missing as None."""
    cells = frame.astype(object)
    return cells.where(cells.notna(), None).to_dict("records")


def assert_conserves(setting: Setting, found: Mapping[str, pd.DataFrame], records: int) -> None:
    """People in are people out and people set aside; days are those of people; lists are where people live."""
    base, days, statement = found["population_base"], found["member_days"], found["population_reconciliation"]
    registered = int((base["basis"] != "unregistered_resident").sum())
    assert len(base) + found["population_exceptions"]["records"].sum() == records
    assert base["person_id"].is_unique
    assert base["member_days"].between(0, setting.year.days).all()
    assert base["care_days"].between(0, setting.care_year.days).all()
    assert setting.care_year != setting.year or (base["care_days"] == base["member_days"]).all()
    parts = statement.eval("opening + joins + births - deaths - leavers - excluded - duplicates - quarantined")
    assert parts.tolist() == statement["closing"].tolist()
    assert statement["closing"].sum() == registered
    assert found["population_counts"]["people"].sum() == days["people"].sum() == len(base)
    assert days.loc[days["commissioner"] == "QXX", "member_days"].sum() >= base["member_days"].sum()
    assert found["district_reconciliation"]["registered_here"].sum() == registered
    assert found["district_reconciliation"]["unregistered"].sum() == len(base) - registered
    lists = found["list_inflation"].groupby("adjustment")["people"].sum()
    assert lists.tolist() == [registered] * len(lists)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_the_stage_agrees_with_the_oracle(setting: Setting) -> None:
    records, merges = random_list(seed=7, people=300, year=setting.year)
    with DuckEngine(threads=1) as engine:
        found = setting.counted(engine, records, merges)
    assert_agrees(found, setting, records, merges)
    assert_conserves(setting, found, len(records))


# days on either side of the snapshot, of the year before it and of the base year's ends
DAYS = [
    date(2010, 5, 5), date(2024, 3, 31), date(2024, 4, 1), date(2024, 4, 2), date(2024, 12, 31), date(2025, 3, 31),
    date(2025, 4, 1), date(2025, 4, 2), date(2025, 9, 30), date(2026, 3, 31), date(2026, 4, 1),
]  # fmt: skip
MAYBE_DAY = st.one_of(st.none(), st.none(), st.sampled_from(DAYS))
RECORD = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(["a", "b", "c"]),
        "practice_code": st.sampled_from(CODES),
        "sex": st.sampled_from(["F", "M"]),
        "date_of_birth": st.sampled_from([None, date(1960, 4, 1), date(1960, 4, 2), date(2024, 6, 1)]),
        "lsoa_code": st.sampled_from([None, "E01000001", "E01000003", "E01099999"]),
        "registered_on": st.sampled_from(DAYS),
        "deregistered_on": MAYBE_DAY,
        "died_on": MAYBE_DAY,
        "died_precision": st.sampled_from([None, "day", "month", "year"]),
        "recorded_on": MAYBE_DAY,
        "registration_type": st.sampled_from(["regular"] * 6 + ["temporary", "left"]),
        "flags": st.one_of(
            st.none(), st.none(), st.lists(st.sampled_from(FLAGS), min_size=1, max_size=2, unique=True).map(";".join)
        ),
        "identifier_valid": st.sampled_from([True] * 7 + [False]),
    }
)
MERGES = st.sampled_from([{}, {"a": "b"}, {"a": "b", "b": "c"}])


# lists are short as they are drawn; making them shorter still would take minutes
@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(records=st.lists(RECORD, min_size=1, max_size=8), merges=MERGES, care=st.sampled_from([None, "2024/25"]))
def test_few_records_agree_with_the_oracle(
    engine: Engine, records: list[Record], merges: dict[str, str], care: str | None
) -> None:
    """As above, over lists that are small enough to read where they disagree."""
    setting = Setting(activity_year=care)
    found = setting.counted(engine, records, merges)
    assert_agrees(found, setting, records, merges)
    assert_conserves(setting, found, len(records))


RECORDS, MERGED = random_list(seed=11, people=300, year=USUAL.year)


@pytest.fixture(scope="module")
def expected() -> dict[str, pd.DataFrame]:
    with DuckEngine(threads=1) as engine:
        return USUAL.counted(engine, RECORDS, MERGED)


def counted_from(files: Path, threads: int = 1) -> dict[str, pd.DataFrame]:
    with DuckEngine({"registered_list": files}, threads=threads) as engine:
        return USUAL.counted(engine, [], MERGED)


def assert_same(found: Mapping[str, pd.DataFrame], expected: Mapping[str, pd.DataFrame], *but: str) -> None:
    """Every table but some, to the last digit."""
    assert set(found) == set(expected)
    for name in set(expected) - set(but):
        pd.testing.assert_frame_equal(found[name], expected[name], obj=name, check_exact=True)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(engine: Engine, expected: dict[str, pd.DataFrame], seed: int) -> None:
    draw = random.Random(seed)
    merges = dict(draw.sample(list(MERGED.items()), len(MERGED)))
    assert_same(USUAL.counted(engine, draw.sample(RECORDS, len(RECORDS)), merges), expected)


@pytest.mark.parametrize(("parts", "threads"), [(1, 4), (7, 1), (7, 4)])
def test_split_files_and_threads_change_nothing(
    tmp_path: Path, expected: dict[str, pd.DataFrame], parts: int, threads: int
) -> None:
    whole = arrow("registered_list", RECORDS)
    rows = -(-len(whole) // parts)
    for part in range(parts):
        pq.write_table(whole.slice(part * rows, rows), tmp_path / f"part-{part}.parquet")
    assert_same(counted_from(tmp_path / "*.parquet", threads), expected)


def test_the_same_file_twice_counts_nobody_twice(tmp_path: Path, expected: dict[str, pd.DataFrame]) -> None:
    """The second row of everybody on a list is a duplicate (RC9); every other row is set aside as its twin is."""
    for name in ("list", "list (1)"):
        pq.write_table(arrow("registered_list", RECORDS), tmp_path / f"{name}.parquet")
    found = counted_from(tmp_path / "*.parquet")
    assert_same(found, expected, "population_exceptions", "population_reconciliation")
    assert_conserves(USUAL, found, 2 * len(RECORDS))
    keys = ["outcome", "reason_code", "commissioner"]
    once, twice = (told["population_exceptions"].set_index(keys)["records"] for told in (expected, found))
    assert list(once.index) == list(twice.index)
    duplicates = once.index.get_level_values("reason_code") == "RC9"
    assert twice[~duplicates].between(once[~duplicates], 2 * once[~duplicates]).all()
    assert (twice[duplicates] >= 2 * once[duplicates] + len(expected["population_base"])).all()
    again = found["population_reconciliation"].set_index("practice_code")
    closing = expected["population_reconciliation"].set_index("practice_code")["closing"]
    assert (again["closing"] == closing).all()
    assert (again["duplicates"] >= closing).all()


@pytest.mark.parametrize(
    "setting",
    [
        Setting(activity_year="2024/25"),
        Setting(activity_year="2024/25", snapshot=date(2025, 10, 1), terms=TERMS),
        Setting(activity_year="2023/24", terms=TERMS),
        Setting(activity_year="2026/27"),
    ],
    ids=["the year before", "the year before, seen from the midst of this one", "two years before", "the year after"],
)
def test_days_of_care_are_member_days_of_that_year_and_touch_nothing_else(setting: Setting) -> None:
    with DuckEngine(threads=1) as engine:
        found = setting.counted(engine, RECORDS, MERGED)
        without = replace(setting, activity_year=None).counted(engine, RECORDS, MERGED)
        that_year = replace(setting, base_year=str(setting.activity_year), activity_year=None)
        that_base = that_year.counted(engine, RECORDS, MERGED)["population_base"]
    base = found["population_base"]
    assert base["care_days"].tolist() == that_base["member_days"].tolist()
    assert (base["care_days"] != base["member_days"]).mean() > 0.3
    for tables in (found, without):
        tables["population_base"] = tables["population_base"].drop(columns="care_days")
    assert_same(found, without)


def test_nobody_depends_on_anybody_else(engine: Engine, expected: dict[str, pd.DataFrame]) -> None:
    alone = [row for row in RECORDS if int(row["person_id"][1:5]) % 3 == 0]
    found = USUAL.counted(engine, alone, MERGED)["population_base"]
    among_all = expected["population_base"]
    of_them = among_all[among_all["person_id"].str[1:5].astype(int) % 3 == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, of_them, check_dtype=False)
    assert len(found) > 20


def test_a_merger_of_practices_is_no_growth(engine: Engine) -> None:
    """P2 closes into P1 half a year before the snapshot: the successor opens with both lists, and nobody else moves."""
    facts = {row["person_id"]: {name: row[name] for name in ("lsoa_code", "flags")} for row in RECORDS}
    records = [row | facts[row["person_id"]] for row in RECORDS]
    before = USUAL.counted(engine, records, {})
    closed = {"successor_code": "P1", "closed_on": date(2024, 9, 30)}
    practices_then = [row | (closed if row["practice_code"] == "P2" else {}) for row in PRACTICES]
    after = USUAL.counted(engine, records, {}, practices=practices_then)
    assert_same(after, before, "population_base", "population_counts", "population_reconciliation", "member_days")
    codes = {"practice_code": {"P2": "P1"}}
    pd.testing.assert_frame_equal(after["population_base"], before["population_base"].replace(codes))
    for name, keys in (
        ("population_counts", ["place", "practice_code", "basis", "sex", "age"]),
        ("member_days", ["commissioner", "place", "practice_code", "sex", "age_from"]),
        ("population_reconciliation", ["practice_code"]),
    ):
        together = [frame.replace(codes).groupby(keys, dropna=False).sum() for frame in (after[name], before[name])]
        pd.testing.assert_frame_equal(*together, obj=name)
    opening = before["population_reconciliation"].set_index("practice_code")["opening"]
    assert (
        after["population_reconciliation"].set_index("practice_code")["opening"]["P1"] == opening["P1"] + opening["P2"]
    )
    assert min(opening["P1"], opening["P2"]) > 10

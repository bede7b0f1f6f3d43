"""Intake: the same tables from CSV and Parquet, and one clear stop for whatever is wrong with a file."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from budget.bundle import find_inputs
from budget.contracts import table
from budget.engine import DuckEngine, Select
from budget.intake.stage import INTAKE
from budget.kernel.errors import RunStopped
from budget.kernel.pseudonyms import KEY_VARIABLE, key_of
from budget.runner import write_frame
from budget.stage import Given
from tests.support.given import assume, plan_of
from tests.support.people import areas, practices, projection

pytestmark = pytest.mark.integration

VALID, INVALID, OLD = "9434765919", "9434765918", "9434765870"
Rows = list[dict[str, Any]]


def person(person_id: str = VALID, **facts: Any) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "practice_code": "P1",
        "sex": "F",
        "date_of_birth": date(1980, 2, 29),
        "lsoa_code": "E01000001",
        "registered_on": date(2019, 1, 1),
        "deregistered_on": None,
        "died_on": None,
        "registration_type": "regular",
        "flags": None,
    } | facts


def care(**facts: Any) -> dict[str, Any]:
    return {
        "person_id": VALID,
        "activity_date": date(2024, 5, 1),
        "service_line": "community",
        "provider_code": "RXX",
        "units": 1.5,
        "currency_code": None,
        "cost_pence": 12345,
        "emergency": True,
    } | facts


def locality() -> dict[str, Rows]:
    """The least that a locality with a list hands over."""
    money = {"financial_year": "2025/26", "commissioner": "QXX", "place": "Here", "service_line": "community"}
    return {
        "registered_list": [person(), person(INVALID, sex="M")],
        "conditions": [{"person_id": VALID, "condition": "asthma", "recorded_on": date(2020, 1, 1)}],
        "activity": [care(), care(emergency=None, cost_pence=None)],
        "practices": [dict(row) for row in practices("P1", pcn_code="U1")],
        "areas": [dict(row) for row in areas("E01000001")],
        "population_projection": [dict(row) for row in projection(step=10)],
        "spend": [money | {"amount_pence": 100}, money | {"amount_pence": -5, "adjustment": "NR", "reason": "one off"}],
    }


def write_csv(path: Path, rows: Rows) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)


def _text(value: Any) -> Any:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def write_parquet(path: Path, name: str, rows: Rows) -> None:
    columns = [column for column in table(name).supplied if any(column.name in row for row in rows)]
    schema = pa.schema([pa.field(column.name, column.arrow) for column in columns])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


class Inputs:
    """A folder of raw files, taken in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "inputs"
        self.taken = folder / "taken"
        for made in (self.folder, self.taken):
            made.mkdir(exist_ok=True)

    def csv(self, **changes: Rows) -> None:
        """Write the locality as CSV, with some tables changed."""
        for name, rows in (locality() | changes).items():
            write_csv(self.folder / f"{name}.csv", rows)

    def hashed(self, **changes: Rows) -> None:
        """The same from a supplier who hashes identifiers."""
        theirs = {VALID: "ab12", INVALID: "cd34"}
        whole = locality() | changes
        self.csv(
            **{
                name: [{column: theirs.get(value, value) for column, value in row.items()} for row in rows]
                for name, rows in whole.items()
            }
        )

    def parquet(self, name: str, columns: Mapping[str, Iterable[Any]]) -> None:
        """Replace a table by Parquet columns of whatever type they have."""
        (self.folder / f"{name}.csv").unlink(missing_ok=True)
        pq.write_table(pa.table(dict(columns)), self.folder / f"{name}.parquet")

    def text(self, name: str, text: str | bytes) -> None:
        """Replace a table by a CSV with this text."""
        (self.folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())

    def take(self, person_id: str = "synthetic_nhs_number") -> dict[str, pa.Table]:
        """The canonical tables, as the runner writes them."""
        files: dict[str, tuple[Path, ...]] = {}
        for file in find_inputs(self.folder):
            files[file.table] = (*files.get(file.table, ()), file.path)
        plan = plan_of().model_copy(update={"person_id": person_id})
        with DuckEngine() as engine:
            written = INTAKE.run(Given(plan, assume({}), {}, engine, files))
            for name, result in written.items():
                path = self.taken / f"{name}.parquet"
                if isinstance(result, Select):
                    engine.write(result, table(name), path)
                else:
                    write_frame(name, result, path)  # type: ignore[arg-type]
        return {name: pq.read_table(self.taken / f"{name}.parquet") for name in written}

    def stop(self, **settings: Any) -> RunStopped:
        """The error that taking in ends with."""
        with pytest.raises(RunStopped) as stop:
            self.take(**settings)
        assert stop.value.stage == "intake"
        for secret in (VALID, INVALID, OLD, "1980", "secret"):
            assert secret not in str(stop.value)
            assert secret not in repr(stop.value.__cause__)
            assert secret not in repr(stop.value.__context__)
        return stop.value


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(tmp_path)


class TestShapes:
    def test_csv_gzip_and_parquet_give_the_same_tables(self, tmp_path: Path) -> None:
        found = []
        for shape in ("csv", "csv.gz", "parquet", "folder"):
            (tmp_path / shape).mkdir()
            inputs = Inputs(tmp_path / shape)
            for name, rows in locality().items():
                if shape == "folder":
                    (inputs.folder / name).mkdir()
                    for n, row in enumerate(reversed(rows)):
                        whole = dict.fromkeys(key for row in rows for key in row) | row
                        write_parquet(inputs.folder / name / f"{n:04}.parquet", name, [whole])
                elif shape == "parquet":
                    write_parquet(inputs.folder / f"{name}.parquet", name, rows)
                else:
                    write_csv(inputs.folder / f"{name}.{shape}", rows)
            found.append(inputs.take())
        for name in locality():
            assert found[0][name].schema.names == list(table(name).names)
            assert found[0][name].schema.types == found[2][name].schema.types
            rows = [taken[name].to_pylist() for taken in found]
            assert rows[0] == rows[1] == rows[2] == rows[3], name

    def test_types_are_those_of_the_contract(self, inputs: Inputs) -> None:
        inputs.csv()
        taken = inputs.take()
        for name in locality():
            expected = table(name).arrow_schema
            assert [(field.name, field.type) for field in taken[name].schema] == [
                (field.name, field.type) for field in expected
            ]
        activity = taken["activity"].to_pylist()
        assert {row["cost_pence"] for row in activity} == {12345, None}
        assert {row["units"] for row in activity} == {1.5}
        assert taken["registered_list"]["date_of_birth"].to_pylist() == [date(1980, 2, 29)] * 2

    def test_optional_columns_may_be_absent_and_others_are_ignored(self, inputs: Inputs) -> None:
        spend = [
            {name: row[name] for name in row if name not in ("adjustment", "reason")} for row in locality()["spend"]
        ]
        inputs.csv(spend=[row | {"colour": "red"} for row in spend])
        taken = inputs.take()["spend"]
        assert "colour" not in taken.schema.names
        assert taken["adjustment"].to_pylist() == [None, None]

    def test_wider_and_narrower_parquet_types_are_read_exactly(self, inputs: Inputs) -> None:
        inputs.csv()
        spend = locality()["spend"][0] | {"amount_pence": None}
        inputs.parquet(
            "spend",
            {name: pa.array([value] * 2) for name, value in spend.items() if value} | {"amount_pence": [2.0**53, -1.0]},
        )
        moment = pa.array([datetime(2020, 1, 1)], pa.timestamp("us"))
        inputs.parquet("conditions", {"person_id": [int(VALID)], "condition": ["asthma"], "recorded_on": moment})
        taken = inputs.take()
        assert sorted(taken["spend"]["amount_pence"].to_pylist()) == [-1, 2**53]
        assert taken["conditions"]["recorded_on"].to_pylist() == [date(2020, 1, 1)]
        assert taken["conditions"]["person_id"][0] == taken["activity"]["person_id"][0]

    def test_text_is_kept_as_it_is(self, inputs: Inputs) -> None:
        name = 'The "Old" Surgery, Bow; O\'Brien & Søn\nPlaistow'
        inputs.csv(practices=[locality()["practices"][0] | {"practice_name": name}])
        assert inputs.take()["practices"]["practice_name"].to_pylist() == [name]

    def test_the_order_of_rows_and_files_does_not_matter(self, inputs: Inputs) -> None:
        rows = [person(str(9_000_000_000 + n), sex="FM"[n % 2]) for n in range(200)]
        inputs.csv(registered_list=rows)
        before = inputs.take()["registered_list"]
        bytes_before = (inputs.taken / "registered_list.parquet").read_bytes()
        inputs.csv(registered_list=rows[::-1])
        assert inputs.take()["registered_list"].equals(before)
        assert (inputs.taken / "registered_list.parquet").read_bytes() == bytes_before

    def test_every_file_is_registered(self, inputs: Inputs) -> None:
        inputs.csv()
        register = {row["name"]: row for row in inputs.take()["input_register"].to_pylist()}
        assert set(register) == set(locality())
        assert register["spend"]["rows"] == 2
        assert (register["spend"]["control_total"], register["spend"]["unit"]) == (95.0, "pence")
        assert register["spend"]["vintage"] == "2025/26"
        digest = hashlib.sha256((inputs.folder / "spend.csv").read_bytes()).hexdigest()
        assert (register["spend"]["file"], register["spend"]["sha256"]) == ("spend.csv", digest)
        assert register["activity"]["control_total"] == 12345.0
        assert register["practices"]["control_total"] is None

    def test_a_locality_without_persons_needs_no_list(self, inputs: Inputs) -> None:
        totals = {
            "place": "Here",
            "segment": "OA",
            "people": 10.5,
            "projected_people": 11,
            "direct_cost_pence_per_head": 5,
        }
        write_csv(inputs.folder / "segment_population.csv", [totals])
        write_csv(inputs.folder / "spend.csv", locality()["spend"])
        taken = inputs.take()
        assert taken["segment_population"]["people"].to_pylist() == [10.5]
        assert taken["quarantine"].num_rows == 0


class TestViolations:
    """Each is one stop that names table, column, rule, count and file, and holds no value."""

    SPEND = "financial_year,commissioner,place,service_line,amount_pence\n"
    LINE = "2025/26,QXX,Here,community,"

    @pytest.mark.parametrize("name", [name for name in locality() if name != "spend"] + ["spend"])
    def test_a_missing_table(self, inputs: Inputs, name: str) -> None:
        inputs.csv()
        (inputs.folder / f"{name}.csv").unlink()
        (failure,) = inputs.stop().failures
        assert (failure.table, failure.check_id) == (name, "I02")
        assert failure.rule.startswith("the table must be among the inputs")
        assert f"{name}.csv" in failure.mend

    def test_missing_columns(self, inputs: Inputs) -> None:
        inputs.csv(practices=[{"practice_code": "P1", "practice_name": "secret"}], areas=[{"lsoa_code": "E01000001"}])
        failures = {failure.table: failure for failure in inputs.stop().failures}
        assert failures["practices"].rule == "columns are missing: place, icb_code"
        assert failures["areas"].rule == "columns are missing: lad_code, place, imd_decile"
        assert failures["areas"].mend == "areas.csv"

    @pytest.mark.parametrize(
        "amount", ["12.5", '"1,234"', "12.0", "£12", "1e3", "twelve", "99999999999999999999", "0x1F"]
    )
    def test_whole_numbers_in_text(self, inputs: Inputs, amount: str) -> None:
        inputs.csv()
        inputs.text("spend", self.SPEND + self.LINE + "5\n" + self.LINE + f"{amount}\n" * 1 + self.LINE + f"{amount}\n")
        (failure,) = inputs.stop().failures
        assert failure.sentence().splitlines() == [
            "spend: column amount_pence must be of type int64 [I02, 2 rows]",
            "  mend: spend.csv: whole numbers in digits alone, without commas, decimals or a sign of money",
        ]

    @pytest.mark.parametrize(
        "values",
        [[1.5, 2.0], [float("inf"), 2.0], [float("nan"), 2.0], [1e300, 2.0], [date(2025, 1, 1), None], [[1], [2]]],
    )
    def test_whole_numbers_in_parquet(self, inputs: Inputs, values: list[Any]) -> None:
        inputs.csv()
        base = {name: [value] * 2 for name, value in locality()["spend"][0].items()}
        inputs.parquet("spend", base | {"amount_pence": pa.array(values)})
        rules = {failure.rule: failure for failure in inputs.stop().failures}
        failure = rules["column amount_pence must be of type int64"]
        assert (failure.rows_failed, failure.mend) == (2 if isinstance(values[0], list) else 1, "spend.parquet")

    AREA = dict(areas("E01000001")[0])
    CASES: Mapping[str, tuple[str, Rows, str]] = {
        "empty key": ("registered_list", [person(practice_code=""), person()], "practice_code must not be empty"),
        "blank key": ("registered_list", [person(practice_code="  "), person()], "practice_code must not be empty"),
        "no value": ("registered_list", [person(registered_on=None), person()], "registered_on must not be empty"),
        "no day": ("registered_list", [person(died_on="1980-02-30"), person()], "died_on must be of type date"),
        "another order": ("registered_list", [person(died_on="29/02/1980"), person()], "died_on must be of type date"),
        "endless day": ("registered_list", [person(died_on="infinity"), person()], "died_on must be finite"),
        "word outside": ("registered_list", [person(sex="secret"), person()], "sex must be one of F, M, I, U"),
        "too little": ("activity", [care(cost_pence=-1), care()], "cost_pence must be at least 0"),
        "no number": ("activity", [care(units="1,5"), care()], "units must be of type float64"),
        "nan": ("activity", [care(units="nan"), care()], "units must be finite"),
        "no truth": ("activity", [care(emergency="perhaps"), care()], "emergency must be of type bool"),
        "too much": ("areas", [AREA | {"imd_decile": 11}], "imd_decile must be at most 10"),
        "too long": ("areas", [AREA | {"imd_decile": 300}], "imd_decile must be of type int8"),
    }  # fmt: skip

    @pytest.mark.parametrize(("name", "rows", "fault"), CASES.values(), ids=CASES)
    @pytest.mark.parametrize("shape", ["csv", "parquet"])
    def test_a_value_that_breaks_a_rule(self, inputs: Inputs, name: str, rows: Rows, fault: str, shape: str) -> None:
        inputs.csv(**{name: rows})
        if shape == "parquet":
            columns = {column: [row[column] for row in rows] for column in rows[0]}
            inputs.parquet(name, {column: _plain(values) for column, values in columns.items()})
        failures = inputs.stop().failures
        assert [(failure.table, failure.rule, failure.rows_failed) for failure in failures] == [
            (name, f"column {fault}", 1)
        ]
        assert failures[0].mend.partition(":")[0] == f"{name}.{shape}"

    def test_all_of_them_at_once(self, inputs: Inputs) -> None:
        inputs.csv(
            registered_list=[person(practice_code="", sex="x"), person(sex="x")],
            activity=[care(cost_pence="1.5", units=-1)],
        )
        failures = inputs.stop().failures
        assert [(failure.table, failure.rows_failed) for failure in failures] == [
            ("registered_list", 1),
            ("registered_list", 2),
            ("activity", 1),
            ("activity", 1),
        ]

    def test_flags_that_are_a_list_are_not_taken_for_text(self, inputs: Inputs) -> None:
        inputs.csv()
        rows = [person(flags=["prison"]), person(OLD, flags=["fp69"])]
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        inputs.parquet("registered_list", columns)
        (failure,) = inputs.stop().failures
        assert (failure.rule, failure.rows_failed) == ("column flags must be of type string", 2)


def _plain(values: list[Any]) -> list[Any]:
    """Values that Parquet can hold in one column: days and numbers as text where a row has text."""
    if any(isinstance(value, str) for value in values) and not all(isinstance(value, str | None) for value in values):
        return [None if value is None else str(_text(value)) for value in values]
    return values


class TestUnreadableFiles:
    """What a reader's own message says quotes the line, so it must not get out."""

    HEADER = "person_id,condition,recorded_on\n"
    GOOD = f"{VALID},asthma,2020-01-01\n"
    HEAD = "the first line must be a header"
    NOT_UTF8 = "the file must be UTF-8; save it as CSV UTF-8"
    WIDTH = "every row must have the 3 columns of the header"

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            (HEADER + GOOD + f"{VALID},asthma,2020-01-01,secret\n", f"{WIDTH}; line 3 has 4"),
            (HEADER + GOOD + f"{VALID},asthma\n", f"{WIDTH}; line 3 has 2"),
            (HEADER + GOOD + f'"{VALID},asthma,2020-01-01\n', "every quote must be closed; line 3 has one that is not"),
            ((HEADER + GOOD).encode() + f"{VALID},secr\xe9t,2020-01-01\n".encode("latin-1"), NOT_UTF8),
            (HEADER.encode("utf-16"), NOT_UTF8),
            ("", "the first line must be a header: it is empty"),
            ("person_id,condition,condition\n", "the first line must be a header: it names a column twice"),
            (b"PK\x03\x04\xff", f"{HEAD}: this is a workbook; save its sheet as CSV UTF-8"),
            (f"{VALID},asthma,2020-01-01\n" * 2, "columns are missing: person_id, condition, recorded_on"),
            ((HEADER + GOOD).replace(",", ";"), f"{HEAD}: it is separated by semicolons; save it with commas"),
            ("# secret notes\n" + HEADER + GOOD, "columns are missing: person_id, condition, recorded_on"),
        ],
        ids=[
            "too wide", "too narrow", "open quote", "latin-1", "utf-16", "empty", "twice", "workbook", "no header",
            "semicolons", "notes",
        ],
    )  # fmt: skip
    def test_a_csv_that_is_none(self, inputs: Inputs, text: str | bytes, rule: str) -> None:
        inputs.csv()
        inputs.text("conditions", text)
        (failure,) = inputs.stop().failures
        assert (failure.table, failure.rule, failure.mend) == ("conditions", rule, "conditions.csv")

    def test_a_line_far_down_is_named(self, inputs: Inputs) -> None:
        inputs.csv()
        lines = self.HEADER + self.GOOD * 5000
        inputs.text("conditions", lines.encode() + f"{VALID},secr\xe9t,2020-01-01\n".encode("latin-1"))
        (failure,) = inputs.stop().failures
        assert failure.rule == "the file must be UTF-8; line 5002 is not"

    def test_a_row_that_is_too_wide_does_not_hide_the_rows_above_it(self, inputs: Inputs) -> None:
        """A reader that detects the layout took everything above such a row for a preamble and skipped it."""
        inputs.csv()
        inputs.text("conditions", self.HEADER + self.GOOD * 3 + f"{VALID},copd,2020-01-01,secret\n")
        assert inputs.stop().failures

    def test_a_byte_order_mark_and_windows_line_ends_are_read(self, inputs: Inputs) -> None:
        inputs.csv()
        inputs.text("conditions", b"\xef\xbb\xbf" + (self.HEADER + self.GOOD).replace("\n", "\r\n").encode())
        assert inputs.take()["conditions"]["condition"].to_pylist() == ["asthma"]

    def test_a_damaged_parquet_and_gzip(self, inputs: Inputs) -> None:
        inputs.csv()
        (inputs.folder / "conditions.csv").unlink()
        (inputs.folder / "conditions.parquet").write_bytes(b"PAR1 secret PAR1")
        (failure,) = inputs.stop().failures
        assert failure.rule.startswith("the file must be a whole CSV or Parquet file")
        assert failure.mend == "conditions.parquet"
        (inputs.folder / "conditions.parquet").unlink()
        (inputs.folder / "conditions.csv.gz").write_bytes(b"secret")
        assert inputs.stop().failures[0].mend == "conditions.csv.gz"

    @pytest.mark.parametrize(
        "second",
        [
            {"person_id": [VALID], "condition": ["copd"]},
            {"person_id": [VALID], "condition": ["secret"], "recorded_on": ["secret"]},
        ],
    )
    def test_parts_that_do_not_match_name_the_part(self, inputs: Inputs, second: dict[str, Any]) -> None:
        inputs.csv()
        (inputs.folder / "conditions.csv").unlink()
        (inputs.folder / "conditions").mkdir()
        first = {"person_id": [VALID], "condition": ["copd"], "recorded_on": [date(2020, 1, 1)]}
        for name, columns in (("a", first), ("b", second)):
            pq.write_table(pa.table(columns), inputs.folder / "conditions" / f"{name}.parquet")
        (failure,) = inputs.stop().failures
        assert failure.rule.endswith("its parts must have the columns and types of the first")
        assert failure.mend == "b.parquet"


class TestIdentifiers:
    def test_no_identifier_is_in_a_canonical_table(self, inputs: Inputs) -> None:
        inputs.csv(person_merges=[{"person_id": OLD, "replaced_by": VALID}])
        inputs.take()
        for path in inputs.taken.iterdir():
            values = {str(value) for column in pq.read_table(path).columns for value in column.to_pylist()}
            assert not values & {VALID, INVALID, OLD}, path.name
            assert all(number.encode() not in path.read_bytes() for number in (VALID, INVALID, OLD))

    def test_one_person_has_one_pseudonym_in_every_table(self, inputs: Inputs) -> None:
        inputs.csv(
            registered_list=[person("943 476 5919")],
            person_merges=[{"person_id": OLD, "replaced_by": VALID}],
        )
        taken = inputs.take()
        digest = hashlib.sha256((key_of("synthetic_nhs_number") + VALID).encode()).hexdigest()[:20]
        for name, column in [
            ("registered_list", "person_id"),
            ("conditions", "person_id"),
            ("activity", "person_id"),
            ("person_merges", "replaced_by"),
        ]:
            assert set(taken[name][column].to_pylist()) == {digest}, name

    def test_the_key_decides_the_pseudonym(self, inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
        inputs.csv()
        found = set()
        for key in ("a key of one site, long", "a key of another site"):
            monkeypatch.setenv(KEY_VARIABLE, key)
            found.add(inputs.take(person_id="nhs_number")["conditions"]["person_id"][0].as_py())
        assert len(found) == 2

    def test_pseudonyms_of_a_supplier_are_kept_and_have_no_check_digit(self, inputs: Inputs) -> None:
        inputs.hashed(registered_list=[person("abc def")])
        taken = inputs.take(person_id="pseudonym")["registered_list"]
        assert taken["person_id"].to_pylist() == ["abc def"]
        assert taken["identifier_valid"].to_pylist() == [True]

    def test_nhs_numbers_that_are_called_pseudonyms_stop_before_anything_is_written(self, inputs: Inputs) -> None:
        inputs.csv(registered_list=[person("943 476 5919"), person("ab12"), person("cd34")])
        told = {failure.table: failure for failure in inputs.stop(person_id="pseudonym").failures}
        assert set(told) == {"registered_list", "conditions", "activity"}
        assert told["conditions"].rule == (
            "column person_id must hold pseudonyms (person_id: pseudonym); it holds NHS numbers"
        )
        assert not list(inputs.taken.iterdir())

    def test_a_pseudonym_may_look_like_an_nhs_number_by_chance(self, inputs: Inputs) -> None:
        one_in_six = [person("4010232137"), *(person(f"94347659{n}") for n in (10, 11, 12, 13, 14))]
        inputs.hashed(registered_list=one_in_six)
        assert inputs.take(person_id="pseudonym")["registered_list"].num_rows == 6

    def test_records_that_fail_their_check_are_kept_flagged_and_counted(self, inputs: Inputs) -> None:
        inputs.csv()
        taken = inputs.take()
        assert sorted(taken["registered_list"]["identifier_valid"].to_pylist()) == [False, True]
        assert taken["quarantine"].to_pylist() == [
            {"name": "registered_list", "rule": "check digit of the identifier", "rows": 1}
        ]

    @pytest.mark.parametrize("kind", ["nhs_number", "pseudonym"])
    @pytest.mark.parametrize("blank", ["", "  "])
    def test_a_record_without_an_identifier_is_kept_and_flagged(self, inputs: Inputs, kind: str, blank: str) -> None:
        write = inputs.hashed if kind == "pseudonym" else inputs.csv
        write(registered_list=[person(blank), person(blank, practice_code="P2")])
        taken = inputs.take(person_id=kind)["registered_list"]
        assert taken["person_id"].to_pylist() == [None, None]
        assert taken["identifier_valid"].to_pylist() == [False, False]

    @pytest.mark.parametrize(
        ("number", "valid"),
        [
            ("9434765919", True),
            ("9434765918", False),
            ("943 476 5919", True),
            ("943476591", False),
            ("94347659190", False),
            ("943476591X", False),
            ("4010232137", True),
            ("1000000010", False),
        ],
    )
    def test_the_check_digit(self, inputs: Inputs, number: str, valid: bool) -> None:
        inputs.csv(registered_list=[person(number)])
        assert inputs.take()["registered_list"]["identifier_valid"].to_pylist() == [valid]

    def test_merges_are_followed_to_the_identifier_that_survives(self, inputs: Inputs) -> None:
        chain = [("a", "b"), ("b", "c"), ("c", "d"), ("x", "y"), ("y", "x")]
        inputs.hashed(person_merges=[{"person_id": old, "replaced_by": new} for old, new in chain])
        merges = inputs.take(person_id="pseudonym")["person_merges"].to_pylist()
        found = {row["person_id"]: row["replaced_by"] for row in merges}
        assert [found[name] for name in "abc"] == ["d"] * 3
        assert set(found) == {old for old, _ in chain}, "nobody is lost, even where identifiers replace each other"

    def test_an_identifier_that_was_replaced_twice_keeps_both_rows_for_the_gate(self, inputs: Inputs) -> None:
        inputs.hashed(person_merges=[{"person_id": "a", "replaced_by": new} for new in "bc"])
        assert inputs.take(person_id="pseudonym")["person_merges"].num_rows == 2


@examples(st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=200, unique=True))
def test_the_check_digit_agrees_with_its_definition(stems: list[int]) -> None:
    from budget.intake.identifiers import valid

    def check(stem: int) -> int:
        weights = range(10, 1, -1)
        total = sum(weight * int(digit) for weight, digit in zip(weights, f"{stem:09}", strict=True))
        return (11 - total % 11) % 11

    with DuckEngine(threads=1) as engine:
        engine.lend("numbers", pa.table({"stem": [f"{stem:09}" for stem in stems]}))
        rows = engine.frame(
            f"select person_id from (select stem || digit as person_id from numbers, range(10) as d(digit)) "
            f"where {valid('person_id', 'nhs_number')}"
        )
    expected = {f"{stem:09}{check(stem)}" for stem in stems if check(stem) < 10}
    assert set(rows["person_id"]) == expected

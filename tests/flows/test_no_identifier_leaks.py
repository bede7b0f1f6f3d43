"""A planted person is looked for in every byte that a run, or a command that fails, leaves behind."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from budget.audit.folder import Run
from budget.contracts import input_tables, output_tables
from budget.kernel.yaml import read_yaml, write_yaml
from flows.cli import main
from tests.flows.localities import east_london

pytestmark = pytest.mark.flow

VALID, INVALID, SPACED = "9434765919", "9434765918", "943 476 5919"
BORN, POSTCODE = date(1921, 2, 3), "E15 4QZ"
PLANTED = (VALID, INVALID, SPACED, "943-476-5919", BORN.isoformat(), BORN.strftime("%d/%m/%Y"), POSTCODE)
IDENTIFIERS = (VALID, INVALID, SPACED)
ARGUMENTS = ("--year", "2026/27", "--set", "low_volume_activity=1000", "--set", "non_contract_activity=1000")
PERSONS = {name for name, table in (input_tables() | output_tables()).items() if table.disclosure == "person"}


@pytest.fixture(scope="module")
def locality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample with two planted rows, their care and their conditions: one in order, and one whose number is wrong."""
    folder = east_london(tmp_path_factory.mktemp("planted"), people=5_000)
    part = folder / "inputs" / "registered_list" / "newham.parquet"
    rows = pd.read_parquet(part)
    one = rows.iloc[[0]].assign(date_of_birth=BORN, deregistered_on=None, died_on=None)
    planted = [one.assign(person_id=number) for number in (VALID, INVALID)]
    pd.concat([rows, *planted]).to_parquet(part, index=False)
    for name in ("activity", "conditions"):
        file = folder / "inputs" / name / "newham.parquet"
        care = pd.read_parquet(file)
        pd.concat([care, *(care.iloc[[0]].assign(person_id=n) for n in (VALID, INVALID))]).to_parquet(file, index=False)
    return folder


def readable(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file with its bytes as text would hold them: tables decoded, workbooks unpacked."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if file.suffix == ".parquet":
            yield file, pq.read_table(file).to_pandas().to_csv().encode()
        elif file.suffix in (".xlsx", ".zip"):
            with zipfile.ZipFile(file) as packed:
                yield file, b"\n".join(packed.read(name) for name in packed.namelist())
        yield file, file.read_bytes()


def leaks(folder: Path) -> list[str]:
    """Where something planted is found; tables of persons hold dates and areas, but no identifier either."""
    return [
        f"{file.relative_to(folder)}: {word}"
        for file, found in readable(folder)
        for word in (IDENTIFIERS if file.stem in PERSONS else PLANTED)
        if word.encode() in found or word in file.name
    ]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both runs go; the second takes what the first has stored up to the ledger."""
    return tmp_path_factory.mktemp("kept")


@pytest.mark.parametrize("way", [("--direct",), ("--set", "risk_pool_share=0.006")], ids=["direct", "prefect"])
def test_a_run_leaves_no_identifier_anywhere(
    way: tuple[str, ...], locality: Path, kept: Path, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(kept / "profiles"))
    out, driver = kept / "runs", "direct" if way == ("--direct",) else "prefect"
    assert main(["run", str(locality), *way, "--debug", "--quiet", "--out", str(out), *ARGUMENTS]) == 0
    told = capfd.readouterr()
    runs = [Run.open(path.parent) for path in out.glob("[!.]*/manifest.json")]
    (run,) = (run for run in runs if run.manifest["driver"] == driver)
    assert (run.table("population")["age"] == 104).any(), "the planted person is counted"
    assert (run.folder / "pack" / "budget.xlsx").is_file() and (out / ".store").is_dir()
    if driver == "prefect":
        assert list((out / ".prefect").rglob("*.db")), "Prefect keeps its history"
    assert leaks(kept) == []
    assert not [word for word in PLANTED if word in told.out + told.err + caplog.text]


def in_a_column_of_codes(inputs: Path) -> None:
    _change(inputs / "registered_list" / "newham.parquet", practice_code=SPACED)


def in_a_column_of_areas(inputs: Path) -> None:
    _change(inputs / "registered_list" / "newham.parquet", lsoa_code=POSTCODE)


def in_a_column_of_dates(inputs: Path) -> None:
    _change(inputs / "registered_list" / "newham.parquet", date_of_birth=f"{BORN:%d/%m/%Y} {VALID}", every=True)


def in_a_column_of_money(inputs: Path) -> None:
    spend = pd.read_csv(inputs / "spend.csv", dtype=str)
    spend.loc[0, "amount_pence"] = VALID + "x"
    spend.to_csv(inputs / "spend.csv", index=False)


def twice_in_the_name_of_a_line(inputs: Path) -> None:
    spend = pd.read_csv(inputs / "spend.csv", dtype=str)
    spend.loc[:1, "service_line"] = SPACED
    spend.to_csv(inputs / "spend.csv", index=False)


def in_a_file_that_is_no_table(inputs: Path) -> None:
    (inputs / "registered_list" / "newham.parquet").write_text(f"{VALID},{BORN},{POSTCODE}\n" * 3)


def in_the_name_of_a_file(inputs: Path) -> None:
    (inputs / "activity" / "newham.parquet").rename(inputs / "activity" / f"patient {SPACED}.parquet")


def _change(file: Path, *, every: bool = False, **values: object) -> None:
    rows = pd.read_parquet(file)
    for column, value in values.items():
        rows[column] = [value if every or number < 3 else old for number, old in enumerate(rows[column])]
    rows.to_parquet(file, index=False)


@pytest.mark.parametrize(
    "spoil",
    [
        in_a_column_of_codes,
        in_a_column_of_areas,
        in_a_column_of_dates,
        in_a_column_of_money,
        twice_in_the_name_of_a_line,
        in_a_file_that_is_no_table,
        in_the_name_of_a_file,
    ],
)
def test_a_command_that_fails_quotes_nobody(
    spoil: Callable[[Path], None], locality: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    inputs, out = tmp_path / "inputs", tmp_path / "runs"
    shutil.copytree(locality / "inputs", inputs)
    settings = read_yaml(locality / "run.yaml")
    config = tmp_path / "run.yaml"
    write_yaml(config, settings | {"inputs": str(inputs), "snapshot_date": str(settings["snapshot_date"])})
    spoil(inputs)
    status = main(["check", str(config), "--out", str(out), *ARGUMENTS])
    told = capfd.readouterr()
    assert status in (0, 1, 2, 3)
    assert told.out + told.err
    assert not [word for word in PLANTED if word in told.out + told.err], told.out + told.err
    # the store keeps inputs as they are, in whatever column a number was put; nothing made of them may hold it
    found = leaks(out) if out.is_dir() else []
    assert [leak for leak in found if Path(leak.partition(":")[0]).stem not in input_tables()] == []


def test_names_of_files_that_look_like_a_date_or_a_part_are_taken(locality: Path) -> None:
    from budget.bundle import _PERSON_NUMBER as person

    assert not re.search(person, "activity-2025-04-01.parquet")
    assert not re.search(person, "part-00000-20250401120000.parquet")
    assert re.search(person, "943-476-5919.csv") and re.search(person, "x9434765919y.parquet")

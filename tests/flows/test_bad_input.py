"""Bad input, end to end: one clear error each, the right exit status, and no half-written run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.yaml import read_yaml, write_yaml
from flows.cli import main
from tests.flows.localities import east_london

pytestmark = pytest.mark.flow

PEOPLE = 5_000
Poison = Callable[[Path], None]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return east_london(tmp_path_factory.mktemp("sample"), people=PEOPLE)


@pytest.fixture
def locality(healthy: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the healthy locality that a test may spoil."""
    copy = tmp_path / "locality"
    shutil.copytree(healthy, copy)
    settings = read_yaml(copy / "run.yaml")
    write_yaml(
        copy / "run.yaml", settings | {"inputs": str(copy / "inputs"), "snapshot_date": str(settings["snapshot_date"])}
    )
    yield copy


def csv(locality: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a table that is a CSV."""
    path = locality / f"inputs/{name}.csv"
    change(pd.read_csv(path, dtype=str)).to_csv(path, index=False)


def parquet(locality: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a table that is Parquet, one file or parts; the parts become one."""
    path = locality / f"inputs/{name}"
    frame = change(pd.read_parquet(path if path.is_dir() else path.with_suffix(".parquet")))
    shutil.rmtree(path, ignore_errors=True)
    frame.to_parquet(path.with_suffix(".parquet"), index=False)


def run(locality: Path, *more: str) -> int:
    return main(["run", str(locality), "--direct", "--quiet", "--out", str(locality / "runs"), *more])


def folders(locality: Path) -> list[Path]:
    return [path for path in (locality / "runs").glob("*") if path.is_dir() and path.name not in (".store", ".logs")]


def missing_table(locality: Path) -> None:
    (locality / "inputs/practices.csv").unlink()


def missing_column(locality: Path) -> None:
    csv(locality, "spend", lambda spend: spend.drop(columns="service_line"))


def wrong_type(locality: Path) -> None:
    csv(
        locality,
        "spend",
        lambda spend: spend.assign(amount_pence=spend["amount_pence"].where(spend.index > 1, "1,234.5")),
    )


def unknown_practice(locality: Path) -> None:
    csv(locality, "practices", lambda practices: practices[practices["practice_code"] != "F84006"])


def duplicated_key(locality: Path) -> None:
    csv(locality, "practices", lambda practices: pd.concat([practices, practices.head(3)]))


def thousands(locality: Path) -> None:
    def divide(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(amount_pence=[str(round(int(pence) / 100_000)) for pence in table["amount_pence"]])

    csv(locality, "spend", divide)
    csv(locality, "spend_control", divide)


def misses_control(locality: Path) -> None:
    csv(
        locality,
        "spend_control",
        lambda c: c.assign(amount_pence=[str(round(int(p) * 1.02)) for p in c["amount_pence"]]),
    )


def empty_list(locality: Path) -> None:
    parquet(locality, "registered_list", lambda records: records.iloc[:0])


def no_weight(locality: Path) -> None:
    parquet(locality, "published_weights", lambda weights: weights[weights["practice_code"] != "F84006"])


CASES = [
    pytest.param(
        missing_table, "practices: the table must be among the inputs [I02]", "practices.csv", id="missing table"
    ),
    pytest.param(missing_column, "spend: the column service_line is missing [I02]", "spend.csv", id="missing column"),
    pytest.param(
        wrong_type, "spend: column amount_pence must be of type int64 [I02, 2 rows]", "spend.csv", id="wrong type"
    ),
    pytest.param(unknown_practice, "P05", "F84006", id="unknown practice"),
    pytest.param(duplicated_key, "I04, 3 rows", "practices", id="duplicated key"),
    pytest.param(thousands, "I05", "spend", id="pounds as thousands"),
    pytest.param(misses_control, "B01", "spend", id="misses control total"),
    pytest.param(empty_list, "registered_list", "I02", id="empty list"),
    pytest.param(no_weight, "W00", "F84006", id="practice without weight"),
]


@pytest.mark.parametrize(("poison", "says", "names"), CASES)
def test_a_gate_stops_the_run_and_says_why(
    locality: Path, capsys: pytest.CaptureFixture[str], poison: Poison, says: str, names: str
) -> None:
    poison(locality)
    assert run(locality) == 1
    shown = capsys.readouterr()
    message = shown.out + shown.err
    assert says in message, message
    assert names in message, message
    assert "mend:" in message
    assert not re.search(r"\b9\d{9}\b", message), "an identifier of a person is in the message"
    (folder,) = folders(locality)
    assert json.loads((folder / "manifest.json").read_text())["status"] == "stopped"
    assert not list((locality / "runs").glob("*.partial")), "a half-written run was left"
    assert not (folder / "tables/population.parquet").exists()


def test_the_healthy_locality_runs(locality: Path) -> None:
    """So that each failure above is the poison's doing; sums that are set for whole places are cut to the sample."""
    assert run(locality, "--set", "low_volume_activity=1000", "--set", "non_contract_activity=1000") == 0


def test_an_unknown_assumption_is_refused(locality: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(locality, "--set", "efficency_factor=0.011") == 2
    message = capsys.readouterr().err
    assert "there is no assumption called 'efficency_factor'" in message
    assert "efficiency_factor" in message.split("Did you mean")[1]
    assert folders(locality) == []


def test_an_assumption_without_a_value_for_a_year_is_refused(
    locality: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_yaml(locality / "run.yaml")
    pack = Path(settings["assumptions"][0])
    written = pack.read_text(encoding="utf-8").replace("[2027/28, 2028/29]", "[2027/28]")
    (locality / "national.yaml").write_text(written, encoding="utf-8")
    changed = {"assumptions": [str(locality / "national.yaml"), *settings["assumptions"][1:]]}
    write_yaml(locality / "run.yaml", settings | changed | {"snapshot_date": str(settings["snapshot_date"])})
    assert run(locality) == 2
    message = capsys.readouterr().err
    assert "efficiency_factor: no value for 2028/29" in message
    assert folders(locality) == []

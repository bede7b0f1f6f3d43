"""CSV for spreadsheets: nothing in it is computed when it is opened, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.csv_file import write_csv

pytestmark = pytest.mark.unit


def written(folder: Path, frame: pd.DataFrame) -> str:
    write_csv(frame, folder / "table.csv")
    return (folder / "table.csv").read_bytes().decode()


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd|x", "@SUM(A1)", "\tx", "-2+3", "=HYPERLINK(1)"])
def test_text_that_a_spreadsheet_would_compute_is_shown(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, pd.DataFrame({"place": [text], "pence": [-5]})) == f"place,pence\n'{text},-5\n"


@pytest.mark.parametrize("text", ["Here", "-0.02", "+3", "-1.5e-7", "King's Lynn - West", "a=b"])
def test_other_text_and_signed_numbers_stay(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, pd.DataFrame({"place": [text], "rate": [-0.5]})) == f"place,rate\n{text},-0.5\n"


def test_what_is_missing_stays_empty(tmp_path: Path) -> None:
    frame = pd.DataFrame({"place": pd.Categorical(["Here", None]), "n": pd.array([1, None], dtype="Int64")})
    assert written(tmp_path, frame) == "place,n\nHere,1\n,\n"

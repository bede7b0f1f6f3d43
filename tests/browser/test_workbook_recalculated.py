"""LibreOffice opens the workbook, works every formula out anew, and comes to what the file says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from budget.report.workbook import write_workbook
from tests.report_tables import run_facts, run_tables

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(SOFFICE is None, reason="needs LibreOffice (libreoffice-calc)"),
]
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


def recalculated(file: Path, folder: Path) -> Path:
    """The workbook as LibreOffice writes it after it has worked out every formula."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    command = [str(SOFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    subprocess.run([*command, "xlsx", "--outdir", folder, file], check=True, capture_output=True, timeout=180)
    return folder / file.name


def test_every_formula_comes_to_its_value(tmp_path: Path) -> None:
    source = tmp_path / "budget.xlsx"
    write_workbook(run_tables(), run_facts(), source)
    # what the file says is taken away, so that what comes back was worked out
    formulas, said = openpyxl.load_workbook(source), openpyxl.load_workbook(source, data_only=True)
    (tmp_path / "bare").mkdir()
    formulas.save(tmp_path / "bare" / "budget.xlsx")
    out = tmp_path / "out"
    out.mkdir()
    found = openpyxl.load_workbook(recalculated(tmp_path / "bare" / "budget.xlsx", out), data_only=True)
    count, wrong = 0, []
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                count += 1
                before, after = said[sheet.title][cell.coordinate].value, found[sheet.title][cell.coordinate].value
                if after != pytest.approx(before, abs=0.005) if isinstance(before, (int, float)) else after != before:
                    wrong.append((sheet.title, cell.coordinate, before, after))
    assert count > 500
    assert wrong == []
    errors = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in found
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "e" or (isinstance(cell.value, str) and cell.value.startswith(("#", "Err:")))
    ]
    assert errors == []

"""``capitation weights``: what it prints, and what it refuses."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from budget.need.layouts import stream_names
from flows.cli import main

pytestmark = pytest.mark.flow

ROOT = Path(__file__).parents[2]
NATIONAL = str(ROOT / "data" / "england" / "gp_practice_weighted_population_2026_27.csv.gz")
LOCAL = ROOT / "data" / "east_london"
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def places(tmp_path: Path) -> str:
    file = tmp_path / "places.yaml"
    file.write_text("icb: QWO\nplaces:\n  Four: [B85005, B85022, B85061, B85026]\n  One: [B85005]\n", encoding="utf-8")
    return str(file)


def test_json_is_a_list_of_unrounded_indices(places: str, capsys: Printed) -> None:
    assert main(["weights", NATIONAL, "--places", places, "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert err == ""
    assert [list(row) for row in rows] == [["place", "stream", "population", "weighted_population", "need_index"]] * 18
    assert [(row["place"], row["stream"]) for row in rows] == [(p, s) for p in ("Four", "One") for s in stream_names()]
    core = next(row for row in rows if (row["place"], row["stream"]) == ("Four", "core"))
    assert core["population"] == pytest.approx(32329.955434, abs=1e-6)
    a_head = 31140.427171 / 32329.955434, 2739414.635371 / 2708320.049632
    assert math.isclose(core["need_index"], a_head[0] / a_head[1], rel_tol=1e-9)
    assert core["need_index"] != round(core["need_index"], 6)


def test_text_is_rounded_half_up_and_ends_with_the_icb(places: str, capsys: Printed) -> None:
    assert main(["weights", NATIONAL, "--places", places]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("general_acute")
    assert lines[at + 1].split() == ["Four", "32,330", "35,631", "1.097"]
    assert lines[at + 3].split() == ["QWO", "2,708,320", "2,720,688", "1.000"]
    assert "Not in this file" not in "\n".join(lines)


def test_service_lines_have_the_need_of_their_stream(places: str, capsys: Printed) -> None:
    assert main(["weights", NATIONAL, "--places", places, "--lines", "--json"]) == 0
    rows = {(row["place"], row["service_line"]): row for row in json.loads(capsys.readouterr().out)}
    assert rows[("Four", "outpatient")]["stream"] == "general_acute"
    assert rows[("Four", "outpatient")]["need_index"] == rows[("Four", "acute_elective")]["need_index"]
    assert main(["weights", NATIONAL, "--places", places, "--lines"]) == 0
    assert "primary_medical_care, primary_medical" in capsys.readouterr().out


@pytest.mark.parametrize("year", ["2025_26", "2026_27", "2027_28", "2028_29"])
def test_every_shipped_year_is_read_as_it_comes(year: str, tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "places.yaml"
    file.write_text("icb: QMF\nplaces: {Some: [F82001, F82002]}\n", encoding="utf-8")
    published = str(LOCAL / f"gp_practice_weighted_population_{year}.csv")
    assert main(["weights", published, "--places", str(file), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 9 and all(0.4 < row["need_index"] < 2 for row in rows)


def test_an_earlier_file_says_what_it_lacks(tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "places.yaml"
    file.write_text("icb: QMF\nplaces: {Some: [F82001]}\n", encoding="utf-8")
    published = str(ROOT / "data" / "england" / "gp_practice_weighted_population_2018_19.csv.gz")
    assert main(["weights", published, "--places", str(file)]) == 0
    assert "Not in this file: core, primary_medical, primary_medical_need." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["weights"], "PUBLISHED.csv"),
        (["weights", NATIONAL], "--places"),
        (["weights", "nowhere.csv", "--places", "{places}"], "nowhere.csv: there is no such file"),
        (["weights", NATIONAL, "--places", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["weights", NATIONAL, "--places", "{lacking}"], "which: Z99999 (Four)"),
        (["weights", NATIONAL, "--places", "{elsewhere}"], "no practice of the ICB QZZ"),
        (["weights", "{places}", "--places", "{places}"], "no layout of published practice weights"),
    ],
)
def test_errors_end_with_two_and_a_sentence(words: list[str], said: str, places: str, capsys: Printed) -> None:
    written = Path(places).read_text(encoding="utf-8")
    changed = {"{places}": places}
    for name, text in (("lacking", written.replace("B85022", "Z99999")), ("elsewhere", written.replace("QWO", "QZZ"))):
        changed[f"{{{name}}}"] = str(Path(places).with_name(f"{name}.yaml"))
        Path(changed[f"{{{name}}}"]).write_text(text, encoding="utf-8")
    asked = [changed.get(word, word) for word in words]
    assert main(asked) == 2
    out, err = capsys.readouterr()
    assert (out, said in err, "Traceback" in err) == ("", True, False), err
    assert main([*asked, "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], said in answer["message"]) == ("error", True)


def test_the_command_runs_by_itself(places: str) -> None:
    words = [sys.executable, "-m", "flows.cli", "weights", NATIONAL, "--places", places, "--lines", "--json"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {row["service_line"] for row in json.loads(done.stdout)} >= {"outpatient", "community", "prescribing"}

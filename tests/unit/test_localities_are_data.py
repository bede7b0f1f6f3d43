"""A locality is data: no code knows one by its name, its bodies, its places or its practices."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.yaml import read_yaml

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
CODE = ("budget", "expectations", "flows")
LOCALITIES = sorted((ROOT / "config/localities").glob("*.yaml"))
# ODS codes of general practices: a letter and five digits.
PRACTICE = re.compile(r"\b[A-Y]\d{5}\b")
# What is no practice of any locality: the national codes for "no practice" and "not known".
NATIONAL = {"V81997", "V81998", "V81999"}


def _texts() -> list[tuple[str, str]]:
    files = [path for room in CODE for path in sorted((ROOT / room).rglob("*")) if path.is_file()]
    written = [path for path in files if "__pycache__" not in path.parts]
    return [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in written]


def _names(locality: Path) -> set[str]:
    settings = read_yaml(locality)
    labels = {code: label for code, label in settings["labels"].items() if code != "NHSE"}
    places = pd.read_csv(ROOT / "data" / settings["locality"] / "localities.csv")[["place", "lad_code", "lad_name"]]
    return {settings["locality"], settings["title"], *labels, *labels.values(), *places.stack()}


def test_there_are_two_localities_to_look_for() -> None:
    assert {path.stem for path in LOCALITIES} >= {"east_london", "norfolk_waveney"}


@pytest.mark.parametrize("locality", LOCALITIES, ids=lambda path: path.stem)
def test_no_code_names_a_locality_its_bodies_or_its_places(locality: Path) -> None:
    wanted = re.compile(rf"\b({'|'.join(map(re.escape, sorted(_names(locality))))})\b", re.IGNORECASE)
    assert [(file, found.group()) for file, text in _texts() if (found := wanted.search(text))] == []


def test_no_code_names_a_practice() -> None:
    found = {(file, code) for file, text in _texts() for code in PRACTICE.findall(text) if code not in NATIONAL}
    assert found == set()

"""``make budget`` makes the inputs of the locality it is asked for, and runs that one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.unit, pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")]

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("asked", "name"), [([], "east_london"), (["LOCALITY=norfolk_waveney"], "norfolk_waveney")], ids=["none", "named"]
)
def test_make_budget_draws_and_runs_the_locality(asked: list[str], name: str) -> None:
    # as if nothing had been made yet
    words = ["make", "--no-print-directory", "--dry-run", "--always-make", "budget", *asked]
    lines = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in lines if line.startswith(".venv/bin/capitation")] == [
        f".venv/bin/capitation synth {name} --out inputs/{name}",
        f".venv/bin/capitation run config/localities/{name}.yaml",
    ]

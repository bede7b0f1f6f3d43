"""A nation on one machine: how the time and memory of drawing people and of a whole run grow with their number.

    python benchmarks/scale.py [PEOPLE ...] [--in DIR]      250,000 and 2,500,000 where none are given

For each number: `capitation synth england --people N`, then a run from an empty store (`--direct`) with every stage,
gate and document; each in a process of its own. Memory is the peak of the largest process, limit is what DuckDB may
take of it; spilled is the most that lay in DuckDB's spill folder at a time, seen twice a second; store is what the run
keeps; load is how many processes wanted the machine's cores when drawing began. England in full is 63,000,000: give
CAPITATION_MEMORY (11GB), a disk with room for 40 GB (--in), and the better part of an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_CAPITATION = (sys.executable, "-m", "flows.cli")
_LOCALITY = Path(__file__).with_name("england.yaml")
_PATHS = ("scenarios", "segmentation", "population_rules", "need", "gates", "waivers")

sys.path.insert(0, os.fspath(ROOT))


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Attributes:
        seconds: from its start to its end.
        of_processor: user and system time of its processes, which other work on the machine changes little.
        gigabytes: peak memory of the largest of its processes.
        spilled: the most that it had on disk beside its results, in gigabytes.
    """

    seconds: float
    of_processor: float
    gigabytes: float
    spilled: float


def main() -> None:
    """Measure each number of people, and print a Markdown table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", type=int, nargs="*", default=[250_000, 2_500_000])
    parser.add_argument("--in", dest="folder", default=tempfile.gettempdir())
    asked = parser.parse_args()
    columns = (
        "people", "load", "drawing, s", "drawing of processor, s", "drawing, GB", "inputs, GB", "limit",
        "run, s", "run of processor, s", "run, GB", "spilled, GB", "store, GB", "slowest stages, s",
    )  # fmt: skip
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---:|' * (len(columns) - 1)}---|")
    for people in asked.people:
        with tempfile.TemporaryDirectory(prefix="capitation-scale-", dir=asked.folder) as scratch:
            print(_line(people, Path(scratch)), flush=True)


def _line(people: int, scratch: Path) -> str:
    from budget.bundle import memory_limit

    inputs, out, load = scratch / "inputs", scratch / "runs", os.getloadavg()[0]
    drawn = _take(["synth", "england", "--people", str(people), "--out", str(inputs), "--quiet"], scratch)
    config = _locality(inputs, scratch)
    ran = _take(["run", str(config), "--direct", "--quiet", "--out", str(out)], out / ".store" / "spill")
    run = next(path.parent for path in out.glob("[!.]*/manifest.json"))
    cells = (
        f"{people:,}",
        f"{load:.1f}",
        f"{drawn.seconds:.0f}",
        f"{drawn.of_processor:.0f}",
        f"{drawn.gigabytes:.1f}",
        f"{_gigabytes(inputs):.2f}",
        memory_limit(),
        f"{ran.seconds:.0f}",
        f"{ran.of_processor:.0f}",
        f"{ran.gigabytes:.1f}",
        f"{ran.spilled:.1f}",
        f"{_gigabytes(out):.2f}",
        _slowest(run),
    )
    return f"| {' | '.join(cells)} |"


def _locality(inputs: Path, scratch: Path) -> Path:
    """The shipped locality over inputs that lie elsewhere."""
    from budget.kernel.yaml import read_yaml, write_yaml

    settings = read_yaml(_LOCALITY)
    settings |= {name: str((_LOCALITY.parent / settings[name]).resolve()) for name in _PATHS}
    settings["assumptions"] = [str((_LOCALITY.parent / path).resolve()) for path in settings["assumptions"]]
    settings |= {"inputs": str(inputs), "snapshot_date": str(settings["snapshot_date"])}
    write_yaml(scratch / "run.yaml", settings)
    return scratch / "run.yaml"


def _take(words: list[str], spill: Path) -> Taken:
    began, spilled = time.perf_counter(), 0
    process = subprocess.Popen([*_CAPITATION, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        spilled = max(spilled, sum(_size(file) for file in spill.glob("duckdb_temp*")))
        time.sleep(0.5)
    if status:
        sys.exit(f"capitation {' '.join(words)} ended with status {os.waitstatus_to_exitcode(status)}")
    scale = 1e9 if sys.platform == "darwin" else 1e6
    spent = usage.ru_utime + usage.ru_stime
    return Taken(time.perf_counter() - began, spent, usage.ru_maxrss / scale, spilled / 1e9)


def _gigabytes(folder: Path) -> float:
    return sum(_size(file) for file in folder.rglob("*") if file.is_file()) / 1e9


def _size(file: Path) -> int:
    """Bytes of a file that may be gone in the next moment: nothing then."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _slowest(run: Path) -> str:
    stages = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["stages"]
    most = sorted(stages, key=lambda stage: -float(stage["seconds"]))[:3]
    return ", ".join(f"{stage['stage']} {stage['seconds']:.0f}" for stage in most)


if __name__ == "__main__":
    main()

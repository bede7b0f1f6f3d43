"""Times and memory of a run of a shipped locality and of a rerun, each in a process of its own, as a Markdown table.

Run it with ``make bench``. The first line is a run with an empty store, the second finds everything there.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CAPITATION = Path(sys.executable).with_name("capitation")
LOCALITIES = Path(__file__).parents[1] / "config" / "localities"


def main(locality: str) -> None:
    """Measure and print."""
    print("| what | seconds | peak memory, GB |")
    print("|---|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="capitation-bench-") as folder:
        run = ["run", str(LOCALITIES / f"{locality}.yaml"), "--direct", "--quiet", "--out", folder]
        measure("run, nothing in the store", run)
        first = next(path.parent for path in Path(folder).glob("[!.]*/manifest.json"))
        gates, stages = seconds_of_gates(first)
        print(f"| the gates in it, {gates / stages:.0%} of the stages' {stages:.1f} s | {gates:.1f} | |", flush=True)
        measure("run, everything in the store", run)
        change = ["--set", "efficiency_factor=0.015", "--direct", "--quiet"]
        measure("rerun with another efficiency factor", ["rerun", str(first), *change])


def measure(what: str, words: list[str]) -> None:
    """Run the command, and print its time and the largest memory of any of its processes."""
    began = time.perf_counter()
    process = subprocess.Popen([CAPITATION, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"capitation {' '.join(words)} ended with status {os.waitstatus_to_exitcode(status)}")
    print(f"| {what} | {time.perf_counter() - began:.1f} | {_gigabytes(usage):.1f} |", flush=True)


def seconds_of_gates(run: Path) -> tuple[float, float]:
    """What the gates of a run took, and its stages with their gates."""
    stages = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["stages"]
    return sum(stage["gate_seconds"] for stage in stages), sum(stage["seconds"] for stage in stages)


def _gigabytes(usage: resource.struct_rusage) -> float:
    """Peak memory: the kernel counts in kilobytes, except on macOS, which counts in bytes."""
    return usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "east_london")

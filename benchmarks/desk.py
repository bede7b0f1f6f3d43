"""The finance page of a shipped locality: from a change to the new bridge on the page, as a Markdown table.

    python benchmarks/desk.py [LOCALITY [RUNS]]          east_london where none is given

A page is served as ``capitation serve`` does, over a run that is made first (or over the newest complete one of a
folder of runs). Values that move at once are changed thirty times in headless Chromium, one assumption after the
other, and changed back. What is measured is the time from the change in the field to the
new figures in the page; beside it, what the same changes take of the server's processor, without the browser.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CHANGES = 30

sys.path.insert(0, os.fspath(ROOT))

from tests.support.chromium import started, window  # noqa: E402
from tests.support.serving import served  # noqa: E402

_TYPE = "(field, value) => { field.value = value; }"
_WATCH = """field => new Promise(done => {
    const moved = document.getElementById("moved");
    const began = performance.now();
    new MutationObserver((_, watch) => {
        watch.disconnect();
        requestAnimationFrame(() => done((performance.now() - began) / 1000));
    }).observe(moved, { childList: true });
    field.dispatchEvent(new Event("change", { bubbles: true }));
})"""
"""Fires a change, and answers with the seconds until the new figures were there for the next picture of the page."""


def main(locality: str, runs: str = "") -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="capitation-bench-") as folder:
        run = _newest(Path(runs)) if runs else _made(locality, Path(folder))
        print("| what | median, s | 95th percentile, s |")
        print("|---|---:|---:|")
        with served(run.parent) as address:
            seconds, changes = _in_the_browser(f"{address}/desk/{run.name}")
        _row(f"from a change to the new bridge on the page, {len(seconds)} changes", seconds)
        _row("the same changes on the server, of its processor", _on_the_server(run, changes))


def _newest(runs: Path) -> Path:
    complete = [path.parent for path in runs.resolve().glob("[!.]*/manifest.json") if (path.parent / "pack").is_dir()]
    return max(complete, key=lambda folder: (folder / "manifest.json").stat().st_mtime)


def _made(locality: str, out: Path) -> Path:
    config = ROOT / "config" / "localities" / f"{locality}.yaml"
    words = [sys.executable, "-m", "flows.cli", "run", str(config), "--direct", "--quiet", "--out", str(out)]
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return _newest(out)


def _in_the_browser(address: str) -> tuple[list[float], list[tuple[str, str]]]:
    """Seconds of every change, and what was changed: the name of the field and its new value."""
    seconds, changes = [], []
    with started() as chromium:
        page = window(chromium, viewport={"width": 1280, "height": 900}).new_page()
        page.goto(address)
        fields = _numbers(page)
        for number in range(CHANGES):
            field = fields[number % len(fields)]
            own = field.input_value()
            changes.append((field.get_attribute("name"), _moved(own, 1 + number // len(fields))))
            field.evaluate(_TYPE, changes[-1][1])
            seconds.append(field.evaluate(_WATCH))
            field.evaluate(_TYPE, own)
            field.evaluate(_WATCH)
    return seconds, changes


def _numbers(page: Any) -> list[Any]:
    """Fields of numbers that move at once: one of each assumption before the second of any."""
    fields = page.query_selector_all("#assumptions fieldset:not(#later fieldset)")
    rows = [[one for one in group.query_selector_all("input") if _is_number(one.input_value())] for group in fields]
    most = max(map(len, rows), default=0)
    return [row[number] for number in range(most) for row in rows if number < len(row)]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() and float(text) > 0


def _moved(text: str, times: int) -> str:
    """Some per cent more, with as many decimals as needed; a whole number some more."""
    return str(int(text) + times) if text.isdigit() else f"{float(text) * (1 + times / 100):.6f}"


def _on_the_server(run: Path, changes: list[tuple[str, str]]) -> list[float]:
    """Processor seconds of every change, from the form to the figures as they are sent."""
    from budget.audit.folder import Run
    from flows.web.desks import Desks
    from flows.web.drafting import take
    from flows.web.forms import Form
    from flows.web.room import look
    from flows.web.sessions import Sitting

    kept = Desks().over(Run.open(run))
    look(kept, Sitting())

    def seconds(name: str, value: str) -> float:
        began, sitting = time.process_time(), Sitting()
        take(Form({name: value}), kept, sitting)
        look(kept, sitting)
        return time.process_time() - began

    return [seconds(*each) for each in changes]


def _row(what: str, seconds: list[float]) -> None:
    last = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    print(f"| {what} | {statistics.median(seconds):.2f} | {last:.2f} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:] or ["east_london"])

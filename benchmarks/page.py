"""What the other benchmarks give, kept and put on one page: docs/benchmarks.md, with pictures of growth beside it.

    python benchmarks/page.py [NAME [ARGUMENT ...] ...]     all of them where none is named; --write for the page alone

Each benchmark is a process of its own and prints a Markdown table. What it printed is kept with its machine, versions,
day and command under benchmarks/results/, so that one of them can be measured again and the others stand as they were.
Numbers after a name stand in for its own: `page.py scale 25000000` measures that size and keeps the rows of others.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
PACKAGES = (
    "duckdb", "glum", "numpy", "pandas", "prefect", "pyarrow", "pyspark", "scikit-learn", "sqlglot", "statsmodels",
)  # fmt: skip

_HEAD = """# Measurements

What the product takes, against the least that could be done (the floor) and against other ways of doing it (peers).
Other work may have run on the machine at the same time (its load is told), which makes times longer, never shorter.
`make bench` measures everything but the two largest sizes and writes this page; `make bench ONLY=run` measures one part
again, `make bench ONLY="scale 25000000"` one size.
"""


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: what it is called on the command line.
        title: heading on the page.
        about: what is measured against what.
        words: its script and arguments.
        times: how often it is run; medians are shown.
        growth: columns of people, and of what grows with them, to draw; none where nothing grows.
        by_row: whether rows are measured one by one, so that one that is measured again replaces that row alone.
    """

    name: str
    title: str
    about: str
    words: tuple[str, ...]
    times: int = 1
    growth: tuple[str, ...] = ()
    by_row: bool = False

    def on(self, numbers: Sequence[str]) -> Benchmark:
        """The same benchmark of other numbers; of its own where none are given."""
        return replace(self, words=(self.words[0], *numbers)) if numbers else self


BENCHMARKS = (
    Benchmark(
        "run",
        "A run of East London",
        "Everybody on its lists, 8.0m rows of activity; each line is a process of its own, without Prefect.",
        ("run.py", "east_london"),
        times=3,
    ),
    Benchmark(
        "rerun",
        "Reruns and draws",
        "What changes with an assumption, as a share of the run that it starts from.",
        ("rerun.py", "east_london"),
    ),
    Benchmark(
        "desk",
        "The finance page",
        "Thirty changes of the assumptions of East London in headless Chromium; half a second is allowed from a change "
        "to the new bridge.",
        ("desk.py", "east_london"),
    ),
    Benchmark(
        "population",
        "Reconciling lists",
        "The population stage, against a floor that reads the same columns and counts distinct people.",
        ("population.py", "250000", "2500000"),
        growth=("rows", "reconciled, s", "with the person table, s"),
    ),
    Benchmark(
        "segmentation",
        "Placing people in segments",
        "Against a floor that reads the columns that placing reads.",
        ("segmentation.py", "2500000"),
        times=3,
    ),
    Benchmark(
        "risk",
        "Models of need",
        "A model on cells against fits of the same model on rows of people, by this and other libraries where they are "
        "installed; seconds of the processor.",
        ("risk.py", "2000000", "--times", "1"),
    ),
    Benchmark(
        "scale",
        "From a quarter of a million people to England",
        "People drawn from the national practice counts, then a whole run with an empty store: every stage, gate and "
        "document. Each size was measured once, by itself ([England](guides/scale.md#england)). Seconds of "
        "the processor are of all processes and say more than those of the clock where other work went on (load: "
        "processes that wanted the two cores when it began). Memory is the peak of the largest process, limit what "
        "DuckDB may take of it (`CAPITATION_MEMORY`), spilled the most that lay beside the results at a time.",
        ("scale.py", "250000", "2500000"),
        growth=("people", "drawing of processor, s", "run of processor, s", "drawing, GB", "run, GB"),
        by_row=True,
    ),
)


def main(words: Sequence[str]) -> None:
    """Measure what is named, and write the page of everything that is known."""
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    asked = _asked(words or tuple(known))
    unknown = sorted({*asked} - {*known, "--write"})
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; known: {', '.join(known)}")
    for name, numbers in asked.items():
        if name != "--write":
            keep(known[name].on(numbers))
    write_page()


def _asked(words: Sequence[str]) -> dict[str, list[str]]:
    """What is named, each with the numbers that follow it."""
    asked: dict[str, list[str]] = {}
    for word in words:
        if word.isdigit() and asked:
            asked[list(asked)[-1]].append(word)
        else:
            asked[word] = []
    return asked


def keep(benchmark: Benchmark) -> None:
    """Run a benchmark, and keep what it printed."""
    here, path, words = machine(), RESULTS / f"{benchmark.name}.json", benchmark.words
    tables = medians([_table(_printed(benchmark)) for _ in range(benchmark.times)])
    if benchmark.by_row and path.is_file():
        tables = with_rows(json.loads(path.read_text(encoding="utf-8"))["tables"], tables)
        words = (words[0], *(row[0].replace(",", "") for row in tables[2:]))
    if benchmark.by_row:
        del here["load"]  # each row tells its own
    kept = {
        "command": f"python benchmarks/{' '.join(words)}",
        "day": str(date.today()),
        "times": benchmark.times,
        "machine": here,
        "versions": versions(),
        "tables": tables,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def write_page() -> None:
    """Write the page of what is kept."""
    parts = [_HEAD, *(part for benchmark in BENCHMARKS for part in _part(benchmark))]
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def machine() -> dict[str, Any]:
    """System, cores and memory of this machine, and how many processes wanted its cores in the last minute."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "gigabytes": round(memory),
        "load": round(os.getloadavg()[0], 1),
    }


def versions() -> dict[str, str]:
    """Versions of Python and of what does the work, where it is installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def medians(runs: Sequence[list[list[str]]]) -> list[list[str]]:
    """Tables of several runs as one: a cell that is a number in each is their median, another that of the first."""
    return [
        [_median([run[line][column] for run in runs]) for column in range(len(cells))]
        for line, cells in enumerate(runs[0])
    ]


def with_rows(kept: list[list[str]], measured: list[list[str]]) -> list[list[str]]:
    """A kept table with the rows that were measured, in order of their first number; afresh where columns changed."""
    head, rule, *rows = measured
    before = kept[2:] if kept[0] == head else []
    by_number = {_number(row[0]): row for row in (*before, *rows)}
    return [head, rule, *(by_number[number] for number in sorted(by_number))]


def _median(cells: Sequence[str]) -> str:
    try:
        numbers = [float(cell.replace(",", "")) for cell in cells]
    except ValueError:
        return cells[0]
    places = max(len(cell.partition(".")[2]) for cell in cells)
    return f"{statistics.median(numbers):,.{places}f}"


def _printed(benchmark: Benchmark) -> str:
    script, *words = benchmark.words
    command = [sys.executable, str(Path(__file__).with_name(script)), *words]
    environment = os.environ | {"PYTHONPATH": os.fspath(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _table(printed: str) -> list[list[str]]:
    """The cells of the Markdown tables of a text, their heads and rules included."""
    lines = [line.strip() for line in printed.splitlines()]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def _part(benchmark: Benchmark) -> Iterator[str]:
    yield f"## {benchmark.title}\n\n{benchmark.about}\n"
    path = RESULTS / f"{benchmark.name}.json"
    if not path.is_file():
        yield f"Not measured yet: `python benchmarks/{' '.join(benchmark.words)}`.\n"
        return
    kept = json.loads(path.read_text(encoding="utf-8"))
    yield "\n".join(_lines(kept["tables"]))
    yield f"\n{_circumstances(kept)}\n"
    if benchmark.growth:
        yield from _picture(benchmark, kept["tables"])


def _lines(table: list[list[str]]) -> Iterator[str]:
    """The table as Markdown; a rule after another head begins a table of its own."""
    for number, cells in enumerate(table):
        is_head = number + 1 < len(table) and _is_rule(table[number + 1])
        if number and is_head:
            yield ""
        yield f"|{'|'.join(cells)}|" if _is_rule(cells) else f"| {' | '.join(cells)} |"


def _is_rule(cells: list[str]) -> bool:
    return all(cell.strip("-:") == "" and "-" in cell for cell in cells)


def _circumstances(kept: dict[str, Any]) -> str:
    computer, used = kept["machine"], ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    load = f", load {computer['load']} when it began" if "load" in computer else ""
    often = "once" if kept["times"] == 1 else f"{kept['times']} times, medians"
    return (
        f"`{kept['command']}`, {often}, {kept['day']}: {computer['system']}, {computer['cores']} cores, "
        f"{computer['gigabytes']} GB{load}; {used}."
    )


def _picture(benchmark: Benchmark, table: list[list[str]]) -> Iterator[str]:
    """Draw what grows, a picture a unit, both axes by tenfold steps: a rise of one in one is growth in proportion."""
    import altair as alt

    points = _points(benchmark.growth, table)
    if points["across"].nunique() < 2:
        return
    scale = alt.Scale(type="log")
    drawn = [
        alt.Chart(of_unit, width=360, height=240)
        .mark_line(point=True)
        .encode(
            x=alt.X("across:Q", scale=scale, title=benchmark.growth[0]),
            y=alt.Y("value:Q", scale=scale, title=unit),
            color=alt.Color("what:N", title=None),
        )
        for unit, of_unit in points.groupby("unit", sort=False)
    ]
    file = PAGE.with_name(f"benchmarks-{benchmark.name}.svg")
    alt.hconcat(*drawn).resolve_scale(color="independent").save(str(file))
    yield f"![{benchmark.title}: growth]({file.name})\n"


def _points(growth: Sequence[str], table: list[list[str]]) -> pd.DataFrame:
    """``across``, ``what`` grows, its ``value`` and ``unit``; what is nothing has no place among tenfold steps."""
    import pandas as pd

    across, *up = growth
    head, _, *rows = table
    points = pd.DataFrame(rows, columns=head).rename(columns={across: "across"}).melt("across", up, "what")
    for name in ("across", "value"):
        points[name] = pd.to_numeric(points[name].str.replace(",", ""), errors="coerce")
    return points[points["value"] > 0].assign(unit=points["what"].str.rpartition(", ")[2])


def _number(cell: str) -> float:
    return float(cell.replace(",", ""))


if __name__ == "__main__":
    main(sys.argv[1:])

"""A run as the graph that its picture shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from budget.audit.lineage.amounts import ReadFile
from budget.audit.lineage.columns import Traced
from budget.audit.lineage.happened import Done, Happened
from budget.contracts import table as contract_of
from budget.kernel.checks import CheckResult
from budget.report import show
from budget.report.picture.graph import Edge, Graph, Node, State
from budget.store import TableRef

_MOST_ORIGINS = 6


def graph_of(happened: Happened, money: Mapping[str, int]) -> Graph:
    """Tables, stages and gates of a run, with rows and pounds.

    Args:
        happened: the run.
        money: pence by table, as ``lineage_edges`` has them.
    """
    made = _Made(happened, money)
    done = tuple(happened.done)
    nodes = [node for each in done for node in made.nodes(each)]
    known = {node.id for node in nodes}
    edges = [edge for each in done for edge in made.edges(each) if edge.source in known]
    plan = happened.bundle.plan
    stages = tuple(each.stage.name for each in done)
    return Graph(plan.title, happened.bundle.run_id, plan.notice, stages, tuple(nodes), tuple(edges))


class _Made:
    """Nodes and edges of the stages of one run."""

    def __init__(self, happened: Happened, money: Mapping[str, int]) -> None:
        self._happened, self._money = happened, money
        files = sorted(happened.files.values(), key=lambda file: file.table)
        self._files = {name: tuple(found) for name, found in groupby(files, key=lambda file: file.table)}
        self._checks: dict[str, list[CheckResult]] = {}
        for each in happened.done:
            for check in happened.checks(each):
                self._checks.setdefault(check.table, []).append(check)

    def nodes(self, done: Done) -> Iterator[Node]:
        """The boxes of a stage: what it reads from outside, itself, its gate, and what it made."""
        name = done.stage.name
        if self._reads_files(done):
            for table, files in self._files.items():
                yield Node(_files_id(table), "files", table, name, _files_text(files), details=_of_files(files))
        yield Node(name, "stage", name, name, _seconds(done), details=self._of_stage(done))
        yield self._gate(done)
        if done.result is None:
            return
        traced = self._happened.columns(done)
        for ref in done.result.tables:
            details = self._of_table(ref, traced.get(ref.name))
            person = contract_of(ref.name).disclosure == "person"
            yield Node(_table_id(ref.name), "table", ref.name, name, self._measure(ref), person=person, details=details)
        for ref in done.result.documents:
            size = f"{ref.bytes:,} bytes"
            yield Node(f"d-{ref.path.name}", "document", ref.path.name, name, size, details={"SHA-256": ref.sha256})

    def edges(self, done: Done) -> Iterator[Edge]:
        """The lines of a stage: from what it reads, to its gate and to what it made."""
        name = done.stage.name
        if self._reads_files(done):
            yield from (Edge(_files_id(table), name, _files_text(files)) for table, files in self._files.items())
        for ref in self._happened.reads(done.stage):
            yield Edge(_table_id(ref.name), name, self._measure(ref))
        yield Edge(name, f"g-{name}", "")
        if done.result is not None:
            yield from (Edge(name, _table_id(ref.name), self._measure(ref)) for ref in done.result.tables)
            yield from (Edge(name, f"d-{ref.path.name}", "") for ref in done.result.documents)

    def _reads_files(self, done: Done) -> bool:
        return not done.stage.reads and not done.stage.may_read

    def _measure(self, ref: TableRef) -> str:
        pence = self._money.get(ref.name)
        money = f" \u00b7 {show.millions(pence)}" if pence is not None else ""
        return f"{ref.rows:,} row{'' if ref.rows == 1 else 's'}{money}"

    def _gate(self, done: Done) -> Node:
        checks = self._happened.checks(done)
        bad = [check for check in checks if check.outcome == "failed" and check.severity != "info"]
        state: State = "failed" if self._happened.failures(done) else "warned" if bad else "passed"
        text = f"{len(checks)} checks" + (f", {len(bad)} {'failed' if state == 'failed' else 'warned'}" if bad else "")
        told = {"Failed, warned or waived": _sentences(c for c in checks if c.outcome != "passed")}
        told |= {"Passed": _sentences(c for c in checks if c.outcome == "passed")}
        return Node(
            f"g-{done.stage.name}", "gate", f"{done.stage.gate} gate", done.stage.name, text, state, details=told
        )

    def _of_stage(self, done: Done) -> dict[str, Any]:
        known = {name for name, _ in self._happened.bundle.assumptions.entries}
        how = "" if done.result is None else "taken from the store" if done.result.reused else "computed"
        return {
            "What it does": done.stage.about,
            "How": how,
            "Key of its result": done.result.key if done.result else "",
            "Assumptions": [name for name in done.stage.assumes if name in known or name == "*"],
        }

    def _of_table(self, ref: TableRef, traced: Traced | None) -> dict[str, Any]:
        contract = contract_of(ref.name)
        return {
            "What it holds": contract.about,
            "SHA-256": ref.sha256,
            "Checks": _sentences(self._checks.get(ref.name, ())),
            "Columns": [_column(column, traced) for column in contract.columns],
        }


def _column(column: Any, traced: Traced | None) -> str:
    text = f"{column.name} ({column.type}): {column.about}"
    origins = sorted(traced.columns.get(column.name, ())) if traced else []
    if not origins:
        return text
    more = f" and {len(origins) - _MOST_ORIGINS} more" if len(origins) > _MOST_ORIGINS else ""
    return f"{text}. From {', '.join(f'{table}.{name}' for table, name in origins[:_MOST_ORIGINS])}{more}"


def _sentences(checks: Iterable[CheckResult]) -> list[str]:
    return [
        f"{c.check_id} {c.outcome} ({c.severity}): {c.rule}; found {c.measure()}, allowed {c.threshold}" for c in checks
    ]


def _of_files(files: tuple[ReadFile, ...]) -> dict[str, Any]:
    return {"Files (SHA-256)": [f"{file.file}: {file.sha256}" for file in files]}


def _files_text(files: tuple[ReadFile, ...]) -> str:
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    rows = [file.rows for file in files if file.rows is not None]
    return f"{count}, {sum(rows):,} rows" if len(rows) == len(files) else count


def _seconds(done: Done) -> str:
    return "stopped" if done.result is None else f"{done.result.seconds:.1f} s"


def _table_id(name: str) -> str:
    return f"t-{name}"


def _files_id(name: str) -> str:
    return f"f-{name}"

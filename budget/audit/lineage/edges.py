"""Which table is made from which: read off the declarations of the stages, never written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from budget.audit.lineage.amounts import money_of, rows_of_files
from budget.bundle import Bundle
from budget.contracts import output_tables
from budget.contracts import table as contract_of
from budget.runner import StageResult
from budget.stage import Stage
from budget.store import TableRef

_COLUMNS = list(output_tables()["lineage_edges"].names)


def edges(stages: Sequence[Stage], results: Sequence[StageResult], bundle: Bundle) -> pd.DataFrame:
    """The lineage of a run, in the columns of ``lineage_edges``.

    Args:
        stages: the pipeline.
        results: what each stage wrote in this run.
        bundle: what the run was given: input files, assumptions, an earlier run.
    """
    written = {result.stage: {ref.name: ref for ref in result.tables} for result in results}
    sources = _Sources(bundle, {name: ref for refs in written.values() for name, ref in refs.items()})
    rows = [
        {"output": output, "stage": stage.name, **source}
        for stage in stages
        if stage.name in written
        for output in sorted(written[stage.name])
        for source in sources.of(stage, output)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"rows": "Int64", "pence": "Int64"})


class _Sources:
    """What the tables of a run can be made from, with rows and pounds, each measured once."""

    def __init__(self, bundle: Bundle, present: Mapping[str, TableRef]) -> None:
        years = (str(bundle.plan.budget_years[0]), str(bundle.plan.base_year))
        earlier = bundle.previous.tables if bundle.previous else {}
        self._kinds = {"table": present, "earlier run": earlier}
        tables = [ref for refs in self._kinds.values() for ref in refs.values()]
        self._money = {ref.name: money_of(ref, years, bundle.store) for ref in tables}
        self._files = rows_of_files(bundle.files, present)
        self._assumed = {name for name, _ in bundle.assumptions.entries}

    def of(self, stage: Stage, output: str) -> Iterator[dict[str, Any]]:
        """The sources of one table; a stage may declare an assumption that is asked for only when it is used."""
        read = (*stage.reads, *stage.may_read)
        for kind, there in self._kinds.items():
            yield from (self._table(there[name], kind, output) for name in read if name in there)
        if not read:
            yield from self._raw(output)
        assumed = [name for name in stage.assumes if name in self._assumed]
        yield from ({"input": name, "kind": "assumption"} for name in assumed)

    def _table(self, ref: TableRef, kind: str, output: str) -> dict[str, Any]:
        facts = {"input": ref.name, "kind": kind, "rows": ref.rows, "pence": self._money[ref.name]}
        return facts | {"row_filter": _shared(output, ref.name)}

    def _raw(self, output: str) -> Iterator[dict[str, Any]]:
        """The files of a table; a table about all files is made from all of them."""
        own = {name: file for name, file in self._files.items() if file.table == output}
        for name, file in (own or self._files).items():
            yield {"input": name, "kind": "file", "rows": file.rows}


def _shared(output: str, source: str) -> str | None:
    """The columns by which a row of one table finds its rows in the other; nothing where they share none of its key."""
    there = set(contract_of(source).names)
    return ", ".join(name for name in contract_of(output).key if name in there) or None

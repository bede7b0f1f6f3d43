"""The datasets that events speak of: input files, tables and documents, with their columns and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from budget.audit.lineage import facets
from budget.audit.lineage.amounts import ReadFile
from budget.audit.lineage.columns import Origin, Traced
from budget.audit.lineage.happened import Done, Happened
from budget.audit.lineage.traced import RAW
from budget.contracts import table as contract_of
from budget.kernel.checks import CheckResult
from budget.store import TableRef

Dataset = dict[str, Any]

_SQL = "traced through the SQL of the stage"
_ROWS = "decides the rows, traced through the SQL of the stage"
_DECLARED = "declared: the stage reads the table; columns are not traced"


class Datasets:
    """The datasets of one run. Names hold no path of a machine: a run's tables are alike wherever it was made."""

    def __init__(self, happened: Happened) -> None:
        self._happened = happened
        plan = happened.bundle.plan
        self._namespace = f"capitation://{plan.locality}"
        self._owner = facets.owner(f"organisation:{plan.icb_code}")

    def inputs(self, done: Done) -> list[Dataset]:
        """What a stage reads: tables, or the input files."""
        reads = self._happened.reads(done.stage)
        return [self._table(ref) for ref in reads] or [self._file(file) for file in self._happened.files.values()]

    def outputs(self, done: Done) -> list[Dataset]:
        """What a stage wrote: tables with their columns, and documents."""
        if done.result is None:
            return []
        traced = self._happened.columns(done)
        tables = [self._written(done, ref, traced.get(ref.name)) for ref in done.result.tables]
        return tables + [self._document(ref) for ref in done.result.documents]

    def judged(self, table: str, checks: Sequence[CheckResult]) -> Dataset:
        """A table, or whatever else a gate speaks of, with what it found of it."""
        ref = self._happened.tables.get(table)
        said = {"dataQualityAssertions": facets.assertions(checks)}
        if ref is None:
            return {**self._name(table), "inputFacets": said}
        known = self._table(ref)
        return {**known, "inputFacets": known["inputFacets"] | said}

    def _table(self, ref: TableRef) -> Dataset:
        return {
            **self._name(ref.name),
            "facets": {"version": facets.version(ref.sha256)},
            "inputFacets": {"inputStatistics": facets.statistics("Input", ref.rows, ref.bytes)},
        }

    def _file(self, file: ReadFile) -> Dataset:
        return {
            **self._name(_file_name(file)),
            "facets": {"version": facets.version(file.sha256), "ownership": self._owner},
            "inputFacets": {"inputStatistics": facets.statistics("Input", file.rows, None)},
        }

    def _written(self, done: Done, ref: TableRef, traced: Traced | None) -> Dataset:
        contract = contract_of(ref.name)
        said = {
            "documentation": facets.about(contract.about),
            "schema": facets.schema(contract),
            "version": facets.version(ref.sha256),
            "ownership": self._owner,
            "columnLineage": self._by_sql(contract.names, traced) if traced else self._declared(done, ref.name),
        }
        statistics = {"outputStatistics": facets.statistics("Output", ref.rows, ref.bytes)}
        return {**self._name(ref.name), "facets": said, "outputFacets": statistics}

    def _document(self, ref: TableRef) -> Dataset:
        said = {"version": facets.version(ref.sha256), "ownership": self._owner}
        statistics = {"outputStatistics": facets.statistics("Output", None, ref.bytes)}
        return {**self._name(f"pack/{ref.path.name}"), "facets": said, "outputFacets": statistics}

    def _by_sql(self, names: Sequence[str], traced: Traced) -> facets.Facet:
        found = {name: traced.columns[name] for name in names if name in traced.columns}
        fields = {name: {"inputFields": self._fields(origins, "DIRECT", _SQL)} for name, origins in found.items()}
        return facets.column_lineage(fields, self._fields(traced.rows, "INDIRECT", _ROWS))

    def _declared(self, done: Done, output: str) -> facets.Facet:
        """The tables that a stage reads, by the columns that the table shares with them."""
        names = set(contract_of(output).names)
        found = {
            (ref.name, column)
            for ref in self._happened.reads(done.stage)
            for column in _in_common(contract_of(ref.name).names, names)
        }
        return facets.column_lineage({}, self._fields(found, "INDIRECT", _DECLARED))

    def _fields(self, origins: Iterable[Origin], kind: str, how: str) -> list[Dataset]:
        """Columns as the facet names them; steps that Python lent to the SQL are no datasets."""
        said = [{"type": kind, "description": how}]
        return [
            {**self._name(name), "field": column, "transformations": said}
            for table, column in sorted(origins)
            for name in self._datasets_of(table)
        ]

    def _datasets_of(self, table: str) -> list[str]:
        if table in self._happened.tables:
            return [table]
        raw = table.removeprefix(RAW)
        return [_file_name(file) for file in self._happened.files.values() if table != raw and file.table == raw]

    def _name(self, name: str) -> Dataset:
        return {"namespace": self._namespace, "name": name}


def _file_name(file: ReadFile) -> str:
    return f"inputs/{file.table}/{file.file}"


def _in_common(source: Sequence[str], output: set[str]) -> list[str]:
    """The columns that two tables share; the first of the source where they share none."""
    return [name for name in source if name in output] or list(source[:1])

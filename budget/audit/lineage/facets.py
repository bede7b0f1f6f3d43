"""Facets of OpenLineage: what an event says of a run, a job or a dataset, each under the schema it keeps to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from budget import __version__
from budget.contracts import Table
from budget.kernel.checks import CheckResult

Facet = dict[str, Any]

PRODUCER = f"urn:capitation:{__version__}"
EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_SPEC = "https://openlineage.io/spec/facets"
_SEVERITY = {"fail": "error", "warn": "warn", "info": "info"}


def parent(run_id: str, namespace: str, job: str) -> Facet:
    """The run that a stage or gate belongs to."""
    of = {"run": {"runId": run_id}, "job": {"namespace": namespace, "name": job}}
    return _facet("1-2-0/ParentRunFacet", **of, root=of)


def error(message: str) -> Facet:
    """Why a run stopped."""
    return _facet("1-0-1/ErrorMessageRunFacet", message=message, programmingLanguage="python")


def engine(name: str, version: str) -> Facet:
    """What did the person-level work."""
    return _facet("1-1-1/ProcessingEngineRunFacet", name=name, version=version)


def job_type(kind: str) -> Facet:
    """Whether a job is a run, a stage or a gate."""
    return _facet("2-0-4/JobTypeJobFacet", processingType="BATCH", integration="CAPITATION", jobType=kind)


def job_about(text: str) -> Facet:
    """What a job does."""
    return _facet("1-1-0/DocumentationJobFacet", description=text)


def job_owners(names: Iterable[str]) -> Facet:
    """Who answers for the assumptions of a job."""
    return _facet("1-0-1/OwnershipJobFacet", owners=[{"name": name, "type": "ASSUMPTIONS"} for name in names])


def about(text: str) -> Facet:
    """What a dataset holds."""
    return _facet("1-1-0/DocumentationDatasetFacet", description=text)


def owner(name: str) -> Facet:
    """Whose a dataset is."""
    return _facet("1-0-1/OwnershipDatasetFacet", owners=[{"name": name, "type": "OWNER"}])


def version(sha256: str) -> Facet:
    """The bytes of a dataset."""
    return _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=sha256)


def schema(contract: Table) -> Facet:
    """The columns of a table."""
    fields = [{"name": c.name, "type": c.type, "description": c.about} for c in contract.columns]
    return _facet("1-2-0/SchemaDatasetFacet", fields=fields)


def statistics(kind: str, rows: int | None, size: int | None) -> Facet:
    """Rows and bytes that were read (``Input``) or written (``Output``)."""
    release = {"Input": "1-0-0/InputStatisticsInputDatasetFacet", "Output": "1-0-2/OutputStatisticsOutputDatasetFacet"}
    known = {name: count for name, count in (("rowCount", rows), ("size", size)) if count is not None}
    return _facet(release[kind], **known, fileCount=1)


def assertions(checks: Sequence[CheckResult]) -> Facet:
    """What a gate found of one table: counts, shares and limits; codes of organisations stay in the gate report."""
    return _facet("1-1-0/DataQualityAssertionsDatasetFacet", assertions=[_assertion(check) for check in checks])


def column_lineage(fields: dict[str, Any], dataset: list[Any]) -> Facet:
    """Which columns of inputs are in each column, and which decide the rows."""
    return _facet("1-2-0/ColumnLineageDatasetFacet", fields=fields, dataset=dataset)


def _assertion(check: CheckResult) -> dict[str, Any]:
    waiver = {"params": {"waiver": check.waiver_id}} if check.waiver_id else {}
    return {
        "assertion": check.check_id,
        "name": f"{check.gate}.{check.check_id}",
        "success": check.outcome == "passed",
        "severity": _SEVERITY[check.severity],
        "description": check.rule,
        "expected": check.threshold,
        "actual": check.measure(),
        **waiver,
    }


def _facet(schema_: str, **facts: Any) -> Facet:
    name = schema_.rpartition("/")[2]
    return {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/{schema_}.json#/$defs/{name}", **facts}

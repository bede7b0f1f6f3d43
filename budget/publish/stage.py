"""The publish stage: what people hold in their hands, made from the tables alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from budget import __version__
from budget.contracts import PREVIOUS, output_tables
from budget.kernel.csv_file import write_csv
from budget.kernel.hashing import hash_file
from budget.report.facts import RunFacts
from budget.report.page import Page
from budget.stage import EVERYTHING, Document, Given, Stage, Written

_PERSON_TABLES = frozenset(name for name, contract in output_tables().items() if contract.disclosure == "person")
_AS_CSV = (
    "integrated_budget",
    "budget_by_scale",
    "contributions",
    "segment_rates",
    "monthly_profile",
    "growth_bridge",
    "funding_gap",
    "pace_of_change",
    "carve_outs",
)
_FOR_MACHINES = ("risk_weights", "practice_weights", "run_diff")
"""Tables that no page or workbook shows."""

_READ = (
    *(
        name
        for name in output_tables()
        if name
        not in _PERSON_TABLES | {"assumption_ledger", "dq_results", "lineage_edges", "disclosure_audit", *_FOR_MACHINES}
    ),
    f"{PREVIOUS}growth_bridge",
)


def publish_pack(given: Given) -> Written:
    """Write the assumption ledger, the workbook, the report page and the main tables as CSV."""
    assumptions = given.assumptions.as_table()
    tables = {name: given.frame(name) for name in _READ if given.has(name)} | {"assumption_ledger": assumptions}
    facts = _facts(given, assumptions, tables)
    page = _begin_page(tables, facts)
    # the workbook is written while the charts of the page are drawn
    documents = {"budget.xlsx": Document(partial(_workbook, tables, facts)), "report.html": Document(page.write)}
    csv = {f"{name}.csv": Document(partial(write_csv, tables[name])) for name in _AS_CSV}
    return {"assumption_ledger": assumptions} | documents | csv


def _facts(given: Given, assumptions: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> RunFacts:
    plan = given.plan
    segments = tables["segments"]
    providers = tables["choice_by_provider"][["provider_code", "provider_name"]].dropna().drop_duplicates()
    labels = dict(zip(segments["segment"], segments["name"], strict=True))
    labels |= dict(zip(providers["provider_code"], providers["provider_name"], strict=True))
    return RunFacts(
        run_id=given.run_id,
        title=plan.title,
        purpose=plan.purpose,
        notice=plan.notice,
        base_year=plan.base_year,
        budget_years=plan.budget_years,
        snapshot_date=plan.snapshot_date,
        code_version=__version__,
        created_on=plan.snapshot_date,
        checks=given.checks,
        assumptions=assumptions,
        known_on=given.assumptions.known_on,
        published_to=given.assumptions.latest_published,
        scenarios=tuple(layer.name for layer in given.assumptions.layers if layer.kind == "scenario"),
        warnings=given.assumptions.warnings,
        waivers=given.waivers,
        record=tuple(_record(given)),
        tiles=plan.tiles,
        labels=labels | plan.labels,
    )


def _record(given: Given) -> Iterator[tuple[str, str]]:
    """What the run was made from; inputs have a sheet of their own."""
    plan = given.plan
    yield "Run", given.run_id
    yield "Version of the product", __version__
    yield "Purpose", plan.purpose
    yield "Base year", str(plan.base_year)
    yield "Budget years", ", ".join(str(year) for year in plan.budget_years)
    yield "People counted on", plan.snapshot_date.isoformat()
    yield "Assumptions, hash of values", given.assumptions.digest()
    for layer in given.assumptions.layers:
        yield f"{layer.kind.capitalize()} {layer.name}".strip(), layer.identity["sha256"]
    files = (
        plan.segmentation,
        *plan.codelists,
        plan.population_rules,
        *plan.need_files,
        plan.gates,
        *plan.contract_files,
    )
    for file in dict.fromkeys(files):
        yield f"File {file.name}", hash_file(file)


def _workbook(tables: dict[str, pd.DataFrame], facts: RunFacts, path: Path) -> None:
    from budget.report.workbook import write_workbook

    write_workbook(tables, facts, path)


def _begin_page(tables: dict[str, pd.DataFrame], facts: RunFacts) -> Page:
    from budget.report.page import begin_page

    return begin_page(tables, facts)


PUBLISH = Stage(
    name="publish",
    about="Write the workbook, the report page and the tables that finance teams take away.",
    reads=("integrated_budget", "growth_bridge", "pace_of_change"),
    may_read=tuple(name for name in _READ if name not in ("integrated_budget", "growth_bridge", "pace_of_change")),
    assumes=EVERYTHING,
    writes=("assumption_ledger", "budget.xlsx", "report.html", *(f"{name}.csv" for name in _AS_CSV)),
    gate="publish",
    run=publish_pack,
    leans_on=("report",),
    documents=True,
)

"""The resolved bundle of a run: plan, assumptions, inputs, code and key; its hash ends the run id."""

from __future__ import annotations

import importlib.metadata
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import budget
from budget.assumptions.resolve import resolve
from budget.assumptions.resolved import Assumptions
from budget.audit.waivers import Waivers
from budget.contracts import input_tables
from budget.engine import DuckEngine, Engine
from budget.engine.cluster import Cluster
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_code, hash_file, hash_files, hash_value
from budget.kernel.pseudonyms import key_fingerprint
from budget.kernel.years import FinancialYear
from budget.plan import Plan
from budget.previous import Previous
from budget.store import Store

_NUMERIC_PACKAGES = ("duckdb", "numpy", "pandas", "pyarrow", "statsmodels", "xlsxwriter", "altair")
MEMORY = "CAPITATION_MEMORY"
_MEMORY_LIMIT = "4GB"
_PERSON_NUMBER = re.compile(r"(?<!\d)\d{3}[ _-]?\d{3}[ _-]?\d{4}(?!\d)")


@dataclass(frozen=True)
class InputFile:
    """One raw file of the input folder."""

    table: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Bundle:
    """Everything that a run depends on, resolved; two runs of one bundle give the same bytes.

    Attributes:
        plan: locality, years, snapshot.
        assumptions: every resolved assumption.
        files: raw input files with their hashes.
        store: where stage results are kept.
        out: where run folders are published.
        code: hash of the product's code.
        overrides: ``--set`` values.
        parent: the run that this one reruns.
        previous: the earlier run that this one is compared with, if any.
        waivers: warnings that somebody has accepted.
        cluster: where stages that read rows of people run; None for DuckDB, which runs all the others too.
    """

    plan: Plan
    config: Path
    assumptions: Assumptions
    files: tuple[InputFile, ...]
    store: Store
    out: Path
    code: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    previous: Previous | None = None
    waivers: Waivers = field(default_factory=Waivers)
    cluster: Cluster | None = None

    @property
    def engine_name(self) -> str:
        """The engine of stages that read rows of people: ``duckdb`` or ``spark``."""
        return "spark" if self.cluster else "duckdb"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios laid over the packs, in order."""
        return tuple(layer.name for layer in self.assumptions.layers if layer.kind == "scenario")

    @property
    def input_hashes(self) -> tuple[tuple[str, str, str], ...]:
        """Table, file name and hash of every raw file."""
        return tuple((file.table, file.path.name, file.sha256) for file in self.files)

    @property
    def raw_files(self) -> dict[str, tuple[Path, ...]]:
        """Raw files by table."""
        return {
            name: tuple(f.path for f in self.files if f.table == name)
            for name in dict.fromkeys(f.table for f in self.files)
        }

    @cached_property
    def plan_facts(self) -> dict[str, Any]:
        """What of the plan can change a result: its values, and the contents of the files it names."""
        plan = self.plan
        return {
            "locality": plan.locality,
            "title": plan.title,
            "years": [str(year) for year in plan.years],
            "snapshot_date": plan.snapshot_date,
            "care_year": str(plan.care_year),
            "contract_starts_on": plan.contract_starts_on,
            "icb_code": plan.icb_code,
            "person_id": plan.person_id,
            "pseudonym_key": key_fingerprint(plan.person_id),
            "notice": plan.notice,
            "labels": plan.labels,
            **({"tiles": plan.tiles} if plan.tiles else {}),
            "prime_provider": plan.prime_provider.model_dump() if plan.prime_provider else None,
            "budgets": [scope.model_dump() for scope in plan.budgets],
            "segmentation": [hash_file(file) for file in (plan.segmentation, *plan.codelists)],
            "population_rules": hash_file(plan.population_rules),
            "need": [hash_file(file) for file in plan.need_files],
        }

    @cached_property
    def digest(self) -> str:
        """Hash of the bundle."""
        versions = {name: importlib.metadata.version(name) for name in _NUMERIC_PACKAGES}
        gates = [hash_file(file) for file in self.plan.gate_files]
        parts = [
            self.input_hashes,
            [self.assumptions.digest(), self.assumptions.origin(), self.overrides],
            self.plan_facts,
            self.code,
            versions,
            gates,
            self.plan.purpose,
            *([hash_files(self.plan.contract_files)] if self.plan.contracts else []),
            self.previous.output_hash if self.previous else None,
            self.waivers.digest(),
            *([self.engine_name] if self.cluster else []),
        ]
        return hash_value(parts)

    @property
    def run_id(self) -> str:
        """Locality, first budget year and the hash of the bundle."""
        first = str(self.plan.budget_years[0]).replace("/", "-")
        return f"{self.plan.locality}-{first}-{self.digest[:12]}"

    def engine(self, tables: Mapping[str, Path]) -> DuckEngine:
        """An engine over some tables that spills beside the store."""
        return DuckEngine(tables, spill=self.store.spill(), memory_limit=memory_limit())

    def engine_of_people(self, tables: Mapping[str, Path]) -> Engine:
        """The engine of stages that read rows of people: on the run's cluster, where it has one."""
        if self.cluster is None:
            return self.engine(tables)
        from budget.engine.spark import SparkEngine

        spill = self.store.spill()
        return SparkEngine(self.cluster.session(spill), tables, spill, memory_limit())


def engine_beside(run_folder: Path, tables: Mapping[str, Path]) -> DuckEngine:
    """An engine over rows of people of a run that is done; it spills into the store of the runs, where it may write."""
    store = Store(run_folder.parent / ".store")
    spill = store.spill() if os.access(store.root, os.W_OK) else None
    return DuckEngine(tables, spill=spill, memory_limit=memory_limit())


def memory_limit() -> str:
    """DuckDB's own limit of memory, as it writes it; beyond it, it spills to disk. It changes no result."""
    return os.environ.get(MEMORY) or _MEMORY_LIMIT


def prepare(
    config: Path,
    *,
    needed: Iterable[str],
    scenarios: Sequence[str | Path] = (),
    overrides: Mapping[str, str] | None = None,
    out: Path = Path("runs"),
    last_year: FinancialYear | None = None,
    parent: str | None = None,
    packs: Sequence[Path] = (),
    previous: Path | None = None,
    known_on: date | None = None,
    waivers: Waivers | None = None,
    cluster: Cluster | None = None,
) -> Bundle:
    """Read a locality, find its inputs and resolve its assumptions.

    Args:
        config: the locality's YAML, or a folder with a ``run.yaml``.
        needed: identifiers of the assumptions that the stages declare.
        scenarios: names or files of scenarios, in order.
        overrides: ``--set`` values.
        out: where run folders go.
        last_year: set budgets up to this year only.
        parent: the run that this one reruns.
        packs: the packs of an earlier run, which stand in for the locality's as they are today.
        previous: folder of the earlier run to compare with, in place of the one that the locality names.
        known_on: the day as of which the run knows its assumptions, in place of the one that the locality names.
        waivers: those of an earlier run, or none, in place of the locality's as they are today.
        cluster: where stages that read rows of people run; DuckDB runs them where there is none.

    Raises:
        ConfigurationError: the locality, a scenario or an assumption is wrong or incomplete; a waiver has expired.
    """
    plan = _until(Plan.read(config), last_year)
    if known_on:
        plan = plan.model_copy(update={"known_on": known_on})
    assumptions = resolve(
        packs or plan.assumptions,
        scenarios=[find_scenario(plan, named) for named in scenarios],
        overrides=overrides,
        years=plan.budget_years,
        needed=needed,
        known_on=plan.known_on,
    )
    earlier = previous or plan.previous_run
    return Bundle(
        plan=plan,
        config=config.resolve(),
        assumptions=assumptions,
        files=find_inputs(plan.inputs),
        store=Store(out.resolve() / ".store"),
        out=out.resolve(),
        code=product_code(),
        overrides=dict(overrides or {}),
        parent=parent,
        previous=Previous.open(earlier, plan) if earlier else None,
        waivers=_waivers(plan) if waivers is None else waivers,
        cluster=cluster,
    )


def _waivers(plan: Plan) -> Waivers:
    first = str(plan.budget_years[0])
    return Waivers.read(plan.waivers, locality=plan.locality, budget_year=first, required=plan.is_production)


def product_code() -> str:
    """Hash of the product's code as it is: all that can change a table, and what the gates say is one."""
    package = Path(budget.__file__).parent
    return hash_code([package, package.parent / "expectations"], package.parent)


def find_inputs(folder: Path) -> tuple[InputFile, ...]:
    """The raw files of an input folder, one table a file or a sub-folder of Parquet parts.

    Raises:
        ConfigurationError: the folder is missing, a table is there twice or without files, or a file cannot be read.
    """
    if not folder.is_dir():
        raise ConfigurationError(
            f"{folder}: there is no such input folder. For a shipped locality make it with `capitation synth`."
        )
    files = []
    for name in input_tables():
        shapes = [
            path
            for path in (folder / f"{name}.parquet", folder / f"{name}.csv", folder / f"{name}.csv.gz", folder / name)
            if path.exists()
        ]
        if len(shapes) > 1:
            raise ConfigurationError(
                f"{folder}: {name} is there twice, as {' and '.join(path.name for path in shapes)}."
            )
        for shape in shapes:
            parts = sorted(shape.glob("*.parquet")) if shape.is_dir() else [shape]
            if not parts:
                raise ConfigurationError(f"{shape}: the folder holds no Parquet files.")
            _refuse_personal_names(shape, parts)
            files += [_input(name, part) for part in parts]
    return tuple(files)


def _input(table: str, path: Path) -> InputFile:
    try:
        return InputFile(table, path, hash_file(path))
    except OSError as error:
        raise ConfigurationError(f"{path}: the input cannot be read ({error.strerror}).") from None


def _refuse_personal_names(shape: Path, parts: Sequence[Path]) -> None:
    """Names of files stand in registers, logs and errors, so they may not hold a person's number."""
    found = sum(bool(_PERSON_NUMBER.search(part.name)) for part in parts)
    if found:
        raise ConfigurationError(
            f"{shape}: {found} of its files have names with ten digits, as NHS numbers have; give them other names."
        )


def _until(plan: Plan, last: FinancialYear | None) -> Plan:
    if last is None:
        return plan
    years = tuple(year for year in plan.budget_years if year <= last)
    if last not in years:
        raise ConfigurationError(
            f"--year {last}: the locality's budget years are {', '.join(map(str, plan.budget_years))}."
        )
    return plan.model_copy(update={"budget_years": years})


def find_scenario(plan: Plan, named: str | Path) -> Path:
    """A scenario by its file, or by its name in the folder that the locality names.

    Raises:
        ConfigurationError: there is none.
    """
    if str(named).endswith(".yaml") and Path(named).is_file():
        return Path(named)
    folder = plan.scenarios
    if folder is not None and (folder / f"{named}.yaml").is_file():
        return folder / f"{named}.yaml"
    known = sorted(path.stem for path in folder.glob("*.yaml")) if folder and folder.is_dir() else []
    raise ConfigurationError(f"--scenario {named}: there is no such scenario; known: {', '.join(known) or 'none'}.")

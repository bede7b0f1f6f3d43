"""The plan of a run: which locality, which years, where inputs and assumptions lie."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.pseudonyms import PersonId
from budget.kernel.yaml import read_yaml
from budget.kernel.years import FinancialYear
from budget.scope import BudgetScope, refuse_overlap

Year = Annotated[
    FinancialYear,
    BeforeValidator(lambda value: value if isinstance(value, FinancialYear) else FinancialYear.parse(value)),
]

Purpose = Literal["annual", "rerun", "audit", "example", "demonstration"]
"""Why a run is made. ``annual`` sets budgets that are paid: nothing unapproved may decide in it."""


class PrimeProvider(BaseModel):
    """The provider that holds the choice money and pays others from it.

    Attributes:
        name: its name.
        conflict_of_interest: what it declares of its interest in where patients go, and how that is held in check.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    conflict_of_interest: str


class Plan(BaseModel):
    """A locality's run, as its YAML states it; paths are resolved against the YAML's folder.

    Attributes:
        locality: short name, one word of letters, digits, '_' and '-'; run ids and folders begin with it.
        title: name for people.
        purpose: annual (budgets that are paid), rerun, audit, example, or demonstration (on people who are made up).
        base_year: year of the baseline spend and of the population snapshot.
        budget_years: years whose budgets are set, consecutive, the first after the base year.
        snapshot_date: day on which people are counted.
        icb_code: the ICB whose quantum is shared; footprint of the weights.
        inputs: folder with the canonical tables.
        assumptions: packs, later ones win.
        scenarios: folder where named scenarios lie.
        segmentation: segmentation scheme.
        population_rules: rules of responsible commissioner.
        need: folder of the need model, of the streams of service lines and of the primary care formula.
        gates: thresholds of the gates.
        contracts: folder of agreements between commissioners and providers, one YAML file each.
        waivers: warnings that somebody has accepted by name; none when left out.
        person_id: ``nhs_number``, ``synthetic_nhs_number`` or ``pseudonym``; see ``budget.kernel.pseudonyms``.
        notice: a sentence that every output shows (for example that people are synthetic).
        labels: words for codes of commissioners, places and lines in reports.
        tiles: row and column of each place on the map of tiles, counted from 0 in the north-west; none when left out.
        known_on: day as of which the run knows its assumptions; everything in the packs when left out.
        previous_run: folder of an earlier run that this one is compared with (who moved between segments).
        prime_provider: who holds the choice money where ``choice_method`` is ``prime_provider``.
        budgets: scopes that the budget is also shown by; see ``budget.scope``.
        activity_year: year that the activity speaks of; the base year when left out. A snapshot on the first day of the
            base year goes with care of the year before.
        contract_starts_on: first day of the contract; where it is given, stays in progress that day are shown on either
            side of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    locality: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    title: str
    purpose: Purpose = "annual"
    base_year: Year
    budget_years: tuple[Year, ...]
    snapshot_date: date
    icb_code: str
    inputs: Path
    assumptions: tuple[Path, ...]
    scenarios: Path | None = None
    segmentation: Path
    population_rules: Path
    need: Path
    gates: Path
    waivers: Path | None = None
    person_id: PersonId = "nhs_number"
    notice: str = ""
    labels: dict[str, str] = {}
    tiles: dict[str, tuple[int, int]] = {}
    known_on: date | None = None
    previous_run: Path | None = None
    prime_provider: PrimeProvider | None = None
    budgets: tuple[BudgetScope, ...] = ()
    activity_year: Year | None = None
    contract_starts_on: date | None = None
    contracts: Path | None = None

    @classmethod
    def read(cls, config: Path) -> Plan:
        """Read a locality's YAML, or the ``run.yaml`` of a folder.

        Raises:
            ConfigurationError: the file, or one that it names, is missing; an unknown key or a wrong value.
        """
        file = config / "run.yaml" if config.is_dir() else config
        written = read_yaml(file)
        if not isinstance(written, dict):
            raise ConfigurationError(f"{file}: expected a mapping of settings.")
        try:
            plan = cls.model_validate(written)
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{file}:", *faults(error)])) from None
        except ConfigurationError as error:
            raise ConfigurationError(f"{file}: {error}") from None
        plan._check_years(file)
        refuse_overlap(plan.budgets, str(file))
        plan = plan._with_paths_from(file.parent.resolve())
        plan._check_files(file)
        return plan

    def _check_years(self, file: Path) -> None:
        expected = [self.base_year.start + 1 + i for i in range(len(self.budget_years))]
        if not self.budget_years or [year.start for year in self.budget_years] != expected:
            raise ConfigurationError(f"{file}: budget_years must follow base_year {self.base_year} one by one.")

    def _check_files(self, file: Path) -> None:
        for name in ("segmentation", "population_rules", "gates", "waivers"):
            path = getattr(self, name)
            if path is not None and not path.is_file():
                raise ConfigurationError(f"{file}: {name} names {path}; there is no such file.")
        for path in self.need_files:
            if not path.is_file():
                raise ConfigurationError(f"{file}: need names {self.need}, which lacks {path.name}.")
        if self.contracts is not None and not self.contracts.is_dir():
            raise ConfigurationError(f"{file}: contracts names {self.contracts}; there is no such folder.")

    def _with_paths_from(self, folder: Path) -> Plan:
        def absolute(path: Path) -> Path:
            return (folder / path).resolve()

        changes: dict[str, Any] = {
            name: absolute(getattr(self, name))
            for name in ("inputs", "segmentation", "population_rules", "need", "gates")
        }
        changes["assumptions"] = tuple(absolute(path) for path in self.assumptions)
        changes["previous_run"] = absolute(self.previous_run) if self.previous_run else None
        changes["scenarios"] = absolute(self.scenarios) if self.scenarios else None
        changes["contracts"] = absolute(self.contracts) if self.contracts else None
        changes["waivers"] = absolute(self.waivers) if self.waivers else None
        return self.model_copy(update=changes)

    @property
    def years(self) -> tuple[FinancialYear, ...]:
        """Base year and budget years."""
        return (self.base_year, *self.budget_years)

    @property
    def care_year(self) -> FinancialYear:
        """The year whose care is costed."""
        return self.activity_year or self.base_year

    @property
    def need_files(self) -> tuple[Path, ...]:
        """What stands in the folder of need: the model, the streams of lines, the primary care formula."""
        return tuple(self.need / name for name in ("model.yaml", "streams.yaml", "carr_hill.yaml"))

    @property
    def gate_files(self) -> tuple[Path, ...]:
        """The limits of the gates, and those that they extend.

        Raises:
            ConfigurationError: one of them is missing, or extends itself.
        """
        files: list[Path] = []
        following: Path | None = self.gates
        while following is not None:
            if following in files:
                raise ConfigurationError(f"{following}: the file extends itself.")
            files.append(following)
            written = read_yaml(following)
            below = written.get("extends") if isinstance(written, dict) else None
            following = (following.parent / str(below)).resolve() if below else None
        return tuple(files)

    @property
    def is_production(self) -> bool:
        """Whether the budgets of this run are paid."""
        return self.purpose == "annual"

    @property
    def contract_files(self) -> tuple[Path, ...]:
        """The agreements of the locality, one file each, in order of name; none where it names no folder."""
        return tuple(sorted(self.contracts.glob("*.yaml"))) if self.contracts else ()

    @property
    def codelists(self) -> tuple[Path, ...]:
        """The registers of codelists that the segmentation scheme names, beside it.

        Raises:
            ConfigurationError: the scheme names one that is not there.
        """
        written = read_yaml(self.segmentation)
        names = written.get("codelists", ()) if isinstance(written, dict) else ()
        paths = tuple(self.segmentation.parent / str(name) for name in names or ())
        for path in paths:
            if not path.is_file():
                raise ConfigurationError(f"{self.segmentation}: codelists names {path}; there is no such file.")
        return paths

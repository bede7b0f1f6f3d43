"""A locality's recipe: which published tables are read, and every rate that is assumed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_layers

Share = Annotated[float, Field(ge=0, le=1)]
Curve = Literal["inpatient", "other_secondary", "gp_pharma"]


def _pairs(value: object) -> object:
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


Knots = Annotated[tuple[tuple[float, float], ...], BeforeValidator(_pairs)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """One published table: its file and our name for each column that is used.

    Attributes:
        prefixes: further columns, taken under their own names, that begin with one of these.
    """

    file: str
    columns: dict[str, str]
    prefixes: tuple[str, ...] = ()

    def read(self, folder: Path) -> pd.DataFrame:
        """The table with our column names; codes stay text.

        Raises:
            ConfigurationError: the file or one of its columns is missing.
        """
        path = folder / self.file
        if not path.is_file():
            raise ConfigurationError(f"{path}: there is no such file; the recipe names it.")
        codes = {theirs: "str" for ours, theirs in self.columns.items() if ours.endswith(("_code", "_body"))}
        frame = pd.read_csv(path, dtype=codes)
        missing = sorted(set(self.columns.values()) - set(frame.columns))
        if missing:
            raise ConfigurationError(f"{path}: there is no column {', '.join(missing)}; the recipe names it.")
        further = [name for name in frame.columns if self.prefixes and str(name).startswith(self.prefixes)]
        return frame[[*self.columns.values(), *further]].set_axis([*self.columns, *further], axis=1)


class Tables(_Part):
    """The published tables of a locality.

    Attributes:
        resident_variants: the projection's other variants, in the columns of ``residents``.
        district_parts: of districts that are partly outside the locality, the share of residents that is inside,
            by age band; districts that it does not name are inside as a whole.
    """

    localities: Source
    list: Source
    former_bodies: Source | None = None
    overrides: Source | None = None
    networks: Source
    residents: Source
    resident_variants: Source | None = None
    district_parts: Source | None = None
    small_areas: Source
    lookup: Source
    deprivation: Source
    indicators: Source
    district_prevalence: Source | None = None
    practice_indices: Source
    cost_curves: Source
    catchments: Source
    trusts: Source
    spend: Source
    spend_control: Source


class Unregistered(_Part):
    """The assumption about residents on no list, as shares of the resident estimate."""

    share: Share
    low: Share
    high: Share
    age_bands: tuple[tuple[int, int], ...]
    evidence: str


class Homes(_Part):
    """Where people live in relation to their practice."""

    elsewhere_in_footprint: Share
    outside_footprint: Share
    outside_districts: tuple[str, ...]
    missing: Share
    age_bands: tuple[int, ...]


class SecondRegistrations(_Part):
    """Second rows of counted people."""

    duplicates: Share
    merged_numbers: Share
    moved_within: Share
    same_place: Share


class History(_Part):
    """What happens to a group of people, as a share of the published list.

    Attributes:
        older: growth of the chance with age, a year.
        from_age: youngest age it happens at.
        died, left, started: first and last day of the event.
        listed: whether the people have a row on a list at all.
        has_activity: whether they received care in the base year that is in the activity table.
    """

    share: Share
    older: float = 0.0
    from_age: int = 0
    died: tuple[date, date] | None = None
    left: tuple[date, date] | None = None
    started: tuple[date, date] | None = None
    registration_type: str = "regular"
    flag: str | None = None
    invalid_number: bool = False
    ends_before_start: bool = False
    listed: bool = True
    has_activity: bool = False


class Condition(_Part):
    """How a condition is spread over people, and where its prevalence is published.

    Attributes:
        practice: column of the practice indicators, in percent.
        district: register of the prevalence by district of residence, a share.
        share: an assumed share of every practice's people, with its evidence.
        overall: an assumed share of all people, with its evidence; practices differ as their lists do by age and sex.
        from_age: youngest age of the register; prevalence is a share of people of that age and over.
        ages: relative chance by age, linear between the knots.
        male: men's chance over women's.
        deprivation: log change of the chance with each tenth of deprivation towards the most deprived.
        frailty: loading on the person's own factor.
        years: mean years since the condition was recorded.
    """

    practice: str | None = None
    district: str | None = None
    share: Share | None = None
    overall: Share | None = None
    evidence: str | None = None
    from_age: int = 0
    ages: Knots
    male: float
    deprivation: float
    frailty: float
    years: float

    @model_validator(mode="after")
    def _one_prevalence(self) -> Condition:
        if sum(source is not None for source in (self.practice, self.district, self.share, self.overall)) != 1:
            raise ValueError("give exactly one of practice, district, share and overall")
        if (self.share is not None or self.overall is not None) and not self.evidence:
            raise ValueError("an assumed share needs its evidence")
        return self


class Line(_Part):
    """How the activity of a service line is drawn; see the recipe for the words."""

    form: Literal["events", "contacts", "packages"]
    curve: Curve | None = None
    rows: float = 0.0
    parts: int = 1
    overdispersion: float = 1.0
    spread: float
    unit_pounds: float | None = None
    emergency: bool = False
    currency: str
    calibrated: Share
    extra: dict[str, float] = {}
    chance: dict[str, float] = {}

    @model_validator(mode="after")
    def _complete(self) -> Line:
        if self.form == "packages" and not self.chance:
            raise ValueError("packages need the chance by condition")
        if self.form != "packages" and (self.curve is None or self.rows <= 0):
            raise ValueError("events and contacts need a curve and rows")
        return self


class Named(_Part):
    """A code and the name that goes with it."""

    code: str
    name: str


class Flows(_Part):
    """Which lines follow the published catchments, and what becomes of small providers."""

    service_lines: tuple[str, ...]
    minimum_share: Share
    other: Named


class Nation(_Part):
    """Publications of a whole nation, and whose figures stand in for what is published place by place.

    Attributes:
        practices: patients and need of every practice, of one year.
        year: that year.
        totals: national totals of every year.
        like: localities beside the recipe's ``source`` whose registers and pounds a patient are taken.
        practices_in_network: how many practices make up a network.
        residents_per_patient: residents over patients, everywhere.
        growth: growth of residents a year.
        last_year: last year of the projection.
        deprivation_scores: score of each tenth of deprivation, the most deprived first.
    """

    practices: str
    year: str
    totals: str
    like: tuple[str, ...]
    practices_in_network: int
    residents_per_patient: float
    growth: float
    last_year: int
    deprivation_scores: tuple[float, ...]


class Recipe(_Part):
    """Everything that `write_locality` needs to know about a locality; no code knows a locality's name."""

    locality: str
    title: str
    icb_code: str
    seed: int
    snapshot: date
    activity_from: date
    activity_to: date
    base_year: str
    oldest_age: int
    oldest_drawn: int
    source: Path
    tables: Tables
    weights: dict[str, Source]
    resident_series: dict[str, str]
    variant_series: dict[str, str] = {}
    estimate_year: int
    unregistered: Unregistered
    homes: Homes
    registered_for: Knots
    second_registrations: SecondRegistrations
    counted_people: dict[str, History]
    other_people: dict[str, History]
    conditions: dict[str, Condition]
    service_lines: dict[str, Line]
    towards_place_spend: Share
    flows: Flows
    local_to: dict[str, str]
    trust_of_place: dict[str, dict[str, str]]
    group_of_place: dict[str, Named]
    nation: Nation | None = None

    @model_validator(mode="after")
    def _known_conditions(self) -> Recipe:
        for name, line in self.service_lines.items():
            unknown = sorted({*line.extra, *line.chance} - set(self.conditions))
            if unknown:
                raise ValueError(f"service_lines.{name} names unknown conditions: {', '.join(unknown)}")
            if not any(
                name in provided for provided in (self.flows.service_lines, self.trust_of_place, self.group_of_place)
            ):
                raise ValueError(
                    f"service_lines.{name} has no provider: name it in flows, trust_of_place or group_of_place"
                )
        return self

    @model_validator(mode="after")
    def _known_registers(self) -> Recipe:
        asked = sorted(name for name, condition in self.conditions.items() if condition.district is not None)
        if asked and self.tables.district_prevalence is None:
            raise ValueError(f"tables.district_prevalence is missing; these conditions need it: {', '.join(asked)}")
        return self

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """Read a recipe, laid over the one that it extends; its ``source`` folder is relative to the recipe.

        Raises:
            ConfigurationError: the file is missing, has an unknown key or a wrong value.
        """
        try:
            recipe = cls.model_validate(read_layers(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None
        return recipe.model_copy(update={"source": (path.parent / recipe.source).resolve()})

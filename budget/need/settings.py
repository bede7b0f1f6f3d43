"""What the need model is made of, as ``config/need/model.yaml`` says it: covariates and their roles, groups, limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from budget.assumptions.pack import Source
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml

Role = Literal["need", "supply", "neutral"]
"""Need moves money; supply and neutral covariates (of data quality, say) are held at the mean of all people."""

Challenger = Literal["poisson_log", "poisson_sqrt", "gamma_log", "tweedie_log", "cell_mean"]

COVARIATES = ("sex", "age_band", "imd_tenth", "condition_band", "segment")
"""What cells know of people. A place or a practice is no covariate: it would be paid for what it spends."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Model):
    """A term of the model.

    Attributes:
        covariates: one column of the cells, or several that are crossed.
        role: what it may do.
        why: one line for people.
    """

    covariates: tuple[str, ...]
    role: Role
    why: str

    @field_validator("covariates")
    @classmethod
    def _known(cls, covariates: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(covariates) - set(COVARIATES))
        if unknown or not covariates:
            raise ValueError(f"covariates are some of {', '.join(COVARIATES)}; found {', '.join(unknown) or 'none'}")
        return covariates

    @property
    def name(self) -> str:
        """The term as one word."""
        return ":".join(self.covariates)


class AreaTerm(_Model):
    """A covariate of small areas, from the table ``area_covariates``."""

    covariate: str
    role: Role
    why: str


class CloseGaps(_Model):
    """Groups that are paid what they were paid too little, or a share of it.

    Attributes:
        groups: each ``column=level`` of the cells.
        share: of the gap that is closed.
    """

    groups: tuple[str, ...]
    share: float

    @field_validator("share")
    @classmethod
    def _is_share(cls, share: float) -> float:
        if not 0 <= share <= 1:
            raise ValueError("a share lies between 0 and 1")
        return share

    @field_validator("groups")
    @classmethod
    def _of_columns(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [group for group in groups if group.partition("=")[0] not in COVARIATES or "=" not in group]
        if wrong:
            raise ValueError(f"a group is one of {', '.join(COVARIATES)}, an equals sign and a level; found {wrong[0]}")
        return groups

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the cells that the groups are of."""
        return tuple(dict.fromkeys(group.partition("=")[0] for group in self.groups))


class ModelSettings(_Model):
    """The need model of a locality."""

    version: str
    source: Source
    terms: tuple[Term, ...]
    areas: tuple[AreaTerm, ...]
    groups: tuple[str, ...]
    challengers: tuple[Challenger, ...]
    nonnegative: tuple[str, ...]
    close_gaps: CloseGaps

    @field_validator("groups")
    @classmethod
    def _known_groups(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(groups) - {*COVARIATES, "place"})
        if unknown:
            raise ValueError(f"groups are some of {', '.join(COVARIATES)}, place; found {', '.join(unknown)}")
        return groups

    @model_validator(mode="after")
    def _agrees(self) -> ModelSettings:
        names = [term.name for term in self.terms]
        if not names or len(names) != len(set(names)):
            raise ValueError("terms: give one or more, each once")
        unknown = sorted(set(self.nonnegative) - set(names))
        if unknown:
            raise ValueError(f"nonnegative names {', '.join(unknown)}, which is no term")
        if self.nonnegative and self.close_gaps.groups:
            raise ValueError("nonnegative and close_gaps cannot be met together; choose one")
        if self.areas and (self.nonnegative or self.close_gaps.groups):
            raise ValueError("areas cannot be met together with nonnegative or close_gaps; choose one")
        return self

    @classmethod
    def read(cls, path: Path) -> ModelSettings:
        """Read the settings.

        Raises:
            ConfigurationError: the file is missing, or says what no model can be made of.
        """
        try:
            return cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None

    @property
    def term_names(self) -> tuple[str, ...]:
        """The terms, crossed ones with their colons."""
        return tuple(term.name for term in self.terms)

    def held(self) -> Sequence[str]:
        """Terms that are held at their mean."""
        return [term.name for term in self.terms if term.role != "need"]

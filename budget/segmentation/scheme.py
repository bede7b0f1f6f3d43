"""A segmentation scheme as its YAML states it: features of a person, flags, segments in order of precedence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, ValidationError

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that conditions can use."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Events(_Part):
    """Activity in a look-back window that ends at the snapshot."""

    service_line: StrictStr
    months: int = Field(gt=0, le=120)
    emergency: bool | None = None


class Feature(_Part):
    """A count over a person's record: conditions of a list, or events in a window."""

    about: StrictStr = ""
    count_conditions: tuple[StrictStr, ...] = ()
    count_events: Events | None = None


class Choice(_Part):
    """A condition that depends on an assumption: one condition for each of its options."""

    assumption: StrictStr
    options: dict[str, str]


def _choice(written: Any) -> Any:
    """A mapping ``{assumption: {option: condition}}`` as a choice; text stays text."""
    if isinstance(written, dict) and len(written) == 1:
        ((assumption, options),) = written.items()
        return {"assumption": assumption, "options": options}
    return written


class Segment(_Part):
    """One segment: whoever meets its condition and was not placed before belongs to it."""

    code: StrictStr
    name: StrictStr
    when: Annotated[str | Choice, BeforeValidator(_choice)]
    about: StrictStr = ""


class Unregistered(_Part):
    """The segment of unregistered residents, and the one whose cost a head stands in for theirs."""

    code: StrictStr
    name: StrictStr
    rate_from: StrictStr


class Scheme(_Part):
    """A segmentation scheme.

    Attributes:
        boundaries: named ages that conditions may use.
        features: counts over a person's record.
        flags: named conditions over features.
        segments: in order of precedence; the first that holds wins.
        unregistered: how residents on no list are placed.
    """

    scheme: StrictStr
    title: StrictStr
    version: int
    boundaries: dict[Word, int]
    features: dict[Word, Feature]
    flags: dict[Word, str]
    segments: tuple[Segment, ...]
    unregistered: Unregistered

    @classmethod
    def read(cls, path: Path) -> Scheme:
        """Read a scheme.

        Raises:
            ConfigurationError: an unknown key or name, a missing part, or two segments with one code.
        """
        try:
            scheme = cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None
        scheme._check(path)
        return scheme

    def _check(self, path: Path) -> None:
        codes = [segment.code for segment in self.segments] + [self.unregistered.code]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ConfigurationError(f"{path}: two segments have the code {', '.join(twice)}.")
        if self.unregistered.rate_from not in codes:
            raise ConfigurationError(f"{path}: rate_from names {self.unregistered.rate_from}, which is no segment.")
        if "long_term_conditions" not in self.features:
            raise ConfigurationError(f"{path}: the feature long_term_conditions is missing; need is modelled by it.")

    @property
    def names(self) -> dict[str, str]:
        """Name by segment code."""
        return {part.code: part.name for part in self.segments} | {self.unregistered.code: self.unregistered.name}

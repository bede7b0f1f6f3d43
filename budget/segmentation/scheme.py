"""A segmentation scheme as its YAML states it: features of a person, flags, segments in order of precedence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, ValidationError, model_validator

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that conditions can use."""

BroadGroup = Literal["mostly_well", "complex_needs", "older_adults", "unregistered", "unsegmented"]
"""The three groups that every scheme can be read in, and the two that stay as they are."""

BROAD_GROUPS: tuple[BroadGroup, ...] = get_args(BroadGroup)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_or_more(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


Months = Annotated[int, Field(gt=0, le=120)] | Word
"""Length of a look-back: months, or a name under ``look_backs``."""


class Events(_Part):
    """Activity in a look-back window that ends at the snapshot.

    Attributes:
        service_line: one service line or several.
        months: length of the window.
        emergency: emergencies only (true), others only (false), or both.
    """

    service_line: Annotated[tuple[StrictStr, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
    months: Months
    emergency: bool | None = None


class Feature(_Part):
    """A count over a person's record: conditions of a list or group, or events in a window.

    Attributes:
        count_conditions: codelists, each counted once.
        count_group: a group of codelists, as their register names it.
        months: count only conditions recorded in a window that ends at the snapshot.
        count_events: activity in a window.
    """

    about: StrictStr = ""
    count_conditions: tuple[StrictStr, ...] = ()
    count_group: StrictStr | None = None
    months: Months | None = None
    count_events: Events | None = None

    @model_validator(mode="after")
    def _counts_one_thing(self) -> Feature:
        ways = [bool(self.count_conditions), self.count_group is not None, self.count_events is not None]
        if sum(ways) != 1:
            raise ValueError("give exactly one of count_conditions, count_group and count_events")
        if self.months is not None and self.count_events is not None:
            raise ValueError("the months of events stand under count_events")
        return self


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
    broad_group: BroadGroup
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
        source: where the groups come from.
        codelists: registers of codelists (CSV), beside the scheme.
        boundaries: named ages that conditions may use.
        look_backs: named lengths of windows, in months.
        features: counts over a person's record.
        flags: named conditions over features.
        segments: in order of precedence; the first that holds wins.
        unregistered: how residents on no list are placed.
    """

    scheme: StrictStr
    title: StrictStr
    version: int
    source: StrictStr = ""
    codelists: tuple[StrictStr, ...] = ()
    boundaries: dict[Word, int]
    look_backs: dict[Word, Annotated[int, Field(gt=0, le=120)]] = {}
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
        shared = sorted({"age"} & self.features.keys()) or sorted(self.features.keys() & self.flags.keys())
        if shared:
            raise ConfigurationError(f"{path}: {', '.join(shared)} has two meanings; rename the feature or the flag.")
        for feature in self.features.values():
            self.months(feature)

    def months(self, feature: Feature) -> int | None:
        """The window of a feature in months; nothing where it counts the whole record.

        Raises:
            ConfigurationError: the window has a name that no look-back has.
        """
        written = feature.count_events.months if feature.count_events else feature.months
        if not isinstance(written, str):
            return written
        if written not in self.look_backs:
            known = ", ".join(self.look_backs) or "none"
            raise ConfigurationError(f"scheme {self.scheme}: there is no look-back '{written}'; known: {known}.")
        return self.look_backs[written]

    @property
    def names(self) -> dict[str, str]:
        """Name by segment code."""
        return {part.code: part.name for part in self.segments} | {self.unregistered.code: self.unregistered.name}

    @property
    def broad_groups(self) -> dict[str, BroadGroup]:
        """Broad group by segment code."""
        return {part.code: part.broad_group for part in self.segments} | {self.unregistered.code: "unregistered"}

"""The weights and prices of general medical services, as ``config/need/carr_hill.yaml`` says them; the global sum."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from budget.assumptions.pack import Source, Status
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.money import half_up
from budget.kernel.yaml import read_yaml


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _AdditionalNeeds(_Model):
    constant: float
    long_standing_illness: float
    mortality_under_65: float


class _Rurality(_Model):
    distance: float
    density: float


class Formula(_Model):
    """The weights of the workload formula, and how far they are to be trusted."""

    status: Status
    source: Source
    age_from: tuple[int, ...]
    age_sex: dict[str, tuple[float, ...]]
    new_registration: float
    nursing_home: float
    additional_needs: _AdditionalNeeds
    rurality: _Rurality
    staff_market_forces: float


class GlobalSum(_Model):
    """Pounds a weighted patient by financial year, first published first; and the share for out-of-hours care."""

    status: Status
    source: Source
    pounds: dict[str, tuple[Decimal, ...]]
    out_of_hours_share: Decimal


class PrimaryCare(_Model):
    """The formula and its price, as ``config/need/carr_hill.yaml`` writes them."""

    formula: Formula
    global_sum: GlobalSum

    @classmethod
    def read(cls, path: Path) -> PrimaryCare:
        """Read the weights and prices.

        Raises:
            ConfigurationError: the file is missing, or written otherwise.
        """
        try:
            return cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None


def global_sum_pence(weighted: float, year: str, prices: GlobalSum, *, opted_out: bool = False) -> int:
    """Global sum of a practice for a year: weighted patients times the price, half-up to the penny.

    Args:
        weighted: weighted patients.
        year: financial year; where several prices were published, the latest holds.
        prices: pounds a weighted patient.
        opted_out: whether the practice has opted out of out-of-hours care, which is then taken off.

    Raises:
        ConfigurationError: no price of the year is known.
    """
    if year not in prices.pounds:
        raise ConfigurationError(f"global sum: no price of {year}; known: {', '.join(prices.pounds)}.")
    kept = 1 - prices.out_of_hours_share if opted_out else Decimal(1)
    return half_up(Decimal(str(weighted)) * prices.pounds[year][-1] * 100 * kept)

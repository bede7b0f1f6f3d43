"""Need by age, sex and deprivation: what people like these cost on average in England."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from budget.kernel.errors import ConfigurationError

Part = Literal["total", "inpatient", "other_secondary", "gp_pharma", "other_primary"]

_COLUMNS: dict[Part, str] = {
    "total": "cost_per_head_total_gbp",
    "inpatient": "inpatient_per_head_gbp",
    "other_secondary": "other_secondary_per_head_gbp",
    "gp_pharma": "gp_pharma_per_head_gbp",
    "other_primary": "other_primary_per_head_gbp",
}
_KEYS = ("sex", "age", "imd_fifth")
_UNKNOWN = -1
_SEXES = {"F": 0, "M": 1, "I": _UNKNOWN, "U": _UNKNOWN}


@dataclass(frozen=True)
class CostCurves:
    """Average yearly NHS cost a head by sex, single year of age and deprivation fifth.

    What is not known of a group of people (its fifth, its sex) is averaged over England's people who share the rest.

    Attributes:
        pounds: cost a head of every combination, unknown ones (-1) included, by ``sex``, ``age``, ``imd_fifth``.
        mean_pounds: England's mean.
        oldest: the last age; it holds everyone of that age and over.
    """

    pounds: pd.Series
    mean_pounds: float
    oldest: int

    @classmethod
    def read(cls, path: Path, part: Part = "total") -> CostCurves:
        """Read the published curves (Asaria 2017, in Unit Costs of Health and Social Care 2017; the method, section 8).

        Args:
            path: ``sex``, ``age``, ``imd_quintile`` (1 is the most deprived), ``population`` and pounds a head by part.
            part: which cost: all, hospital inpatient, other secondary, GP and pharmacy, or other primary.

        Raises:
            ConfigurationError: there is no such file.
        """
        if not path.is_file():
            raise ConfigurationError(f"{path}: there is no such file of cost curves.")
        return cls.of(pd.read_csv(path), part)

    @classmethod
    def of(cls, curves: pd.DataFrame, part: Part = "total") -> CostCurves:
        """The published curves as a table, in the columns of ``read``."""
        table = curves.rename(columns={"imd_quintile": "imd_fifth", _COLUMNS[part]: "pounds"})
        table["sex"] = table["sex"].map(_SEXES)
        table["spend"] = table["pounds"] * table["population"]
        known = [_averaged(table, keys) for size in range(len(_KEYS) + 1) for keys in combinations(_KEYS, size)]
        mean = float(table["spend"].sum() / table["population"].sum())
        return cls(pd.concat(known), mean, int(table["age"].max()))

    def expected(self, people: pd.DataFrame) -> pd.Series:
        """Pounds a head a year that people of each row are expected to cost.

        Args:
            people: ``sex`` (F, M; I and U are not known), ``age`` in years (missing is not known) and, where it is
                known, ``imd_fifth`` (1 to 5, missing is not known).

        Raises:
            ConfigurationError: a row has a sex, age or fifth that the curves do not know.
        """
        fifth = people["imd_fifth"] if "imd_fifth" in people else pd.Series(np.nan, index=people.index)
        levels = {
            "sex": people["sex"].map(_SEXES),
            "age": people["age"].clip(upper=self.oldest).fillna(_UNKNOWN),
            "imd_fifth": fifth.fillna(_UNKNOWN),
        }
        index = pd.MultiIndex.from_frame(pd.DataFrame(levels).astype("float64"))
        told_unknown = (people["age"] < 0) | (fifth < 1)
        found = pd.Series(self.pounds.reindex(index).to_numpy(), index=people.index).mask(told_unknown)
        if found.isna().any():
            raise ConfigurationError(
                f"people: {int(found.isna().sum())} rows have a sex, age or deprivation fifth that the cost curves "
                "do not know (sex F, M, I, U; age from 0; fifth 1 to 5)."
            )
        return found


def age_sex_deprivation(people: pd.DataFrame, curves: CostCurves, by: Sequence[str] = ("place",)) -> pd.DataFrame:
    """Need of groups of people: what their age, sex and deprivation make them cost, over England's mean.

    ``index = Σ n · cost / Σ n / £1,838.605``; England's own people have 1 (the method, section 8).

    Args:
        people: rows of ``sex``, ``age``, ``imd_fifth`` (where known), ``people`` and the columns of ``by``.
        curves: England's cost curves.
        by: what the groups are: places, practices, years.

    Returns:
        The columns of ``by``, ``population`` (people), ``weighted_population`` (people at England's mean cost),
        ``need_index`` (1 is England) and ``pounds_per_head`` (prices of the curves, 2014/15).

    Raises:
        ConfigurationError: a row that the curves do not know, or a group of nobody.
    """
    expected = curves.expected(people) * people["people"]
    rows = people[list(by)].assign(population=people["people"].astype("float64"), pounds=expected)
    sums = rows.groupby(list(by), as_index=False)[["population", "pounds"]].sum()
    if (sums["population"] <= 0).any():
        raise ConfigurationError(f"people: {int((sums['population'] <= 0).sum())} groups have nobody in them.")
    sums["weighted_population"] = sums["pounds"] / curves.mean_pounds
    sums["need_index"] = sums["weighted_population"] / sums["population"]
    sums["pounds_per_head"] = sums["pounds"] / sums["population"]
    return sums.drop(columns="pounds")


def _averaged(table: pd.DataFrame, keys: tuple[str, ...]) -> pd.Series:
    """Cost a head by some keys, over everyone who shares them; the other keys are unknown."""
    rows = table[["spend", "population"]].assign(**{key: table[key] if key in keys else _UNKNOWN for key in _KEYS})
    sums = rows.astype(dict.fromkeys(_KEYS, "float64")).groupby(list(_KEYS))[["spend", "population"]].sum()
    return sums["spend"] / sums["population"]

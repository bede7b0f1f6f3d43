"""Synthetic people with heavy-tailed cost, cells of them, and the published example of real persons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tests.support.given import REPOSITORY

MEPS = REPOSITORY / "data" / "examples" / "person_meps_2004_adults.csv.gz"
HEX = "0123456789abcdef"


def draw_people(count: int, seed: int = 20250401) -> pd.DataFrame:
    """People of eighty practices with capped-like cost in whole pence, a part of the year each, and a known index."""
    chance = np.random.default_rng(seed)
    age = chance.integers(0, 10, count)
    conditions = np.minimum(chance.poisson(0.15 * age, count), 5)
    practice = chance.integers(0, 80, count)
    people = pd.DataFrame(
        {
            "sex": chance.choice(["F", "M"], count),
            "age_band": np.array([f"{band}0-{band}9" for band in range(10)])[age // 2 * 2],
            "imd_fifth": chance.choice(list("12345"), count),
            "conditions": conditions,
            "frail": chance.random(count) < 0.02 * age,
            "practice_code": np.array([f"P{number:05d}" for number in range(80)])[practice],
            "place": np.array(["A", "B", "C", "D"])[practice % 4],
            "fold": chance.integers(0, 5, count),
            "days": chance.choice([365, 300, 180, 90], count, p=[0.85, 0.05, 0.05, 0.05]),
            "price_index": chance.choice([0.9, 1.0, 1.1], count),
        }
    )
    of_practice = chance.lognormal(0, 0.1, 80)[practice]
    mean = 20_000 * np.exp(0.2 * age + 0.35 * conditions + 0.6 * people["frail"] - 0.1 * (people["sex"] == "M"))
    part = people["days"] / 365
    drawn = chance.gamma(0.4, 2.5, count) * (chance.random(count) < 0.6 + 0.035 * age)
    people["cost"] = np.round(mean * of_practice * people["price_index"] * part * drawn).astype("int64")
    return people


def in_cells(people: pd.DataFrame, keys: Sequence[str], cost: str = "cost", days: str = "days") -> pd.DataFrame:
    """Cells of people by pandas: people, users, cost and squares, and the sums for cost a year."""
    y = people[cost].astype(float)
    e = people[days] / 365 if days in people else 1.0
    each = people.assign(people=1, positives=(y > 0).astype(int), y=people[cost], yy=y**2, e=e, ee=e * e, ey=e * y)
    sums = ["people", "positives", "y", "yy", "e", "ee", "ey", "yy_per_e"]
    return each.assign(yy_per_e=y**2 / e).groupby(list(keys), as_index=False, observed=True)[sums].sum()


def for_the_engine(people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People as the tables ``population`` and ``person_cost``; identifiers are drawn hexadecimal, as pseudonyms are.

    One in a hundred has no known area; one in a hundred was on no list for a day of the year of care, though some of
    them have cost in it.
    """
    chance = np.random.default_rng(7)
    drawn = chance.integers(0, 16, (len(people), 12))
    age = people["age_band"].str[0].astype(int) * 10 + chance.integers(0, 20, len(people))
    decile = people["imd_fifth"].astype(int) * 2 - chance.integers(0, 2, len(people))
    area = people["practice_code"].str[-2:].astype(int) * 3 + chance.integers(0, 3, len(people))
    homeless = chance.random(len(people)) < 0.01
    population = pd.DataFrame(
        {
            "person_id": ["".join(HEX[digit] for digit in row) + f"{n:06d}" for n, row in enumerate(drawn)],
            "age": pd.Series(age, dtype="Int16").mask(chance.random(len(people)) < 0.002),
            "sex": people["sex"],
            "place": people["place"],
            "practice_code": people["practice_code"],
            "lsoa_code": ("E" + area.astype(str)).mask(homeless, None),
            "imd_decile": pd.Series(decile, dtype="Int8").mask(homeless),
            "segment": np.where(people["frail"], "COMPLEX", "WELL"),
            "long_term_conditions": people["conditions"].astype("int16"),
            "care_days": people["days"].astype("int16").mask(chance.random(len(people)) < 0.01, 0),
        }
    )
    return population, population[["person_id"]].assign(cost_pence=people["cost"])


def read_meps() -> pd.DataFrame:
    """Adults of the Medical Expenditure Panel Survey, with the levels that the guide names; spend in cents."""
    people = pd.read_csv(MEPS)
    region = np.select([people["reg_midw"] == 1, people["reg_south"] == 1, people["reg_west"] == 1], list("MSW"), "N")
    insurance = np.select(
        [people["ins_unins"] == 1, people["ins_mcaid"] == 1, people["ins_mcare"] == 1],
        ["none", "medicaid", "medicare"],
        "private",
    )
    return pd.DataFrame(
        {
            "age_band": (people["age"] // 5 * 5).map("{:02d}".format),
            "sex": people["female"].map({1: "F", 0: "M"}),
            "region": region,
            "income": _fifth(people["lninc"]),
            "insurance": insurance,
            "physical": _fifth(people["pcs12"]),
            "mental": _fifth(people["mcs12"]),
            "limited": people["anylim"].map({1: "yes", 0: "no"}),
            "cost": people["exp_tot"] * 100,
        }
    )


def _fifth(values: pd.Series) -> pd.Series:
    return pd.qcut(values.rank(method="first"), 5, labels=list("12345")).astype(str)

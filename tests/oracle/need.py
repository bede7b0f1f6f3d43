"""The need model on person rows, as a textbook does it: every person a row, no cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

TERMS = ("sex:age_band", "imd_tenth", "condition_band", "segment")
FOLDS = 5
_ALPHABET = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"


@dataclass(frozen=True)
class PersonFit:
    """Least squares of a year's capped cost on people, each weighted with the part of the year that they were there."""

    params: dict[tuple[str, str], float]
    hc1: dict[tuple[str, str], float]
    clustered: dict[tuple[str, str], float]


def everyone(population: pd.DataFrame, cost: pd.DataFrame, cap: int, days: int) -> pd.DataFrame:
    """Persons with their covariates, fold, part of the year, and whole and kept cost."""
    rows = population.merge(cost, on="person_id", validate="one_to_one")
    known = covariates(rows).assign(
        segment=rows["segment"],
        place=rows["place"],
        practice_code=rows["practice_code"].fillna("none"),
        fold=rows["person_id"].map(fold),
        years=rows["care_days"] / days,
        whole=rows["cost_pence"].astype(float),
    )
    return known.assign(kept=known["whole"].clip(upper=cap))


def fit(people: pd.DataFrame) -> PersonFit:
    """Weighted least squares of cost a year, weight the part of the year, with HC1 errors and errors by practice."""
    import statsmodels.api as sm

    there = people[people["years"] > 0]
    design = indicators(there)
    years = there["years"].to_numpy()
    fitted = sm.WLS(there["kept"].to_numpy() / years, design.to_numpy(), weights=years).fit()
    practices = pd.factorize(there["practice_code"])[0]
    clustered = fitted.get_robustcov_results("cluster", groups=practices, use_correction=False, df_correction=False)
    names = list(design.columns)
    return PersonFit(
        dict(zip(names, fitted.params, strict=True)),
        dict(zip(names, fitted.get_robustcov_results("HC1").bse, strict=True)),
        dict(zip(names, clustered.bse, strict=True)),
    )


def predicted(people: pd.DataFrame, fitted_on: pd.DataFrame) -> pd.Series:
    """Cost a head and year that least squares on some people expects of others.

    A level of none of them is taken for the level before it, or for the first one where there is none before.
    """
    there = fitted_on[fitted_on["years"] > 0]
    design = indicators(there)
    x, years = design.to_numpy(), there["years"].to_numpy()
    answer = np.linalg.lstsq(x.T @ (x * years[:, None]), x.T @ there["kept"].to_numpy(), rcond=None)[0]
    known = {term: _known(people[term], sorted(set(there[term]))) for term in TERMS}
    asked = indicators(people.assign(**known), like=design)
    return pd.Series(asked.to_numpy() @ answer, index=people.index)


def out_of_fold(people: pd.DataFrame) -> pd.Series:
    """What is expected of everyone by a model of the people of the other folds."""
    parts = [predicted(people[people["fold"] == n], people[people["fold"] != n]) for n in range(FOLDS)]
    return pd.concat(parts).reindex(people.index)


def indicators(people: pd.DataFrame, like: pd.DataFrame | None = None) -> pd.DataFrame:
    """An intercept and one column a level but that of most people; the columns of ``like``, where it is given."""
    columns = {("intercept", "everyone"): np.ones(len(people))}
    for term in TERMS:
        counts = people[term].value_counts()
        levels = sorted(set(counts.index) - {counts.idxmax()}) if like is None else [b for a, b in like if a == term]
        columns |= {(term, level): (people[term] == level).to_numpy(dtype=np.float64) for level in levels}
    found = pd.DataFrame(columns, index=people.index)
    found.columns = pd.Index(list(columns), tupleize_cols=False)
    return found


def _known(levels: pd.Series, known: list[str]) -> pd.Series:
    found = {level: max((other for other in known if other <= level), default=known[0]) for level in set(levels)}
    return levels.map(found)


def covariates(people: pd.DataFrame) -> pd.DataFrame:
    """The covariates of the need model that come of facts about a person, person by person."""

    def band(age: object) -> str:
        if pd.isna(age):  # type: ignore[call-overload]
            return "unknown"
        start = int(age) // 5 * 5  # type: ignore[call-overload]
        return "90+" if start >= 90 else f"{start:02d}-{start + 4:02d}"

    bands = people["age"].map(band, na_action=None)
    tenth = people["imd_decile"].map(lambda d: "unknown" if pd.isna(d) else f"{int(d):02d}", na_action=None)
    conditions = people["long_term_conditions"].map(lambda many: "5+" if many >= 5 else str(many))
    return pd.DataFrame(
        {
            "sex:age_band": people["sex"] + ":" + bands,
            "age_band": bands,
            "imd_tenth": tenth,
            "condition_band": conditions,
        }
    )


def fold(person_id: str) -> int:
    """The fold of a person: the places of the first four letters of the pseudonym, added up, modulo five."""
    return sum(_ALPHABET.find(letter) + 1 for letter in person_id[:4]) % FOLDS

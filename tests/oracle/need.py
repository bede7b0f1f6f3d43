"""Regression on person rows, as a textbook does it: every person a row, no cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PersonFit:
    """Ordinary least squares of capped cost on people."""

    params: dict[str, float]
    standard_errors: dict[str, float]
    r_squared: float


def fit(people: pd.DataFrame, cap: int) -> PersonFit:
    """Ordinary least squares with HC1 errors on person rows.

    Args:
        people: sex, age, imd_decile, long_term_conditions, cost_pence.
        cap: pence above which cost is left out.
    """
    import statsmodels.api as sm

    levels = covariates(people)
    columns = {"intercept": np.ones(len(people))}
    for factor, values in levels.items():
        reference = values.value_counts().idxmax()
        for level in sorted(set(values) - {reference}):
            columns[f"{factor}={level}"] = (values == level).to_numpy(dtype=np.float64)
    design = pd.DataFrame(columns)
    cost = np.minimum(people["cost_pence"].to_numpy(dtype=np.float64), cap)
    fitted = sm.OLS(cost, design).fit(cov_type="HC1")
    return PersonFit(fitted.params.to_dict(), fitted.bse.to_dict(), float(fitted.rsquared))


def covariates(people: pd.DataFrame) -> dict[str, pd.Series]:
    """The factors of the need model, person by person."""

    def band(age: object) -> str:
        if pd.isna(age):  # type: ignore[call-overload]
            return "unknown"
        start = int(age) // 5 * 5  # type: ignore[call-overload]
        return "90+" if start >= 90 else f"{start:02d}-{start + 4:02d}"

    bands = people["age"].map(band, na_action=None)
    fifth = people["imd_decile"].map(lambda d: "unknown" if pd.isna(d) else str((int(d) + 1) // 2), na_action=None)
    conditions = people["long_term_conditions"].map(lambda n: "5+" if n >= 5 else str(n))
    return {"sex:age_band": people["sex"] + ":" + bands, "imd_fifth": fifth, "condition_band": conditions}

"""The weighted capitation formula of NHS England's practice workbook on 2018/19 populations (the method, section 8).

The coefficients are those of the workbook, recovered from its 7,325 practices to a residual below 1e-10; they are the
definition of that formula, so they stand here and are no assumptions. Columns have the names of the workbook.
"""

from __future__ import annotations

import logging

import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.need.adjustments import (
    CORE_INEQUALITY_SHARE,
    PRESCRIBING_INEQUALITY_SHARE,
    emergency_ambulance,
    health_inequality,
    market_forces,
    remoteness,
)

logger = logging.getLogger(__name__)

_HCHS = {
    "WP_G&A": 0.7443451385104918,
    "WP_CS": 0.06413866213433597,
    "WP_MH": 0.14985545245073117,
    "WP_Mat": 0.04166074690444151,
}
"""Shares of hospital and community health services: general and acute, community, mental health, maternity."""
_NEEDED = ("GP_pop", *_HCHS, "MFF_index", "EACA_index", "WP_Presc", "WP_SMR")
_POPULATION = 59_079_904.55623126
_TARGET_EXC_GBP_K = 74_151_128.61821443
_TARGET_INC_GBP_K = 74_185_184.23212153
_TO_POPULATION = 1.0062182972723481
"""Brings hospital and community need after market forces and ambulances back to England's population."""
_HCHS_SHARE, _PRESCRIBING_SHARE = 0.8794823741469692, 0.12051762600546854
_TARGETS = ("Target_exc_remote_gbp_k", "Target_inc_remote_gbp_k")


def weighted_capitation_2018_19(practices: pd.DataFrame) -> pd.DataFrame:
    """Target allocation and overall need of practices, from their weighted populations by need.

    - ``HCHS = Σ share · stream``, then 10% of it by under-75 mortality, times market forces and ambulance indices,
      scaled back to England's population;
    - ``Presc' = 0.9 · Presc + 0.1 · SMR``;
    - ``W = 0.8795 · HCHS'' + 0.1205 · Presc'``;
    - ``target without remoteness = W · £74.15bn / 59.08m``, times the remoteness uplift the target;
    - ``WP_Overall = target · 59.08m / £74.19bn``; ``Need = WP_Overall / GP_pop``.

    Every practice is worked out by itself, so any part of England gives the same as the whole.

    Args:
        practices: one row a practice: ``GP_pop`` (people), ``WP_G&A``, ``WP_CS``, ``WP_MH``, ``WP_Mat``,
            ``WP_Presc``, ``WP_SMR`` (weighted people), ``MFF_index``, ``EACA_index``. The uplift is
            ``Remoteness_index``; else the ratio of the workbook's own targets with and without remoteness; where
            neither is there, no practice is taken as remote (uplift 1), as 7,057 of the 7,325 are not.

    Returns:
        The same index and ``Practice`` (where given): ``WP_HCHS``, ``WP_before_remoteness`` (W), ``Remoteness_index``,
        ``Target_exc_remote_gbp_k``, ``Target_inc_remote_gbp_k`` (thousand pounds), ``WP_Overall``, ``Need_index``.

    Raises:
        ConfigurationError: a column or figure is missing.
        RunStopped: an index is outside its bounds (check W03).
    """
    _refuse_missing(practices)
    hchs = sum((share * practices[stream] for stream, share in _HCHS.items()), start=0.0 * practices["GP_pop"])
    need = health_inequality(hchs, practices["WP_SMR"], CORE_INEQUALITY_SHARE)
    need = emergency_ambulance(market_forces(need, practices["MFF_index"]), practices["EACA_index"]) * _TO_POPULATION
    prescribing = health_inequality(practices["WP_Presc"], practices["WP_SMR"], PRESCRIBING_INEQUALITY_SHARE)
    weighted = _HCHS_SHARE * need + _PRESCRIBING_SHARE * prescribing
    target = weighted * (_TARGET_EXC_GBP_K / _POPULATION)
    uplift = _remoteness_index(practices)
    uplifted = remoteness(target, uplift)
    overall = uplifted * (_POPULATION / _TARGET_INC_GBP_K)
    computed = {
        "WP_HCHS": hchs,
        "WP_before_remoteness": weighted,
        "Remoteness_index": uplift,
        _TARGETS[0]: target,
        _TARGETS[1]: uplifted,
        "WP_Overall": overall,
        "Need_index": overall / practices["GP_pop"],
    }
    named = practices[[column for column in ("Practice",) if column in practices]]
    return named.assign(**computed)


def _remoteness_index(practices: pd.DataFrame) -> pd.Series:
    if "Remoteness_index" in practices:
        return practices["Remoteness_index"]
    exc, inc = _TARGETS
    if {exc, inc} <= set(practices.columns):
        return practices[inc] / practices[exc]
    logger.warning("no remoteness index is given: none of %d practices is taken as remote", len(practices))
    return pd.Series(1.0, index=practices.index)


def _refuse_missing(practices: pd.DataFrame) -> None:
    missing = [column for column in _NEEDED if column not in practices]
    if missing:
        raise ConfigurationError(f"practices: the 2018/19 formula needs {', '.join(missing)}.")
    blank = practices[list(_NEEDED)].isna().sum()
    if blank.any():
        told = ", ".join(f"{column} ({count})" for column, count in blank[blank > 0].items())
        raise ConfigurationError(f"practices: figures of the 2018/19 formula are blank: {told}.")
    if (practices["GP_pop"] <= 0).any():
        raise ConfigurationError("practices: a practice of nobody (GP_pop) has no need a head.")

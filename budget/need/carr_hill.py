"""Need for primary medical care by the workload formula of general medical services (Carr-Hill).

For the line of primary medical care only. The weights stand in ``config/need/carr_hill.yaml`` with their status.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.need.primary_care import Formula

COMPONENTS = ("age_sex", "nursing_home", "turnover", "additional_needs", "rurality", "staff_market_forces")
_FACTS = {
    "share_new": "share of the list in its first year",
    "share_nursing_home": "share of the list in nursing or residential homes",
    "long_standing_illness": "standardised limiting long-standing illness, England 100",
    "mortality_under_65": "standardised mortality ratio under 65, England 100",
    "distance_km": "average distance of patients to the practice",
    "density": "population density, people a hectare",
    "staff_market_forces_factor": "staff market forces factor, England 1",
}


def age_sex_units(lists: pd.DataFrame, formula: Formula) -> pd.Series:
    """Workload units a head of each row by sex and age.

    Args:
        lists: ``sex`` (F, M), ``age`` in years.
        formula: the weights.

    Raises:
        ConfigurationError: a row has another sex or no age; the formula has no weight for it.
    """
    known = lists["sex"].isin(formula.age_sex) & (lists["age"] >= formula.age_from[0])
    if not known.all():
        raise ConfigurationError(f"lists: {int((~known).sum())} rows have no sex (F, M) or age that Carr-Hill weighs.")
    band = np.searchsorted(formula.age_from, lists["age"].to_numpy(), side="right") - 1
    weights = {sex: np.asarray(formula.age_sex[sex]) for sex in formula.age_sex}
    units = np.select([lists["sex"] == sex for sex in weights], [table[band] for table in weights.values()])
    return pd.Series(units, index=lists.index)


def carr_hill(lists: pd.DataFrame, practices: pd.DataFrame, formula: Formula) -> pd.DataFrame:
    """Weighted lists of practices: six components multiplied, scaled so that weighted and registered totals agree.

    - age and sex: mean workload units of the list;
    - nursing homes and turnover: ``1 + share · (weight − 1)``, our reading of a weight for some patients;
    - additional needs: ``48.1198 + 0.26115 · illness + 0.23676 · mortality``;
    - rurality: ``distance^0.05 · density^−0.06``;
    - staff market forces: ``0.48 · factor + 0.52``.

    Args:
        lists: rows of ``practice_code``, ``sex``, ``age``, ``people``.
        practices: ``practice_code`` and the facts of `describe_facts`, one row a practice. Give all of England's,
            or the indices are relative to those that are given.
        formula: the weights.

    Returns:
        By practice: ``registered``, the six components (each 1 on average over the lists), ``need_index``,
        ``weighted_population`` (people) and ``source_status``, that of the weights.

    Raises:
        ConfigurationError: a practice lacks a fact or a list, or a fact is out of range.
    """
    listed = lists.assign(units=age_sex_units(lists, formula) * lists["people"])
    sums = listed.groupby("practice_code")[["people", "units"]].sum()
    facts = _facts_of(practices, sums.index)
    registered = sums["people"].astype("float64")
    found = pd.DataFrame({"age_sex": sums["units"] / registered} | _components(facts, formula))[list(COMPONENTS)]
    relative = found / (found.mul(registered, axis=0).sum() / registered.sum())
    product = relative.prod(axis=1)
    index = product * registered.sum() / (product * registered).sum()
    result = relative.assign(need_index=index, weighted_population=index * registered, source_status=formula.status)
    result.insert(0, "registered", registered)
    return result.reset_index()


def describe_facts() -> dict[str, str]:
    """The facts that Carr-Hill needs of every practice, and what they mean."""
    return dict(_FACTS)


def _components(facts: pd.DataFrame, formula: Formula) -> dict[str, pd.Series]:
    needs, rurality, staff = formula.additional_needs, formula.rurality, formula.staff_market_forces
    return {
        "nursing_home": 1 + facts["share_nursing_home"] * (formula.nursing_home - 1),
        "turnover": 1 + facts["share_new"] * (formula.new_registration - 1),
        "additional_needs": needs.constant
        + needs.long_standing_illness * facts["long_standing_illness"]
        + needs.mortality_under_65 * facts["mortality_under_65"],
        "rurality": facts["distance_km"] ** rurality.distance * facts["density"] ** rurality.density,
        "staff_market_forces": staff * facts["staff_market_forces_factor"] + (1 - staff),
    }


def _facts_of(practices: pd.DataFrame, codes: pd.Index) -> pd.DataFrame:
    missing = [fact for fact in _FACTS if fact not in practices]
    if missing:
        raise ConfigurationError(f"practices: Carr-Hill needs {', '.join(missing)}.")
    facts = practices.set_index("practice_code")[list(_FACTS)].astype("float64")
    shares = facts[["share_new", "share_nursing_home"]]
    rest = facts.drop(columns=shares.columns)
    sound = shares.apply(lambda share: share.between(0, 1)).all(axis=1) & (rest > 0).all(axis=1)
    wrong = sorted(
        {*codes.difference(facts.index[sound]), *facts.index[~sound], *facts.index[facts.index.duplicated()]}
    )
    if wrong:
        raise ConfigurationError(
            f"practices: {len(wrong)} practices lack a fact that Carr-Hill needs, have one out of range, or are there "
            f"twice.\n  which: {', '.join(wrong[:20])}"
        )
    return facts.reindex(codes)

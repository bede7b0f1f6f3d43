"""Carve-outs: money that leaves the integrated budget (the method, step 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped
from budget.kernel.money import half_up
from budget.ledger.balance import Balance, Change
from budget.ledger.year import Year

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def choice_carve_out(before: Balance, year: Year) -> Change:
    """Take out what follows patients' choice of providers outside the footprint.

    By ``share``: one share of the place's choice lines. By ``flows``: the share of each line's cost that the
    base year's activity shows at providers outside.
    """
    lines = year.assumptions.words("choice_lines", year.year)
    in_lines = np.isin(before.column("service_line").astype(str), lines)
    basis = year.choice("choice_basis")
    share, because = _choice_shares(before, year, basis)
    taken = np.where(in_lines, before.exact * share, 0.0)
    for place in before.by_place():
        here = before.column("place") == place
        _carve(
            year,
            before,
            "choice",
            place,
            f"{basis}, {year.choice('choice_method')}",
            float(taken[here].sum()),
            here & in_lines,
        )
    return Change(before.exact - taken, because)


def other_carve_outs(before: Balance, year: Year) -> Change:
    """Take out low-volume activity, non-contract activity and the stop-loss premium, per place."""
    lines = year.assumptions.words("carve_out_lines", year.year)
    in_lines = np.isin(before.column("service_line").astype(str), lines)
    after = before.exact.copy()
    for place in before.by_place():
        mask = (before.column("place") == place) & in_lines
        base = before.exact_where(mask)
        for kind, method, pence in _other_sums(year, place):
            _carve(year, before, kind, place, method, pence, mask)
            if pence:
                after[mask] -= pence * before.exact[mask] / base
    names = (
        "low_volume_activity",
        "non_contract_activity",
        "stop_loss_basis",
        "stop_loss_premium",
        "stop_loss_threshold",
        "stop_loss_coverage",
    )
    return Change(after, names)


def _choice_shares(before: Balance, year: Year, basis: str) -> tuple[Floats, list[tuple[str, ...]] | tuple[str, ...]]:
    if basis == "share":
        share, because = year.rates(before, "choice_share")
        return share, [(*names, "choice_basis") for names in because]
    pairs = zip(before.column("place"), before.column("service_line"), strict=True)
    # a line on which the base year shows no care outside has a true zero
    flows = np.array([year.outside_share[pair] if pair in year.outside_share else 0.0 for pair in pairs])
    return flows, ("choice_basis", "choice_lines", "provider_activity")


def _other_sums(year: Year, place: str) -> list[tuple[str, str, float]]:
    """Type, method and pence of each carve-out of a place."""
    known = year.assumptions
    low = float(known.pence("low_volume_activity", year.year, place=place))
    outside = float(known.pence("non_contract_activity", year.year, place=place))
    basis = year.choice("stop_loss_basis")
    if basis == "given":
        stop = float(known.pence("stop_loss_premium", year.year, place=place))
    else:
        stop = float(half_up(year.excess[place] * known.number("stop_loss_coverage", year.year)))
    return [("low_volume", "given", low), ("non_contract", "given", outside), ("stop_loss", basis, stop)]


def _carve(year: Year, before: Balance, kind: str, place: str, method: str, pence: float, mask: Mask) -> None:
    base = before.exact_where(mask)
    if pence > base or pence < 0:
        raise RunStopped("ledger", (_too_large(year, kind, place, pence, base),))
    year.carved.append(
        {
            "financial_year": str(year.year),
            "place": place,
            "type": kind,
            "method": method,
            "planned_pence": half_up(pence),
            "base_pence": half_up(base),
        }
    )


def _too_large(year: Year, kind: str, place: str, pence: float, base: float) -> CheckResult:
    return CheckResult(
        gate="ledger",
        check_id="C04",
        severity="fail",
        outcome="failed",
        table="carve_outs",
        rule=f"{year.year}: the {kind} carve-out of a place must be less than the lines it is taken from",
        observed=pence / 100,
        threshold=f"at most {base / 100:,.2f} pounds",
        mend="the carve-out's amount or lines in the assumptions",
        keys=(place,),
    )

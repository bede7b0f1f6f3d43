"""Carve-outs: money that leaves the integrated budget (the method, step 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from budget.kernel.errors import ConfigurationError, RunStopped, refusal
from budget.kernel.money import half_up
from budget.ledger.balance import Balance, Change
from budget.ledger.year import Year

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_OTHERS = (
    "specialised_lines",
    "specialised_services",
    "low_volume_basis",
    "low_volume_activity",
    "low_volume_threshold",
    "non_contract_basis",
    "non_contract_activity",
    "stop_loss_basis",
    "stop_loss_premium",
    "stop_loss_threshold",
    "stop_loss_coverage",
)
"""What a movement of the other carve-outs cites, as far as the run holds it: what no basis asks for may be absent."""


def choice_carve_out(before: Balance, year: Year) -> Change:
    """Take out what follows patients' choice of providers outside the footprint (the method, step 11).

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
    """Take out specialised, low-volume and non-contract care and the stop-loss premium (the method, step 11)."""
    _refuse_two_claims(year)
    whole = np.isin(before.column("service_line").astype(str), year.assumptions.words("specialised_lines", year.year))
    in_lines = np.isin(before.column("service_line").astype(str), year.assumptions.words("carve_out_lines", year.year))
    after = np.where(whole, 0.0, before.exact)
    for place in before.by_place():
        here = before.column("place") == place
        _specialised_lines(year, before, place, here & whole)
        mask = here & in_lines
        base = before.exact_where(mask)
        sums = _other_sums(year, place)
        for kind, method, pence in sums:
            _carve(year, before, kind, place, method, pence, mask)
        together = sum(pence for _, _, pence in sums)
        if together > base:
            raise _too_large(year, "specialised, low-volume, non-contract and stop-loss", place, together, base)
        if together:
            after[mask] *= 1 - together / base
    held = {name for name, _ in year.assumptions.entries}
    return Change(after, tuple(name for name in _OTHERS if name in held))


def _choice_shares(before: Balance, year: Year, basis: str) -> tuple[Floats, list[tuple[str, ...]] | tuple[str, ...]]:
    if basis == "share":
        share, because = year.rates(before, "choice_share")
        return share, [(*names, "choice_basis") for names in because]
    pairs = list(zip(before.column("place"), before.column("service_line"), strict=True))
    lines = year.assumptions.words("choice_lines", year.year)
    unknown = {pair for pair in pairs if pair[1] in lines and pair not in year.outside_share}
    if unknown:
        raise _no_flows(year, unknown)
    # shares of other lines are not used
    flows = np.array([year.outside_share[pair] if pair[1] in lines else 0.0 for pair in pairs])
    return flows, ("choice_basis", "choice_lines", "provider_activity")


def _other_sums(year: Year, place: str) -> list[tuple[str, str, float]]:
    """Type, method and pence of each carve-out of a place that is taken from the carve-out lines."""
    sums = [_low_or_outside(year, kind, place) for kind in ("low_volume", "non_contract")]
    sums.append(_stop_loss(year, place))
    specialised = float(year.assumptions.pence("specialised_services", year.year, place=place))
    return [("specialised", "given, stays with NHS England", specialised), *sums] if specialised else sums


def _low_or_outside(year: Year, kind: str, place: str) -> tuple[str, str, float]:
    """Low-volume or non-contract activity: as given, or from what providers cost in the years before."""
    basis = year.choice(f"{kind}_basis")
    if basis == "given":
        return kind, basis, float(year.assumptions.pence(f"{kind}_activity", year.year, place=place))
    if (kind, place) not in year.history:
        raise _no_history(year, kind, place)
    return kind, basis, float(half_up(year.history[kind, place]))


def _stop_loss(year: Year, place: str) -> tuple[str, str, float]:
    known, basis = year.assumptions, year.choice("stop_loss_basis")
    if basis == "given":
        return "stop_loss", basis, float(known.pence("stop_loss_premium", year.year, place=place))
    if place not in year.excess:
        raise _no_excess(year, place)
    return "stop_loss", basis, float(half_up(year.excess[place] * known.number("stop_loss_coverage", year.year)))


def _specialised_lines(year: Year, before: Balance, place: str, mask: Mask) -> None:
    """Whole lines that stay with NHS England, where the place has them."""
    if before.exact_where(mask):
        _carve(year, before, "specialised_lines", place, "whole lines", before.exact_where(mask), mask)


def _refuse_two_claims(year: Year) -> None:
    """A line that leaves whole has nothing left for another carve-out."""
    lines = set(year.assumptions.words("specialised_lines", year.year))
    for other in ("choice_lines", "carve_out_lines"):
        both = sorted(lines & set(year.assumptions.words(other, year.year)))
        if both:
            raise ConfigurationError(
                f"specialised_lines and {other} both name {', '.join(both)} in {year.year}: a line that stays with NHS "
                "England whole has nothing else carved out of it. Take it out of one of the two."
            )


def _carve(year: Year, before: Balance, kind: str, place: str, method: str, pence: float, mask: Mask) -> None:
    base = before.exact_where(mask)
    if pence > base or pence < 0:
        raise _too_large(year, kind, place, pence, base)
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


def _no_flows(year: Year, pairs: set[tuple[str, str]]) -> RunStopped:
    return refusal(
        "ledger",
        "C31",
        table="provider_activity",
        rule=f"{year.year}: choice_basis = flows needs activity of every place on every choice line",
        rows_failed=len(pairs),
        mend="activity, or choice_basis and choice_share in the assumptions",
        keys=tuple(f"{place} {line}" for place, line in sorted(pairs)),
    )


def _no_history(year: Year, kind: str, place: str) -> RunStopped:
    return refusal(
        "ledger",
        "C33",
        table="provider_history",
        rule=f"{year.year}: {kind}_basis = history needs what providers of the place cost in the years before",
        mend=f"provider_code in spend, or activity, and contracted in providers; or {kind}_basis in the assumptions",
        keys=(place,),
    )


def _no_excess(year: Year, place: str) -> RunStopped:
    return refusal(
        "ledger",
        "C32",
        table="high_cost_care",
        rule=f"{year.year}: stop_loss_basis = expected_excess needs the cost of every person",
        mend="activity, or stop_loss_basis and stop_loss_premium in the assumptions",
        keys=(place,),
    )


def _too_large(year: Year, kind: str, place: str, pence: float, base: float) -> RunStopped:
    return refusal(
        "ledger",
        "C04",
        table="carve_outs",
        rule=f"{year.year}: the {kind} carve-out of a place must be less than the lines it is taken from",
        observed=pence / 100,
        threshold=f"at most {base / 100:,.2f} pounds",
        mend="the carve-out's amount or lines in the assumptions",
        keys=(place,),
    )

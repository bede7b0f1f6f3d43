"""The ledger, slowly: one Decimal a key, one plain loop a step, no arrays and nothing of the product's own code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pandas as pd

from tests.oracle import pace

Key = tuple[str, str, str, str]
"""Place, segment, service line, commissioner."""
Money = dict[Key, Decimal]
Values = Mapping[str, object]


def first_year(
    baseline: pd.DataFrame,
    costs: pd.DataFrame,
    people: pd.DataFrame,
    weights: pd.DataFrame,
    values: Values,
    year: str,
    peers: pd.DataFrame | None = None,
) -> dict[str, Money]:
    """Unrounded pence by key after every step of the first budget year."""
    with localcontext(prec=40):
        book = _to_opening(baseline, costs, people, values, year)
        quantum = _quantum(values, book, peers)
        book["pace_of_change"] = _pace(book["investments"], weights, values, quantum, peers)
        return book | _to_core(book["pace_of_change"], values)


def by_place(money: Money) -> dict[str, Decimal]:
    """Sums by place."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (place, *_), pence in money.items():
        sums[place] += pence
    return dict(sums)


def _to_opening(
    baseline: pd.DataFrame, costs: pd.DataFrame, people: pd.DataFrame, values: Values, year: str
) -> dict[str, Money]:
    shares, growth = _segment_shares(costs), _growth(people, year)
    book: dict[str, Money] = {"baseline": {}, "rebasing": {}, "normalisation": {}}
    for row in baseline.itertuples():
        for (place, line, segment), share in shares.items():
            if (place, line) == (row.place, row.service_line):
                key = (place, segment, line, row.commissioner)
                book["baseline"][key] = Decimal(int(row.gross_pence)) * share
                book["normalisation"][key] = Decimal(int(row.gross_pence + row.adjustment_pence)) * share
    book["rebasing"] = book["baseline"]
    book["demographic_growth"] = {k: v * growth[k[0], k[1]] for k, v in book["normalisation"].items()}
    book["nondemographic_growth"] = _grown(book["demographic_growth"], "growth_nondemographic", values)
    book["cost_uplift"] = _grown(book["nondemographic_growth"], "cost_uplift_factor", values)
    book["efficiency"] = _efficiency(book["nondemographic_growth"], book["cost_uplift"], values)
    book["investments"] = _investments(book["efficiency"], values)
    return book


def _segment_shares(costs: pd.DataFrame) -> dict[tuple[str, str, str], Decimal]:
    cost = {(r.place, r.service_line, r.segment): Decimal(float(r.grossed_pence)) for r in costs.itertuples()}
    heads = {(r.place, r.service_line, r.segment): Decimal(float(r.people)) for r in costs.itertuples()}
    shares = {}
    for place, line, segment in cost:
        group = [key for key in cost if key[:2] == (place, line)]
        by = cost if sum(cost[key] for key in group) else heads
        shares[place, line, segment] = by[place, line, segment] / sum(by[key] for key in group)
    return shares


def _growth(people: pd.DataFrame, year: str) -> dict[tuple[str, str], Decimal]:
    count = {(r.financial_year, r.place, r.segment): Decimal(float(r.people)) for r in people.itertuples()}
    base = min(when for when, _, _ in count)
    return {(p, s): count[year, p, s] / n if n else Decimal(1) for (when, p, s), n in count.items() if when == base}


def _grown(money: Money, identifier: str, values: Values) -> Money:
    return {key: pence * (1 + _rate(values, identifier, key)) for key, pence in money.items()}


def _efficiency(demand: Money, uplifted: Money, values: Values) -> Money:
    taken = uplifted if values["uplift_combination"] == "multiplicative" else demand
    return {key: uplifted[key] - taken[key] * _rate(values, "efficiency_factor", key) for key in uplifted}


def _investments(money: Money, values: Values) -> Money:
    change = Decimal(str(values["investment"])) - Decimal(str(values["savings"]))
    whole = sum(money.values())
    return {key: pence + change * 100 * pence / whole for key, pence in money.items()}


def _quantum(values: Values, book: dict[str, Money], peers: pd.DataFrame | None) -> int:
    if values["quantum_basis"] == "given":
        return _half_up(Decimal(str(values["quantum"])) * 100)
    if values["quantum_basis"] == "opening":
        elsewhere = 0 if peers is None else int(peers["opening_pence"].sum())
        return _half_up(sum(book["investments"].values(), Decimal(0)) + elsewhere)
    normalised = sum(book["normalisation"].values(), Decimal(0))
    return _half_up(normalised * (1 + Decimal(str(values["quantum_growth"]))))


def _pace(opening: Money, weights: pd.DataFrame, values: Values, quantum: int, peers: pd.DataFrame | None) -> Money:
    amounts = {place: Fraction(pence) for place, pence in by_place(opening).items()}
    heads = {str(row.place): Fraction(float(row.weighted_people)) for row in weights.itertuples()}
    for row in peers.itertuples() if peers is not None else ():
        amounts[str(row.place)] = Fraction(int(row.opening_pence))
        heads[str(row.place)] = Fraction(float(row.weighted_people))
    allocated = _allocate(amounts, {place: heads[place] for place in amounts}, values, quantum)
    here = by_place(opening)
    return {key: pence * _decimal(allocated[key[0]]) / here[key[0]] for key, pence in opening.items()}


def _allocate(
    opening: dict[str, Fraction], heads: dict[str, Fraction], values: Values, quantum: int
) -> dict[str, Fraction]:
    whole, rule = sum(opening.values()), values["pace_rule"]
    if len(opening) == 1:
        return dict.fromkeys(opening, Fraction(quantum))
    if rule == "uniform":
        return {place: pence * quantum / whole for place, pence in opening.items()}
    if rule == "gap_share":
        return _gap_share(opening, heads, quantum)
    names = ("min_growth", "taper_lo", "taper_hi", "max_under_target")
    least = pace.floors(
        opening, heads, Fraction(quantum), **{name: Fraction(str(values[f"pace_{name}"])) for name in names}
    )
    return least if sum(least.values()) > quantum else pace.raise_lowest(least, heads, Fraction(quantum))


def _gap_share(opening: dict[str, Fraction], heads: dict[str, Fraction], quantum: int) -> dict[str, Fraction]:
    new_money = quantum - sum(opening.values())
    if new_money < 0:
        return opening
    target = {place: quantum * head / sum(heads.values()) for place, head in heads.items()}
    gap = {place: max(target[place] - pence, Fraction(0)) for place, pence in opening.items()}
    shares = gap if sum(gap.values()) else target
    return {place: pence + new_money * shares[place] / sum(shares.values()) for place, pence in opening.items()}


def _to_core(allocation: Money, values: Values) -> dict[str, Money]:
    choice_lines, other_lines = values["choice_lines"], values["carve_out_lines"]
    chosen = {
        key: pence * (1 - _rate(values, "choice_share", key)) if key[2] in choice_lines else pence  # type: ignore[operator]
        for key, pence in allocation.items()
    }
    others = ("low_volume_activity", "non_contract_activity", "stop_loss_premium")
    pounds = sum(Decimal(str(values[name])) for name in others)
    base = by_place({key: pence for key, pence in chosen.items() if key[2] in other_lines})  # type: ignore[operator]
    carved = {
        key: pence - 100 * pounds * pence / base[key[0]] if pounds and key[2] in other_lines else pence  # type: ignore[operator]
        for key, pence in chosen.items()
    }
    pooled = {key: pence * (1 - _rate(values, "risk_pool_share", key)) for key, pence in carved.items()}
    core = {key: pence * (1 - _rate(values, "ips_share", key)) for key, pence in pooled.items()}
    return {"choice_carve_out": chosen, "other_carve_outs": carved, "risk_pool": pooled, "incentive": core}


def _rate(values: Values, identifier: str, key: Key) -> Decimal:
    names: Iterable[str] = (f"{identifier}@line:{key[2]}", f"{identifier}@place:{key[0]}", identifier)
    return Decimal(str(next(values[name] for name in names if name in values)))


def _half_up(pence: Decimal) -> int:
    return int(pence.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _decimal(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)

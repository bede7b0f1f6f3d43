"""What each step of the ledger should move, by the method, from the tables of the run alone.

An estimate is unrounded; what is booked differs from it by pennies, for every step is shared to whole pence by largest
remainder. Each formula gives an estimate for every movement and says, for movements that share its numbers, what
the numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from budget.audit.explain.assumed import Assumed
from budget.audit.explain.booked import Booked, cited_as
from budget.audit.explain.records import KEYS, Records
from budget.kernel.money import pounds_text
from budget.ledger.growth import growth_of
from budget.ledger.opening import shares_of_segments

_PLACE, _LINE = "place", "service_line"
_WHOLE_SET_ASIDE = "specialised_lines"


@dataclass(frozen=True)
class Look:
    """What a formula may look at: the run, its assumptions, and the year as it was booked.

    Attributes:
        found: movements with their estimates by step, worked out so far.
    """

    records: Records
    assumed: Assumed
    booked: Booked
    found: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def year(self) -> str:
        """The budget year."""
        return self.booked.year

    def of_year(self, name: str) -> pd.DataFrame:
        """The rows of a table that are of the year."""
        table = self.records.table(name)
        return table[table["financial_year"] == self.year]


@dataclass(frozen=True)
class Formula:
    """How a step works.

    Attributes:
        text: the formula in the terms of the method.
        estimate: movements to the same with ``estimate`` (pence, unrounded) and what ``tell`` needs.
        by: columns that share the formula's numbers; parts of the explanation are told by them.
        tell: the numbers of one part, filled in.
    """

    text: str
    estimate: Callable[[Look, pd.DataFrame], pd.DataFrame]
    by: tuple[str, ...]
    tell: Callable[[pd.DataFrame], str]


def _baseline(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    if look.year == look.records.years[0]:
        return _shared(look, moves, "gross_pence")
    before = look.records.table("integrated_budget")
    opened = before[before["financial_year"] == look.records.before(look.year)][[*KEYS, "allocation_pence"]]
    joined = moves.merge(opened, on=list(KEYS), how="left", validate="one_to_one")
    return joined.assign(estimate=joined["allocation_pence"].astype("float64"))


def _normalisation(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    return _shared(look, moves, "adjustment_pence")


def _shared(look: Look, moves: pd.DataFrame, column: str) -> pd.DataFrame:
    """Each segment's share of a sum of ``baseline_lines``."""
    lines = look.records.table("baseline_lines")[[_PLACE, _LINE, "commissioner", column]].rename(columns={column: "of"})
    shares = shares_of_segments(look.records.table("segment_cost"))
    joined = moves.merge(lines, on=[_PLACE, _LINE, "commissioner"], how="left", validate="many_to_one")
    joined = joined.merge(shares, on=[_PLACE, _LINE, "segment"], how="left", validate="many_to_one")
    return joined.assign(estimate=joined["of"] * joined["share"])


def _tell_shared(part: pd.DataFrame) -> str:
    if "allocation_pence" in part:
        return "allocation of the year before"
    return f"{pounds_text(int(part['of'].iloc[0]))} x {_percent(part['share'].sum(), 4)} (share by cost of segments)"


def _demography(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    people = look.records.table("segment_people").set_index(["financial_year", _PLACE, "segment"])["people"]
    now, was = people.loc[look.year], people.loc[look.records.before(look.year)]
    growth = growth_of(now, was)
    pairs = list(zip(moves[_PLACE], moves["segment"], strict=True))
    rate = [growth[pair] - 1 for pair in pairs]
    counts = {"now": [now.get(pair) for pair in pairs], "was": [was.get(pair) for pair in pairs]}
    return moves.assign(rate=rate, **counts, estimate=moves["before"] * rate)


def _tell_demography(part: pd.DataFrame) -> str:
    first = part.iloc[0]
    if pd.isna(first["was"]):
        return f"x {_percent(first['rate'])}, as everyone of the place"
    return f"x ({first['now']:,.2f} / {first['was']:,.2f} people - 1 = {_percent(first['rate'])})"


def _at_rate(identifier: str, sign: int) -> Callable[[Look, pd.DataFrame], pd.DataFrame]:
    def estimate(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
        rated = _rated(look, moves, identifier)
        return rated.assign(estimate=sign * rated["before"] * rated["rate"])

    return estimate


def _rated(look: Look, moves: pd.DataFrame, identifier: str) -> pd.DataFrame:
    """Movements with the rate that each cites."""
    names = [cited_as(identifier, cited) for cited in moves["cited"]]
    values = {name: look.assumed.number(name, look.year) for name in set(names)}
    return moves.assign(name=names, rate=[values[name] for name in names])


def _tell_rate(part: pd.DataFrame) -> str:
    sign = "-" if part["estimate"].iloc[0] * part["before"].iloc[0] < 0 and part["rate"].iloc[0] > 0 else ""
    return f"x {sign}{_percent(part['rate'].iloc[0])}"


def _efficiency(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    rated = _rated(look, moves, "efficiency_factor")
    if look.assumed.word("uplift_combination", look.year) != "additive":
        return rated.assign(estimate=-rated["before"] * rated["rate"], uplift=None)
    names = look.booked.rate_of("cost_uplift", "cost_uplift_factor")
    # where the uplift moved nothing the cost before it is the cost after it
    cited = [names.get(tuple(key)) for key in rated[list(KEYS)].itertuples(index=False)]
    uplift = [look.assumed.number(name, look.year) if name else 0.0 for name in cited]
    return rated.assign(uplift=uplift, estimate=-rated["before"] / (1 + pd.Series(uplift)) * rated["rate"])


def _tell_efficiency(part: pd.DataFrame) -> str:
    rate, uplift = part["rate"].iloc[0], part["uplift"].iloc[0]
    if uplift is None:
        return f"x -{_percent(rate)} of the cost after uplift (multiplicative)"
    return f"/ (1 + {_percent(uplift)}) x -{_percent(rate)}, of the cost before uplift (additive)"


def _investments(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    """Every agreed amount by place, shared over the lines it names by what is there before any of them."""
    before = look.booked.before("investments").rename("base").reset_index()
    estimate, told = pd.Series(0.0, index=moves.index), {place: "" for place in moves[_PLACE].unique()}
    for row in look.of_year("policy_moves").itertuples():
        named = isinstance(row.service_line, str)
        there = before[
            (before[_PLACE] == row.place) & (~pd.Series(named, before.index) | (before[_LINE] == row.service_line))
        ]
        mine = (moves[_PLACE] == row.place) & (not named or moves[_LINE] == row.service_line)
        estimate += (moves["before"] * int(row.amount_pence) / int(there["base"].sum())).where(mine, 0.0)  # type: ignore[call-overload]
        if mine.any():
            told[row.place] += f"; {row.move_id} {pounds_text(int(row.amount_pence))}"  # type: ignore[call-overload, index]
    return moves.assign(estimate=estimate, moves=[told[place].removeprefix("; ") for place in moves[_PLACE]])


def _tell_investments(part: pd.DataFrame) -> str:
    return f"its part, by budget, of {part['moves'].iloc[0]}"


def _pace(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    pace = look.of_year("pace_of_change")[[_PLACE, "opening_pence", "allocation_pence"]]
    joined = moves.merge(pace, on=_PLACE, how="left", validate="many_to_one")
    rate = joined["allocation_pence"] / joined["opening_pence"] - 1
    return joined.assign(rate=rate, estimate=joined["before"] * rate)


def _tell_pace(part: pd.DataFrame) -> str:
    allocation, opening = (pounds_text(int(part[name].iloc[0])) for name in ("allocation_pence", "opening_pence"))
    return f"x ({allocation} / {opening} - 1 = {_percent(part['rate'].iloc[0])})"


def _choice(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    if look.assumed.word("choice_basis", look.year) == "share":
        rated = _rated(look, moves, "choice_share")
        return rated.assign(estimate=-rated["before"] * rated["rate"])
    activity = look.records.table("provider_activity")
    whole = activity.groupby([_PLACE, _LINE])["cost_pence"].sum().rename("whole")
    outside = activity[~activity["local"].astype(bool)].groupby([_PLACE, _LINE])["cost_pence"].sum().rename("outside")
    shares = pd.concat([whole, outside], axis=1).reset_index()
    joined = moves.merge(shares, on=[_PLACE, _LINE], how="left", validate="many_to_one")
    rate = joined["outside"] / joined["whole"]
    return joined.assign(rate=rate, estimate=-joined["before"] * rate)


def _tell_choice(part: pd.DataFrame) -> str:
    rate = _percent(part["rate"].iloc[0])
    if "whole" not in part:
        return f"x -{rate}"
    outside, whole = (pounds_text(int(part[name].iloc[0])) for name in ("outside", "whole"))
    return f"x -({outside} of care outside / {whole} = {rate})"


def _others(look: Look, moves: pd.DataFrame) -> pd.DataFrame:
    """Whole lines that stay with NHS England go; the rest of the place's carve-outs comes from its carve-out lines."""
    carved = look.of_year("carve_outs")
    sums = carved[~carved["type"].isin(["choice", _WHOLE_SET_ASIDE])].groupby(_PLACE)
    taken = sums.agg(taken=("planned_pence", "sum"), base=("base_pence", "first")).reset_index()
    joined = moves.merge(taken, on=_PLACE, how="left", validate="many_to_one")
    whole = joined[_LINE].isin(look.assumed.words(_WHOLE_SET_ASIDE, look.year))
    rate = (joined["taken"] / joined["base"]).mask(whole, 1.0)
    return joined.assign(rate=rate, whole=whole, estimate=-joined["before"] * rate)


def _tell_others(part: pd.DataFrame) -> str:
    if part["whole"].iloc[0]:
        return "the whole line, which stays with NHS England"
    taken, base = (pounds_text(int(part[name].iloc[0])) for name in ("taken", "base"))
    return f"x -({taken} carved out / {base} of its lines = {_percent(part['rate'].iloc[0])})"


def _not_told(_: Look, moves: pd.DataFrame) -> pd.DataFrame:
    return moves.assign(estimate=float("nan"))


def _percent(share: float, places: int = 4) -> str:
    return f"{100 * share:,.{places}f}%"


FORMULAS: Mapping[str, Formula] = {
    "baseline": Formula(
        "gross spend of the line x the segment's share of its cost; in later years last year's allocation",
        _baseline,
        (_PLACE, _LINE, "commissioner"),
        _tell_shared,
    ),
    "normalisation": Formula(
        "N = G + adjustments, shared to segments as the spend is",
        _normalisation,
        (_PLACE, _LINE, "commissioner"),
        _tell_shared,
    ),
    "demographic_growth": Formula(
        "N x (n1 / n0 - 1), the people of the segment in this year over those of the year before",
        _demography,
        (_PLACE, "segment"),
        _tell_demography,
    ),
    "nondemographic_growth": Formula(
        "D x growth of demand", _at_rate("growth_nondemographic", 1), ("name",), _tell_rate
    ),
    "cost_uplift": Formula("D' x cost uplift factor", _at_rate("cost_uplift_factor", 1), ("name",), _tell_rate),
    "efficiency": Formula(
        "net = uplift - efficiency (additive) or (1 + uplift)(1 - efficiency) - 1 (multiplicative)",
        _efficiency,
        ("name",),
        _tell_efficiency,
    ),
    "investments": Formula("O = U + investments - savings", _investments, (_PLACE,), _tell_investments),
    "pace_of_change": Formula(
        "O x (A / O of the place - 1); A from its floor, its target T = Q WP / sum WP and the pace rule",
        _pace,
        (_PLACE,),
        _tell_pace,
    ),
    "choice_carve_out": Formula(
        "share of care outside the footprint x the choice lines", _choice, (_PLACE, _LINE), _tell_choice
    ),
    "other_carve_outs": Formula(
        "carve-outs of the place / its carve-out lines x the line", _others, (_PLACE, "whole"), _tell_others
    ),
    "risk_pool": Formula(
        "R = share x B1, the budget after carve-outs", _at_rate("risk_pool_share", -1), ("name",), _tell_rate
    ),
    "incentive": Formula("IPS = share x WPAP", _at_rate("ips_share", -1), ("name",), _tell_rate),
}
"""How every step works. Rebasing has no formula here: the planned cost by key is not among the tables of a run."""

UNTOLD = Formula(
    "to what the services are planned to cost (funding_gap)", _not_told, (_PLACE,), lambda _: "see funding_gap"
)
"""A step whose numbers the tables of a run do not hold by key."""

"""From direct cost to segment cost: the attribution factor k (the method, step 4).

``k = N / sum of direct cost`` of a place and line, so that the segments add up to the baseline.
"""

from __future__ import annotations

import pandas as pd

from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.errors import refusal

_LINE = ["place", "service_line"]


def gross_up(direct: pd.DataFrame, baseline: pd.DataFrame, rule: str, hosted: tuple[str, ...] = ()) -> pd.DataFrame:
    """Share each place's normalised spend on a line to segments.

    Args:
        direct: place, service_line, segment, people, direct_pence, method; every segment of every line.
        baseline: place, service_line, normalised_pence.
        rule: ``gross_up`` in proportion to direct cost, ``per_head`` for what is not attributed, or ``hold_out`` of it
            under the code ``UNATTR``. Where more is attributed than was spent, all scale direct cost down.
        hosted: lines that are not tied to persons, which are shared per head under every rule.

    Returns:
        The columns of ``segment_cost``; ``grossed_pence`` adds up to the baseline of each place and line.
    """
    joined = direct.merge(baseline, on=_LINE, validate="many_to_one")
    totals = joined.groupby(_LINE)[["direct_pence", "people"]].transform("sum")
    unknown = totals["direct_pence"] == 0
    by_head = joined["people"] / totals["people"]
    joined["attribution_factor"] = (joined["normalised_pence"] / totals["direct_pence"]).where(~unknown, 1.0)
    joined["grossed_pence"] = _grossed(joined, totals["direct_pence"], by_head, rule)
    held = pd.Series(rule == "hold_out", index=joined.index) & ~joined["service_line"].isin(hosted)
    per_head = unknown & ~held
    joined["grossed_pence"] = joined["grossed_pence"].where(~per_head, joined["normalised_pence"] * by_head)
    joined["method"] = joined["method"].where(~per_head, "no activity on the line: shared per head")
    joined["cost_per_head_pence"] = (joined["grossed_pence"] / joined["people"]).where(joined["people"] > 0)
    apart = _held_out(joined[held])
    whole = joined if apart.empty else pd.concat([joined, apart], ignore_index=True)
    return whole.drop(columns="normalised_pence").sort_values([*_LINE, "segment"], ignore_index=True)


def _grossed(joined: pd.DataFrame, attributed: pd.Series, by_head: pd.Series, rule: str) -> pd.Series:
    """What each segment bears where something is attributed on the line."""
    in_proportion = joined["direct_pence"] * joined["attribution_factor"]
    left = joined["normalised_pence"] - attributed
    if rule == "per_head":
        return (joined["direct_pence"] + left * by_head).where(left >= 0, in_proportion)
    if rule == "hold_out":
        return joined["direct_pence"].where(left >= 0, in_proportion)
    return in_proportion


def _held_out(joined: pd.DataFrame) -> pd.DataFrame:
    """A row of ``segment_cost`` for what no segment bears of each place and line; there is none where all is borne."""
    sums = joined.groupby(_LINE, as_index=False).agg(
        normalised_pence=("normalised_pence", "first"),
        attribution_factor=("attribution_factor", "first"),
        direct=("direct_pence", "sum"),
    )
    left = (sums["normalised_pence"] - sums["direct"]).clip(lower=0.0)
    rows = sums.drop(columns="direct").assign(
        # money that is nobody's has no people and no direct cost: true zeros
        segment=UNATTRIBUTED,
        people=0.0,
        direct_pence=0.0,
        method="not attributed: held out of segments",
        grossed_pence=left,
        cost_per_head_pence=float("nan"),
    )
    return rows[left > 0].reindex(columns=joined.columns)


def unattributed(costs: pd.DataFrame, baseline: pd.DataFrame, rule: str, hosted: tuple[str, ...] = ()) -> pd.DataFrame:
    """What no activity explains of each place and line, and what was made of it: ``unattributed_spend``.

    Args:
        costs: ``segment_cost``.
        baseline: place, service_line, normalised_pence.
        rule: as for ``gross_up``.
        hosted: lines that are not tied to persons.
    """
    held = costs["grossed_pence"].where(costs["segment"] == UNATTRIBUTED, 0.0)
    sums = costs.assign(held_out_pence=held).groupby(_LINE, as_index=False)[["direct_pence", "held_out_pence"]].sum()
    lines = baseline.merge(sums, on=_LINE, validate="one_to_one")
    lines["unattributed_pence"] = lines["normalised_pence"] - lines["direct_pence"]
    treatment = pd.Series(rule, index=lines.index)
    if rule != "hold_out":
        treatment = treatment.mask(lines["direct_pence"] == 0, "per_head")
    treatment = treatment.mask(lines["unattributed_pence"] < 0, "scaled_down")
    lines["treatment"] = treatment.mask(lines["service_line"].isin(hosted), "per_head")
    return lines.sort_values(_LINE, ignore_index=True)


def direct_from_totals(segments: pd.DataFrame, baseline: pd.DataFrame) -> pd.DataFrame:
    """Direct cost of a locality that knows one cost a head for each segment: every line takes its share of spend.

    Args:
        segments: ``segment_population``.
        baseline: place, service_line, normalised_pence.
    """
    share = baseline.assign(
        share=baseline["normalised_pence"] / baseline.groupby("place")["normalised_pence"].transform("sum")
    )
    crossed = segments.merge(share, on="place")
    crossed["direct_pence"] = crossed["people"] * crossed["direct_cost_pence_per_head"] * crossed["share"]
    crossed["method"] = "cost a head as given"
    return crossed[[*_LINE, "segment", "people", "direct_pence", "method"]]


def direct_from_activity(activity: pd.DataFrame, people: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Every place's lines crossed with its segments; a segment without activity on a line has a true zero.

    Args:
        activity: place, service_line, segment, direct_pence, from people with activity.
        people: place, segment, people.
        lines: place, service_line.
    """
    crossed = lines.merge(people, on="place").merge(activity, on=[*_LINE, "segment"], how="left")
    crossed["direct_pence"] = crossed["direct_pence"].where(crossed["direct_pence"].notna(), 0.0)
    crossed["method"] = "activity"
    return crossed


def stand_in(direct: pd.DataFrame, on_lists: pd.DataFrame, unregistered: str, rate_from: str | None) -> pd.DataFrame:
    """Give people who have no record the cost a head of those they resemble.

    Args:
        direct: as ``direct_from_activity`` gives it; ``people`` includes those without a record.
        on_lists: place, segment, people: those whose activity is known.
        unregistered: the segment of unregistered residents.
        rate_from: the segment whose cost a head stands in, or None for the mean of the whole population.

    Raises:
        RunStopped: a place has people without a record and nobody to take their cost a head from.
    """
    known = direct.merge(on_lists.rename(columns={"people": "known"}), on=["place", "segment"], how="left")
    known["known"] = known["known"].where(known["known"].notna(), 0.0)  # a segment nobody on a list is in
    donors = known if rate_from is None else known[known["segment"] == rate_from]
    rate = donors.groupby(_LINE)[["direct_pence", "known"]].sum()
    rate = (rate["direct_pence"] / rate["known"]).where(rate["known"] > 0).rename("rate").reset_index()
    known = known.merge(rate, on=_LINE, how="left")
    own = (known["direct_pence"] / known["known"]).where(known["known"] > 0, known["rate"])
    per_head = own.where(known["segment"] != unregistered, known["rate"])
    without = known["people"] - known["known"]
    _refuse_no_donors(known[(without > 0) & per_head.isna()])
    known["direct_pence"] = known["direct_pence"] + per_head.where(without > 0, 0.0) * without.clip(lower=0.0)
    known["method"] = known["method"].where(
        without <= 0, "activity, and a stand-in cost a head for people without a record"
    )
    return known.drop(columns=["known", "rate"])


def _refuse_no_donors(orphans: pd.DataFrame) -> None:
    if not orphans.empty:
        raise refusal(
            "costs",
            "B14",
            table="segment_people",
            rule="people without a record take their cost a head from people on a list of the same place",
            rows_failed=len(orphans),
            mend="unreg_rate_basis in the assumptions, or rate_from in the segmentation scheme",
            keys=tuple(sorted(set(orphans["place"]))),
        )


def by_line(costs: pd.DataFrame, baseline: pd.DataFrame, hosted: tuple[str, ...] = ()) -> pd.DataFrame:
    """How much of each line could be attributed, over all places, in the columns of ``line_attribution``.

    Args:
        costs: ``segment_cost``.
        baseline: place, service_line, normalised_pence.
        hosted: lines that are not tied to persons.
    """
    direct = costs.groupby("service_line", as_index=False)["direct_pence"].sum()
    spent = baseline.groupby("service_line", as_index=False)["normalised_pence"].sum()
    lines = spent.merge(direct, on="service_line", validate="one_to_one")
    lines["attribution_factor"] = (lines["normalised_pence"] / lines["direct_pence"]).where(lines["direct_pence"] > 0)
    return lines.assign(hosted=lines["service_line"].isin(hosted))

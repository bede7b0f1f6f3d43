"""From direct cost to segment cost: the attribution factor k (the method, step 4).

``k = N / sum of direct cost`` of a place and line, so that the segments add up to the baseline.
"""

from __future__ import annotations

import pandas as pd

from budget.kernel.errors import refusal

_LINE = ["place", "service_line"]


def gross_up(direct: pd.DataFrame, baseline: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Share each place's normalised spend on a line to segments.

    Args:
        direct: place, service_line, segment, people, direct_pence, method; every segment of every line.
        baseline: place, service_line, normalised_pence.
        rule: ``gross_up`` in proportion to direct cost, or ``per_head`` for what is not attributed. Where more is
            attributed than was spent, both scale direct cost down in proportion.

    Returns:
        The columns of ``segment_cost``; ``grossed_pence`` adds up to the baseline of each place and line.
    """
    joined = direct.merge(baseline, on=_LINE, validate="many_to_one")
    totals = joined.groupby(_LINE)[["direct_pence", "people"]].transform("sum")
    unknown = totals["direct_pence"] == 0
    by_head = joined["people"] / totals["people"]
    joined["attribution_factor"] = (joined["normalised_pence"] / totals["direct_pence"]).where(~unknown, 1.0)
    in_proportion = joined["direct_pence"] * joined["attribution_factor"]
    if rule == "per_head":
        unattributed = joined["normalised_pence"] - totals["direct_pence"]
        per_head = joined["direct_pence"] + unattributed * by_head
        known = per_head.where(unattributed >= 0, in_proportion)
    else:
        known = in_proportion
    joined["grossed_pence"] = known.where(~unknown, joined["normalised_pence"] * by_head)
    joined["method"] = joined["method"].where(~unknown, "no activity on the line: shared per head")
    joined["cost_per_head_pence"] = (joined["grossed_pence"] / joined["people"]).where(joined["people"] > 0)
    return joined.drop(columns="normalised_pence").sort_values([*_LINE, "segment"], ignore_index=True)


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

"""The population statement for people: by place and by practice."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables

FLOWS = ("opening", "joins", "births", "deaths", "leavers", "excluded", "duplicates", "quarantined", "closing")
NO_PLACE = "Nobody counted"


def by_practice(tables: RunTables) -> pd.DataFrame:
    """The statement of each practice with its place; practices in which nobody is counted have none."""
    statement = tables["population_reconciliation"]
    if "place" in statement.columns:
        return _ordered(statement)
    counts = tables["population_counts"]
    places = counts.dropna(subset=["practice_code"]).drop_duplicates("practice_code")[["practice_code", "place"]]
    placed = statement.merge(places, on="practice_code", how="left", validate="1:1")
    return _ordered(placed.assign(place=placed["place"].where(placed["place"].notna(), NO_PLACE)))


def _ordered(statement: pd.DataFrame) -> pd.DataFrame:
    return statement.sort_values(["place", "practice_code"], ignore_index=True)


def by_place(tables: RunTables) -> pd.DataFrame:
    """The statement of each place: flows of its lists, unregistered residents, people counted.

    ``published`` and ``difference`` compare only practices for which a published count exists.
    """
    practices = by_practice(tables)
    flows = practices.groupby("place")[list(FLOWS)].sum()
    published = practices.dropna(subset=["published"]).groupby("place")[["published", "difference"]].sum()
    practice_count = practices.groupby("place")["practice_code"].nunique().rename("practices")
    counts = tables["population_counts"]
    outside = counts[counts["practice_code"].isna()].groupby("place")["people"].sum().rename("unregistered")
    frame = pd.concat([practice_count, flows, published, outside], axis=1)
    # A place without a row of unregistered residents has none: a true nought.
    frame["unregistered"] = frame["unregistered"].where(frame["unregistered"].notna(), 0.0)
    # A place of unregistered residents alone has no list, so its flows are true noughts.
    moves = ["practices", *FLOWS]
    frame[moves] = frame[moves].where(frame[moves].notna(), 0).astype("int64")
    frame["counted"] = frame["closing"] + frame["unregistered"]
    return frame.rename_axis("place").sort_index().reset_index()


def list_against_residents(tables: RunTables) -> pd.DataFrame:
    """Lists against resident estimates by place, sex and five-year band, with the ratio."""
    frame = tables["list_against_residents"]
    frame = frame[frame["sex"].isin(["F", "M"])]
    there = frame["residents"].where(frame["residents"] > 0)
    return frame.assign(ratio=frame["list_people"] / there).sort_values(["place", "sex", "age_from"], ignore_index=True)


OUTCOMES = {"excluded": "Excluded", "quarantined": "Set aside", "exported": "Somebody else's"}
ELSEWHERE = {"outside": "Outside the locality", "unknown": "Area unknown"}


def not_counted(tables: RunTables) -> pd.DataFrame:
    """Every record that is not counted, by outcome, rule and, for exports, who pays."""
    frame = tables["population_exceptions"]
    return frame.assign(outcome=frame["outcome"].map(OUTCOMES))


def by_district(tables: RunTables) -> pd.DataFrame:
    """Each district's lists and residents, with everyone registered anywhere over the residents."""
    frame = tables["district_reconciliation"]
    listed = frame["registered_here"] + frame["registered_elsewhere"]
    there = frame["residents"].where(frame["residents"] > 0)
    frame = frame.assign(ratio=listed / there).sort_values(["place", "lad_code"], ignore_index=True)
    return frame.assign(lad_code=frame["lad_code"].replace(ELSEWHERE))


def average_by_place(tables: RunTables) -> pd.DataFrame:
    """People at the snapshot beside the average of the year's days, by place."""
    frame = tables["member_days"].dropna(subset=["place"])
    sums = frame.groupby("place", as_index=False)[["people", "average_people"]].sum()
    return sums.assign(change=sums["average_people"] - sums["people"])


def effects(tables: RunTables) -> pd.DataFrame:
    """What other ways of counting would do, those that change something in some place."""
    frame = tables["population_effects"]
    keys = ["assumption", "alternative"]
    moves = frame.groupby(keys)["change_pence"].transform(lambda pence: (pence != 0).any())
    ways = frame[moves & (frame["assumption"] != "hundred_unregistered")]
    ways = ways.assign(way=ways["assumption"] + ":" + ways["alternative"])
    return ways.sort_values([*keys, "place"], ignore_index=True)


def hundred_unregistered(tables: RunTables) -> pd.DataFrame:
    """What a hundred more residents on no list would bring to their own place."""
    frame = tables["population_effects"]
    own = frame[(frame["assumption"] == "hundred_unregistered") & (frame["alternative"] == frame["place"])]
    return own.sort_values("place", ignore_index=True)

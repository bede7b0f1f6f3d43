"""Who is in which segment by place and age, and the budget in broad groups."""

from __future__ import annotations

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import segments as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import segments as views


def by_age(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Segments of each place by age at the snapshot."""
    frame = views.by_place_and_age(tables)
    codes = [code for code in tables["segments"]["segment"] if code in set(frame["segment"])]
    names = [facts.label(code) for code in codes]
    frame = frame.assign(
        place=[facts.label(place) for place in frame["place"]],
        segment=[facts.label(code) for code in frame["segment"]],
        ages=frame["ages"].astype(str),
    )
    ages = [name for name in views.age_groups() if name in set(frame["ages"])]
    caption = f"People by segment, place and age at {facts.snapshot_date:%-d %B %Y}, shares"
    shares = frame.pivot_table(index=["place", "ages"], columns="segment", values="share", aggfunc="sum")
    people = frame.groupby(["place", "ages"])["people"].sum()
    rows = tuple(
        Row((place, age, show.people(people[place, age]), *_cells(shares.loc[(place, age)], names)))
        for place in dict.fromkeys(frame["place"])
        for age in ages
        if (place, age) in people.index
    )
    table = TableBlock(caption, headings(["Place", "Age"], ["People", *names]), rows)
    drawn = inline_svg(charts.by_place_and_age(frame, names, ages), "segment-ages", caption, _words(frame, names))
    note = "Each bar is everyone of the place and age; ages are completed years in groups of five-year bands."
    return (FigureBlock(drawn, caption, note, table),)


def _cells(shares: pd.Series, names: list[str]) -> list[str]:
    """A share for each segment; a dash where nobody of the place and age is in it."""
    return [show.percent(shares[name]) if pd.notna(shares[name]) else "–" for name in names]


def _words(frame: pd.DataFrame, names: list[str]) -> str:
    people = frame.groupby("segment")["people"].sum()
    whole = people.sum()
    told = (f"{name} {show.percent(people[name] / whole)}" for name in names)
    return "All places and ages together: " + "; ".join(told)


def broad_groups(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The first year's budget in broad groups, all places together and by place."""
    frame = views.by_broad_group(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    money = ["allocation_pence", "payment_pence", "people"]
    whole = frame.groupby("broad_group", as_index=False)[money].sum().assign(place="All places")
    rows = [
        Row(
            (
                facts.label(row.place),
                facts.label(row.broad_group),
                show.people(row.people),
                show.in_millions(row.allocation_pence),
                show.in_millions(row.payment_pence),
                show.pounds(row.allocation_pence / row.people if row.people else None),
            ),
            "total" if row.place == "All places" else "plain",
        )
        for row in pd.concat([frame, whole]).itertuples()
    ]
    numbers = ["People", "Allocation (£ million)", "Payment (£ million)", "Allocation a head"]
    caption = f"Budget in broad groups, {facts.first_year}"
    text = (
        "Every segmentation can be read in the same broad groups, so that budgets under two of them can be set side by "
        "side. Which segment belongs to which group is stated in the scheme; the totals are those of the segments."
    )
    return (TextBlock(text), TableBlock(caption, headings(["Place", "Broad group"], numbers), tuple(rows)))

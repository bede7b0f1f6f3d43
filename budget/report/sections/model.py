"""The need model: whom it pays too little, how well it fits, what its rivals would do; and what weighs each line."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pandas as pd

from budget.kernel.codes import ALL_NEEDS
from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import model as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import model

_TENTHS = "predicted_tenth"
_POUNDS = frozenset({"mean_absolute_error"})
_RATIOS = frozenset({"calibration"})


def by_line(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """What weighs each service line, and each place's need by it, first budget year."""
    frame = model.by_line(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    places = list(dict.fromkeys(frame["place"]))
    rows = []
    for (line, method, stream, share), here in frame.groupby(
        ["service_line", "method", "stream", "share_of_spend"], sort=False
    ):
        indices = here.set_index("place")["need_index"]
        cells = (facts.label(line), facts.label(method), facts.label(stream), show.percent(share))
        rows.append(Row((*cells, *(show.index(indices[place]) for place in places))))
    numbers = ["Share of spend", *(facts.label(place) for place in places)]
    caption = f"Need index of every place by service line, {facts.first_year}"
    table = TableBlock(caption, headings(["Service line", "Method", "Need stream"], numbers), tuple(rows))
    note = "1 is the footprint. Where lines are weighed by several methods, each counts for its share of spend."
    return (TextBlock(note), table)


def report(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The report of every need model, that of whole cost first; which lines those of streams are of."""
    reports = [_report(model.of_stream(tables, stream), facts, stream) for stream in model.streams(tables)]
    return (*chain.from_iterable(reports), *_lines(tables, facts))


def _report(tables: RunTables, facts: RunFacts, stream: str) -> tuple[Block, ...]:
    """A model's report, in its order: calibration, groups, places, fit, challengers, caps."""
    name = facts.label(tables["risk_diagnostics"]["model"].iloc[0])
    of = "" if stream == ALL_NEEDS else f" ({facts.label(stream)})"
    words = (
        f"The need model{of}, {name}, {_stands(tables, facts, stream)}. It is judged on people whom it was not fitted "
        "on, five folds in turn, on cost a year up to the cap; what lies above the cap is pooled."
    )
    blocks = [
        TextBlock(words),
        *_calibration(tables, of),
        *_groups(tables, facts, of),
        *_places(tables, facts, of),
        _fit(tables, facts, of),
    ]
    return (*blocks, _challengers(tables, facts, of), _caps(tables, of))


def _stands(tables: RunTables, facts: RunFacts, stream: str) -> str:
    """What a model is for in this run."""
    weights = tables["need_weights"]
    if (weights["used"] & (weights["method"] == "model") & (weights["stream"] == stream)).any():
        return "sets the targets"
    weighed = model.lines_weighed(tables, stream)
    if weighed:
        return f"weighs {', '.join(facts.label(line) for line in weighed)}"
    return "stands beside the method that sets the targets"


def _lines(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    frame = model.model_lines(tables)
    if frame.empty:
        return ()
    rows = tuple(
        Row(
            (
                facts.label(row.stream),
                facts.label(row.service_line),
                "weighed" if row.weighed else "",
                show.in_millions(row.cost_pence),
            )
        )
        for row in frame.itertuples()
    )
    texts = ["Model of the stream", "Service line whose cost it is of", "In this run"]
    return (TableBlock("Lines whose cost each model is of", headings(texts, ["Cost of persons, £m"]), rows),)


def _id(name: str, of: str) -> str:
    """A name on the page that no other model's figure has."""
    return "-".join([name, *of.strip(" ()").lower().split()])


def _calibration(tables: RunTables, of: str) -> tuple[Block, ...]:
    groups = model.by_group(tables)
    tenths = groups[groups["grouping"] == _TENTHS]
    if tenths.empty:
        return ()
    caption = f"Expected over actual cost by tenth of expected cost{of}"
    words = "; ".join(f"{row.level}: {show.index(row.ratio)}" for row in tenths.itertuples())
    table = _group_table(caption, tenths, lambda level: level, "Tenth")
    note = "On the line the tenth costs what is expected of it; below it, it is paid too little."
    drawn = inline_svg(charts.calibration(tenths[["level", "ratio"]]), _id("calibration", of), caption, words)
    return (FigureBlock(drawn, caption, note, table),)


def _groups(tables: RunTables, facts: RunFacts, of: str) -> tuple[Block, ...]:
    groups = model.by_group(tables)
    groups = groups[groups["grouping"] != _TENTHS]
    if groups.empty:
        return ()
    rows = pd.DataFrame(
        {
            "grouping": [facts.label(grouping) for grouping in groups["grouping"]],
            "level": [facts.label(level) for level in groups["level"]],
            "pounds": groups["over_per_head_pence"] / 100,
        }
    )
    worst = rows.loc[rows["pounds"].abs().idxmax()]
    caption = f"Pounds a head and year that groups are paid over or under what they cost{of}"
    words = (
        f"furthest off: {worst['grouping']} {worst['level']}, {show.pounds(worst['pounds'] * 100, signed=True)} a head"
    )
    drawn = inline_svg(charts.over_and_under(rows), _id("model-groups", of), caption, words)
    table = _group_table(caption, groups, facts.label, "Group")
    note = (
        "To the left a group costs more than the model expects, to the right less. Groups of under 100 person-years "
        "are left out."
    )
    return (FigureBlock(drawn, caption, note, table),)


def _group_table(caption: str, groups: pd.DataFrame, label: Any, heading: str) -> TableBlock:
    rows = tuple(
        Row(
            (
                label(row.grouping),
                label(row.level),
                show.people(row.person_years),
                show.index(row.ratio),
                show.pounds(row.over_per_head_pence, signed=True),
            )
        )
        for row in groups.itertuples()
    )
    numbers = ["Person-years", "Expected over actual", "£ a head over (+) or under"]
    return TableBlock(caption, headings(["By", heading], numbers), rows)


def _places(tables: RunTables, facts: RunFacts, of: str) -> tuple[Block, ...]:
    frame = model.places(tables)
    if frame.empty or frame["place_low"].isna().any():
        return ()
    frame = frame.assign(place=[facts.label(place) for place in frame["place"]])
    over = frame["place_budget"]
    rows = pd.DataFrame(
        {
            "place": frame["place"],
            "low": frame["place_low"] / over,
            "high": frame["place_high"] / over,
            "ratio": frame["place_actual"] / over,
        }
    )
    caption = f"Actual over expected cost of places, and what chance and the model's error explain{of}"
    words = "; ".join(f"{row.place}: {show.index(row.ratio)}" for row in rows.itertuples())
    drawn = inline_svg(charts.place_intervals(rows), _id("model-places", of), caption, words)
    numbers = ["Expected, £m", "Low, £m", "High, £m", "Actual, £m", "Actual over expected", "Credibility", "Drawn to 1"]
    table = TableBlock(
        caption,
        headings(["Place"], numbers),
        tuple(
            Row(
                (
                    row.place,
                    *(show.in_millions(v) for v in (row.place_budget, row.place_low, row.place_high, row.place_actual)),
                    show.index(row.experience),
                    show.percent(row.credibility, 0),
                    show.index(row.experience_shrunk),
                )
            )
            for row in frame.itertuples()
        ),
    )
    note = (
        "The bar is where 39 of 40 years would lie above its low and below its high end by chance and the model's own "
        "error. A point outside it spends more or less than its people's need explains."
    )
    return (FigureBlock(drawn, caption, note, table),)


def _fit(tables: RunTables, facts: RunFacts, of: str) -> TableBlock:
    rows = tuple(
        Row((facts.label(row.measure), str(row.meaning), _measure(row.measure, row.value)))
        for row in model.fit(tables).itertuples()
    )
    return TableBlock(f"How well the model fits{of}", headings(["Measure", "What it says"], ["Value"]), rows)


def _measure(name: object, value: float) -> str:
    if name in _POUNDS:
        return show.pounds(value)
    return show.index(value, 4) if name in _RATIOS else show.percent(value)


def _challengers(tables: RunTables, facts: RunFacts, of: str) -> TableBlock:
    rows = tuple(
        Row(
            (
                facts.label(row.estimator),
                str(row.worst_group),
                str(row.reason),
                show.index(row.calibration, 4),
                show.percent(row.r_squared, 2),
                show.percent(row.worst_ratio),
                show.people(row.places_moved),
            )
        )
        for row in model.challengers(tables).itertuples()
    )
    texts = ["Estimator", "Group furthest off", "Would it replace least squares?"]
    numbers = ["Calibration", "R²", "Furthest off", "Places moved over 1%"]
    return TableBlock(f"Estimators side by side, out of fold{of}", headings(texts, numbers), rows)


def _caps(tables: RunTables, of: str) -> TableBlock:
    rows = tuple(
        Row(
            (
                show.pounds(row.cap_pence),
                "used" if row.used else "",
                show.percent(row.pooled_share, 2),
                show.percent(row.r_squared, 2),
                show.percent(row.payment_fit, 2),
            )
        )
        for row in model.caps(tables).itertuples()
    )
    numbers = ["Pooled share of cost", "R² of kept cost", "Payment fit of model and pool"]
    return TableBlock(f"Caps of a person's yearly cost{of}", headings(["Cap", "In this run"], numbers), rows)

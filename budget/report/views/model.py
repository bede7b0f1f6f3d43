"""The need model as people look at it: groups over and under, fit, places, challengers, caps, service lines."""

from __future__ import annotations

import pandas as pd

from budget.kernel.codes import ALL_NEEDS
from budget.report.facts import RunTables

OF_STREAMS = ("risk_diagnostics", "risk_challengers", "risk_caps")
"""Tables with a report of every need model, one stream below the other."""

FIT = (
    "calibration", "r_squared", "r_squared_uncapped", "cumming", "mean_absolute_error", "pooled_share", "payment_fit",
    "r_squared_practice", "practices_off",
)  # fmt: skip
"""Measures of the whole model, in the order of the report."""


def streams(tables: RunTables) -> tuple[str, ...]:
    """Streams that have a need model, whole cost first."""
    return tuple(sorted(set(tables["risk_diagnostics"]["stream"]), key=lambda stream: (stream != ALL_NEEDS, stream)))


def of_stream(tables: RunTables, stream: str) -> RunTables:
    """The tables of a run with the report of one need model alone."""
    reports = {name: tables[name] for name in OF_STREAMS}
    return {**tables, **{name: rows[rows["stream"] == stream] for name, rows in reports.items()}}


def lines_weighed(tables: RunTables, stream: str) -> tuple[str, ...]:
    """Service lines that the need model of a stream weighs in some budget year."""
    rows = tables["need_by_line"] if "need_by_line" in tables else pd.DataFrame(columns=["method", "stream"])
    mine = rows[(rows["method"] == "model") & (rows["stream"] == stream)]
    return tuple(sorted(set(mine["service_line"]))) if len(mine) else ()


def model_lines(tables: RunTables) -> pd.DataFrame:
    """The lines whose cost the model of each stream is of; empty where all models are of whole cost."""
    columns = ["stream", "service_line", "cost_pence", "weighed"]
    return tables["need_model_lines"] if "need_model_lines" in tables else pd.DataFrame(columns=columns)


def by_group(tables: RunTables) -> pd.DataFrame:
    """What the model pays each group over what it cost, one row a group, in the order of the report.

    Returns:
        ``grouping``, ``level``, ``ratio`` (expected over actual), ``over_per_head_pence`` and ``person_years``.
    """
    found = tables["risk_diagnostics"]
    measures = {
        "predictive_ratio": "ratio",
        "over_per_head": "over_per_head_pence",
        "person_years": "person_years",
    }
    rows = found[found["measure"].isin(measures)]
    order = rows.drop_duplicates("group")["group"]
    wide = rows.pivot(index="group", columns="measure", values="value").rename(columns=measures).loc[order]
    split = wide.index.str.split(": ", n=1)
    wide = wide.assign(grouping=split.str[0], level=split.str[1]).reset_index(drop=True)
    return wide[["grouping", "level", *measures.values()]]


def fit(tables: RunTables) -> pd.DataFrame:
    """Measures of the whole model: ``measure``, ``value``, ``meaning``."""
    found = tables["risk_diagnostics"]
    whole = found[(found["group"] == "all") & found["measure"].isin(FIT)]
    return whole.sort_values("position")[["measure", "value", "meaning"]].reset_index(drop=True)


def places(tables: RunTables) -> pd.DataFrame:
    """Expected and actual cost of each place's people, the interval, and how far the difference is more than chance."""
    found = tables["risk_diagnostics"]
    measures = [
        "place_actual",
        "place_budget",
        "place_low",
        "place_high",
        "experience",
        "credibility",
        "experience_shrunk",
    ]
    rows = found[found["measure"].isin(measures)]
    wide = rows.assign(place=rows["group"].str.removeprefix("place: ")).pivot(
        index="place", columns="measure", values="value"
    )
    return wide.reindex(columns=measures).reset_index()


def challengers(tables: RunTables) -> pd.DataFrame:
    """Least squares and its challengers, out of fold."""
    return tables["risk_challengers"]


def caps(tables: RunTables) -> pd.DataFrame:
    """Caps of a person's yearly cost side by side."""
    return tables["risk_caps"].sort_values("cap_pence", ignore_index=True)


def coefficients(tables: RunTables) -> pd.DataFrame:
    """Coefficients of every model with their errors, references among them."""
    return tables["risk_model"]


def by_line(tables: RunTables) -> pd.DataFrame:
    """What weighs each service line, and the need index of every place by it."""
    return tables["need_by_line"].sort_values(["financial_year", "service_line", "place"], ignore_index=True)

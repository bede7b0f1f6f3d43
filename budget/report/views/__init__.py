"""Small frames for people, made from the output tables; the workbook and the page show the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from budget.report.facts import RunFacts, RunTables
from budget.report.views import budget, need, outlook, people, record, scale, segments

View = Callable[[RunTables, RunFacts], pd.DataFrame]

VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "by_place": lambda tables, _: budget.by_place(tables),
        "by_segment": lambda tables, _: budget.by_segment(tables),
        "by_broad_group": lambda tables, _: segments.by_broad_group(tables),
        "by_line": lambda tables, _: budget.by_line(tables),
        "by_commissioner": lambda tables, _: budget.by_commissioner(tables),
        "months": lambda tables, _: budget.months(tables),
        "bridge": lambda tables, _: budget.bridge(tables),
        "by_scale": lambda tables, _: scale.by_scale(tables),
        "contributions": lambda tables, _: scale.contributions(tables),
        "demography": lambda tables, _: outlook.demography(tables),
        "policy": lambda tables, _: outlook.policy(tables),
        "funding_gap": lambda tables, _: outlook.funding_gap(tables),
        "pool_cover": lambda tables, _: outlook.pool_cover(tables),
        "pace_of_change": lambda tables, _: need.pace_of_change(tables),
        "carve_outs": lambda tables, _: budget.carve_outs(tables),
        "choice_by_provider": lambda tables, _: budget.choice_by_provider(tables),
        "need": lambda tables, _: need.need(tables),
        "population_by_place": lambda tables, _: people.by_place(tables),
        "population_by_practice": lambda tables, _: people.by_practice(tables),
        "records_not_counted": lambda tables, _: people.not_counted(tables),
        "by_district": lambda tables, _: people.by_district(tables),
        "other_counts": lambda tables, _: people.effects(tables),
        "assumptions": lambda _, facts: record.assumptions(facts),
        "checks": lambda _, facts: record.checks(facts),
        "input_register": lambda tables, _: record.input_register(tables),
        "dictionary": lambda _, __: record.dictionary(),
    }
)
"""The views that a sheet may name."""

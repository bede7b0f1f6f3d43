"""Small frames for people, made from the output tables; the workbook and the page show the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from budget.report.facts import RunFacts, RunTables
from budget.report.views import (
    budget,
    carved,
    costs,
    model,
    need,
    outlook,
    payment,
    people,
    ranges,
    record,
    scale,
    scopes,
    segments,
)

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
        "since_last_run": lambda tables, _: budget.since_last_run(tables),
        "by_scale": lambda tables, _: scale.by_scale(tables),
        "contributions": lambda tables, _: scale.contributions(tables),
        "demography": lambda tables, _: outlook.demography(tables),
        "policy": lambda tables, _: outlook.policy(tables),
        "funding_gap": lambda tables, _: outlook.funding_gap(tables),
        "ranges": lambda tables, _: ranges.ranges(tables),
        "pool_cover": lambda tables, _: outlook.pool_cover(tables),
        "pace_of_change": lambda tables, _: need.pace_of_change(tables),
        "carve_outs": lambda tables, _: budget.carve_outs(tables),
        "choice_by_provider": lambda tables, _: budget.choice_by_provider(tables),
        "baseline": lambda tables, _: tables["baseline_lines"],
        "baseline_adjustments": lambda tables, _: tables["baseline_adjustments"],
        "costs_by_line": lambda tables, _: costs.by_line(tables),
        "attribution": lambda tables, _: costs.by_place_and_line(tables),
        "segment_cost": lambda tables, _: costs.segment_cost(tables),
        "price_uplift": lambda tables, _: tables["price_uplift"],
        "activity_completion": lambda tables, _: tables["activity_completion"],
        "part_complete": lambda tables, _: costs.part_complete(tables),
        "high_cost": lambda tables, _: costs.high_cost(tables),
        "case_costs": lambda tables, _: costs.cases(tables),
        "choice_terms": lambda tables, _: carved.choice_terms(tables),
        "low_volume_pairs": lambda tables, _: carved.low_volume_pairs(tables),
        "money_flow": lambda tables, _: payment.money_flow(tables),
        "payment_simulation": lambda tables, _: tables["payment_simulation"],
        "service_line_margins": lambda tables, _: payment.line_margins(tables),
        "contract_simulation": lambda tables, _: payment.contracts(tables),
        "party_risk": lambda tables, _: payment.risk(tables),
        "forms_not_simulated": lambda tables, _: tables["forms_not_simulated"],
        "by_scope": lambda tables, _: scopes.by_scope(tables),
        "need": lambda tables, _: need.need(tables),
        "need_by_line": lambda tables, _: model.by_line(tables),
        "need_model": lambda tables, _: model.coefficients(tables),
        "population_by_place": lambda tables, _: people.by_place(tables),
        "population_by_practice": lambda tables, _: people.by_practice(tables),
        "records_not_counted": lambda tables, _: people.not_counted(tables),
        "by_district": lambda tables, _: people.by_district(tables),
        "other_counts": lambda tables, _: people.effects(tables),
        "assumptions": lambda _, facts: record.assumptions(facts),
        "checks": lambda _, facts: record.checks(facts),
        "waivers": lambda _, facts: record.waivers(facts),
        "manifest": lambda _, facts: record.manifest(facts),
        "input_register": lambda tables, _: record.input_register(tables),
        "dictionary": lambda _, __: record.dictionary(),
    }
)
"""The views that a sheet may name."""

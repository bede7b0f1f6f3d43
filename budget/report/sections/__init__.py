"""The parts of the page in order. A part whose tables the run does not have is left out and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from budget.contracts import output_tables
from budget.report.blocks import Block, Section, TextBlock
from budget.report.facts import RunFacts, RunTables
from budget.report.sections import (
    assurance,
    bridge,
    costs,
    model,
    money,
    money_flow,
    need,
    outlook,
    party_risk,
    payment,
    people,
    places,
    population,
    principles,
    ranges,
    scale,
    scopes,
    segments,
)

Build = Callable[[RunTables, RunFacts], tuple[Block, ...]]


@dataclass(frozen=True)
class Part:
    """What makes one section.

    Attributes:
        id: anchor on the page.
        heading: its heading.
        needs: output tables without which it is left out.
        build: makes its blocks.
    """

    id: str
    heading: str
    needs: tuple[str, ...]
    build: Build


PARTS = (
    Part("glance", "At a glance", ("integrated_budget",), places.glance),
    Part("bridge", "From baseline to core budget", ("growth_bridge",), bridge.from_baseline),
    Part("growth", "Growth by numbers and by mix", ("demographic_growth",), outlook.demography),
    Part("policy", "Investments and savings", ("policy_moves",), outlook.policy),
    Part("gap", "The funding gap", ("funding_gap",), outlook.funding_gap),
    Part("places", "Budgets by place", ("integrated_budget",), places.by_place),
    Part("map", "Map of places", ("pace_of_change", "need_weights"), need.on_map),
    Part("ranges", "How far budgets may lie off", ("budget_range",), ranges.ranges),
    Part("costs", "Costs", ("segment_cost", "unattributed_spend", "line_attribution"), costs.what_care_cost),
    Part("scale", "From footprint to practice groups", ("budget_by_scale",), scale.by_scale),
    Part("need", "Need against spend", ("pace_of_change", "need_weights"), need.against_spend),
    Part("need-by-line", "Need by service line", ("need_by_line",), model.by_line),
    Part("need-model", "The need model", ("risk_diagnostics", "risk_challengers", "risk_caps"), model.report),
    Part("pace", "Pace of change", ("pace_of_change",), need.pace),
    Part("segments", "Segments", ("integrated_budget",), people.segments),
    Part("broad-groups", "Broad groups", ("broad_group_budget",), segments.broad_groups),
    Part("scopes", "Budgets by scope", ("scoped_budgets",), scopes.by_scope),
    Part("segment-ages", "Segments by place and age", ("segment_detail", "segments"), segments.by_age),
    Part("lists", "Lists against residents", ("list_against_residents",), people.lists),
    Part("statement", "Population statement", ("population_reconciliation", "population_counts"), people.statement),
    Part("records", "How everyone was counted", ("population_exceptions",), population.records),
    Part("counting", "Other ways of counting", ("population_effects",), population.effects),
    Part("commissioners", "Who pays", ("integrated_budget",), money.commissioners),
    Part("carve-outs", "Carve-outs and patient choice", ("carve_outs",), money.carve_outs),
    Part("pool", "Is the risk pool big enough?", ("risk_pool_cover",), scale.pool),
    Part("money", "Where the money goes", ("money_flow",), money_flow.where_it_goes),
    Part("payment-forms", "Payment forms", ("service_line_margins", "contract_simulation"), payment.payment_forms),
    Part("party-risk", "Risk by party", ("party_risk", "service_line_margins"), party_risk.risk),
    Part("principles", "Eight principles of payment", ("growth_bridge",), principles.principles),
    Part("months", "Monthly payments", ("monthly_profile",), money.months),
    Part("checks", "Data checks", (), assurance.checks),
    Part("assumptions", "Assumptions", (), assurance.assumptions),
    Part("reading", "How to read this, and its limits", (), assurance.reading),
)
"""The page, top to bottom."""


def sections(tables: RunTables, facts: RunFacts) -> tuple[Section, ...]:
    """Every section of the page."""
    return tuple(
        Section(part.id, part.heading, blocks_of(part, tables, facts), _sources(part, tables)) for part in PARTS
    )


def _sources(part: Part, tables: RunTables) -> tuple[tuple[str, str], ...]:
    """The tables that a section is made from, each with what it holds."""
    contracts = output_tables()
    return tuple((name, contracts[name].about) for name in part.needs if name in tables)


def blocks_of(part: Part, tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The blocks of one part, or the sentence that says why it is left out."""
    lacking = [name for name in part.needs if name not in tables or tables[name].empty]
    if not lacking:
        return part.build(tables, facts)
    return (TextBlock(f"This part is left out: the run has no rows in {' and '.join(lacking)}."),)

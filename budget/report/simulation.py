"""The sections of a page on one simulation: where the money goes, payment forms, risk."""

from __future__ import annotations

from budget.report.blocks import Section
from budget.report.facts import Naming, RunTables
from budget.report.sections.money_flow import where_it_goes
from budget.report.sections.party_risk import risk
from budget.report.sections.payment import payment_forms


def simulation_sections(tables: RunTables, facts: Naming) -> tuple[Section, ...]:
    """The parts of the page whose tables are there.

    Args:
        tables: those of the simulation, and ``money_flow`` of the run.
        facts: words for codes.
    """
    parts = [Section("payment-forms", "Payment and contract forms", payment_forms(tables, facts))]
    if "party_risk" in tables:
        parts.append(Section("party-risk", "Risk by party", risk(tables, facts)))
    if "money_flow" in tables:
        parts.append(Section("money", "Where the money goes", where_it_goes(tables, facts)))
    return tuple(parts)

"""Everything that a year is settled from: the plan, who holds it, and what has happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.payment.inyear.known import known_by
from budget.payment.inyear.people import ListNews
from budget.payment.settlement.holdings import WHO
from budget.payment.settlement.outcomes import outcome_table
from budget.payment.settlement.terms import Deal


@dataclass(frozen=True)
class Run:
    """The tables of a run that settlement reads, by name; those that a locality does not have are absent."""

    tables: Mapping[str, pd.DataFrame]

    def has(self, name: str) -> bool:
        """Whether the run has a table."""
        return name in self.tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]


@dataclass(frozen=True)
class Actuals:
    """What has happened up to the month that is settled; what was not handed over is None.

    Attributes:
        spend: ``actual_spend``.
        news: people of every month, late news and moves.
        outcomes: ``actual_outcomes``.
        choice: ``actual_choice``.
        prior_year: ``prior_year_adjustments``.
        counterfactual: ``counterfactual_spend``.
    """

    spend: pd.DataFrame
    news: ListNews | None = None
    outcomes: pd.DataFrame | None = None
    choice: pd.DataFrame | None = None
    prior_year: pd.DataFrame | None = None
    counterfactual: pd.DataFrame | None = None


@dataclass(frozen=True)
class Books:
    """A year as it is settled.

    Attributes:
        year: the budget year.
        last: how many months are settled.
        run: tables of the run.
        actuals: what has happened.
        assumptions: those of the run.
        deals: contracts, then the budgets that places hold themselves.
        held: ``holdings``.
        costs: actual spend by contract and party: month, place, service_line, commissioner, provider_code, segment,
            amount_pence, units, kind, contract, party.
        plans: contract, party, place, service_line, planned_units: units of the year, where they are known.
        prior_year: amounts of earlier years by contract and party; None where there are none.
        otherwise: ``counterfactual_spend`` by contract and party; None where it is not known.
        changes: known_month, place, segment, first_pence, late_pence; None where no people are known.
        corrections: known_month, place, segment, correction_pence.
    """

    year: FinancialYear
    last: int
    run: Run
    actuals: Actuals
    assumptions: Assumptions
    deals: Sequence[Deal]
    held: pd.DataFrame
    costs: pd.DataFrame
    plans: pd.DataFrame
    prior_year: pd.DataFrame | None = None
    otherwise: pd.DataFrame | None = None
    changes: pd.DataFrame | None = None
    corrections: pd.DataFrame | None = None

    def outcomes_by(self, month: int) -> pd.DataFrame:
        """Every outcome measure with what was known of it by the end of a month (``outcome_table``)."""
        return outcome_table(self.deals, self.known_outcomes(month))

    def known_outcomes(self, month: int) -> pd.DataFrame | None:
        """Rows of ``actual_outcomes`` that were known by the end of a month, in the order in which they were."""
        actual = self.actuals.outcomes
        return None if actual is None else known_by(actual, month, self.last)

    def contributions(self, deal: Deal) -> pd.Series:
        """What every commissioner puts into a contract in the year, pence."""
        rows = self.held[(self.held["kind"] == deal.kind) & (self.held["contract"] == deal.id)]
        return rows.groupby("commissioner")["annual_pence"].sum()

    def parties(self) -> pd.DataFrame:
        """Every contract and party with its budget of the year: kind, contract, party, annual_pence."""
        return self.held.groupby(WHO, as_index=False)["annual_pence"].sum()

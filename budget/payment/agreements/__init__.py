"""Agreements: a locality's contracts as YAML, read strictly, and what each plans for its parties."""

from budget.payment.agreements.findings import findings
from budget.payment.agreements.model import Agreement, Party
from budget.payment.agreements.plans import (
    OUTSIDE,
    commissioner_money,
    party_lines,
    party_place_lines,
    pool_money,
    uncontracted_lines,
    uncontracted_place_lines,
)
from budget.payment.agreements.read import Known, agreement_files, read_agreement, read_agreements
from budget.payment.agreements.tables import contract_measures, contract_plans, contract_terms

__all__ = [
    "OUTSIDE",
    "Agreement",
    "Known",
    "Party",
    "agreement_files",
    "commissioner_money",
    "contract_measures",
    "contract_plans",
    "contract_terms",
    "findings",
    "party_lines",
    "party_place_lines",
    "pool_money",
    "read_agreement",
    "read_agreements",
    "uncontracted_lines",
    "uncontracted_place_lines",
]

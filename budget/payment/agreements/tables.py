"""Agreements as tables, so that gates, reports and auditors read what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from budget.payment.agreements.model import Agreement, GainLoss, Party, Payment, Terms
from budget.payment.agreements.plans import party_lines

_MEASURES = ("contract", "measure", "title", "unit", "floor", "target", "weight", "better", "source")


def contract_terms(agreements: Sequence[Agreement]) -> pd.DataFrame:
    """The columns of ``contract_terms``: one row a contract and party."""
    return pd.DataFrame([_contract(one) | _party(party) for one in agreements for party in one.parties])


def contract_measures(agreements: Sequence[Agreement]) -> pd.DataFrame:
    """The columns of ``contract_measures``; no rows where no contract has outcomes."""
    rows = [
        {"contract": one.contract, "measure": measure.id} | measure.model_dump()
        for one in agreements
        if one.outcomes
        for measure in one.outcomes.measures
    ]
    types = {name: "float64" if name in ("floor", "target", "weight") else "object" for name in _MEASURES}
    return pd.DataFrame(rows, columns=list(_MEASURES)).astype(types)


def contract_plans(agreements: Sequence[Agreement], budget: pd.DataFrame, activity: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``contract_plans``: `party_lines` of every agreement, first budget year."""
    return pd.concat([party_lines(one, budget, activity) for one in agreements], ignore_index=True)


def in_words(terms: Terms) -> str:
    """A form and its parameters as people read them: ``F02 (tolerance 0.02, share 0.5); community: F01``."""
    said = [_form(terms)]
    if isinstance(terms, Payment):
        said[0] = " + ".join([said[0], *(_form(one) for one in terms.adjusted_by)])
        said += [f"{line}: {in_words(other)}" for line, other in sorted(terms.lines.items())]
    return "; ".join(said)


def _form(terms: Terms) -> str:
    agreed = ", ".join(f"{name} {value}" for name, value in terms.parameters.items())
    return f"{terms.id} ({agreed})" if agreed else terms.id


def _contract(agreement: Agreement) -> dict[str, Any]:
    scope, outcomes = agreement.scope, agreement.outcomes
    return {
        "contract": agreement.contract,
        "title": agreement.title,
        "status": agreement.status,
        "purpose": agreement.purpose,
        "about": agreement.about,
        "source": f"{agreement.source.title}; {agreement.source.where}",
        "starts_on": agreement.starts_on,
        "years": agreement.years,
        "places": _listed(scope.places),
        "service_lines": _listed(scope.lines),
        "segments": _listed(scope.segments),
        "commissioners": _listed(agreement.commissioners),
        "form": agreement.form.id,
        "form_name": agreement.contract_form().name,
        "form_parameters": in_words(agreement.form),
        "outcome_share": outcomes.share if outcomes else None,
        "outcome_maximum": outcomes.maximum_share if outcomes else None,
        "gain_loss": _gain_loss(agreement.gain_loss),
    }


def _party(party: Party) -> dict[str, Any]:
    cost = party.cost
    return {
        "party": party.party,
        "role": party.role,
        "payment": in_words(party.payment) if party.payment else None,
        "in_force": in_words(party.in_force) if party.in_force else None,
        "fixed_share": cost.fixed if cost else None,
        "stepped_share": cost.stepped if cost else None,
        "step": cost.step if cost else None,
        "capacity_pence": party.capacity_pence,
    }


def _gain_loss(terms: GainLoss | None) -> str | None:
    if terms is None:
        return None
    return ", ".join(f"{name} {value}" for name, value in terms.model_dump().items() if value is not None)


def _listed(names: Sequence[str] | str) -> str:
    return names if isinstance(names, str) else ", ".join(names)

"""An agreement says a thing once: what it says twice must be the same, and what its forms need must be there."""

from __future__ import annotations

from budget.kernel.errors import ConfigurationError
from budget.payment.agreements.model import Agreement, Payment, Terms
from budget.payment.contracts import LeadPaysCost, LeadWithFixedBudgets
from budget.payment.contracts.outcome import CostShared
from budget.payment.contracts.pooled import PooledFund
from budget.payment.terms import values_of

_EARNED = ("F12", "F18")
_GAIN_LOSS = {"gain_share": "share", "deadband": "deadband", "cap": "cap", "basis": "basis"}
"""Parameters of contract forms that share cost, and the keys of ``gain_loss`` that say the same."""
_BESIDE = ("F13", "F14")
"""Forms that pay for no care: they change what another one pays."""


def refuse_contradictions(agreement: Agreement, where: str) -> None:
    """Refuse an agreement that contradicts itself or lacks what its forms need.

    Raises:
        ConfigurationError: a party twice, two leads, a lead where none leads or none where one must; a form that
            outcomes earn without outcomes, or with another share; terms of gain and loss that differ, or gain and loss
            that a payment and the contract both share; a payment that pays for no care; a measure twice.
    """
    _refuse_wrong_parties(agreement, where)
    _refuse_wrong_outcomes(agreement, where)
    _refuse_other_gain_loss(agreement, where)
    _refuse_payments_beside_care(agreement, where)
    _refuse_sharing_twice(agreement, where)


def _refuse_wrong_parties(agreement: Agreement, where: str) -> None:
    codes = [party.party for party in agreement.parties]
    twins = sorted({code for code in codes if codes.count(code) > 1})
    if twins:
        raise ConfigurationError(f"{where}: parties: {', '.join(twins)} is there twice.")
    leads = sum(party.role == "lead" for party in agreement.parties)
    form = agreement.contract_form(where=f"{where}: form")
    led = isinstance(form, LeadWithFixedBudgets | LeadPaysCost)
    if leads != led:
        wanted = "one party must have the role lead" if led else f"nobody leads under {form.id}"
        raise ConfigurationError(f"{where}: parties: {leads} of them lead; {wanted}.")
    partners = {party.party for party in agreement.parties if party.role == "commissioner"}
    strangers = sorted(partners - set(agreement.commissioners))
    if strangers:
        raise ConfigurationError(f"{where}: parties: {', '.join(strangers)} is not among commissioners.")
    if isinstance(form, PooledFund) and partners != set(agreement.commissioners):
        raise ConfigurationError(f"{where}: parties: every commissioner of a pooled fund is a party to it.")


def _refuse_wrong_outcomes(agreement: Agreement, where: str) -> None:
    outcomes = agreement.outcomes
    shares = {
        f"parties: {party.party}: payment: {terms.id}": terms.parameters["share"]
        for party in agreement.providers
        if party.payment
        for terms in _every(party.payment)
        if terms.id in _EARNED
    }
    form = agreement.contract_form(where=f"{where}: form")
    if "score" in form.needs:
        shares["form"] = values_of(form)["share"]
    if shares and outcomes is None:
        raise ConfigurationError(f"{where}: {next(iter(shares))} is earned by outcomes; the contract has none.")
    if outcomes is None:
        return
    other = [key for key, share in shares.items() if float(share) != outcomes.share]
    if other:
        raise ConfigurationError(f"{where}: {other[0]}: share is not that of outcomes ({outcomes.share:g}).")
    ids = [measure.id for measure in outcomes.measures]
    if len(set(ids)) < len(ids):
        raise ConfigurationError(f"{where}: outcomes: measures: an id is there twice.")


def _refuse_other_gain_loss(agreement: Agreement, where: str) -> None:
    form = agreement.contract_form(where=f"{where}: form")
    if agreement.gain_loss is None or not isinstance(form, CostShared):
        return
    agreed, said = agreement.gain_loss.model_dump(), values_of(form)
    other = [name for name, key in _GAIN_LOSS.items() if said[name] != agreed[key]]
    if other:
        raise ConfigurationError(f"{where}: form: {', '.join(other)} is not that of gain_loss.")


def _refuse_payments_beside_care(agreement: Agreement, where: str) -> None:
    for party in agreement.providers:
        for payment in (party.payment, party.in_force):
            alone = {one.id for one in (payment, *payment.lines.values()) if one.id in _BESIDE} if payment else set()
            if alone:
                told = ", ".join(sorted(alone))
                raise ConfigurationError(
                    f"{where}: parties: {party.party}: {told} pays for no care; put it in adjusted_by."
                )


def _refuse_sharing_twice(agreement: Agreement, where: str) -> None:
    """One difference is shared once: by payments, by gain_loss, or by a form that shares cost or pools it."""
    by_form = isinstance(agreement.contract_form(), CostShared | PooledFund)
    if agreement.gain_loss is None and not by_form:
        return
    other = f"form {agreement.form.id}" if by_form else "gain_loss"
    for party in agreement.providers:
        if party.payment and any(terms.id == "F13" for terms in _every(party.payment)):
            raise ConfigurationError(
                f"{where}: parties: {party.party}: payment: F13 shares what {other} of the contract shares; keep one."
            )


def _every(payment: Payment) -> list[Terms]:
    """A payment's form, those that adjust it, and those of its lines."""
    lines = [terms for other in payment.lines.values() for terms in _every(other)]
    return [payment, *payment.adjusted_by, *lines]

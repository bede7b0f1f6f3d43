"""Payment forms F01 to F20 (the method, section 2.1): care in, a payment out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from budget.kernel.money import half_up
from budget.payment.forms.activity import Activity, BestPracticeTariff, FeeForService, NonContractActivity
from budget.payment.forms.bands import CapAndCollar, CostAndVolume, MarginalRate
from budget.payment.forms.blended import AlignedPayment, Blended
from budget.payment.forms.blocks import Block, BlockWithTolerance, LowVolumeBlock
from budget.payment.forms.capitation import Capitation, PerCapitaPrimaryCare
from budget.payment.forms.care import FACTS, Care, Floats
from budget.payment.forms.form import Adjustment, PaymentForm, Together
from budget.payment.forms.gain_loss import GainLossShare
from budget.payment.forms.outcomes import Outcomes, QualityIncentive, achievement, outcome_score
from budget.payment.forms.pools import PassThrough, PooledBudget, RiskPool, drawn
from budget.payment.terms import made, named, spelt_out

FORMS: Mapping[str, type[PaymentForm]] = {
    form.id: form
    for form in (
        Block,
        BlockWithTolerance,
        Activity,
        FeeForService,
        CostAndVolume,
        CapAndCollar,
        MarginalRate,
        Blended,
        AlignedPayment,
        Capitation,
        PerCapitaPrimaryCare,
        Outcomes,
        GainLossShare,
        RiskPool,
        LowVolumeBlock,
        NonContractActivity,
        BestPracticeTariff,
        QualityIncentive,
        PooledBudget,
        PassThrough,
    )
}
"""Every payment form by its id."""


def form_of(form: str, parameters: Mapping[str, Any], *, where: str = "") -> PaymentForm:
    """A payment form with its parameters.

    Args:
        form: the id, F01 to F20.
        parameters: by name.
        where: file and key, for errors.

    Raises:
        ConfigurationError: there is no such form; a parameter is unknown, missing or out of bounds.
    """
    return made(FORMS, form, parameters, where=where)


def pay(form: str, planned: Any, actual: Any, price_pence: Any, **parameters: Any) -> int:
    """What a form pays, in whole pence, booked half-up once for all elements together.

    Args:
        form: the id, F01 to F20.
        planned: P, units (people, items); a number or an array.
        actual: A, units.
        price_pence: p, pence a unit (a head).
        parameters: those of the form, by name or by their letter in the method, and the facts that it needs
            (``cost`` or ``cost_pence``, ``expected``, ``score``, ``meeting``, ``earlier``).

    Raises:
        ConfigurationError: there is no such form; a parameter or fact is unknown or missing.

    >>> pay("F02", 10_000, 10_600, 200_000, tolerance=0.02, share=0.5)
    2040000000
    """
    facts, agreed = _sorted_out(parameters)
    rule = form_of(form, spelt_out(named(FORMS, form), agreed))
    care = Care.of(planned, actual, price_pence, **facts)
    payment = np.asarray(rule.pay(care), dtype=np.float64)
    return half_up(float(payment.sum()))


def _sorted_out(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts of the care, and parameters of the form."""
    facts = {key.removesuffix("_pence"): value for key, value in given.items() if key.removesuffix("_pence") in FACTS}
    return facts, {key: value for key, value in given.items() if key.removesuffix("_pence") not in FACTS}


__all__ = [
    "FACTS",
    "FORMS",
    "Activity",
    "Adjustment",
    "AlignedPayment",
    "BestPracticeTariff",
    "Blended",
    "Block",
    "BlockWithTolerance",
    "CapAndCollar",
    "Capitation",
    "Care",
    "CostAndVolume",
    "FeeForService",
    "Floats",
    "GainLossShare",
    "LowVolumeBlock",
    "MarginalRate",
    "NonContractActivity",
    "Outcomes",
    "PassThrough",
    "PaymentForm",
    "PerCapitaPrimaryCare",
    "PooledBudget",
    "QualityIncentive",
    "RiskPool",
    "Together",
    "achievement",
    "drawn",
    "form_of",
    "outcome_score",
    "pay",
]

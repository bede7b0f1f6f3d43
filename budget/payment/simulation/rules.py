"""Which parameters a payment form has on each row: those of the contract where it names the form, else assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.payment.forms import FORMS, Adjustment, Block, PaymentForm, Together, form_of
from budget.payment.simulation.plan import Plan

ASSUMED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "F01": {},
        "F02": {"tolerance": "tolerance_band", "share": "tolerance_share"},
        "F03": {},
        "F05": {
            "core": "cost_volume_core",
            "floor": "cost_volume_floor",
            "ceiling": "cost_volume_ceiling",
            "variable": "cost_volume_rate",
        },
        "F06": {"band": "cap_and_collar"},
        "F07": {"rate": "marginal_rate"},
        "F08": {"variable": "blended_share"},
        "F09": {"variable": "aligned_share"},
        "F10": {},
        "F11": {},
        "F12": {"share": "ips_share"},
        "F13": {
            "share": "gain_share",
            "loss_share": "loss_share",
            "deadband": "gainloss_deadband",
            "cap": "gainloss_cap",
        },
        "F14": {"pool_share": "risk_pool_share"},
        "F16": {},
        "F18": {"share": "quality_incentive_share"},
        "F19": {},
        "F20": {},
    }
)
"""The assumption behind each parameter of a form, where no contract names the form."""

_CHOSEN: Mapping[str, Mapping[str, Any]] = MappingProxyType({"F05": {"of_plan": True}, "F13": {"borne_by": "paid"}})
"""Parameters that follow from how a simulation pays: shares of the plan; a provider bears its own cost."""

_LACKING: Mapping[str, str] = MappingProxyType(
    {
        "F04": "items and their fees: the run counts units of care",
        "F15": "three earlier years of spend by provider: the run knows them of providers outside the footprint alone",
        "F17": "a bonus and the share of units that meet best practice: no contract or assumption states them",
    }
)
"""What a form needs that no run has."""

_PRIMARY_CARE = "primary medical care: it pays for lists of practices"


@dataclass(frozen=True)
class Rule:
    """A payment form on some rows.

    Attributes:
        form: the form with its parameters.
        rows: numbers of the rows.
    """

    form: PaymentForm | Together
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class Simulated:
    """A payment form as far as it can be simulated.

    Attributes:
        id: of the form.
        name: of the form.
        rules: the form on rows that it can pay, one for every set of parameters.
        by_contract: rows whose parameters are those of a contract.
        why_not: why it cannot pay the others; empty where it pays all.
    """

    id: str
    name: str
    rules: tuple[Rule, ...]
    by_contract: NDArray[np.bool_]
    why_not: str = ""


@dataclass(frozen=True)
class RuleBook:
    """Makes the payment forms of a plan.

    Attributes:
        plan: what is simulated.
        assumptions: those of the payment stage.
        year: the budget year.
        primary_care: service lines that are paid by lists of practices.
    """

    plan: Plan
    assumptions: Assumptions
    year: FinancialYear
    primary_care: frozenset[str]
    _known: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def all(self) -> tuple[Simulated, ...]:
        """Every payment form, F01 to F20."""
        return tuple(self.of(form) for form in FORMS)

    def of(self, form: str) -> Simulated:
        """One payment form on every row that it can pay."""
        made = [self._on_row(form, row) for row in range(len(self.plan.rows))]
        return _grouped(form, FORMS[form].name, made, self._why_not(form, made))

    def agreed(self, which: str, name: str) -> Simulated:
        """How the contracts pay their parties, row by row.

        Args:
            which: ``payment`` (under the contract) or ``in_force`` (today).
            name: what that is called.
        """
        keys = zip(self.plan.rows["contract"], self.plan.rows["party"], strict=True)
        terms = [self.plan.contracts[contract].parties.get(party) for contract, party in keys]
        forms = [None if term is None else getattr(term, which) for term in terms]
        made = [None if form is None else (_whole(form), True) for form in forms]
        return _grouped(which, name, made, "a contract that says so" if None in made else "")

    def _on_row(self, form: str, row: int) -> tuple[PaymentForm | Together, bool] | None:
        """The form with the parameters of a row, and whether they are those of its contract; None where it cannot."""
        stated = self._stated(form, row)
        if stated is not None:
            return _whole(stated), True
        line = str(self.plan.rows["service_line"].iloc[row])
        if form in _LACKING or (form == "F11" and line not in self.primary_care):
            return None
        if form == "F09" and line not in self.assumptions.words("choice_lines", self.year):
            return Block(), False  # the variable part is for elective care; the rest is the fixed payment
        values = {name: float(self._by_row(assumption)[row]) for name, assumption in ASSUMED[form].items()}
        chosen = dict(_CHOSEN.get(form, {}))
        if form == "F13":
            chosen["basis"] = self.assumptions.choice("gainloss_basis", self.year)
        return _whole(form_of(form, values | chosen)), False

    def _stated(self, form: str, row: int) -> PaymentForm | None:
        """The form as the contract of a row states it: for the party, or for all of them."""
        contract = self.plan.contracts[str(self.plan.rows["contract"].iloc[row])]
        terms = contract.parties.get(str(self.plan.rows["party"].iloc[row]))
        for one in (terms.payment, terms.in_force) if terms else ():
            if one is not None and one.id == form:
                return one
        return contract.payments.get(form)

    def _by_row(self, assumption: str) -> NDArray[np.float64]:
        """An assumption by row: the mean of its places by what the row is paid there."""
        if assumption not in self._known:
            values = [self.assumptions.number(assumption, self.year, place=place) for place in self.plan.places]
            # the mean of equal values is that value, whatever rounding the shares of places bring along
            self._known[assumption] = (
                np.full(len(self.plan.rows), values[0]) if len(set(values)) == 1 else self.plan.mix @ np.array(values)
            )
        return self._known[assumption]

    def _why_not(self, form: str, made: list[tuple[PaymentForm | Together, bool] | None]) -> str:
        if None not in made:
            return ""
        return _LACKING.get(form, _PRIMARY_CARE)


def _whole(form: PaymentForm | Together) -> PaymentForm | Together:
    """A form that pays for care by itself: what changes hands beside another payment stands on a block."""
    if isinstance(form, Adjustment) and form.id in ("F13", "F14"):  # type: ignore[attr-defined]
        return Together(Block(), (form,))
    return form  # type: ignore[return-value]


def _grouped(form: str, name: str, made: list[tuple[PaymentForm | Together, bool] | None], why_not: str) -> Simulated:
    """Rows with equal parameters together, so that they are paid at once."""
    rows: dict[PaymentForm | Together, list[int]] = {}
    for row, found in enumerate(made):
        if found is not None:
            rows.setdefault(found[0], []).append(row)
    rules = tuple(Rule(one, np.array(numbers, dtype=np.intp)) for one, numbers in rows.items())
    by_contract = np.array([found is not None and found[1] for found in made])
    return Simulated(form, name, rules, by_contract, why_not)

"""Which parameters a payment form has on each row: those of the contract where it names the form, else assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.payment.forms import FORMS, Block, GainLossShare, RiskPool, Together, form_of
from budget.payment.simulation.plan import Paying, Plan

Found = tuple[Paying, bool]
"""A form on one row, and whether its contract states the parameters."""

AGREED, IN_FORCE = "agreed", "in_force"
"""Stand in the place of a form for how contracts pay their parties, and for how these are paid today."""

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
        "F04": "It needs items and their fees; the run counts units of care.",
        "F15": "It needs what three earlier years cost; the run knows that of providers outside the footprint alone.",
        "F17": "It needs the share of units that meet best practice, which no run knows.",
    }
)
"""What a form needs that no run has."""

_FACTS = frozenset({"cost", "score"})
"""What is known of care that did not happen."""

_PRIMARY_CARE = "It pays for lists of practices, so it is simulated on primary medical care alone."


@dataclass(frozen=True)
class Rule:
    """A payment form on some rows.

    Attributes:
        form: the form with its parameters.
        rows: numbers of the rows.
    """

    form: Paying
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class Simulated:
    """A payment form as far as it can be simulated.

    Attributes:
        id: of the form; ``agreed`` or ``in_force`` for what contracts say.
        name: of the form.
        rules: the form on rows that it can pay, one for every set of parameters.
        by_contract: by row, whether the parameters are those of its contract.
        lacking: what it needs on the rows that it cannot pay; empty where it pays all.
    """

    id: str
    name: str
    rules: tuple[Rule, ...]
    by_contract: NDArray[np.bool_]
    lacking: str = ""

    @property
    def pays(self) -> NDArray[np.bool_]:
        """By row, whether it can be paid."""
        paid = np.zeros(len(self.by_contract), dtype=bool)
        for rule in self.rules:
            paid[rule.rows] = True
        return paid


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
    _made: dict[str, Simulated] = field(default_factory=dict)

    def payment(self, form: str) -> Simulated:
        """A payment form on every row that it can pay."""
        if form not in self._made:
            keys = enumerate(zip(self.plan.rows["contract"], self.plan.rows["service_line"], strict=True))
            found = [self._on_row(form, row, str(contract), str(line)) for row, (contract, line) in keys]
            lacking = _LACKING.get(form, _PRIMARY_CARE) if None in found else ""
            self._made[form] = _grouped(form, FORMS[form].name, found, lacking)
        return self._made[form]

    def agreed(self) -> tuple[Simulated, ...]:
        """How the contracts pay their parties, and how these are paid today; nothing where there is no contract."""
        told = ((AGREED, "As agreed in the contract", "payment"), (IN_FORCE, "As paid today", "in_force"))
        stated = {form: [getattr(terms, which) for terms in self.plan.terms] for form, _, which in told}
        return tuple(
            _grouped(form, name, [None if one is None else _payable(one) for one in stated[form]], "")
            for form, name, _ in told
            if any(one is not None for one in stated[form])
        )

    def by_row(self, assumption: str) -> NDArray[np.float64]:
        """An assumption by row: the mean of its places by what the row is paid there."""
        if assumption not in self._known:
            values = [self.assumptions.number(assumption, self.year, place=place) for place in self.plan.places]
            # the mean of equal values is that value, whatever rounding the shares of places bring along
            same = len(set(values)) == 1
            self._known[assumption] = (
                np.full(len(self.plan.rows), values[0]) if same else self.plan.mix @ np.array(values)
            )
        return self._known[assumption]

    def _on_row(self, form: str, row: int, contract: str, line: str) -> Found | None:
        stated = self._stated(form, row, contract)
        if stated is not None:
            return _payable(stated)
        if form in _LACKING or (form == "F11" and line not in self.primary_care):
            return None
        if form == "F09" and line not in self.assumptions.words("choice_lines", self.year):
            return Block(), False  # what follows activity is elective care; the rest is the fixed payment
        values: dict[str, Any] = {name: float(self.by_row(known)[row]) for name, known in ASSUMED[form].items()}
        if form == "F13":
            values["basis"] = self.assumptions.choice("gainloss_basis", self.year)
        return _whole(form_of(form, values | dict(_CHOSEN.get(form, {})))), False

    def _stated(self, form: str, row: int, contract: str) -> Paying | None:
        """The form as the contract of a row states it: for the party and line, or for all of them."""
        terms = self.plan.terms[row]
        for one in (terms.payment, terms.in_force):
            if one is not None and one.id == form:
                return one
        return self.plan.contracts[contract].payments.get(form)


def _payable(stated: Paying) -> Found | None:
    """A form that a contract states; None where it needs what nobody knows of care that did not happen."""
    known = stated.counts != "items" and _FACTS.issuperset(stated.needs)
    return (_whole(stated), True) if known else None


def _whole(form: Paying) -> Paying:
    """A form that pays for care by itself: what changes hands beside another payment is laid over a block."""
    return Together(Block(), (form,)) if isinstance(form, GainLossShare | RiskPool) else form


def _grouped(form: str, name: str, found: Sequence[Found | None], lacking: str) -> Simulated:
    """Rows with equal parameters together, so that they are paid at once."""
    rows: dict[Paying, list[int]] = {}
    for row, one in enumerate(found):
        if one is not None:
            rows.setdefault(one[0], []).append(row)
    rules = tuple(Rule(one, np.array(numbers, dtype=np.intp)) for one, numbers in rows.items())
    return Simulated(form, name, rules, np.array([one is not None and one[1] for one in found]), lacking)

"""A contract between commissioners and providers, as a locality writes it: one YAML file each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear
from budget.payment.contracts import ContractForm, contract_form_of
from budget.payment.contracts.apart import PrimeProvider
from budget.payment.forms import Adjustment, PaymentForm, Together, form_of
from budget.payment.forms.gain_loss import BORNE_BY, Basis, GainLossShare


def _number(value: object) -> object:
    """Decimals of a file as floats; words that look like numbers are refused."""
    if isinstance(value, bool | str):
        raise ValueError("a number is wanted")
    return float(value) if isinstance(value, Decimal) else value


Number = Annotated[float, BeforeValidator(_number)]
Share = Annotated[Number, Field(ge=0, le=1)]
Names = tuple[str, ...]
All = Literal["all"]
Status = Literal["illustrative", "draft", "agreed", "in_force"]
Role = Literal["provider", "lead", "commissioner"]
ExpectedBasis = Literal["plan", "baseline_trend", "counterfactual"]


class Part(BaseModel):
    """A part of an agreement: nothing in it changes, nothing unknown may stand in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """Where an agreement comes from.

    Attributes:
        title: the paper.
        where: where it is found.
    """

    title: str
    where: str


class Scope(Part):
    """The care that an agreement is about; ``all`` is every one that the run has.

    Attributes:
        places: places of the run, or ``all``.
        lines: service lines.
        segments: segments of the population; ``all`` where it is left out.
    """

    places: Names | All
    lines: Names = Field(min_length=1)
    segments: Names | All = "all"

    def meets(self, other: Scope) -> bool:
        """Whether two scopes have any money in common."""
        pairs = ((self.places, other.places), (self.lines, other.lines), (self.segments, other.segments))
        return all("all" in (one, two) or bool(set(one) & set(two)) for one, two in pairs)


class Terms(Part):
    """A form and its parameters.

    Attributes:
        id: C1 to C10 for who bears a result, F01 to F20 for how a party is paid.
        parameters: by name; amounts in pence.
    """

    id: str
    parameters: dict[str, Any] = {}


class Payment(Terms):
    """How a party is paid.

    Attributes:
        adjusted_by: forms that adjust what the first one pays, in order (F12, F13, F14, F18).
        lines: service lines that are paid in another way.
    """

    adjusted_by: tuple[Terms, ...] = ()
    lines: dict[str, Payment] = {}

    def on(self, line: str) -> Payment:
        """How a service line is paid."""
        return self.lines.get(line, self)

    def form(self, line: str | None = None, *, where: str = "") -> PaymentForm | Together:
        """The form with its parameters, of a line or of those that have none of their own.

        Raises:
            ConfigurationError: a form or parameter that there is not, or a form that cannot adjust another; a share of
                gain and loss without who bears cost, or with somebody else than the first form says.
        """
        told = self.on(line) if line is not None else self
        base = form_of(told.id, told.parameters, where=where)
        if not told.adjusted_by:
            return base
        return Together(base, tuple(_adjustment(one, base.id, where) for one in told.adjusted_by))


class Cost(Part):
    """How a party's cost follows activity; what is neither fixed nor stepped is variable.

    Attributes:
        fixed: share of planned cost that does not move.
        stepped: share that moves in steps; nothing where it is left out.
        step: share of planned activity that a step covers.
    """

    fixed: Share
    stepped: Share = 0.0  # a true zero: no cost moves in steps
    step: Annotated[Number, Field(gt=0, le=1)] = 1.0

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Cost:
        if self.fixed + self.stepped > 1:
            raise ValueError("fixed and stepped cost are more than all cost")
        if self.stepped > 0 and "step" not in self.model_fields_set:
            raise ValueError("stepped cost needs the step that it moves by")
        return self

    @property
    def variable(self) -> float:
        """Share of planned cost that moves with every unit."""
        return 1 - self.fixed - self.stepped


class Party(Part):
    """A party to an agreement.

    Attributes:
        party: provider or commissioner, as the run's tables write it.
        role: ``provider``, ``lead`` or ``commissioner``.
        payment: how it is paid under the agreement; a commissioner is not.
        in_force: how it is paid today.
        cost: how its cost follows activity; the locality's assumption where it is not said.
        can_bear: pounds a year that it says it can lose.
    """

    party: str
    role: Role
    payment: Payment | None = None
    in_force: Payment | None = None
    cost: Cost | None = None
    can_bear: Annotated[Number, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _is_paid(self) -> Party:
        if (self.payment is None) != (self.role == "commissioner"):
            raise ValueError(f"{self.party}: a provider or lead needs a payment, and a commissioner has none")
        return self

    @property
    def capacity_pence(self) -> int | None:
        """What it says it can lose a year, pence."""
        return None if self.can_bear is None else round(self.can_bear * 100)


class Measure(Part):
    """An outcome that is paid for.

    Attributes:
        id: as actuals name it.
        title: for people.
        floor: value from which something is earned.
        target: value at which all of it is.
        weight: its part of the score; the weights add up to 1.
        better: ``higher`` or ``lower``.
        source: where the measure is defined.
        unit: of the values.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    floor: Number
    target: Number
    weight: Share
    better: Literal["higher", "lower"]
    source: str
    unit: str = ""

    @model_validator(mode="after")
    def _target_is_better(self) -> Measure:
        if (self.target > self.floor) != (self.better == "higher") or self.target == self.floor:
            raise ValueError(f"{self.id}: {self.better} is better, so the target lies on that side of the floor")
        return self


class Outcomes(Part):
    """What has to be earned.

    Attributes:
        share: q, share of the payment.
        maximum_share: most that the parties have agreed to put at stake.
        measures: what it is earned by.
    """

    share: Share
    maximum_share: Share
    measures: tuple[Measure, ...] = Field(min_length=1)


class GainLoss(Part):
    """How a gain or loss against what was expected is shared.

    Attributes:
        deadband: difference within which nothing changes hands, share of what was expected.
        share: share of a gain that changes hands.
        loss_share: share of a loss, where it is another.
        cap: most that changes hands, share of what was expected.
        basis: ``first_dollar`` or ``excess``.
        expected_basis: what is expected: ``plan``, ``baseline_trend`` or ``counterfactual``.
    """

    deadband: Share
    share: Share
    loss_share: Share | None = None
    cap: Share
    basis: Basis
    expected_basis: ExpectedBasis

    @property
    def rule(self) -> GainLossShare:
        """F13 with these terms."""
        return GainLossShare(self.share, self.deadband, self.cap, self.basis, self.loss_share)


class Agreement(Part):
    """A contract between commissioners and providers.

    Attributes:
        contract: its id, in small letters and underscores.
        title: for people.
        about: what it is, one paragraph.
        purpose: what it is for.
        status: ``illustrative``, ``draft``, ``agreed`` or ``in_force``.
        source: where it comes from.
        starts_on: its first day.
        years: how long it runs.
        scope: the care that it is about.
        commissioners: who pays.
        form: who bears a gain or loss.
        parties: who is in it.
        outcomes: what has to be earned, if anything.
        gain_loss: how a gain or loss is shared between those who pay and those who are paid, if it is.
    """

    contract: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    about: str
    purpose: str = Field(min_length=1)
    status: Status
    source: Source
    starts_on: date
    years: int = Field(ge=1)
    scope: Scope
    commissioners: Names = Field(min_length=1)
    form: Terms
    parties: tuple[Party, ...] = Field(min_length=1)
    outcomes: Outcomes | None = None
    gain_loss: GainLoss | None = None

    @property
    def providers(self) -> tuple[Party, ...]:
        """The parties that are paid."""
        return tuple(party for party in self.parties if party.role != "commissioner")

    @property
    def lead(self) -> Party | None:
        """The party that leads, if one does."""
        return next((party for party in self.parties if party.role == "lead"), None)

    def party(self, code: str) -> Party:
        """A party by its code.

        Raises:
            KeyError: it is not party to the agreement.
        """
        return {party.party: party for party in self.parties}[code]

    @property
    def prime(self) -> bool:
        """Whether the party that leads holds the money for patients' choice (C6)."""
        return isinstance(self.contract_form(), PrimeProvider)

    @property
    def by_performance(self) -> bool:
        """Whether the performance of every party says who has how much of a gain or loss (C8)."""
        return "performance" in self.contract_form().needs

    @property
    def ends_before(self) -> date:
        """The first day after it; a contract from a leap day ends on the first of March."""
        last = self.starts_on.year + self.years
        leap_day = (self.starts_on.month, self.starts_on.day) == (2, 29)
        return date(last, 3, 1) if leap_day else self.starts_on.replace(year=last)

    def covers(self, year: FinancialYear) -> bool:
        """Whether the agreement is in force on some day of a financial year."""
        return self.starts_on <= date(year.start + 1, 3, 31) and self.ends_before > date(year.start, 4, 1)

    def overlaps(self, other: Agreement) -> bool:
        """Whether the two claim the same money: a place, line and segment of a provider, on the same day."""
        both = {one.party for one in self.providers} & {one.party for one in other.providers}
        return self._beside(other) and bool(both) and self.scope.meets(other.scope)

    def shares_choice(self, other: Agreement) -> bool:
        """Whether the prime providers of both would hold the money for choice of one place and line on the same day."""
        here, there = (one.scope.model_copy(update={"segments": "all"}) for one in (self, other))
        return self.prime and other.prime and self._beside(other) and here.meets(there)

    def _beside(self, other: Agreement) -> bool:
        """Whether both are in force on some day."""
        return self.starts_on < other.ends_before and other.starts_on < self.ends_before

    def contract_form(self, *, where: str = "") -> ContractForm:
        """The form that says who bears a gain or loss.

        Raises:
            ConfigurationError: a form or parameter that there is not.
        """
        return contract_form_of(self.form.id, self.form.parameters, where=where)


def _adjustment(terms: Terms, base: str, where: str) -> Adjustment:
    form = form_of(terms.id, terms.parameters | _borne_by(terms, base, where), where=where)
    if not isinstance(form, Adjustment):
        raise ConfigurationError(f"{where}: {terms.id} cannot adjust what another form pays; F12, F13, F14, F18 can.")
    return form


def _borne_by(terms: Terms, base: str, where: str) -> dict[str, str]:
    """Who bears cost before F13 shares it: that follows from the payment, unless each bears a part of it."""
    if terms.id != "F13":
        return {}
    implied, said = BORNE_BY.get(base), terms.parameters.get("borne_by")
    if implied is None and said is None:
        raise ConfigurationError(f"{where}: F13 over {base}: say who bears cost (borne_by: payer, or paid).")
    if implied is not None and said not in (None, implied):
        raise ConfigurationError(f"{where}: F13 over {base}: borne_by is {said!r}, but cost is borne by {implied}.")
    return {"borne_by": said or str(implied)}

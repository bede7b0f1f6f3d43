"""What every payment form is, and how forms are laid one over another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, runtime_checkable

from budget.payment.forms.care import Care, Floats

Counts = Literal["units", "people", "items"]


class PaymentForm(Protocol):
    """A rule that turns care into a payment; its fields are its parameters, declared with `parameter`.

    Attributes:
        id: as in the method.
        name: for people.
        about: who is paid how, in a sentence.
        formula: in the letters of the method.
        source: where the form is from.
        needs: facts of `Care` that it cannot do without.
        counts: what planned and actual count.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    about: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    counts: ClassVar[Counts]

    def pay(self, care: Care) -> Floats:
        """Pence, unrounded, for every element of the care."""
        ...


@runtime_checkable
class Adjustment(PaymentForm, Protocol):
    """A payment form that changes what another one pays."""

    def adjust(self, paid: Floats, care: Care) -> Floats:
        """What is paid in the end, pence, where another form pays ``paid``."""
        ...


@dataclass(frozen=True)
class Together:
    """One form and those that adjust what it pays, in order; for example capitation, outcomes, gain and loss share."""

    base: PaymentForm
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def id(self) -> str:
        """The ids, joined: ``F10+F12+F13``."""
        return "+".join([self.base.id, *(one.id for one in self.adjustments)])

    @property
    def name(self) -> str:
        """The names, joined."""
        return ", ".join([self.base.name, *(one.name for one in self.adjustments)])

    @property
    def needs(self) -> tuple[str, ...]:
        """The facts that any of them needs."""
        every = [*self.base.needs, *(fact for one in self.adjustments for fact in one.needs)]
        return tuple(dict.fromkeys(every))

    @property
    def counts(self) -> Counts:
        """What planned and actual count for the first form."""
        return self.base.counts

    def pay(self, care: Care) -> Floats:
        """What the first form pays, as the others adjust it."""
        paid = self.base.pay(care)
        for one in self.adjustments:
            paid = one.adjust(paid, care)
        return paid


class Plain:
    """Class attributes that most forms share: they need no fact beside activity and price, and count units."""

    needs: ClassVar[tuple[str, ...]] = ()
    counts: ClassVar[Counts] = "units"

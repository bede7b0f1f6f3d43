"""Payments that follow every unit: by activity, by item, at published prices, with a best-practice bonus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Counts, Plain
from budget.payment.terms import parameter


@dataclass(frozen=True)
class Activity(Plain):
    """F03: ``A p MFF``, payment by activity."""

    market_forces_factor: float = parameter(
        unit="index",
        symbol="MFF",
        about="what care costs at the place of the provider, against England",
        source="the method, 1.1 no. 14; 1 where the price has it in it already",
        default=1.0,
    )
    id: ClassVar[str] = "F03"
    name: ClassVar[str] = "Payment by activity"
    about: ClassVar[str] = "Every unit is paid at its price."
    formula: ClassVar[str] = "A·p·MFF"
    source: ClassVar[str] = "STP payment reform paper, 2017; payment by results"

    def pay(self, care: Care) -> Floats:
        """Every unit at its price."""
        return care.actual * care.price * self.market_forces_factor + 0 * care.planned


@dataclass(frozen=True)
class FeeForService(Plain):
    """F04: ``Σ q f`` over items; an element is one kind of item, its quantity in ``actual``, its fee in ``price``."""

    id: ClassVar[str] = "F04"
    name: ClassVar[str] = "Fee for service"
    about: ClassVar[str] = "Every item has its own fee."
    formula: ClassVar[str] = "Σ q·f over items"
    source: ClassVar[str] = "STP payment reform paper, 2017"
    counts: ClassVar[Counts] = "items"

    def pay(self, care: Care) -> Floats:
        """Every item at its fee."""
        return care.actual * care.price + 0 * care.planned


@dataclass(frozen=True)
class NonContractActivity(Plain):
    """F16: ``Σ A p`` at published prices, where there is no contract."""

    id: ClassVar[str] = "F16"
    name: ClassVar[str] = "Non-contract activity"
    about: ClassVar[str] = "Care that is not under a contract is invoiced at published prices."
    formula: ClassVar[str] = "Σ A·p"
    source: ClassVar[str] = "NHS Data Dictionary: non-contract activity"

    def pay(self, care: Care) -> Floats:
        """Every unit at its published price."""
        return care.actual * care.price + 0 * care.planned


@dataclass(frozen=True)
class BestPracticeTariff(Plain):
    """F17: ``A (p + bonus · share meeting)``; the price is the base tariff."""

    bonus: float = parameter(
        unit="pence a unit", about="paid for a unit that meets best practice", source="per pathway"
    )
    id: ClassVar[str] = "F17"
    name: ClassVar[str] = "Best-practice tariff"
    about: ClassVar[str] = "Every unit at a base price, those that meet best practice with a bonus."
    formula: ClassVar[str] = "A·(p + bonus·share meeting)"
    source: ClassVar[str] = "payment by results: best practice tariffs; formula own choice"
    needs: ClassVar[tuple[str, ...]] = ("meeting",)

    def pay(self, care: Care) -> Floats:
        """Base price, and the bonus for the share that meets best practice."""
        return care.actual * (care.price + self.bonus * care.fact("meeting", self.id)) + 0 * care.planned

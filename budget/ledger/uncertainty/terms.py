"""What the steps of one year take from the assumptions, one value a draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.draws import Draws
from budget.ledger.policy import SIGNS
from budget.ledger.uncertainty.pace import PaceTerms
from budget.ledger.uncertainty.pairs import Pairs
from budget.ledger.year import Year

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_PENCE = 100.0


class Terms:
    """The drawn values of one year, as its steps use them.

    Attributes:
        pairs: places and lines.
        year: what the ledger's steps look at.
        draws: of the assumptions.
    """

    def __init__(self, pairs: Pairs, years: Sequence[Year], draws: Draws) -> None:
        """Take the terms of the last of some years; those before it say what prices have done since the base year."""
        self.pairs, self.year, self.draws = pairs, years[-1], draws
        self._years = years

    def rate(self, identifier: str) -> Floats:
        """A rate by pair and draw, each pair's from the value that holds for it."""
        known = self.year.assumptions
        narrow = any(entry.scope.line or entry.scope.place for entry in known.scoped(identifier, self.year.year))
        if not narrow:
            return self._one(identifier)[None, :]
        return np.stack([self._many(self._one(identifier, line, place)) for line, place in self.pairs.keys])

    def price(self) -> Floats:
        """Cost uplift less efficiency by pair and draw, over the prices of the year before."""
        return _price(self.rate("cost_uplift_factor"), self.rate("efficiency_factor"), _is_additive(self.year))

    def with_moves(self, before: Floats) -> tuple[Floats, Mask]:
        """Amounts with agreed investments and savings, each shared by what is there; and draws whose savings exceed it.

        Args:
            before: pence by pair and draw.
        """
        after, cut = before, np.zeros(self.draws.count, dtype=bool)
        for kind, sign in SIGNS:
            for entry in self.year.assumptions.scoped(kind, self.year.year):
                if entry.value == 0:
                    continue
                mask = self._named(entry.scope.line, entry.scope.place)[:, None]
                base = np.where(mask, before, 0.0).sum(axis=0)
                pence = self._many(self.draws.of(entry)) * _PENCE
                limited = np.minimum(pence, base) if sign < 0 else pence
                cut |= limited < pence
                after = after + np.where(mask, sign * before * (limited / base), 0.0)
        return after, cut

    def quantum(self, before: Floats, opening: Floats) -> Floats:
        """Pence to share, by draw.

        Args:
            before: the sum that a growing quantum grows from.
            opening: opening budgets of all who share it.
        """
        match self.year.choice("quantum_basis"):
            case "given":
                return self._one("quantum") * _PENCE
            case "growth":
                return before * (1 + self._one("quantum_growth"))
            case _:
                return opening

    def pace(self) -> PaceTerms:
        """The numbers of the pace-of-change rule."""
        cap = self.year.assumptions.scoped("pace_max_growth", self.year.year)
        return PaceTerms(
            rule=self.year.choice("pace_rule"),
            min_growth=self._one("pace_min_growth"),
            taper_lo=self._one("pace_taper_lo"),
            taper_hi=self._one("pace_taper_hi"),
            max_under_target=self._one("pace_max_under_target"),
            max_growth=self.draws.of(cap[0]) if cap else None,
        )

    def choice(self) -> Floats:
        """Share that follows patients' choice, by pair and draw."""
        chosen = self.in_lines("choice_lines")
        if self.year.choice("choice_basis") == "share":
            return np.where(chosen, self.rate("choice_share"), 0.0)
        # what the flows of other lines are is not asked
        flows = [self.year.outside_share[place, line] if on else 0.0 for (line, place), on in self._with(chosen)]
        return np.array(flows)[:, None]

    def in_lines(self, identifier: str) -> Mask:
        """Whether each pair is on one of some lines."""
        return np.isin(self.pairs.lines, self.year.assumptions.words(identifier, self.year.year))[:, None]

    def carved_by_place(self) -> Floats:
        """Specialised, low-volume and non-contract activity and the stop-loss premium, pence by place and draw."""
        return np.stack([self._many(self._carved(place)) for place in self.pairs.places])

    def _carved(self, place: str) -> Floats:
        sums = [self._pounds("specialised_services", place), self._stop_loss(place)]
        sums += [self._low_or_outside(kind, place) for kind in ("low_volume", "non_contract")]
        return sum(sums, np.zeros(1))

    def _low_or_outside(self, kind: str, place: str) -> Floats:
        if self.year.choice(f"{kind}_basis") == "given":
            return self._pounds(f"{kind}_activity", place)
        costs = [
            pence * self._price_since_base(line, place)
            for (of_kind, at, line), pence in self.year.history_by_line.items()
            if (of_kind, at) == (kind, place)
        ]
        return sum(costs, np.zeros(1))

    def _stop_loss(self, place: str) -> Floats:
        if self.year.choice("stop_loss_basis") == "given":
            return self._pounds("stop_loss_premium", place)
        return self.year.excess[place] * self._one("stop_loss_coverage")

    def _pounds(self, identifier: str, place: str) -> Floats:
        return self._one(identifier, place=place) * _PENCE

    def _price_since_base(self, line: str, place: str) -> Floats:
        price = np.ones(1)
        for year in self._years:
            uplift, saved = (
                self.draws.of(year.assumptions.entry(name, year.year, line=line, place=place))
                for name in ("cost_uplift_factor", "efficiency_factor")
            )
            price = price * _price(uplift, saved, _is_additive(year))
        return price

    def _one(self, identifier: str, line: str | None = None, place: str | None = None) -> Floats:
        return self.draws.of(self.year.assumptions.entry(identifier, self.year.year, line=line, place=place))

    def _many(self, values: Floats) -> Floats:
        return np.broadcast_to(values, (self.draws.count,))

    def _named(self, line: str | None, place: str | None) -> NDArray[np.bool_]:
        return np.array([line in (None, of) and place in (None, at) for of, at in self.pairs.keys])

    def _with(self, mask: Mask) -> list[tuple[tuple[str, str], bool]]:
        return list(zip(self.pairs.keys, mask[:, 0].tolist(), strict=True))


def _is_additive(year: Year) -> bool:
    return year.choice("uplift_combination") == "additive"


def _price(uplift: Floats, saved: Floats, additive: bool) -> Floats:
    return 1 + uplift - saved if additive else (1 + uplift) * (1 - saved)

"""Which care each carve-out pays for, so that nobody's cost is in two of them (the method, step 11)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from budget.contracts import table as contract_of
from budget.engine import Select
from budget.engine.statement import Statement
from budget.kernel.years import FinancialYear
from budget.ledger.low_volume import Rule, latest, low_volume_pairs
from budget.ledger.uplift import uplift
from budget.stage import Given, Made

_SQL = Path(__file__).parent / "sql"
_CARE = ["place", "service_line", "provider_code"]
_PAIR = ["commissioner", "provider_code"]
_BY_PROVIDER = ("low_volume", "non_contract")
_CLAIMS = (
    "choice_basis",
    "choice_share",
    "choice_lines",
    "carve_out_lines",
    "low_volume_basis",
    "low_volume_threshold",
    "low_volume_limit",
    "low_volume_years",
    "low_volume_activity",
    "non_contract_basis",
    "non_contract_activity",
    "stop_loss_threshold",
)
"""What claims follow from, beside the tables."""


class Carving:
    """The tables that carve-outs are worked out from, read once, and what each year takes from them.

    Care belongs to the first carve-out that claims it: patient choice, low-volume activity, non-contract activity. What
    is left of a person's cost counts towards the stop-loss threshold. A carve-out that is nothing claims nothing.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._known = given.assumptions.only(_CLAIMS)
        self._by = self._known.digest()
        self.pairs = self._kept("pairs", self._pairs)
        self.claims = self._kept("claims", self._claims)
        self.history_by_line = self._kept("history", self._history_by_line)
        self.excess = self._kept("excess", self._excess)

    @cached_property
    def providers(self) -> pd.DataFrame:
        """``provider_history``; no rows where nobody names a provider."""
        if self._given.has("provider_history"):
            return self._given.frame("provider_history")
        return pd.DataFrame(columns=list(contract_of("provider_history").names))

    @cached_property
    def _care(self) -> pd.DataFrame:
        """Every place, line and provider that the history or the activity knows."""
        columns = [*_CARE, "provider_name", "local", "contracted"]
        seen = [self._given.frame("provider_activity")[columns]] if self._given.has("provider_activity") else []
        known = pd.concat([part for part in (self.providers[columns], *seen) if len(part)] or [self.providers[columns]])
        return known.drop_duplicates(_CARE).sort_values(_CARE, ignore_index=True)

    def _kept(self, what: str, make: Callable[[FinancialYear], Made]) -> Callable[[FinancialYear], Made]:
        """What follows for a year from the tables and ``_CLAIMS`` alone, made once."""
        base = self._given.plan.base_year
        return cache(lambda year: self._given.once((what, year, base, self._by), lambda: make(year)))

    def _pairs(self, year: FinancialYear) -> pd.DataFrame:
        """``low_volume_pairs`` of a year; no rows where no care by provider is known."""
        history = self._open_to_low_volume(year)
        if history.empty:
            return pd.DataFrame(columns=list(contract_of("low_volume_pairs").names))
        rule = Rule.of(self._known, year)
        return low_volume_pairs(history, rule, rule.before(self._known), self._years(year))

    def _claims(self, year: FinancialYear) -> pd.DataFrame:
        """``carve_out_claims`` of a year: care that a carve-out pays for, each once."""
        care, lines = self._care, self._known.words("carve_out_lines", year)
        within = care["service_line"].isin(lines)
        kinds = (
            ("choice", self._is_choice(care, year)),
            ("low_volume", within & care["provider_code"].isin(self._low(year)["provider_code"])),
            ("non_contract", within & care["contracted"].eq(False)),
        )
        claimed = pd.Series(None, index=care.index, dtype="object")
        for kind, wanted in kinds:
            claimed = claimed.mask(claimed.isna() & wanted & self._is_active(kind, care, year), kind)
        found = care.assign(type=claimed)[claimed.notna()]
        return found.assign(financial_year=str(year))[["financial_year", *_CARE, "provider_name", "type"]]

    def history(self, year: FinancialYear) -> dict[tuple[str, str], float]:
        """What low-volume and non-contract activity cost, brought to the year: pence by type and place.

        A place whose care by provider is known and holds none of a type has a true zero; another has no sum at all, and
        so has a type that is given.
        """
        kinds = self._by_history(year)
        sums = {(kind, str(place)): 0.0 for kind in kinds for place in self._known_of(kind)["place"].unique()}
        for (kind, place, line), pence in self.history_by_line(year).items():
            sums[kind, place] += pence * uplift(self._given.assumptions, self._given.plan, year, line, place)
        return sums

    def _history_by_line(self, year: FinancialYear) -> dict[tuple[str, str, str], float]:
        """What low-volume and non-contract activity of a year cost in one of the years before, at their prices.

        Returns:
            Pence by type, place and line; nothing for a type that is given.
        """
        kinds = self._by_history(year)
        if not kinds:
            return {}
        claims = self.claims(year)
        low = latest(self._open_to_low_volume(year), self._years(year)).merge(self._low(year), on=_PAIR)
        last = self.providers[self.providers["financial_year"] == str(self._given.plan.base_year)].assign(years=1)
        sums: dict[tuple[str, str, str], float] = {}
        for kind in kinds:
            rows = low if kind == "low_volume" else last
            for row in rows.merge(claims.loc[claims["type"] == kind, _CARE], on=_CARE).itertuples():
                at = (kind, str(row.place), str(row.service_line))
                sums[at] = sums.get(at, 0.0) + float(row.cost_pence) / float(row.years)  # type: ignore[arg-type]
        return sums

    def _by_history(self, year: FinancialYear) -> list[str]:
        """The types that follow from what providers cost, where anybody names one."""
        kinds = [kind for kind in _BY_PROVIDER if self._known.choice(f"{kind}_basis", year) == "history"]
        return [] if self.providers.empty else kinds

    def stop_loss(self, year: FinancialYear) -> str:
        """The step that holds what counts towards the threshold, one row a person who costs more than it."""
        engine, name = self._given.engine, f"stop_loss_{year.start}"
        if not engine.has("high_cost_care"):
            # tables that are given in memory alone; those above the threshold are few
            engine.lend("high_cost_care", self._given.frame("high_cost_care"))
        engine.lend("carved_care", self.claims(year)[[*_CARE, "type"]].astype("string"))
        threshold = self._known.pence("stop_loss_threshold", year)
        statement = Statement.read(_SQL / "stop_loss_cost.sql")
        return engine.step(name, statement, financial_year=str(year), threshold=threshold)

    def _excess(self, year: FinancialYear) -> dict[str, float]:
        """Cost above the threshold that no other carve-out pays for, pence by place; nothing without persons' costs."""
        if not self._given.has("high_cost_care"):
            return {}
        step = self.stop_loss(year)
        sums = self._given.engine.frame(f"select place, sum(excess_pence) as pence from {step} group by place")
        # a place where nobody is above the threshold has nothing to pool: a true zero
        return dict.fromkeys(self._places_of_budget, 0.0) | {
            str(row.place): float(row.pence) for row in sums.itertuples()
        }

    def tables(self) -> dict[str, pd.DataFrame | Select]:
        """What the ledger stage writes of it; nothing where no care by provider is known."""
        if self._care.empty:
            return {}
        years = self._given.plan.budget_years
        return {
            "carve_out_claims": pd.concat([self.claims(year) for year in years], ignore_index=True),
            "low_volume_pairs": pd.concat([self.pairs(year) for year in years], ignore_index=True),
        } | self._persons()

    def _persons(self) -> dict[str, Select]:
        """``stop_loss_cost``, where persons' costs are known."""
        if not self._given.has("high_cost_care"):
            return {}
        steps = [self.stop_loss(year) for year in self._given.plan.budget_years]
        self._given.engine.view("stop_loss_cost", " union all ".join(f"select * from {step}" for step in steps))
        return {"stop_loss_cost": Select("stop_loss_cost", ("financial_year", "person_id"))}

    @property
    def _places_of_budget(self) -> list[str]:
        return sorted(self._given.frame("baseline_lines")["place"].unique())

    def _known_of(self, kind: str) -> pd.DataFrame:
        """The history that can say what a type cost: for non-contract activity, only where contracts are known."""
        return self.providers if kind == "low_volume" else self.providers[self.providers["contracted"].notna()]

    def _low(self, year: FinancialYear) -> pd.DataFrame:
        """The pairs that are low-volume."""
        pairs = self.pairs(year)
        return pairs.loc[pairs["low_volume"].astype(bool), _PAIR].drop_duplicates()

    def _open_to_low_volume(self, year: FinancialYear) -> pd.DataFrame:
        """Care on the carve-out lines that patient choice does not pay for."""
        history = self.providers
        within = history["service_line"].isin(self._known.words("carve_out_lines", year))
        return history[within & ~self._is_choice(history, year)]

    def _is_choice(self, care: pd.DataFrame, year: FinancialYear) -> pd.Series:
        chosen = care["service_line"].isin(self._known.words("choice_lines", year))
        return chosen & ~care["local"].astype(bool) & self._is_active("choice", care, year)

    def _is_active(self, kind: str, care: pd.DataFrame, year: FinancialYear) -> pd.Series:
        """Whether a carve-out takes any money of the place of each care."""
        active = {place: self._takes(kind, year, place) for place in care["place"].unique()}
        return care["place"].map(active).astype(bool)

    def _takes(self, kind: str, year: FinancialYear, place: str) -> bool:
        known = self._known
        if kind == "choice":
            return known.choice("choice_basis", year) == "flows" or known.number("choice_share", year, place=place) > 0
        if known.choice(f"{kind}_basis", year) == "history":
            return True
        return known.pence(f"{kind}_activity", year, place=place) > 0

    def _years(self, year: FinancialYear) -> int:
        return int(self._known.number("low_volume_years", year))

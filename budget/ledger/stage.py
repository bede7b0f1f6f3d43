"""The ledger stage: every movement of every budget year, and the tables that explain them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from budget.assumptions.draws import Draws
from budget.ledger.balance import Balance
from budget.ledger.book import ALLOCATED, Booked, set_year
from budget.ledger.carving import Carving
from budget.ledger.choice import choice_by_provider, choice_history, choice_terms
from budget.ledger.context import Context, Opening
from budget.ledger.cost_path import CostPath
from budget.ledger.effects import population_effects
from budget.ledger.funding_gap import funding_gap
from budget.ledger.high_cost import high_cost
from budget.ledger.opening import Start, refuse_strangers
from budget.ledger.policy import POLICY_COLUMNS
from budget.ledger.uncertainty.pairs import Pairs
from budget.ledger.uncertainty.paths import draw_years
from budget.ledger.uncertainty.ranges import budget_range
from budget.ledger.uncertainty.weights import NeedError
from budget.ledger.year import Year
from budget.stage import Given, Stage, Written


@dataclass(frozen=True)
class Books:
    """Every budget year, booked.

    Attributes:
        tables: every movement, and the tables that explain them.
        carving: what the carve-outs were worked out from.
        start: what the first year opened with.
        years: what the steps of each year looked at.
        paths: what present services cost in each year.
    """

    tables: dict[str, Any]
    carving: Carving
    start: Start
    years: tuple[Year, ...]
    paths: tuple[CostPath, ...]

    @cached_property
    def pairs(self) -> Pairs:
        """The normalised baseline by place and line."""
        return Pairs.of(self.start.keys, self.start.normalised)

    def explained(self, given: Given) -> Written:
        """All that the stage writes of them."""
        carved = _carved(given, self.carving, self.tables["budget_ledger"], self.tables["carve_outs"])
        return self.tables | {"funding_gap": self._gaps()} | carved

    def _gaps(self) -> pd.DataFrame:
        booked = zip(self.paths, self.years, strict=True)
        gaps = [funding_gap(self.start.normalised, path, self.start.balance, year) for path, year in booked]
        return pd.concat(gaps, ignore_index=True)


def book_budgets(given: Given) -> Written:
    """Book every budget year, and say how far its budgets would move with the ranges of the assumptions."""
    books, known = book_years(given), given.assumptions
    first = given.plan.budget_years[0]
    tables = books.explained(given)
    count, seed = (int(known.number(f"uncertainty_{name}", first)) for name in ("draws", "seed"))
    if not count:
        return tables
    draws = Draws(seed, count)
    drawn = tuple(draw_years(books.pairs, books.years, draws, need_error(given)))
    bridge = books.tables["growth_bridge"]
    return {**tables, "budget_range": budget_range(drawn, bridge, ALLOCATED, given.plan.title, draws)}  # type: ignore[arg-type]


def need_error(given: Given) -> NeedError | None:
    """The error of the need model, where one was fitted."""
    if not given.has("need_covariance"):
        return None
    return NeedError.of(given.frame("need_covariance"), given.frame("need_weights"))


def book_years(given: Given) -> Books:
    """Book every budget year in turn; each opens with the allocations of the year before."""
    start = given.once("start", lambda: Start.of(given))
    refuse_strangers(given.assumptions, start.balance.tree.places)
    context, balance, opening = Context(given), start.balance, Opening.first(start)
    path = CostPath.starting(start.normalised)
    years: list[Booked] = []
    looks: list[Year] = []
    paths: list[CostPath] = []
    written: dict[str, Any] = {}
    for year in given.plan.budget_years:
        look = context.year(year, opening)
        if not years and given.has("segment_people_alternatives"):
            written["population_effects"] = _other_counts(given, balance, look)
        booked, path = set_year(balance, look), path.onwards(balance, look)
        years.append(booked)
        looks.append(look)
        paths.append(path)
        opening = Opening(booked.allocation, np.zeros_like(booked.allocation), path.planned, float(booked.quantum))
    written |= _tables(years)
    return Books(written, context.carving, start, tuple(looks), tuple(paths))


def _other_counts(given: Given, balance: Balance, look: Year) -> pd.DataFrame:
    """What other ways of counting people would do to the first year."""
    alternatives, people = given.frame("segment_people_alternatives"), given.frame("segment_people")
    adjustment = given.assumptions.choice("list_inflation_adjustment")
    return population_effects(alternatives, people, adjustment, balance, look)


def _tables(years: list[Booked]) -> dict[str, pd.DataFrame]:
    """The tables that every year has rows of, one below the other."""
    parts = {
        "budget_ledger": [booked.movements for booked in years],
        "growth_bridge": [booked.bridge for booked in years],
        "demographic_growth": [booked.demography for booked in years],
        "pace_of_change": [booked.pace for booked in years],
        "carve_outs": [booked.carve_outs for booked in years],
        "policy_moves": [pd.DataFrame(columns=POLICY_COLUMNS), *(booked.policy for booked in years)],
    }
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def _carved(given: Given, carving: Carving, ledger: pd.DataFrame, carve_outs: pd.DataFrame) -> dict[str, Any]:
    """What stands behind the carve-outs: providers, pairs, people, and who holds the money of patient choice."""
    lines = given.assumptions.words("choice_lines", given.plan.budget_years[0])
    written = carving.tables() | {
        "choice_by_provider": choice_by_provider(given, ledger),
        "choice_terms": choice_terms(given, carve_outs),
    }
    if not carving.providers.empty:
        written["choice_history"] = choice_history(carving.providers, lines)
    if given.has("high_cost_care"):
        written["high_cost"] = high_cost(given, carving)
    return written


LEDGER = Stage(
    name="ledger",
    about="Book every step of every budget year as movements: from baseline to core budget.",
    reads=("baseline_lines", "segment_cost", "segment_people", "need_weights"),
    may_read=(
        "peer_places",
        "provider_activity",
        "provider_history",
        "high_cost_care",
        "segment_people_alternatives",
        "need_covariance",
    ),
    assumes=(
        "list_inflation_adjustment",
        "growth_nondemographic",
        "cost_uplift_factor",
        "efficiency_factor",
        "uplift_combination",
        "investment",
        "savings",
        "savings_realised_share",
        "rebase_years",
        "quantum_basis",
        "quantum",
        "quantum_growth",
        "pace_rule",
        "pace_min_growth",
        "pace_taper_lo",
        "pace_taper_hi",
        "pace_max_under_target",
        "pace_max_growth",
        "choice_basis",
        "choice_share",
        "choice_lines",
        "choice_method",
        "carve_out_lines",
        "specialised_lines",
        "specialised_services",
        "low_volume_basis",
        "low_volume_threshold",
        "low_volume_limit",
        "low_volume_years",
        "low_volume_activity",
        "non_contract_basis",
        "non_contract_activity",
        "stop_loss_basis",
        "stop_loss_premium",
        "stop_loss_threshold",
        "stop_loss_coverage",
        "risk_pool_share",
        "ips_share",
        "uncertainty_draws",
        "uncertainty_seed",
    ),
    writes=(
        "budget_ledger",
        "growth_bridge",
        "demographic_growth",
        "policy_moves",
        "funding_gap",
        "pace_of_change",
        "carve_outs",
        "choice_by_provider",
        "choice_history",
        "choice_terms",
        "low_volume_pairs",
        "carve_out_claims",
        "stop_loss_cost",
        "population_effects",
        "high_cost",
        "budget_range",
    ),
    gate="ledger",
    run=book_budgets,
)

BOOKS = replace(LEDGER, run=lambda given: book_years(given).explained(given))
"""The ledger without its ranges."""

MOVEMENTS = replace(LEDGER, run=lambda given: book_years(given).tables)
"""The ledger without its ranges and what explains it: what a question of the kind "what if" asks for."""

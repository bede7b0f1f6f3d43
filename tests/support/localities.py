"""Small localities for the ledger, drawn at random or told in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
from hypothesis import strategies as st

from budget.engine import DuckEngine, Select
from budget.ledger.stage import book_budgets
from budget.payment.integrated import integrated_budget
from tests.support.given import given

BASE = "2024/25"
YEARS = ("2025/26", "2026/27")
SEGMENTS = ("AMW", "OA")
LINES = ("acute_elective", "acute_nonelective", "community")
COMMISSIONERS = ("QXX", "QYY")

QUIET: dict[str, object] = {
    "list_inflation_adjustment": "none",
    "growth_nondemographic": 0,
    "cost_uplift_factor": 0,
    "efficiency_factor": 0,
    "uplift_combination": "additive",
    "investment": 0,
    "savings": 0,
    "savings_realised_share": 1,
    "rebase_years": 0,
    "quantum_basis": "growth",
    "quantum": 0,
    "quantum_growth": 0,
    "pace_rule": "floor_then_raise_lowest",
    "pace_min_growth": 0,
    "pace_taper_lo": 0.05,
    "pace_taper_hi": 0.10,
    "pace_max_under_target": -1,
    "choice_basis": "share",
    "choice_share": 0,
    "choice_lines": ["acute_elective"],
    "choice_method": "commissioner_keeps",
    "carve_out_lines": ["acute_elective", "acute_nonelective"],
    "low_volume_basis": "given",
    "low_volume_activity": 0,
    "low_volume_threshold": 1_500_000,
    "low_volume_limit": "up_to",
    "low_volume_years": 3,
    "non_contract_basis": "given",
    "non_contract_activity": 0,
    "specialised_lines": [],
    "specialised_services": 0,
    "stop_loss_basis": "given",
    "stop_loss_premium": 0,
    "stop_loss_threshold": 150_000,
    "stop_loss_coverage": 0.9,
    "risk_pool_share": 0,
    "ips_share": 0,
    "uncertainty_draws": 0,
    "uncertainty_seed": 1,
    "min_cell": 5,
    "count_rounding": 5,
    "dominance_share": 0.1,
}
"""Assumptions under which nothing moves."""


@dataclass(frozen=True)
class Locality:
    """What the ledger reads, and the values it runs under."""

    baseline: pd.DataFrame
    costs: pd.DataFrame
    people: pd.DataFrame
    weights: pd.DataFrame
    values: Mapping[str, object]
    years: tuple[str, ...] = YEARS[:1]
    others: Mapping[str, pd.DataFrame] | None = None

    def with_values(self, **values: object) -> Locality:
        return replace(self, values={**self.values, **values})

    def book(self) -> dict[str, pd.DataFrame]:
        """The tables of the ledger stage."""
        frames = {
            "baseline_lines": self.baseline,
            "segment_cost": self.costs,
            "segment_people": self.people,
            "need_weights": self.weights,
            **(self.others or {}),
        }
        with DuckEngine() as engine:
            look = given(frames, self.values, base_year=BASE, budget_years=self.years, engine=engine)
            return {
                name: engine.frame(f"select * from {table.relation}") if isinstance(table, Select) else table
                for name, table in book_budgets(look).items()
            }  # type: ignore[return-value]

    def pay(self) -> pd.DataFrame:
        """The integrated budget."""
        used = self.weights[["financial_year", "place", "weighted_people"]]
        return integrated_budget(self.book()["budget_ledger"], self.people, used)


def locality(
    spend: Mapping[str, int],
    *,
    weights: Mapping[str, float] | None = None,
    growth: float = 1.0,
    years: tuple[str, ...] = YEARS[:1],
    **values: object,
) -> Locality:
    """Places with one line, one commissioner and two segments that share cost 3 to 1."""
    places = list(spend)
    baseline = pd.DataFrame(
        [(place, "QXX", "acute_elective", pence, 0, pence) for place, pence in spend.items()],
        columns=["place", "commissioner", "service_line", "gross_pence", "adjustment_pence", "normalised_pence"],
    )
    costs = pd.DataFrame(
        [
            (place, "acute_elective", segment, 1000.0, spend[place] * share)
            for place in places
            for segment, share in zip(SEGMENTS, (0.75, 0.25), strict=True)
        ],
        columns=["place", "service_line", "segment", "people", "grossed_pence"],
    )
    rows = [(year, p, s, 1000.0 * growth**n) for n, year in enumerate((BASE, *years)) for p in places for s in SEGMENTS]
    people = pd.DataFrame(rows, columns=["financial_year", "place", "segment", "people"])
    return Locality(baseline, costs, people, weights_of(weights or spend, years), {**QUIET, **values}, years)


def weights_of(weights: Mapping[str, float], years: tuple[str, ...]) -> pd.DataFrame:
    """Weighted people by place, the same in every year."""
    rows = [(year, place, float(weight), True) for year in years for place, weight in weights.items()]
    return pd.DataFrame(rows, columns=["financial_year", "place", "weighted_people", "used"])


@st.composite
def localities(draw: st.DrawFn, *, years: tuple[str, ...] = YEARS[:1]) -> Locality:
    """A locality of up to four places with lines, commissioners, growth and every kind of assumption."""
    places = [f"P{number}" for number in range(draw(st.integers(1, 4)))]
    lines = LINES[: draw(st.integers(1, 3))]
    baseline = _baseline(draw, places, lines)
    people = _people(draw, places, years)
    weights = weights_of({place: draw(st.integers(1, 1000)) for place in places}, years)
    values = QUIET | _values(draw, lines)
    return Locality(baseline, _costs(draw, places, lines, baseline), people, weights, values, years)


def _baseline(draw: st.DrawFn, places: list[str], lines: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for place in places:
        for line in lines:
            for commissioner in COMMISSIONERS[: draw(st.integers(1, 2))]:
                gross = draw(st.integers(1, 10**9))
                change = draw(st.integers(-gross, gross)) if draw(st.booleans()) else 0
                rows.append((place, commissioner, line, gross, change, gross + change))
    columns = ["place", "commissioner", "service_line", "gross_pence", "adjustment_pence", "normalised_pence"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.loc[frame.groupby("place").head(1).index, ["adjustment_pence"]] = 0
    return frame.assign(normalised_pence=frame["gross_pence"] + frame["adjustment_pence"])


def _costs(draw: st.DrawFn, places: list[str], lines: tuple[str, ...], baseline: pd.DataFrame) -> pd.DataFrame:
    spent = baseline.groupby(["place", "service_line"])["normalised_pence"].sum()
    rows = []
    for place in places:
        for line in lines:
            share = draw(st.integers(0, 1000)) / 1000
            for segment, part in zip(SEGMENTS, (share, 1 - share), strict=True):
                rows.append((place, line, segment, 100.0, float(spent[place, line]) * part))
    return pd.DataFrame(rows, columns=["place", "service_line", "segment", "people", "grossed_pence"])


def _people(draw: st.DrawFn, places: list[str], years: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for place in places:
        for segment in SEGMENTS:
            people = float(draw(st.integers(50, 5000)))
            for year in (BASE, *years):
                rows.append((year, place, segment, people))
                people = people * draw(st.integers(950, 1050)) / 1000
    return pd.DataFrame(rows, columns=["financial_year", "place", "segment", "people"])


def _values(draw: st.DrawFn, lines: tuple[str, ...]) -> dict[str, object]:
    def thousandths(low: int, high: int) -> float:
        return draw(st.integers(low, high)) / 1000

    return {
        "growth_nondemographic": thousandths(-20, 30),
        f"growth_nondemographic@line:{lines[0]}": thousandths(-20, 30),
        "cost_uplift_factor": thousandths(0, 60),
        f"cost_uplift_factor@line:{lines[-1]}": thousandths(0, 60),
        "efficiency_factor": thousandths(0, 40),
        "uplift_combination": draw(st.sampled_from(["additive", "multiplicative"])),
        "quantum_basis": draw(st.sampled_from(["growth", "opening"])),
        "quantum_growth": thousandths(-50, 100),
        "pace_rule": draw(st.sampled_from(["floor_then_raise_lowest", "gap_share", "uniform"])),
        "pace_min_growth": thousandths(-100, 20),
        "pace_max_under_target": -thousandths(0, 300),
        "choice_share": thousandths(0, 500),
        "risk_pool_share": thousandths(0, 50),
        "ips_share": thousandths(0, 200),
    }

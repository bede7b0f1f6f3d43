"""Fabricated tables of a whole run: three places, eight segments, ten lines, three commissioners, three years.

Everything ties to the penny by construction, as a real run's tables do; no number speaks of a real place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.checks import CheckResult
from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.money import apportion, half_up
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement, contract_measures, contract_plans, contract_terms
from budget.payment.contributions import contributions
from budget.payment.integrated import broad_group_budget
from budget.payment.money_flow import money_flow
from budget.payment.pool_cover import Spread, risk_pool_cover
from budget.payment.scale import budget_by_scale
from budget.payment.scoped import scoped_budgets
from budget.payment.simulation.run import Tables as SimulationTables
from budget.payment.simulation.run import asked_by, simulate
from budget.report.facts import RunFacts
from budget.scope import BudgetScope
from tests.support.given import assume
from tests.support.simulated import VALUES as SIMULATED_VALUES

PLACES = ("Newham", "Tower Hamlets", "Waltham Forest")
YEARS = ("2026/27", "2027/28", "2028/29")
STEPS = (
    "baseline",
    "normalisation",
    "demographic_growth",
    "nondemographic_growth",
    "cost_uplift",
    "efficiency",
    "investments",
    "pace_of_change",
    "choice_carve_out",
    "other_carve_outs",
    "risk_pool",
    "incentive",
)
SEGMENTS = {
    "U5": (0.058, 1_128),
    "CMW": (0.146, 636),
    "CCX": (0.010, 7_077),
    "AMW": (0.545, 882),
    "ACX": (0.101, 6_564),
    "OA": (0.118, 2_667),
    "UNREG": (0.013, 1_149),
    "UNSEG": (0.009, 900),
}
BROAD_GROUPS = {
    "UNSEG": "unsegmented",
    "CCX": "complex_needs",
    "ACX": "complex_needs",
    "OA": "older_adults",
    "U5": "mostly_well",
    "CMW": "mostly_well",
    "AMW": "mostly_well",
    "UNREG": "unregistered",
}
LINES = {
    "acute_nonelective": 510,
    "acute_elective": 262,
    "outpatient": 175,
    "urgent_emergency": 90,
    "community": 216,
    "mental_health": 238,
    "primary_medical_care": 212,
    "prescribing": 194,
    "continuing_care": 81,
    "s75_social_care": 50,
}
PAYERS = {"primary_medical_care": {"NHSE": 1.0}, "s75_social_care": {"LA": 1.0}, "community": {"QMF": 0.9, "LA": 0.1}}
_PEOPLE = {"Newham": 421_350, "Tower Hamlets": 372_480, "Waltham Forest": 312_905}
_WEIGHTED = {
    "Newham": 402_118.25,
    "Tower Hamlets": 349_907.5,
    "Waltham Forest": 316_240.75,
    "City and Hackney": 331_004.0,
}
_RATES = {
    "normalisation": -0.0110,
    "demographic_growth": 0.0142,
    "nondemographic_growth": 0.005,
    "cost_uplift": 0.0415,
    "efficiency": -0.02,
    "investments": 0.0012,
}
_GROWTH = {"Newham": 0.0061, "Tower Hamlets": 0.0003, "Waltham Forest": 0.0098}
_CARVED = {"choice": 0.029, "low_volume": 0.0038, "non_contract": 0.0027, "stop_loss": 0.0047}


AGREEMENT = {
    "contract": "acute",
    "title": "Acute alliance",
    "about": "Two trusts with one result.",
    "purpose": "Nobody waits in the wrong bed.",
    "status": "illustrative",
    "source": {"title": "A test", "where": "here"},
    "starts_on": "2026-04-01",
    "years": 5,
    "scope": {"places": "all", "lines": ["acute_nonelective", "community"]},
    "commissioners": ["QMF"],
    "form": {"id": "C2"},
    "parties": [
        {"party": "R1H", "role": "provider", "payment": {"id": "F01"}, "in_force": {"id": "F03"}, "can_bear": 100},
        {"party": "RWK", "role": "provider", "payment": {"id": "F12", "parameters": {"share": 0.025}}},
    ],
    "outcomes": {
        "share": 0.025,
        "maximum_share": 0.1,
        "measures": [
            {
                "id": "response", "title": "Answered in time", "floor": 0.5, "target": 0.9, "weight": 1,
                "better": "higher", "source": "here",
            }
        ],
    },
}  # fmt: skip
"""One contract, as a locality writes it."""


@dataclass(frozen=True)
class _Cells:
    """One row a combination of place, segment, line and commissioner."""

    keys: pd.DataFrame
    amounts: NDArray[np.int64]

    def moved(self, total_by_place: dict[str, int]) -> NDArray[np.int64]:
        """A movement of each place, shared to its cells by their balance."""
        moved = np.zeros(len(self.amounts), dtype=np.int64)
        for place, total in total_by_place.items():
            mine = (self.keys["place"] == place).to_numpy()
            moved[mine] = apportion(total, self.amounts[mine])
        return moved


_CITED = {"cost_uplift": ["cost_uplift_factor"], "demographic_growth": ["population_projection"]}
"""What movements of a step cite; the others cite nothing."""


def run_tables() -> dict[str, pd.DataFrame]:
    """Every table that the reports read, by contract name."""
    ledger, pace = _ledger()
    tables = {
        "budget_ledger": ledger.assign(assumptions=ledger["step"].map(lambda step: _CITED.get(step, []))),
        "growth_bridge": _bridge(ledger),
        "pace_of_change": pace,
        "integrated_budget": _budget(ledger),
        "need_weights": _need(),
        **_need_model(),
        **_people(),
        **_costs(),
    }
    tables["carve_outs"], tables["choice_by_provider"] = _carve_outs(ledger, tables["integrated_budget"])
    tables["choice_terms"], tables["low_volume_pairs"] = _choice_terms(tables["carve_outs"]), _pairs()
    older = BudgetScope(id="older", title="Older people's budget", segments=("OA",))
    scoped = scoped_budgets(tables["integrated_budget"], [older], None)
    tables["scoped_budgets"] = scoped.assign(title=scoped["budget"].map({"older": older.title}))
    tables["monthly_profile"] = _months(tables["integrated_budget"])
    tables["segment_people"] = _segment_people(tables["integrated_budget"])
    tables["segments"] = pd.DataFrame({"segment": list(BROAD_GROUPS), "broad_group": list(BROAD_GROUPS.values())})
    tables["segment_detail"] = _segment_detail()
    tables |= _scales(ledger, tables["integrated_budget"])
    tables |= _outlook(tables["growth_bridge"], pace)
    tables |= _simulated(tables, ledger)
    tables["broad_group_budget"] = broad_group_budget(tables["integrated_budget"], tables["segments"])
    tables["input_register"] = _register()
    tables["assumption_ledger"] = assumptions()
    return tables


def _simulated(tables: dict[str, pd.DataFrame], ledger: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Two trusts and one group of practices in every place, one contract between the trusts, every form."""
    budget, year = tables["integrated_budget"], FinancialYear.parse(YEARS[0])
    care = [("acute_nonelective", "R1H"), ("acute_nonelective", "RWK"), ("community", "RWK")]
    care += [("primary_medical_care", "GPS")]
    activity = pd.DataFrame(
        [
            (place, line, code, f"{code} NHS TRUST", True, 1_000.0 + number, 10_000_00 * (1 + number))
            for place in PLACES
            for number, (line, code) in enumerate(care)
        ],
        columns=["place", "service_line", "provider_code", "provider_name", "local", "units", "cost_pence"],
    )
    agreement = Agreement.model_validate(AGREEMENT)
    assumed = assume({**SIMULATED_VALUES, "simulation_draws": 50})
    read = SimulationTables(budget, activity, None, tables["risk_pool_cover"], ledger)
    return {
        "money_flow": money_flow(budget, ledger, tables["carve_outs"], activity),
        "contract_terms": contract_terms([agreement]),
        "contract_measures": contract_measures([agreement]),
        "contract_plans": contract_plans([agreement], budget, activity),
        **simulate(asked_by(assumed, year), read, assumed, [agreement]),
    }


def run_facts() -> RunFacts:
    """The facts of the fabricated run."""
    return RunFacts(
        run_id="inel-2026-27-annual-3f9a1c07",
        title="Inner North East London",
        purpose="annual",
        notice="Synthetic people, real counts; illustrative spend.",
        base_year=FinancialYear(2025),
        budget_years=tuple(FinancialYear.parse(year) for year in YEARS),
        snapshot_date=date(2026, 4, 1),
        code_version="0.1.0",
        created_on=date(2026, 4, 1),
        checks=checks(),
        assumptions=assumptions(),
        labels={"QMF": "NHS North East London", "NHSE": "NHS England (delegated)", "LA": "Local authority"},
    )


def checks() -> tuple[CheckResult, ...]:
    """Checks of four gates: passed, warned, waived."""
    passed = tuple(
        CheckResult(gate, check, "fail", "passed", table, "Every row is judged.", observed=0.0, threshold="0")
        for gate, check, table in (
            ("intake", "I01", "registered_list"),
            ("intake", "I04", "spend"),
            ("population", "P03", "population_base"),
            ("population", "P14", "population_reconciliation"),
            ("ledger", "C01", "pace_of_change"),
            ("payment", "O01", "integrated_budget"),
        )
    )
    return (
        *passed,
        CheckResult(
            "population",
            "P13",
            "warn",
            "failed",
            "list_against_residents",
            "Lists exceed resident estimates by more than a tenth.",
            observed=0.1273,
            threshold="at most 0.10",
            rows_failed=2,
            mend="inputs/registered_list.csv",
            keys=("Newham", "Tower Hamlets"),
        ),
        CheckResult(
            "costs",
            "B04",
            "warn",
            "waived",
            "line_attribution",
            "The attribution factor lies between 0.90 and 1.10.",
            observed=1.1421,
            threshold="0.90 to 1.10",
            rows_failed=1,
            mend="inputs/activity.csv",
            keys=("s75_social_care",),
            waiver_id="W-2026-03",
        ),
    )


def assumptions() -> pd.DataFrame:
    """An assumption ledger of seven rows, two of them unverified."""
    rows = [
        (
            "cost_uplift_factor",
            "2026/27",
            "all",
            "0.0415",
            "rate_per_year",
            "NHS Payment Scheme 2025/26",
            "approved",
            None,
        ),
        (
            "efficiency_factor",
            "2026/27",
            "all",
            "0.02",
            "rate_per_year",
            "NHS Payment Scheme 2025/26",
            "approved",
            "0.011",
        ),
        ("growth_nondemographic", "any", "all", "0.005", "rate_per_year", "Set locally", "draft", None),
        ("older_precedence", "any", "all", "complex_first", "choice", "Local decision", "draft", None),
        ("pace_rule", "any", "all", "floor_then_raise_lowest", "choice", "=HYPERLINK is only text here", "draft", None),
        (
            "choice_share",
            "any",
            "line:acute_elective",
            "0.13",
            "share",
            "East London payment paper",
            "unverified",
            None,
        ),
        ("risk_pool_share", "any", "all", "0.005", "share", "Former reserve rule <from memory>", "unverified", None),
    ]
    columns = ["name", "financial_year", "scope", "value", "unit", "source", "status", "previous_value"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["effective_from"] = date(2026, 4, 1)
    frame["published_on"] = [date(2026, 1, 30)] * 6 + [None]
    return frame.assign(
        low=[None, "0.011", None, None, None, "0.11", None],
        high=[None, "0.03", None, None, None, "0.15", None],
        range_reason=[None, "Factors since 2022/23", None, None, None, "Three years of flows", None],
        owner="Finance",
        reason="As agreed for the annual budget",
        set_by="config/assumptions/base.yaml",
    )


def _cells() -> _Cells:
    rows = [
        (place, segment, line, payer)
        for place in PLACES
        for line in LINES
        for payer in PAYERS.get(line, {"QMF": 1.0})
        for segment in SEGMENTS
    ]
    keys = pd.DataFrame(rows, columns=["place", "segment", "service_line", "commissioner"])
    amounts = np.zeros(len(keys), dtype=np.int64)
    weights = [people * cost for people, cost in SEGMENTS.values()]
    for (place, line, payer), block in keys.groupby(["place", "service_line", "commissioner"], sort=False):
        share = PAYERS.get(line, {"QMF": 1.0})[payer]
        amounts[block.index] = apportion(half_up(_PEOPLE[place] * LINES[line] * share * 100.37), weights)
    return _Cells(keys, amounts)


def _ledger() -> tuple[pd.DataFrame, pd.DataFrame]:
    cells, movements, paces = _cells(), [], []
    for number, year in enumerate(YEARS):
        running = cells.amounts.copy()
        movements.append(_movement(cells.keys, year, "baseline", running))
        for step, rate in _RATES.items():
            factor = 0.0 if step == "normalisation" and number else rate
            moved = _Cells(cells.keys, running).moved(_totals(cells.keys, running, factor))
            movements.append(_movement(cells.keys, year, step, moved))
            running = running + moved
        pace = _pace(year, _totals(cells.keys, running, 1.0))
        paces.append(pace)
        ours = pace[pace["set_here"]].set_index("place")
        moved = _Cells(cells.keys, running).moved((ours["allocation_pence"] - ours["opening_pence"]).to_dict())
        movements.append(_movement(cells.keys, year, "pace_of_change", moved))
        running = running + moved
        cells = _Cells(cells.keys, running)
        left = running
        for step, rate in _outflows():
            moved = -_Cells(cells.keys, left).moved(_totals(cells.keys, left, rate))
            movements.append(_movement(cells.keys, year, step, moved))
            left = left + moved
    return pd.concat(movements, ignore_index=True), pd.concat(paces, ignore_index=True)


def _outflows() -> list[tuple[str, float]]:
    others = sum(share for kind, share in _CARVED.items() if kind != "choice")
    return [
        ("choice_carve_out", _CARVED["choice"]),
        ("other_carve_outs", others),
        ("risk_pool", 0.005),
        ("incentive", 0.025),
    ]


def _totals(keys: pd.DataFrame, amounts: NDArray[np.int64], rate: float) -> dict[str, int]:
    sums = pd.Series(amounts).groupby(keys["place"].to_numpy()).sum()
    return {place: half_up(int(total) * rate) for place, total in sums.items()}


def _movement(keys: pd.DataFrame, year: str, step: str, amounts: NDArray[np.int64]) -> pd.DataFrame:
    return keys.assign(financial_year=year, step=step, amount_pence=amounts)


def _pace(year: str, openings: dict[str, int]) -> pd.DataFrame:
    openings = openings | {"City and Hackney": 71_482_113_907}
    growth = {"Newham": 0.004, "Tower Hamlets": 0.010, "Waltham Forest": 0.0184, "City and Hackney": 0.006}
    frame = pd.DataFrame({"place": list(openings), "opening_pence": list(openings.values())})
    frame["allocation_pence"] = [half_up(o * (1 + growth[p])) for p, o in openings.items()]
    quantum = int(frame["allocation_pence"].sum())
    frame["weighted_people"] = [_WEIGHTED[place] for place in frame["place"]]
    frame["target_pence"] = apportion(quantum, frame["weighted_people"])
    scale = frame["opening_pence"].sum() / quantum
    frame["opening_dft"] = frame["opening_pence"] / (frame["target_pence"] * scale) - 1
    frame["closing_dft"] = frame["allocation_pence"] / frame["target_pence"] - 1
    frame["growth"] = frame["allocation_pence"] / frame["opening_pence"] - 1
    frame["taper"] = ((0.10 - frame["opening_dft"]) / 0.05).clip(0, 1)
    frame["floor_pence"] = [half_up(o * 1.004) for o in frame["opening_pence"]]
    frame["binding_rule"] = ["growth_floor", "growth_floor", "raised", "growth_floor"]
    frame["years_to_target"] = [0.5, None, 6.61, 2.0]
    frame["years_at_this_pace"] = [1.2, None, None, 0.0]
    return frame.assign(financial_year=year, set_here=frame["place"].isin(PLACES))


def _bridge(ledger: pd.DataFrame) -> pd.DataFrame:
    sums = ledger.groupby(["financial_year", "place", "step"], sort=False)["amount_pence"].sum().reset_index()
    sums["step"] = pd.Categorical(sums["step"], STEPS, ordered=True)
    sums = sums.sort_values(["financial_year", "place", "step"], ignore_index=True)
    sums["balance_pence"] = sums.groupby(["financial_year", "place"])["amount_pence"].cumsum()
    before = sums["balance_pence"] - sums["amount_pence"]
    sums["share_of_opening"] = (sums["amount_pence"] / before.where(before != 0)).astype(float)
    # The baseline has no balance before it; its share is a true nought.
    sums.loc[sums["step"] == "baseline", "share_of_opening"] = 0.0
    return sums


def _budget(ledger: pd.DataFrame) -> pd.DataFrame:
    keys = ["financial_year", "place", "segment", "service_line", "commissioner"]
    wide = ledger.pivot_table(index=keys, columns="step", values="amount_pence", aggfunc="sum", sort=False)
    budget = pd.DataFrame({"allocation_pence": wide[list(STEPS[:8])].sum(axis=1)})
    budget["carve_out_pence"] = -(wide["choice_carve_out"] + wide["other_carve_outs"])
    budget["risk_pool_pence"] = -wide["risk_pool"]
    # The ledger's last step leaves the core; the incentive is held back from it.
    budget["incentive_pence"] = -wide["incentive"]
    budget["core_pence"] = wide[list(STEPS)].sum(axis=1)
    budget = budget.reset_index()
    people = [_people_in(row.financial_year, row.place, row.segment) for row in budget.itertuples()]
    weights = [SEGMENTS[segment][1] / 1_838.0 for segment in budget["segment"]]
    return budget.assign(people=people, weighted_people=np.array(people) * np.array(weights))


def _people_in(year: str, place: str, segment: str) -> float:
    return round(_PEOPLE[place] * SEGMENTS[segment][0] * (1 + _GROWTH[place]) ** (YEARS.index(year) + 1), 1)


def _segment_detail() -> pd.DataFrame:
    """People of each segment in the bands that it can be in, and some of unknown age."""
    bands = {"U5": [0], "CMW": [5, 10], "CCX": [0, 10], "OA": [65, 80, 95], "UNSEG": [None]}
    rows = [
        (place, f"F84{place[0]}", segment, sex, age, round(_PEOPLE[place] * share / 2))
        for place in PLACES
        for segment, (share, _) in SEGMENTS.items()
        for age in bands.get(segment, [20, 45])
        for sex in ("F", "M")
    ]
    return pd.DataFrame(rows, columns=["place", "practice_code", "segment", "sex", "age_from", "people"])


def _carve_outs(ledger: pd.DataFrame, budget: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    by_place = ledger.groupby(["financial_year", "place", "step"])["amount_pence"].sum()
    base = budget.groupby(["financial_year", "place"])["allocation_pence"].sum()
    rows, providers = [], []
    for (year, place), allocation in base.items():
        choice, others = -by_place[year, place, "choice_carve_out"], -by_place[year, place, "other_carve_outs"]
        kinds = [kind for kind in _CARVED if kind != "choice"]
        parts = zip(kinds, apportion(int(others), [_CARVED[kind] for kind in kinds]), strict=True)
        rows += [
            (year, place, kind, _METHODS[kind], int(amount), int(allocation))
            for kind, amount in (("choice", choice), *parts)
        ]
        shares = apportion(int(choice), [share for _, _, share in _PROVIDERS])
        providers += [(year, place, "outpatient", *_PROVIDERS[i][:2], int(amount)) for i, amount in enumerate(shares)]
    columns = ["financial_year", "place", "type", "method", "planned_pence", "base_pence"]
    named = ["financial_year", "place", "service_line", "provider_code", "provider_name", "planned_pence"]
    by_provider = pd.DataFrame(providers, columns=named).assign(unit_price_pence=18_750.0)
    units = by_provider["planned_pence"] / by_provider["unit_price_pence"]
    return pd.DataFrame(rows, columns=columns), by_provider.assign(planned_units=units)


def _choice_terms(carve_outs: pd.DataFrame) -> pd.DataFrame:
    planned = carve_outs[carve_outs["type"] == "choice"].groupby("financial_year")["planned_pence"].sum()
    declared = {
        "holder": "Barts Health",
        "conflict_of_interest": "It provides most of this care; a panel sees referrals.",
    }
    return planned.reset_index().assign(method="prime_provider", **declared)


def _pairs() -> pd.DataFrame:
    rows = [
        (
            year,
            "QMF",
            code,
            name,
            PLACES[0],
            3,
            mean,
            mean,
            150_000_000,
            "up_to",
            low,
            "2024/25",
            50_000_000,
            "below",
            before,
        )
        for year in YEARS
        for code, name, mean, low, before in (
            ("RA1", "Small hospital", 4_200_000.0, True, True),
            ("RA2", None, 90_000_000.5, True, False),
            ("RA3", "Large hospital", 910_000_000.0, False, False),
        )
    ]
    columns = (
        "financial_year commissioner provider_code provider_name place years place_mean_pence pair_mean_pence "
        "threshold_pence limit low_volume earlier_year earlier_threshold_pence earlier_limit earlier_low_volume"
    )
    return pd.DataFrame(rows, columns=columns.split())


_METHODS = {
    "choice": "Share of elective and outpatient; the commissioner holds it",
    "low_volume": "Three-year mean; the commissioner holds it",
    "non_contract": "Last year's actual, uplifted; the commissioner holds it",
    "stop_loss": "Expected excess over the threshold; held in the pool",
}
_PROVIDERS = [
    ("RRV", "University College London Hospitals", 0.31),
    ("RJ1", "Guy's and St Thomas'", 0.24),
    ("RYJ", "Imperial College Healthcare", 0.17),
    ("RJZ", "King's College Hospital", 0.15),
    ("NT3", None, 0.13),
]


def _months(budget: pd.DataFrame) -> pd.DataFrame:
    paid = (budget["core_pence"] + budget["incentive_pence"]).groupby([budget["financial_year"], budget["place"]]).sum()
    rows = [
        (year, place, month, int(payment))
        for (year, place), total in paid.items()
        for month, payment in enumerate(apportion(int(total), [1] * 12), start=1)
    ]
    return pd.DataFrame(rows, columns=["financial_year", "place", "month", "payment_pence"])


def _segment_people(budget: pd.DataFrame) -> pd.DataFrame:
    return budget.drop_duplicates(["financial_year", "place", "segment"])[
        ["financial_year", "place", "segment", "people"]
    ]


def _need() -> pd.DataFrame:
    population = _PEOPLE | {"City and Hackney": 318_240}
    published = sum(_WEIGHTED.values()) / sum(population.values())
    rows = []
    for year in YEARS:
        for place, people in population.items():
            index = _WEIGHTED[place] / people / published
            rows.append((year, place, "published", "core", float(people), _WEIGHTED[place], index, True))
            rows.append(
                (year, place, "segment_cost", "all", float(people), people * (index + 1) / 2, (index + 1) / 2, False)
            )
    columns = ["financial_year", "place", "method", "stream", "population", "weighted_people", "need_index", "used"]
    return pd.DataFrame(rows, columns=columns)


def _need_model() -> dict[str, pd.DataFrame]:
    """A model's report, three groupings of it; its challengers and caps; and what weighs two lines."""
    rows = [("calibration", "all", 1.0002), ("r_squared", "all", 0.21), ("mean_absolute_error", "all", 134_842.2)]
    groups = {
        "segment": {"OA": 1.02, "CCX": 0.91},
        "age_band": {"00-04": 1.0, "90+": 0.97},
        "predicted_tenth": {"01": 0.8, "02": 1.1, "10": 1.01},
        "place": {place: 1 + number / 100 for number, place in enumerate(PLACES)},
    }
    for grouping, levels in groups.items():
        for level, ratio in levels.items():
            figures = {"predictive_ratio": ratio, "over_per_head": (ratio - 1) * 170_000, "person_years": 12_345.0}
            rows += [(measure, f"{grouping}: {level}", value) for measure, value in figures.items()]
    for number, place in enumerate(PLACES):
        expected = 4e10 + number * 1e9
        figures = {
            "place_actual": expected * (1.03 - number / 50),
            "place_budget": expected,
            "place_low": expected * 0.99,
            "place_high": expected * 1.01,
            "experience": 1.03 - number / 50,
            "credibility": 0.9,
            "experience_shrunk": 1.027 - number / 55,
        }
        rows += [(measure, f"place: {place}", value) for measure, value in figures.items()]
    diagnostics = pd.DataFrame(rows, columns=["measure", "group", "value"]).rename_axis("position").reset_index()
    challengers = pd.DataFrame(
        [
            ("wls", 1.0, 0.146, 0.047, "place: Newham", 0, False, "the default"),
            ("poisson_log", 0.999, 0.147, 0.044, "segment: CCX", 2, False, "R-squared out of fold rises by 0.0015"),
        ],
        columns=[
            "estimator", "calibration", "r_squared", "worst_ratio", "worst_group", "places_moved", "replaces", "reason",
        ],
    )  # fmt: skip
    caps = pd.DataFrame(
        [(2_500_000, False, 0.082, 0.31, 0.74), (15_000_000, True, 0.004, 0.21, 0.31)],
        columns=["cap_pence", "used", "pooled_share", "r_squared", "payment_fit"],
    )
    need = _need().query("method == 'published'")
    lines = [
        need.assign(service_line=line, share_of_spend=share).drop(columns="used")
        for line, share in (("acute_elective", 0.6), ("community", 0.4))
    ]
    coefficients = pd.DataFrame(
        [
            ("wls", "intercept", "everyone", "need", False, None, 64_207.2, 995.6, 890.5),
            ("wls", "segment", "OA", "need", True, None, 0.0, None, None),
        ],
        columns=[
            "model", "term", "level", "role", "reference", "counted_with", "estimate", "standard_error",
            "clustered_error",
        ],
    )  # fmt: skip
    return {
        "risk_diagnostics": diagnostics.assign(stream="all", model="wls", meaning="what the measure says"),
        "risk_challengers": challengers.assign(stream="all"),
        "risk_caps": caps.assign(stream="all"),
        "risk_model": coefficients.assign(stream="all"),
        "need_by_line": pd.concat(lines, ignore_index=True),
    }


def _people() -> dict[str, pd.DataFrame]:
    statement, counts = [], []
    for number, place in enumerate(PLACES):
        for practice in range(6):
            code = f"F84{number}{practice:02d}"
            opening = 52_000 + 3_100 * practice - 7_000 * number
            flows = [opening, 4_210 + 37 * practice, 612, 231, 3_405, 18, 96, 4]
            closing = flows[0] + flows[1] + flows[2] - sum(flows[3:])
            published = None if (number, practice) == (2, 5) else closing + 41 - practice
            statement.append((code, *flows, closing, published, None if published is None else closing - published))
            parts = apportion(closing, [0.5, 0.48])
            counts += [(place, code, "registered", sex, 40, float(n)) for sex, n in zip("FM", parts, strict=True)]
        counts.append((place, None, "unregistered", "F", 30, 2_150.5))
    names = [
        "practice_code",
        "opening",
        "joins",
        "births",
        "deaths",
        "leavers",
        "excluded",
        "duplicates",
        "quarantined",
    ]
    reconciliation = pd.DataFrame(statement, columns=[*names, "closing", "published", "difference"])
    for column in ("published", "difference"):
        reconciliation[column] = reconciliation[column].astype("Int64")
    count_names = ["place", "practice_code", "basis", "sex", "age", "people"]
    return {
        "population_reconciliation": reconciliation,
        "population_counts": pd.DataFrame(counts, columns=count_names),
        "list_against_residents": _pyramid(),
        "population_exceptions": _exceptions(),
        "district_reconciliation": _districts(),
        "member_days": _member_days(),
        "population_effects": _effects(),
    }


def _exceptions() -> pd.DataFrame:
    rows = [
        ("excluded", "RC3", None, "Died on or before the snapshot", 3_120),
        ("exported", "RC5", "NHSE", "Commissioned by NHS England: armed forces, prisons", 412),
        ("quarantined", "RC1", None, "The identifier is missing or fails its check digit", 96),
    ]
    return pd.DataFrame(rows, columns=["outcome", "reason_code", "commissioner", "about", "records"])


def _districts() -> pd.DataFrame:
    rows = [
        (f"E0900000{i}", place, _PEOPLE[place], 210.0, 2_150.5, 0.93 * _PEOPLE[place]) for i, place in enumerate(PLACES)
    ]
    rows += [("outside", None, 5_120.0, 0.0, 0.0, None), ("unknown", None, 612.0, 0.0, 0.0, None)]
    names = ["lad_code", "place", "registered_here", "registered_elsewhere", "unregistered", "residents"]
    return pd.DataFrame(rows, columns=names)


def _member_days() -> pd.DataFrame:
    rows = [("QMF", place, "F84001", "F", 30, n, n * 364, n * 364 / 365) for place, n in _PEOPLE.items()]
    names = ["commissioner", "place", "practice_code", "sex", "age_from", "people", "member_days", "average_people"]
    return pd.DataFrame(rows, columns=names)


def _effects() -> pd.DataFrame:
    ways = [
        ("list_inflation_adjustment", "none", 0),
        ("list_inflation_adjustment", "scale_to_resident", 120_000_000),
        ("population_variant", "high", 45_000_000),
        ("hundred_unregistered", PLACES[0], 13_000_000),
    ]
    rows = [
        ("2026/27", assumption, alternative, place, _PEOPLE[place], change / 1e6, 10**10, side * change, 130.5 * 1e5)
        for assumption, alternative, change in ways
        for place, side in zip(PLACES, (1, -1, 0), strict=False)
    ]
    names = ["financial_year", "assumption", "alternative", "place", "people", "people_change", "allocation_pence"]
    return pd.DataFrame(rows, columns=[*names, "change_pence", "pence_per_hundred"])


def _costs() -> dict[str, pd.DataFrame]:
    """The baseline shared to segments by cost; half of community is held out, and ambulances are for everyone."""
    cells = _cells()
    keys = ["place", "service_line"]
    spent = cells.keys.assign(gross_pence=cells.amounts).groupby([*keys, "commissioner"], as_index=False)
    baseline = spent["gross_pence"].sum()
    baseline["adjustment_pence"] = [-half_up(pence * 0.011) for pence in baseline["gross_pence"]]
    baseline["normalised_pence"] = baseline["gross_pence"] + baseline["adjustment_pence"]
    lines = baseline.groupby(keys, as_index=False)["normalised_pence"].sum()
    factor = lines["service_line"].map(_FACTORS).fillna(1.03)  # k of lines that are like the rest
    lines["direct_pence"] = lines["normalised_pence"] / factor
    lines["unattributed_pence"] = lines["normalised_pence"] - lines["direct_pence"]
    held = lines["service_line"] == "community"
    lines["held_out_pence"] = lines["unattributed_pence"].where(held, 0.0)
    over = lines["unattributed_pence"] < 0
    lines["treatment"] = pd.Series("gross_up", index=lines.index).mask(held, "hold_out").mask(over, "scaled_down")
    by_line = lines.groupby("service_line", as_index=False)[["normalised_pence", "direct_pence"]].sum()
    return {
        "baseline_lines": baseline,
        "baseline_adjustments": _adjustments(baseline),
        "unattributed_spend": lines,
        "line_attribution": by_line.assign(
            attribution_factor=by_line["normalised_pence"] / by_line["direct_pence"],
            hosted=by_line["service_line"] == "urgent_emergency",
        ),
        "segment_cost": _segment_cost(lines),
        "spend_per_head": _spend_per_head(by_line),
        **_care(),
    }


_FACTORS = {"community": 1.12, "outpatient": 0.97}


def _adjustments(baseline: pd.DataFrame) -> pd.DataFrame:
    rows = baseline.rename(columns={"adjustment_pence": "amount_pence"})
    codes = ["NR", "PYA", "FYE"] * len(rows)
    return rows[["place", "commissioner", "service_line", "amount_pence"]].assign(
        adjustment=codes[: len(rows)], reason="Agreed with the finance lead"
    )


def _segment_cost(lines: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for line in lines.itertuples():
        weights = np.array([share * cost for share, cost in SEGMENTS.values()])
        borne = line.normalised_pence - line.held_out_pence
        for (segment, (share, _)), part in zip(SEGMENTS.items(), weights / weights.sum(), strict=True):
            people = _PEOPLE[line.place] * share
            direct, grossed = line.direct_pence * part, borne * part
            rows.append((line.place, line.service_line, segment, people, direct, grossed, grossed / people, "activity"))
        if line.held_out_pence:
            held = ("not attributed: held out of segments",)
            rows.append((line.place, line.service_line, UNATTRIBUTED, 0.0, 0.0, line.held_out_pence, None, *held))
    names = ["place", "service_line", "segment", "people", "direct_pence", "grossed_pence", "cost_per_head_pence"]
    costs = pd.DataFrame(rows, columns=[*names, "method"])
    factor = (lines["normalised_pence"] / lines["direct_pence"]).rename("attribution_factor")
    keys = lines[["place", "service_line"]].assign(attribution_factor=factor)
    return costs.merge(keys, on=["place", "service_line"], validate="m:1")


def _spend_per_head(by_line: pd.DataFrame) -> pd.DataFrame:
    """The year before, but for one line that is new."""
    people = float(sum(_PEOPLE.values()))
    frame = by_line.rename(columns={"normalised_pence": "pence"})[["service_line", "pence"]]
    known = frame["service_line"] != "s75_social_care"
    frame["previous_pence"] = (frame["pence"] * 0.96).round().where(known, 0).astype("int64")
    frame = frame.assign(people=people, previous_people=people * 0.99)
    frame["per_head_pence"] = frame["pence"] / frame["people"]
    frame["previous_per_head_pence"] = frame["previous_pence"] / frame["previous_people"]
    change = frame["per_head_pence"] / frame["previous_per_head_pence"].where(known) - 1
    return frame.assign(change_share=change, basis="lists a year before the snapshot")


def _care() -> dict[str, pd.DataFrame]:
    """What a run shows where its care says more: earlier prices, recent months, stays, high cost, cases."""

    def table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
        return pd.DataFrame(list(rows), columns=columns.split())

    return {
        "price_uplift": table(
            "service_line price_year base_year years factor rows_priced cost_pence",
            ("outpatient", "2025/26", "2025/26", "", 1.0, 402_113, 6_120_004_411),
            ("community", "2023/24", "2025/26", "2024/25; 2025/26", 1.034, 88_021, 901_233_507),
        ),
        "activity_completion": table(
            "service_line months_since runout_months factor rows_recorded recorded_pence completed_pence added_pence",
            ("outpatient", 3, 3, 1.081, 31_204, 480_112_900, 519_002_045, 38_889_145),
            ("outpatient", 4, 3, 1.0, 33_870, 512_907_114, 512_907_114, 0),
            ("outpatient", 5, 3, 1.0, 32_004, 498_120_555, 498_120_555, 0),
        ),
        "part_complete": table(
            "boundary service_line rule stays whole_pence counted_pence other_pence",
            ("year", "acute_nonelective", "days", 412, 301_220_114, 170_118_002, 131_102_112),
            ("commissioner", "acute_nonelective", "days", 37, 20_114_907, 12_000_341, 8_114_566),
            ("commissioner", "mental_health", "days", 3, 4_000_000, 1_000_000, 3_000_000),
            ("contract_start", "acute_nonelective", "days", 208, 151_000_331, 70_220_118, 80_780_213),
        ),
        "high_cost": table(
            "place threshold_pence people_over excess_pence coverage pool_pence",
            ("Newham", 15_000_000, 61, 310_442_900, 0.9, 279_398_610),
            ("Tower Hamlets", 15_000_000, 2, 7_700_000, 0.9, 6_930_000),
            ("Waltham Forest", 15_000_000, 0, 0, 0.9, 0),
        ),
        "commissioner_case_costs": table(
            "reason_code kind commissioner service_line held_as people cost_pence ours_pence others_pence",
            ("RC19", "dispute", "QRV", "mental_health", "DISPUTED", 7, 1_250_001, 625_001, 625_000),
            ("RC17", "hospital_stay", None, "acute_nonelective", "ours", 2, 990_000, 990_000, 0),
        ),
    }


def _scales(ledger: pd.DataFrame, budget: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every scale, with two practice groups a place, and who pays."""
    systems = {place: "Inner East" if place != "Waltham Forest" else "The Forest" for place in PLACES}
    rows = [
        (year, place, unit, _PEOPLE[place] * part, part * tilt, "published_weights")
        for year in YEARS
        for place in PLACES
        for unit, part, tilt in (("U0001", 0.6, 1.05), ("U0002", 0.39, 0.95), ("no_group", 0.01, 0.6))
    ]
    columns = ["financial_year", "place", "unit", "people", "weight", "method"]
    scales = budget_by_scale(budget, "Inner North East London", systems, pd.DataFrame(rows, columns=columns))
    spreads = {("place", place): Spread(100, 100.0 * 180_000, 100 * (180_000.0**2) * 11) for place in PLACES[:1]}
    return {
        "budget_by_scale": scales,
        "contributions": contributions(budget, ledger),
        "risk_pool_cover": risk_pool_cover(scales, spreads, 3.7),
    }


def _outlook(bridge: pd.DataFrame, pace: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Growth in two parts, one agreed investment and one saving, and the gap of three years."""
    grown = bridge[bridge["step"] == "demographic_growth"][["financial_year", "place", "amount_pence"]]
    numbers = grown["amount_pence"] * 2 // 3
    demography = grown.assign(
        opening_pence=grown["amount_pence"] * 70,
        population_pence=numbers,
        case_mix_pence=grown["amount_pence"] - numbers,
        population_growth=0.0095,
        case_mix_growth=0.0047,
    )
    moves = [
        (year, kind, kind, None, place, pence)
        for year in YEARS
        for place in PLACES
        for kind, pence in (("investment", 40_000_000), ("savings", -90_000_000))
    ]
    columns = ["financial_year", "move_id", "kind", "service_line", "place", "amount_pence"]
    policy = pd.DataFrame(moves, columns=columns)
    policy = policy.assign(owner="Finance", reason="As agreed", source="Board, March", status="approved")
    return {
        "demographic_growth": demography,
        "policy_moves": policy,
        "funding_gap": _gap(pace),
        "budget_range": _ranges(pace),
    }


def _ranges(pace: pd.DataFrame) -> pd.DataFrame:
    ours = pace[pace["set_here"]]
    places = ours[["financial_year"]].assign(unit=ours["place"], booked_pence=ours["allocation_pence"], scale="place")
    whole = places.groupby("financial_year", as_index=False)["booked_pence"].sum()
    rows = pd.concat([places, whole.assign(unit="North East London", scale="footprint")], ignore_index=True)
    both = [
        rows.assign(measure=measure, booked_pence=rows["booked_pence"] * share // 100)
        for measure, share in (("allocation", 100), ("core", 85))
    ]
    table = pd.concat(both, ignore_index=True)
    percentiles = {f"p{at}_pence": table["booked_pence"] * of // 100 for at, of in ((10, 97), (50, 100), (90, 102))}
    return table.assign(**percentiles, draws=1000, seed=1, impossible_draws=12, need_drawn=False)


def _gap(pace: pd.DataFrame) -> pd.DataFrame:
    ours = pace[pace["set_here"]][["financial_year", "place", "allocation_pence", "target_pence"]]
    number = ours["financial_year"].map({year: i + 1 for i, year in enumerate(YEARS)})
    parts = {name: ours["allocation_pence"] * number // 50 for name in ("demographic", "nondemographic", "price")}
    table = ours.assign(**{f"{name}_pence": part for name, part in parts.items()})
    table["baseline_pence"] = ours["allocation_pence"] * 9 // 10
    table["efficiency_pence"] = ours["allocation_pence"] * number // 60
    table["investment_pence"], table["savings_pence"] = 40_000_000 * number, 90_000_000 * number
    table["savings_unproven_pence"] = table["savings_pence"] * 85 // 100
    grown = ["baseline_pence", *(f"{name}_pence" for name in parts)]
    table["do_nothing_pence"] = table[grown].sum(axis=1)
    changes = table["investment_pence"] - table["savings_pence"] - table["efficiency_pence"]
    table["planned_pence"] = table["do_nothing_pence"] + changes
    table["gap_pence"] = table["do_nothing_pence"] - table["allocation_pence"]
    return table.assign(left_pence=table["planned_pence"] - table["allocation_pence"])


def _pyramid() -> pd.DataFrame:
    shape = [7.2, 6.6, 6.1, 6.0, 7.9, 10.9, 10.7, 8.9, 7.4, 6.2, 5.5, 4.7, 3.7, 2.8, 2.1, 1.6, 1.0, 0.5, 0.2]
    rows = []
    for place in PLACES:
        for sex, tilt in (("F", 0.985), ("M", 1.015)):
            for band, share in enumerate(shape):
                residents = _PEOPLE[place] * share / 200 * tilt * 0.9
                ghost = 1.03 + (0.14 if 4 <= band <= 8 else 0.02) * tilt
                rows.append((place, sex, band * 5, float(round(residents * ghost)), float(round(residents))))
    return pd.DataFrame(rows, columns=["place", "sex", "age_from", "list_people", "residents"])


def _register() -> pd.DataFrame:
    rows = [
        ("registered_list-1", "registered_list", "registered_list.parquet", "a" * 64, 1_106_735, 1_106_735.0, "people"),
        ("spend-1", "spend", "spend.csv", "b" * 64, 412, 2_207_113_402.11, "pounds"),
        ("practices-1", "practices", "practices.csv", "c" * 64, 18, None, None),
    ]
    frame = pd.DataFrame(rows, columns=["input_id", "name", "file", "sha256", "rows", "control_total", "unit"])
    return frame.assign(vintage=["2026/27", "2025/26", None], licence=["Open Government Licence v3.0", None, None])

"""A small year to settle: two places, two lines, three providers, and what has happened; actuals of a run's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from budget.audit.folder import Run as Published
from budget.kernel.money import apportion
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement
from budget.payment.inyear.people import ListNews
from budget.payment.settlement.books import Actuals, Books, Run
from budget.payment.settlement.opening import open_books
from tests.support.given import assume

YEAR = "2026/27"
PLACES, LINES, SEGMENTS = ("East", "West"), ("acute", "community"), ("AMW", "OA")
PROVIDERS = ("AAA", "BBB", "CCC")
TERMS: Mapping[str, object] = {
    "monthly_count": "days",
    "inyear_list_adjustment": "quarterly",
    "transfer_rate_basis": "sender",
    "ips_unearned_destination": "commissioner",
    "expected_basis": "plan",
    "gain_share": 0.5,
    "loss_share": 0.5,
    "gainloss_deadband": 0.02,
    "gainloss_cap": 0.05,
    "gainloss_basis": "first_dollar",
}
_POUNDS = {"acute": 600_000_03, "community": 240_000_01}


def run(places: Sequence[str] = PLACES) -> Run:
    """The tables of a run: every segment of a place has its part of every line."""
    rows = [
        (
            YEAR,
            p,
            s,
            line,
            "QXX",
            pence * (n + 1) * (3 if s == "AMW" else 1),
            (500.0 + 400.0 * n) * (3 if s == "AMW" else 1),
        )
        for n, p in enumerate(places)
        for s in SEGMENTS
        for line, pence in _POUNDS.items()
    ]
    columns = ["financial_year", "place", "segment", "service_line", "commissioner", "wpap", "people"]
    budget = pd.DataFrame(rows, columns=columns)
    budget["incentive_pence"] = (budget["wpap"] * 0.025).astype("int64")
    budget["core_pence"] = budget["wpap"] - budget["incentive_pence"]
    budget["risk_pool_pence"] = (budget["wpap"] * 0.005).astype("int64")
    budget["carve_out_pence"] = 1_000_000
    budget["allocation_pence"] = budget["wpap"] + budget["risk_pool_pence"] + budget["carve_out_pence"]
    cells = ["financial_year", "place", "segment"]
    rates = budget.groupby(cells, as_index=False).agg(people=("people", "first"), wpap_pence=("wpap", "sum"))
    rates["rate_per_head_pence"] = rates["wpap_pence"] / rates["people"]
    profile = [
        (YEAR, place, month, int(pence))
        for place, whole in rates.groupby("place")["wpap_pence"].sum().items()
        for month, pence in enumerate(apportion(int(whole), np.ones(12)), 1)
    ]
    activity = [
        (p, line, code, code, True, 1_000.0 * (n + 1), 100 * (n + 2))
        for p in places
        for line in LINES
        for n, code in enumerate(PROVIDERS)
    ]
    gap = budget.groupby(cells[:2], as_index=False)["allocation_pence"].sum()
    ledger = budget[["financial_year", "place", "segment", "service_line", "commissioner"]]
    return Run(
        {
            "integrated_budget": budget,
            "budget_ledger": ledger.assign(step="baseline", amount_pence=budget["allocation_pence"]),
            "segment_rates": rates,
            "monthly_profile": pd.DataFrame(profile, columns=["financial_year", "place", "month", "payment_pence"]),
            "segments": pd.DataFrame({"segment": SEGMENTS, "unregistered": [False, False]}),
            "carve_outs": pd.DataFrame(columns=["financial_year", "place", "type", "method"]),
            "provider_activity": pd.DataFrame(
                activity,
                columns=["place", "service_line", "provider_code", "provider_name", "local", "units", "cost_pence"],
            ),
            "funding_gap": gap.assign(do_nothing_pence=(gap["allocation_pence"] * 1.04).astype("int64")),
            "choice_by_provider": pd.DataFrame(
                [(YEAR, p, "acute", "FAR", 1_200_000, 120.0, 10_000.0) for p in places],
                columns=[
                    "financial_year",
                    "place",
                    "service_line",
                    "provider_code",
                    "planned_pence",
                    "planned_units",
                    "unit_price_pence",
                ],
            ),
            "choice_terms": pd.DataFrame(
                {"financial_year": [YEAR], "method": ["commissioner_keeps"], "holder": [None]}
            ),
        }
    )


def spend(tables: Run, months: int = 12, factor: float = 1.0, *, by: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Every provider spends its part of the plan, times a factor; a provider may have its own."""
    budget, activity = tables["integrated_budget"], tables["provider_activity"]
    lines = budget.groupby(["commissioner", "place", "service_line"], as_index=False)["wpap"].sum()
    told = lines.merge(activity, on=["place", "service_line"])
    share = told["cost_pence"] / told.groupby(["place", "service_line"])["cost_pence"].transform("sum")
    own = told["provider_code"].map(lambda code: (by or {}).get(code, factor))
    told = told.assign(
        amount_pence=(told["wpap"] * share * own / 12).round().astype("int64"), units=told["units"] / 12 * own
    )
    columns = ["commissioner", "place", "service_line", "provider_code", "amount_pence", "units"]
    parts = [told[columns].assign(month=month) for month in range(1, months + 1)]
    return pd.concat(parts, ignore_index=True).assign(financial_year=YEAR, segment=None)


def news(changes: Mapping[tuple[str, str], float], last: int, *, late: bool = False) -> ListNews:
    """People as planned, but for changes by place and segment; late ones are known from month 3 on."""
    rows, told = [], []
    rates = run()["segment_rates"]
    for cell in rates.itertuples(index=False):
        more = changes.get((cell.place, cell.segment), 0.0)
        for known in range(1, last + 1):
            for month in range(1, known + 1):
                there = more if not late or known >= 3 else 0.0
                rows.append((month, known, cell.place, cell.segment, cell.people + there))
        if late and more and last >= 3:
            kind = "joiner" if more > 0 else "leaver"
            told += [(3, month, cell.place, cell.segment, kind, more) for month in (1, 2)]
    moves = [(m, k, "East", "West", "AMW", 2.0) for k in range(1, last + 1) for m in range(1, k + 1)]
    return ListNews(
        pd.DataFrame(rows, columns=["month", "known_month", "place", "segment", "people"]),
        pd.DataFrame(told, columns=["statement_month", "month", "place", "segment", "kind", "people"]),
        pd.DataFrame(moves, columns=["month", "known_month", "from_place", "to_place", "segment", "people"]),
        {},
    )


def agreement(form: str = "C2", *, parameters: Mapping[str, object] | None = None, **changes: object) -> Agreement:
    """An alliance of two providers for community care, paid by the head; a measure, and a share of gain and loss."""
    told: dict[str, object] = {
        "contract": "alliance",
        "title": "Alliance",
        "about": "A test.",
        "purpose": "A test.",
        "status": "illustrative",
        "source": {"title": "A test", "where": "here"},
        "starts_on": date(2026, 4, 1),
        "years": 1,
        "scope": {"places": "all", "lines": ["community"], "segments": "all"},
        "commissioners": ["QXX"],
        "form": {"id": form, "parameters": dict(parameters or {})},
        "parties": [
            {"party": code, "role": "provider", "payment": {"id": "F10"}, "in_force": {"id": "F03"}}
            for code in PROVIDERS[:2]
        ],
        "outcomes": {
            "share": 0.025,
            "maximum_share": 0.2,
            "measures": [
                {
                    "id": "wait",
                    "title": "Days waited",
                    "floor": 30,
                    "target": 10,
                    "weight": 0.4,
                    "better": "lower",
                    "source": "x",
                },
                {
                    "id": "home",
                    "title": "At home",
                    "floor": 0.5,
                    "target": 0.9,
                    "weight": 0.6,
                    "better": "higher",
                    "source": "x",
                },
            ],
        },
        "gain_loss": {"deadband": 0.02, "share": 0.5, "cap": 0.05, "basis": "first_dollar", "expected_basis": "plan"},
    }
    return Agreement.model_validate(told | changes)


def outcomes(*values: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=["contract", "measure", "value"])


def choice(pence: int, months: Sequence[int | None] = (1,)) -> pd.DataFrame:
    """Patient choice that cost so much in every place and month."""
    rows = [(month, place, "acute", "FAR", None, pence) for month in months for place in PLACES]
    columns = ["month", "place", "service_line", "provider_code", "units", "amount_pence"]
    return pd.DataFrame(rows, columns=columns).astype({"month": "Int8", "units": "float64", "amount_pence": "Int64"})


def books(
    actuals: Actuals, last: int = 12, agreements: Sequence[Agreement] = (), tables: Run | None = None, **terms: object
) -> Books:
    """The books of the small year."""
    known = assume({**TERMS, **terms})
    return open_books(tables or run(), actuals, known, agreements, FinancialYear.parse(YEAR), last)


def hand_over(published: Published, folder: Path, months: int = 3) -> pd.DataFrame:
    """Write what every line of a published run cost in its first months, a little more than planned."""
    budget = published.table("integrated_budget")
    year = min(budget["financial_year"].astype(str))
    cells = ["commissioner", "place", "service_line"]
    lines = budget[budget["financial_year"] == year].groupby(cells, as_index=False, observed=True)["core_pence"].sum()
    spent = lines.assign(financial_year=year, amount_pence=lines["core_pence"] * 103 // 1200).drop(columns="core_pence")
    every = pd.concat([spent.assign(month=month) for month in range(1, months + 1)])
    folder.mkdir(parents=True)
    every.to_csv(folder / "actual_spend.csv", index=False)
    return every

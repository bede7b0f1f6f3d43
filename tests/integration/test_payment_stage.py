"""The payment stage: which tables it writes for which locality."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.payment.stage import PAYMENT, express_payments
from tests.support.given import given
from tests.support.localities import SEGMENTS, YEARS, locality
from tests.support.simulation import SIMULATED

pytestmark = pytest.mark.integration

VALUES = SIMULATED | {"person_cost_cv": 3.7, "stop_loss_coverage": 0.9, "ips_share": 0.025, "risk_pool_share": 0.005}


def express(activity: pd.DataFrame | None = None, **values: object) -> dict[str, pd.DataFrame]:
    small = locality({"A": 100_000, "B": 200_000}, years=YEARS, ips_share=0.025)
    booked = small.book()
    weights = small.weights.assign(method="segment_cost", stream="all")
    frames = {
        "budget_ledger": booked["budget_ledger"],
        "carve_outs": booked["carve_outs"],
        "choice_by_provider": booked["choice_by_provider"],
        "segment_people": small.people,
        "need_weights": weights,
        "segments": pd.DataFrame({"segment": SEGMENTS, "broad_group": ["mostly_well", "older_adults"]}),
    }
    if activity is not None:
        frames["provider_activity"] = activity
    written = express_payments(given(frames, {**VALUES, **values}, budget_years=YEARS))
    assert set(written) <= set(PAYMENT.writes)
    return dict(written)  # type: ignore[arg-type]


def activity(*, local: bool) -> pd.DataFrame:
    columns = ["place", "service_line", "provider_code", "provider_name", "local", "units", "cost_pence"]
    rows = [
        ("A", "acute_elective", "RX1", "Near", local, 1.0, 60_000),
        ("B", "acute_elective", "RX1", "Near", local, 1.0, 40_000),
        ("B", "acute_elective", "RY1", None, False, 1.0, 500),
    ]
    return pd.DataFrame(rows, columns=columns)


def test_budgets_rates_and_months_of_every_year() -> None:
    written = express()
    assert set(written) == {
        "integrated_budget",
        "broad_group_budget",
        "budget_by_scale",
        "contributions",
        "risk_pool_cover",
        "segment_rates",
        "monthly_profile",
    }
    for name, table in written.items():
        assert set(table["financial_year"]) == set(YEARS), name
    paid = written["monthly_profile"]["payment_pence"].sum()
    assert paid == written["segment_rates"]["wpap_pence"].sum()
    budget = written["integrated_budget"]
    assert paid == budget["core_pence"].sum() + budget["incentive_pence"].sum()
    broad = written["broad_group_budget"]
    assert broad["allocation_pence"].sum() == budget["allocation_pence"].sum()


def test_local_providers_are_simulated_over_all_places_with_the_money_of_their_lines() -> None:
    written = express(activity(local=True))
    first = written["integrated_budget"].query("financial_year == @YEARS[0]")
    block = written["payment_simulation"].query("form == 'F01' and activity == 1.06").set_index("provider_code")
    assert block["payment_pence"].to_dict() == {"RX1": int((first["core_pence"] + first["incentive_pence"]).sum())}


def test_without_contracts_local_providers_are_simulated_as_if_they_had_one_together() -> None:
    table = express(activity(local=True))["contract_simulation"]
    assert set(table.loc[table["kind"] == "party", "contract"]) == {"no_contract"}
    assert set(table.loc[table["form"] == "C2", "party"]) == {"RX1"}


def test_without_local_providers_there_is_nothing_to_simulate() -> None:
    written = express(activity(local=False))
    assert not set(written) & {"payment_simulation", "contract_simulation", "party_risk"}
    assert set(written["money_flow"]["payee_kind"]) == {"unknown"}


def test_without_draws_no_risk_is_told() -> None:
    assert "party_risk" not in express(activity(local=True), simulation_draws=0)

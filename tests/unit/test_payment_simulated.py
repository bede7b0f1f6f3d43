"""The same activity under several payment and contract forms, as the stage shows it."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.payment.forms import PaymentForm, form_of
from budget.payment.simulate import contracts, payments

pytestmark = pytest.mark.unit

FORMS: dict[str, PaymentForm] = {
    "F01": form_of("F01", {}),
    "F02": form_of("F02", {"tolerance": 0.02, "share": 0.5}),
    "F03": form_of("F03", {}),
    "F06": form_of("F06", {"band": 0.02}),
    "F07": form_of("F07", {"rate": 0.7}),
    "F08": form_of("F08", {"variable": 0.2}),
}
PAID = {
    "F01": (20_000_000, 20_000_000),
    "F02": (20_400_000, 19_500_000),
    "F03": (21_200_000, 18_600_000),
    "F06": (20_400_000, 19_600_000),
    "F07": (20_840_000, 18_600_000),
    "F08": (20_240_000, 19_720_000),
}
PROVIDERS = pd.DataFrame(
    {"provider_code": ["RX1", "RY1"], "provider_name": ["Near", None], "planned_pence": [20_000_000_00, 101]}
)


def test_simulated_payments_cost_what_does_not_move_and_what_does() -> None:
    table = payments(PROVIDERS, tuple(FORMS.values()), (1.06, 0.93), 0.4)
    assert len(table) == len(PROVIDERS) * len(FORMS) * 2
    of_block = table[(table["form"] == "F01") & (table["provider_code"] == "RX1")].set_index("activity")
    assert of_block["cost_pence"].to_dict() == {1.06: 20_720_000_00, 0.93: 19_160_000_00}
    assert of_block["margin_pence"].to_dict() == {1.06: -720_000_00, 0.93: 840_000_00}
    assert (table["margin_pence"] == table["payment_pence"] - table["cost_pence"]).all()
    assert (table.loc[table["form"] == "F01", "delta_vs_block_pence"] == 0).all()


def test_simulated_payments_are_the_vectors_of_the_method() -> None:
    table = payments(PROVIDERS, tuple(FORMS.values()), (1.06, 0.93), 0.4)
    large = table[table["provider_code"] == "RX1"].set_index(["form", "activity"])["payment_pence"]
    assert {form: (large[form, 1.06] / 100, large[form, 0.93] / 100) for form in FORMS} == PAID


def test_simulated_contracts_share_every_penny() -> None:
    table = contracts(PROVIDERS, (1.06, 0.93), 0.4)
    for _, rows in table.groupby(["form", "activity"]):
        assert rows["result_pence"].sum() == rows["budget_pence"].sum() - rows["cost_pence"].sum()
        assert rows["transfer_pence"].sum() == 0

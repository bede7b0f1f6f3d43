"""The guide to contracts: its example is read, planned, paid, settled and written by the stage as it stands there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.payment.agreements import OUTSIDE, Agreement, Known, party_lines, read_agreements
from budget.payment.contracts import settled
from budget.payment.forms import Care, pay
from budget.payment.stage import express_payments, inspect_contracts
from tests.integration.test_payment_stage import VALUES
from tests.support.given import given, plan_of
from tests.support.localities import SEGMENTS, YEARS, locality

pytestmark = pytest.mark.integration

GUIDE = (Path(__file__).parents[2] / "docs/guides/contracts.md").read_text(encoding="utf-8")
BUDGET = pd.DataFrame(
    [("2026/27", "Newham", segment, "prescribing", "QMF", 25_000_00, 975_000_00) for segment in ("OA", "AMW")],
    columns=["financial_year", "place", "segment", "service_line", "commissioner", "incentive_pence", "core_pence"],
)
ACTIVITY = pd.DataFrame(
    {
        "place": ["Newham"] * 2,
        "service_line": "prescribing",
        "provider_code": ["RX-NEWHAM", "OTHER"],
        "local": [True, False],
        "units": [40_000.0, 10.0],
        "cost_pence": [900_000_00, 1_00],
    }
)


def blocks(language: str) -> list[str]:
    return [textwrap.dedent(text) for text in re.findall(rf"( *```{language}\n.*?\n *)```", GUIDE, re.DOTALL)]


def example(folder: Path) -> Path:
    text = blocks("yaml")[0].replace("```yaml\n", "")
    (folder / "newham_medicines.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


@pytest.fixture
def agreement(tmp_path: Path) -> Agreement:
    return read_agreements(example(tmp_path), Known.of(BUDGET, ACTIVITY))[0]


def test_the_example_is_paid_by_its_plan(agreement: Agreement) -> None:
    (line,) = party_lines(agreement, BUDGET, ACTIVITY).to_dict("records")
    assert (line["party"], line["budget_pence"], line["units"], line["price_pence"]) == (
        "RX-NEWHAM", 1_000_000_00, 20_000.0, 5_000.0,
    )  # fmt: skip
    payment = agreement.party("RX-NEWHAM").payment
    assert payment is not None
    form = payment.form("prescribing")
    paid = [form.pay(Care.of(20_000, 20_000 * ratio, 5_000)) for ratio in (0.7, 1.0, 1.04, 1.2)]
    assert paid == pytest.approx([800_000_00, 1_000_000_00, 1_040_000_00, 1_050_000_00])


def test_the_example_is_settled(agreement: Agreement) -> None:
    parties = pd.DataFrame({"party": ["RX-NEWHAM"], "budget_pence": [1_000_000_00], "cost_pence": [980_000_00]})
    result = settled(agreement.contract_form(), parties, score=0.5).set_index("party")["result_pence"]
    assert result.to_dict() == {"RX-NEWHAM": 7_500_00, "commissioner": 12_500_00}


def test_the_python_of_the_guide_runs() -> None:
    lines = blocks("python")[0].replace("```python\n", "")
    parties = pd.DataFrame({"party": ["a", "b"], "budget_pence": [300_00, 100_00], "cost_pence": [310_00, 100_00]})
    exec(compile(lines, "guide", "exec"), {"parties": parties})
    assert f"# {pay('F02', 10_000, 10_600, 2_000_00, tolerance=0.02, share=0.5)} pence" in lines


def express(folder: Path, text: str) -> dict[str, pd.DataFrame]:
    """The stage with one contract of a small locality."""
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    small = locality({"A": 100_000, "B": 200_000}, years=YEARS, ips_share=0.025)
    booked = small.book()
    line = str(booked["budget_ledger"]["service_line"].iloc[0])
    activity = ACTIVITY.assign(place="A", service_line=line, provider_name=None)
    frames = {
        "budget_ledger": booked["budget_ledger"],
        "carve_outs": booked["carve_outs"],
        "segment_people": small.people,
        "need_weights": small.weights.assign(method="segment_cost", stream="all"),
        "segments": pd.DataFrame({"segment": SEGMENTS, "broad_group": ["mostly_well", "older_adults"]}),
        "provider_activity": activity,
    }
    written = dict(express_payments(given(frames, VALUES, budget_years=YEARS, contracts=folder)))
    return written  # type: ignore[return-value]


def of_a_small_locality(line: str) -> str:
    text = textwrap.dedent(blocks("yaml")[0].replace("```yaml\n", ""))
    places = {"places: [Newham]": "places: all", "segments: [OA]": "segments: all", "[prescribing]": f"[{line}]"}
    for old, new in places.items():
        text = text.replace(old, new)
    return text


def test_the_stage_writes_contracts_as_tables(tmp_path: Path) -> None:
    ledger = locality({"A": 100_000, "B": 200_000}, years=YEARS, ips_share=0.025).book()["budget_ledger"]
    line, payer = str(ledger["service_line"].iloc[0]), str(ledger["commissioner"].iloc[0])
    written = express(tmp_path, of_a_small_locality(line).replace("[QMF]", f"[{payer}]"))
    assert written["contract_terms"]["party"].tolist() == ["RX-NEWHAM"]
    assert written["contract_measures"]["measure"].tolist() == ["reviews", "falls"]
    budget = written["integrated_budget"].query("financial_year == @YEARS[0] and service_line == @line")
    plans = written["contract_plans"].set_index("party")["budget_pence"]
    paid = (budget["core_pence"] + budget["incentive_pence"]).groupby(budget["place"]).sum()
    assert plans.to_dict() == {"RX-NEWHAM": paid["A"], OUTSIDE: paid["B"]}


def test_the_stage_refuses_a_contract_about_care_that_it_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"one\.yaml: scope\.lines names dentistry"):
        express(tmp_path, of_a_small_locality("dentistry"))


def test_a_contract_is_read_before_anything_is_computed(tmp_path: Path) -> None:
    plan = plan_of().model_copy(update={"contracts": example(tmp_path)})
    assert inspect_contracts(plan, VALUES, ()) == ()  # type: ignore[arg-type]
    (tmp_path / "newham_medicines.yaml").write_text("contract: newham_medicines\nyear: 2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="year: Extra inputs"):
        inspect_contracts(plan, VALUES, ())  # type: ignore[arg-type]

"""Every assumption of the catalogue moves a table of a small locality, or the catalogue says why it does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from budget.assumptions.catalogue import catalogue, parameter
from tests.flows.localities import east_london
from tests.support.perturb import Small

pytestmark = pytest.mark.integration

PEOPLE = 5_000
SMALL = {"low_volume_activity": "1000", "non_contract_activity": "1000"}
"""Sums that five thousand people can bear."""

WIDE = {"pace_min_growth": "0.05", "quantum_basis": "growth", "quantum_growth": "0.2"}
"""Enough new money for places to differ in growth."""
BESIDE: Mapping[str, Mapping[str, str]] = {
    "list_scale_lo": {"list_inflation_adjustment": "scale_to_resident"},
    "list_scale_hi": {"list_inflation_adjustment": "scale_to_resident"},
    "pace_taper_lo": WIDE,
    "pace_taper_hi": WIDE,
    "quantum_basis": {"quantum": "50000000000"},
    "quantum": {"quantum_basis": "given", "quantum": "50000000000"},
    "quantum_growth": {"quantum_basis": "growth"},
    "choice_share": {"choice_basis": "share"},
    "pace_max_growth": {"pace_max_growth": "0.01"},
    "rebase_years": {"rebase_years": "1"},
    "savings_realised_share": {"savings": "1000"},
    "low_volume_years": {"low_volume_basis": "history"},
    "stop_loss_premium": {"stop_loss_basis": "given"},
}
"""Values of others under which an assumption is used, where it is not under those of the pack."""

LATER: Mapping[str, str] = {"rebase_years": "2027/28"}
"""The last budget year of a run, where the first one alone does not show what an assumption does."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("small")
    config = east_london(folder, people=PEOPLE)
    hand_over_more(config / "inputs")
    return Small(config, folder / "runs", "2026/27", SMALL)


def hand_over_more(inputs: Path) -> None:
    """Inputs that the recipe does not make: old prices, days of discharge, completion factors, and an earlier
    need model's coefficients."""
    coefficients().to_csv(inputs / "risk_coefficients.csv", index=False)
    for part in (inputs / "activity").glob("*.parquet"):
        care = pd.read_parquet(part)
        stays = care["service_line"] == "acute_nonelective"
        ended = pd.to_datetime(care["activity_date"]) + pd.to_timedelta(care["units"].round(), unit="D")
        care["ended_on"] = ended.where(stays).dt.date
        priced = care["service_line"] == "outpatient"
        care["cost_pence"] = care["cost_pence"].astype("Int64").mask(priced)
        care["currency_code"] = care["currency_code"].mask(priced, "OLD")
        care.to_parquet(part, index=False)
    (inputs / "prices.csv").write_text("financial_year,currency_code,department,unit_price_pence\n2022/23,OLD,,15000\n")
    pay_providers(inputs)
    factors = "".join(f"community,{month},1.{9 - month}\n" for month in (3, 4, 5))
    (inputs / "completion_factors.csv").write_text(f"service_line,months_since,factor\n{factors}")


def pay_providers(inputs: Path) -> None:
    """Name who has no contract, and what a provider outside was paid in three earlier years."""
    providers = pd.read_csv(inputs / "providers.csv")
    outside = providers["local_to"].isna()
    providers.assign(contracted=~outside).to_csv(inputs / "providers.csv", index=False)
    spend = pd.read_csv(inputs / "spend.csv")
    paid = spend[spend["adjustment"].isna() & (spend["service_line"] == "acute_nonelective")].head(1)
    named = paid.assign(provider_code=providers.loc[outside, "provider_code"].iloc[0], reason=None)
    earlier = [named.assign(financial_year=f"20{year}/{year + 1}", amount_pence=1_000 * year) for year in (22, 23, 24)]
    pd.concat([spend, *earlier]).to_csv(inputs / "spend.csv", index=False)


def coefficients() -> pd.DataFrame:
    """Coefficients of an earlier need model that knows every level and one gradient, that of age."""
    bands = [f"{start:02d}-{start + 4:02d}" for start in range(0, 90, 5)] + ["90+", "unknown"]
    levels = {
        "intercept": {"everyone": 50_000.0},
        "sex:age_band": {f"{sex}:{band}": 5_000.0 * n for sex in "FMIU" for n, band in enumerate(bands)},
        "imd_tenth": dict.fromkeys([*(f"{n:02d}" for n in range(1, 11)), "unknown"], 0.0),
        "condition_band": dict.fromkeys(["0", "1", "2", "3", "4", "5+"], 0.0),
        "segment": dict.fromkeys(["U5", "CMW", "CCX", "AMW", "ACX", "OA", "UNREG", "UNSEG"], 0.0),
    }
    rows = [(term, level, estimate) for term, of_term in levels.items() for level, estimate in of_term.items()]
    return pd.DataFrame(rows, columns=["term", "level", "estimate"]).assign(model="wls", role="need")


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_it_moves_a_table_or_says_why_not(name: str, small: Small) -> None:
    known = parameter(name, "test")
    within = Small(small.config, small.out, LATER[name], small.always) if name in LATER else small
    table = within.moved(known, BESIDE.get(name, {}))
    if known.inert:
        assert not table, f"{name} moves {table}; the catalogue says that it is inert: {known.inert}"
    else:
        assert table, f"{name} moves no table: is it read, and under which other values (BESIDE)?"


def test_what_stands_beside_is_of_the_catalogue() -> None:
    assert set(BESIDE) <= set(catalogue())
    assert all(BESIDE.values()), "an assumption that needs nothing beside it need not be named"

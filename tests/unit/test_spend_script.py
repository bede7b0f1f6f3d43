"""The illustrative spend is what its script makes, ties to its control totals and covers every place and line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[2] / "data" / "east_london"
TOLERANCE = 0.0005


@pytest.fixture(scope="module")
def spend() -> pd.DataFrame:
    return pd.read_csv(DATA / "spend.csv")


@pytest.fixture(scope="module")
def gross(spend: pd.DataFrame) -> pd.DataFrame:
    return spend[spend["adjustment"].isna()]


@pytest.fixture(scope="module")
def control() -> pd.Series:
    return pd.read_csv(DATA / "spend_control.csv").set_index("commissioner")["amount_pence"]


def test_the_script_makes_the_committed_files_byte_for_byte(tmp_path):
    subprocess.run([sys.executable, str(DATA / "make_spend.py"), str(tmp_path)], check=True)
    for name in ("spend.csv", "spend_control.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_gross_spend_ties_to_the_control_totals_and_the_icbs_not_exactly(gross, control):
    gap = gross.groupby("commissioner")["amount_pence"].sum() / control - 1
    assert gap.abs().max() < TOLERANCE
    assert gap["QMF"] != 0
    assert (gap.drop("QMF") == 0).all()


def test_every_place_has_every_line(gross):
    assert gross.groupby(["place", "service_line"]).size().unstack().notna().all(axis=None)
    assert gross["place"].nunique() == 7
    assert gross["service_line"].nunique() == 10


def test_no_line_of_a_place_is_negative_after_adjustments(spend):
    assert (spend.groupby(["place", "service_line", "commissioner"])["amount_pence"].sum() >= 0).all()


def test_transfers_net_to_nothing_and_every_adjustment_has_a_reason_and_an_owner(spend):
    adjustments = spend[spend["adjustment"].notna()]
    assert set(adjustments["adjustment"]) == {"NR", "FYE", "SCOPE", "PYA", "TRANSFER"}
    assert adjustments.loc[adjustments["adjustment"] == "TRANSFER", "amount_pence"].sum() == 0
    assert adjustments["reason"].str.contains("; owner: ", regex=False).all()


def test_specialised_care_is_taken_out_of_scope_in_full(spend):
    outside = spend[(spend["commissioner"] == "NHSE") & (spend["service_line"] == "acute_elective")]
    assert outside["amount_pence"].sum() == 0
    assert (outside.loc[outside["adjustment"] == "SCOPE", "amount_pence"] < 0).all()


def test_core_spend_is_the_2018_19_target_grown_by_published_rates(gross):
    target = pd.read_csv(DATA / "practice_targets_2018_19.csv")["Target_inc_remote_gbp_k"].sum()
    assert target == pytest.approx(2_548_833, abs=1)
    growth = 1.0565 * 1.0414 * 1.04 * 1.0378 * 1.0354 * 100.0 / 96.1117 * 1.044
    core = gross[(gross["commissioner"] == "QMF") & (gross["service_line"] != "s75_social_care")]
    assert core["amount_pence"].sum() / 100_000 == pytest.approx(target * growth, rel=1e-6)


def test_pooled_social_care_has_both_parties_in_every_place(gross):
    pooled = gross[gross["service_line"] == "s75_social_care"]
    assert pooled["commissioner"].nunique() == 9
    assert (pooled.groupby("place")["commissioner"].nunique() >= 2).all()

"""The illustrative spend is what its script makes, ties to its control totals and covers every place and line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[2] / "data"
TOLERANCE = 0.0005
GROWTH = 1.0565 * 1.0414 * 1.04 * 1.0378 * 1.0354 * 100.0 / 96.1117 * 1.044


@dataclass(frozen=True)
class Made:
    """A locality's spend as shipped, and what is known of it otherwise.

    Attributes:
        target: core target of 2018/19 in thousands of pounds.
        councils: how many authorities pay for social care.
    """

    name: str
    icb: str
    places: int
    councils: int
    target: int

    @property
    def folder(self) -> Path:
        return DATA / self.name

    @property
    def spend(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "spend.csv")

    @property
    def gross(self) -> pd.DataFrame:
        return self.spend[lambda rows: rows["adjustment"].isna()]


LOCALITIES = (
    Made("east_london", "QMF", places=7, councils=8, target=2_548_833),
    Made("norfolk_waveney", "QMM", places=8, councils=2, target=1_362_153),
)


@pytest.fixture(params=LOCALITIES, ids=lambda made: made.name)
def made(request: pytest.FixtureRequest) -> Made:
    return request.param


def test_the_script_makes_the_committed_files_byte_for_byte(made: Made, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DATA / "make_spend.py"), str(made.folder), str(tmp_path)], check=True)
    for name in ("spend.csv", "spend_control.csv"):
        assert (tmp_path / name).read_bytes() == (made.folder / name).read_bytes(), name


def test_gross_spend_ties_to_the_control_totals_and_the_icbs_not_exactly(made: Made) -> None:
    control = pd.read_csv(made.folder / "spend_control.csv").set_index("commissioner")["amount_pence"]
    gap = made.gross.groupby("commissioner")["amount_pence"].sum() / control - 1
    assert gap.abs().max() < TOLERANCE
    assert gap[made.icb] != 0
    assert (gap.drop(made.icb) == 0).all()


def test_every_place_has_every_line(made: Made) -> None:
    assert made.gross.groupby(["place", "service_line"]).size().unstack().notna().all(axis=None)
    assert made.gross["place"].nunique() == made.places
    assert made.gross["service_line"].nunique() == 10


def test_no_line_of_a_place_is_negative_after_adjustments(made: Made) -> None:
    assert (made.spend.groupby(["place", "service_line", "commissioner"])["amount_pence"].sum() >= 0).all()


def test_transfers_net_to_nothing_and_every_adjustment_has_a_reason_and_an_owner(made: Made) -> None:
    adjustments = made.spend[lambda rows: rows["adjustment"].notna()]
    assert set(adjustments["adjustment"]) == {"NR", "FYE", "SCOPE", "PYA", "TRANSFER"}
    assert adjustments.loc[adjustments["adjustment"] == "TRANSFER", "amount_pence"].sum() == 0
    assert adjustments["reason"].str.contains("; owner: ", regex=False).all()


def test_every_wanted_adjustment_finds_the_spend_that_it_corrects(made: Made) -> None:
    wanted = pd.read_csv(made.folder / "spend_adjustments.csv")
    rows = int((wanted["place"] != "*").sum() + (wanted["place"] == "*").sum() * made.places)
    counter_entries = int(wanted["counterparty"].notna().sum())
    assert int(made.spend["adjustment"].notna().sum()) == rows + counter_entries


def test_specialised_care_is_taken_out_of_scope_in_full(made: Made) -> None:
    outside = made.spend.query("commissioner == 'NHSE' and service_line == 'acute_elective'")
    assert outside["amount_pence"].sum() == 0
    assert (outside.loc[outside["adjustment"] == "SCOPE", "amount_pence"] < 0).all()


def test_core_spend_is_the_2018_19_target_grown_by_published_rates(made: Made) -> None:
    target = pd.read_csv(made.folder / "practice_targets_2018_19.csv")["Target_inc_remote_gbp_k"].sum()
    assert target == pytest.approx(made.target, abs=1)
    core = made.gross.query("commissioner == @made.icb and service_line != 's75_social_care'")
    assert core["amount_pence"].sum() / 100_000 == pytest.approx(target * GROWTH, rel=1e-6)


def test_pooled_social_care_has_both_parties_in_every_place(made: Made) -> None:
    pooled = made.gross.query("service_line == 's75_social_care'")
    assert pooled["commissioner"].nunique() == made.councils + 1
    assert (pooled.groupby("place")["commissioner"].nunique() >= 2).all()


def test_pooled_social_care_of_part_of_a_district_is_for_its_residents_alone() -> None:
    pooled = LOCALITIES[1].gross.query("service_line == 's75_social_care' and place == 'Waveney'")
    assert pooled["amount_pence"].sum() / 100 == pytest.approx(119_500 * 140, abs=140)
    assert set(pooled["commissioner"]) == {"QMM", "E10000029"}

"""Every ICB and district of four years, against published sums and indices."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.need.areas import area_indices
from budget.need.layouts import read_published, stream_names
from budget.need.methods import published
from budget.need.published import need_index
from budget.need.sources import Sources
from budget.need.weights import weighed
from tests.support.given import given

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[2] / "data"
YEARS = ("2025/26", "2026/27", "2027/28", "2028/29")

# practices, registered, G&A, community, MH, maternity, prescribing, HI, core, PMC need, final PMC
ICBS = {
    "QMF": (266, 2475223, 2045081, 1586597, 2875402, 3036771, 2009316, 2324588, 2315798, 2440743, 2423320),
    "QRL": (147, 2171622, 2219198, 2316353, 1836813, 2049289, 2232995, 1796902, 2143608, 2206196, 2144802),
    "T03": (164, 1807760, 2014181, 2396680, 1620083, 1595470, 2028653, 1432764, 1893629, 1891121, 1822367),
}
"""Three of the 36 ICBs in 2026/27 (the method, section 8)."""
ORDER = [
    *("general_acute", "community", "mental_health", "maternity", "prescribing"),
    *("health_inequalities", "core", "primary_medical_need", "primary_medical"),
]
INDICES = {"QMF": (0.9356, 0.9790), "QRL": (0.9871, 0.9876), "T03": (1.0475, 1.0081)}
"""Core and final primary medical need over England's."""
DISTRICTS = {
    "E09000030": 0.871,
    "E09000026": 0.877,
    "E09000025": 0.908,
    "E09000002": 0.942,
    "E09000031": 0.977,
    "E09000012": 1.000,
    "E09000016": 1.013,
}
"""Core need per head of districts in 2026/27."""


@pytest.fixture(scope="module")
def sums() -> pd.DataFrame:
    return pd.read_csv(DATA / "england" / "weighted_population_by_district.csv.gz")


@pytest.fixture(scope="module")
def practices() -> pd.DataFrame:
    weights = read_published(DATA / "england" / "gp_practice_weighted_population_2026_27.csv.gz")
    return weights.assign(financial_year="2026/27")


@pytest.fixture(scope="module")
def areas(sums: pd.DataFrame) -> pd.DataFrame:
    return area_indices(sums)


def test_every_icb_and_district_of_every_year_is_there(areas: pd.DataFrame) -> None:
    over_england = areas[areas["within"] == "England"]
    counted = over_england.groupby(["financial_year", "level"])["area"].nunique().unstack()
    assert counted["icb"].to_dict() == dict(zip(YEARS, (42, 36, 36, 36), strict=True))
    assert counted["district"].to_dict() == dict.fromkeys(YEARS, 309)
    # single streams of a few hundred people may have no need at all; core need of a whole area may not
    core = over_england[over_england["stream"] == "core"]["need_index"]
    assert core.between(0.6, 1.5).all()


def test_published_icbs(areas: pd.DataFrame, practices: pd.DataFrame) -> None:
    found = areas.query("financial_year == '2026/27' and level == 'icb'").set_index(["area", "stream"])
    counts = practices.groupby("icb_code")["practice_code"].nunique()
    for icb, (count, registered, *weighted) in ICBS.items():
        assert counts[icb] == count
        assert round(found.loc[(icb, "core"), "population"]) == registered
        assert [round(found.loc[(icb, stream), "weighted_population"]) for stream in ORDER] == weighted
        core, primary = (found.loc[(icb, stream), "need_index"] for stream in ("core", "primary_medical"))
        assert (f"{core:.4f}", f"{primary:.4f}") == tuple(f"{index:.4f}" for index in INDICES[icb])


def test_published_districts(areas: pd.DataFrame) -> None:
    chosen = areas.query("financial_year == '2026/27' and level == 'district' and stream == 'core'")
    # the published list counts the practices of one ICB, a few of which lie in a district of another
    within = chosen[chosen["within"] == "QMF"].set_index("area")
    found = within["weighted_population"] / within["population"]
    assert {code: round(found[code], 3) for code in DISTRICTS} == DISTRICTS


def test_weighted_and_registered_people_agree_over_england(sums: pd.DataFrame) -> None:
    totals = sums.groupby(["financial_year", "stream"])[["population", "weighted_population"]].sum()
    assert (totals["population"] - totals["weighted_population"]).abs().max() < 0.5
    core = totals.xs("core", level="stream")["population"]
    published = {"2026/27": 63_916_250, "2027/28": 64_140_940, "2028/29": 64_396_800}
    assert {year: round(core[year], -1) for year in published} == published
    national = pd.read_csv(DATA / "england" / "weighted_population_national_totals.csv")
    people = national[national["stream"].isin(["Population", "Registered Patients"])].set_index("financial_year")
    assert core.to_dict() == pytest.approx(people["total"].to_dict(), abs=0.01)


def test_sums_by_area_and_practices_give_the_same(sums: pd.DataFrame, practices: pd.DataFrame) -> None:
    from_sums = area_indices(sums[sums["financial_year"] == "2026/27"])
    pd.testing.assert_frame_equal(area_indices(practices), from_sums, check_dtype=False, rtol=1e-7)


def test_a_district_as_a_place_has_its_index_within_the_icb(areas: pd.DataFrame, practices: pd.DataFrame) -> None:
    members = practices[practices["icb_code"] == "QMF"].drop_duplicates("practice_code")
    places = members.groupby("lad_code")["practice_code"].agg(list).to_dict()
    by_place = need_index(practices, places, "QMF").set_index(["place", "stream"])["need_index"]
    chosen = areas.query("financial_year == '2026/27' and level == 'district' and within == 'QMF'")
    by_area = chosen.set_index(["area", "stream"])["need_index"]
    assert by_place.to_dict() == pytest.approx(by_area.to_dict(), rel=1e-7)


def test_the_need_stage_finds_the_same_indices(practices: pd.DataFrame) -> None:
    own = practices[practices["icb_code"] == "QMF"]
    placed = own.drop_duplicates("practice_code").rename(columns={"lad_code": "place"})
    people = (
        own[own["stream"] == "core"]
        .merge(placed[["practice_code", "place"]], on="practice_code")
        .groupby(["financial_year", "place"], as_index=False)["population"]
        .sum()
        .rename(columns={"population": "people"})
    )
    seen = given({"published_weights": own, "practices": placed[["practice_code", "place"]]}, {})
    staged = weighed(published(Sources(seen, people, ("2026/27",), None)).assign(method="published"), people)
    places = placed.groupby("place")["practice_code"].agg(list).to_dict()
    found = need_index(practices, places, "QMF").set_index(["place", "stream"])["need_index"]
    assert staged.set_index(["place", "stream"])["need_index"].to_dict() == pytest.approx(found.to_dict())


def test_four_years_of_practices_take_less_than_a_second(practices: pd.DataFrame) -> None:
    four = pd.concat([practices.assign(financial_year=year) for year in YEARS], ignore_index=True)
    assert len(four) == 4 * 6_281 * len(stream_names())
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        area_indices(four)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 1


def test_weights_without_areas_are_refused(practices: pd.DataFrame) -> None:
    with pytest.raises(ConfigurationError, match="lad_code"):
        area_indices(practices.drop(columns="lad_code"))
    with pytest.raises(ConfigurationError, match="missing"):
        area_indices(practices.assign(population=practices["population"].where(practices.index > 0)))

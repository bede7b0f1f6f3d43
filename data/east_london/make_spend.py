"""Make the illustrative spend of East London for 2025/26 from published targets, shares and payments.

No body publishes spend by place and service line, so this is an illustration with real proportions:

- core services: the 2018/19 target of each former CCG, grown by published CCG growth to 2023/24, the GDP
  deflator in 2024/25 and the base growth of ICB allocations in 2025/26;
- service lines: the stream shares of the 2018/19 formula times each place's weighted population, and the
  department totals of the National Cost Collection 2023/24 within general and acute care;
- primary medical care: NHS Payments to General Practice 2022/23 by practice, grown with the global sum;
- pooled social care: an assumption a head, part ICB and part local authority.

Every number that is not in a published file stands in ``spend_assumptions.csv`` with its source.

    python data/east_london/make_spend.py [OUT_FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
YEAR = "2025/26"
ICB, NHSE = "QMF", "NHSE"
LINES = (
    "acute_nonelective",
    "acute_elective",
    "outpatient",
    "urgent_emergency",
    "community",
    "mental_health",
    "primary_medical_care",
    "prescribing",
    "continuing_care",
    "s75_social_care",
)
STREAMS = {
    "general_acute": "WP_G&A",
    "community": "WP_CS",
    "mental_health": "WP_MH",
    "maternity": "WP_Mat",
    "prescribing": "WP_Presc",
}
PAYMENTS = "Total NHS Payments including PCN Workforce, Leadership and Support"
REGISTERED = "Number of Registered Patients (Last Known Figure)"
COLUMNS = ["financial_year", "commissioner", "place", "service_line", "amount_pence", "adjustment", "reason"]


def main(out: Path) -> None:
    """Write ``spend.csv`` and ``spend_control.csv`` into a folder."""
    assumed = _table("spend_assumptions.csv").set_index("name")["value"]
    gross = pd.concat([core(assumed), specialised(assumed), primary_medical(assumed), pooled_social_care(assumed)])
    gross = gross.assign(amount_pence=_booked(gross["pounds"]))
    spend = in_order(pd.concat([gross.assign(adjustment="", reason=""), adjustments(gross)]))
    spend.to_csv(out / "spend.csv", index=False, lineterminator="\n")
    control(gross, assumed).to_csv(out / "spend_control.csv", index=False, lineterminator="\n")


def core(assumed: pd.Series) -> pd.DataFrame:
    """Core ICB spend in pounds by place and line: each CCG's grown target, split to lines by need."""
    targets = (
        _table("practice_targets_2018_19.csv").merge(_ccg_places(), on="CCG").groupby("place").sum(numeric_only=True)
    )
    need = targets[list(STREAMS.values())].set_axis(list(STREAMS), axis=1) * pd.Series(_stream_shares(assumed))
    shares = need.div(need.sum(axis=1), axis=0)
    lines = pd.DataFrame({line: _line_share(line, shares) for line in LINES if line in _core_lines()})
    continuing = assumed["continuing_care_share"]
    lines = lines.mul(1 - continuing).assign(continuing_care=continuing)
    money = lines.mul(targets["Target_inc_remote_gbp_k"] * 1000 * growth_since_2018_19(assumed), axis=0)
    return _long(money, ICB)


def growth_since_2018_19(assumed: pd.Series) -> float:
    """Growth of core allocations from 2018/19 to 2025/26 as a factor."""
    published = float(np.prod(1 + assumed.loc["growth_2019_20":"growth_2023_24"]))
    deflator = _table("uk_gdp_deflator_cpi_2000_2030.csv").set_index("fiscal_year")["gdp_deflator"]
    uplift = _table("nhs_cost_uplift_efficiency.csv").set_index(["financial_year", "element"])["value"]
    base_growth = uplift[YEAR, "ICB allocation base growth"] / 100
    return published * deflator["2024-25"] / deflator["2023-24"] * (1 + base_growth)


def specialised(assumed: pd.Series) -> pd.DataFrame:
    """Specialised elective care paid for by NHS England, which a SCOPE adjustment takes out again."""
    elective = core(assumed).query("service_line == 'acute_elective'")
    share = assumed["specialised_share"]
    return elective.assign(commissioner=NHSE, pounds=elective["pounds"] * share / (1 - share))


def primary_medical(assumed: pd.Series) -> pd.DataFrame:
    """Primary medical care: payments to practices with a list in 2022/23, by place, grown with the global sum."""
    paid = _table("nhs_payments_to_gp_2022_23.csv").rename(columns={"Practice Code": "practice_code"})
    paid = paid[paid[REGISTERED] > 0].merge(_practice_places(), on="practice_code", how="left")
    if paid["place"].isna().any():
        raise SystemExit(f"no place for {sorted(paid.loc[paid['place'].isna(), 'practice_code'])}")
    pounds = paid.groupby("place")[PAYMENTS].sum() * (1 + assumed["primary_medical_growth"])
    return _long(pounds.to_frame("primary_medical_care"), NHSE)


def pooled_social_care(assumed: pd.Series) -> pd.DataFrame:
    """Section 75 social care: an assumed amount a resident (mid-2023), split between ICB and local authorities."""
    residents = _table("population_age_sex_lad_2017_2035.csv.gz").query("year == 2023 and series == 'v0'")
    people = residents.groupby("area_code")["persons"].sum().rename("people")
    districts = _table("localities.csv").merge(people, left_on="lad_code", right_index=True)
    pounds = districts["people"] * assumed["s75_pounds_per_resident"]
    council = pd.DataFrame({"commissioner": districts["lad_code"], "place": districts["place"]})
    council = council.assign(service_line="s75_social_care", pounds=pounds * (1 - assumed["s75_icb_share"]))
    icb = (pounds * assumed["s75_icb_share"]).groupby(districts["place"]).sum()
    return pd.concat([_long(icb.to_frame("s75_social_care"), ICB), council])


def adjustments(gross: pd.DataFrame) -> pd.DataFrame:
    """Adjustment rows as signed shares of the gross spend they correct; a TRANSFER gets its counter-entry."""
    wanted = _table("spend_adjustments.csv")
    everywhere = wanted["place"] == "*"
    each = wanted[everywhere].drop(columns="place").merge(gross[["place"]].drop_duplicates(), how="cross")
    found = pd.concat([each, wanted[~everywhere]]).merge(gross, on=["commissioner", "place", "service_line"])
    found = found.assign(amount_pence=_booked(found["amount_pence"] / 100 * found["share_of_gross"]))
    moved = found[found["counterparty"].notna()]
    counter = moved.assign(commissioner=moved["counterparty"], amount_pence=-moved["amount_pence"])
    return pd.concat([found, counter])


def control(gross: pd.DataFrame, assumed: pd.Series) -> pd.DataFrame:
    """Each commissioner's ledger total; the ICB's differs by a stated gap inside the tolerance."""
    totals = gross.groupby("commissioner", as_index=False)["amount_pence"].sum()
    gap = np.where(totals["commissioner"] == ICB, 1 + assumed["control_gap_icb"], 1.0)
    ledger = np.where(gap == 1.0, totals["amount_pence"], _booked(totals["amount_pence"] / 100 * gap))
    totals = totals.assign(financial_year=YEAR, service_line="", amount_pence=ledger.astype(np.int64), basis="gross")
    return totals[["financial_year", "commissioner", "service_line", "amount_pence", "basis"]]


def in_order(spend: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns; rows by place, line, commissioner and adjustment."""
    line = pd.Categorical(spend["service_line"], LINES, ordered=True)
    ordered = spend.assign(financial_year=YEAR, line=line).sort_values(["place", "line", "commissioner", "adjustment"])
    return ordered[COLUMNS]


def _core_lines() -> frozenset[str]:
    return frozenset(LINES) - {"primary_medical_care", "continuing_care", "s75_social_care"}


def _line_share(line: str, streams: pd.DataFrame) -> pd.Series:
    """A line's share of core spend by place, from its stream; births are admitted as non-elective care."""
    if line in streams:
        return streams[line]
    lines = _table("spend_departments.csv").merge(_table("national_cost_collection_departments_2023_24.csv"))
    cost = lines.groupby("service_line")["cost"].sum()
    acute = streams["general_acute"] * cost[line] / cost.sum()
    return acute + streams["maternity"] if line == "acute_nonelective" else acute


def _stream_shares(assumed: pd.Series) -> dict[str, float]:
    hospital = {name: assumed["stream_hchs"] * assumed[f"stream_{name}"] for name in STREAMS if name != "prescribing"}
    return hospital | {"prescribing": assumed["stream_prescribing"]}


def _practice_places() -> pd.DataFrame:
    """Place of a practice: a reviewed override, else its CCG of 2018/19, else the district of its building."""
    overrides = _table("practice_place_overrides.csv")[["practice_code", "place"]]
    former = (
        _table("practice_targets_2018_19.csv")
        .merge(_ccg_places(), on="CCG")
        .rename(columns={"Practice": "practice_code"})
    )
    districts = _table("localities.csv")[["lad_code", "place"]]
    built = _table("gp_practice_weighted_population_2025_26.csv").merge(districts, left_on="LAD", right_on="lad_code")
    built = built.rename(columns={"Practice_Code": "practice_code"})
    found = pd.concat([overrides, former[["practice_code", "place"]], built[["practice_code", "place"]]])
    return found.drop_duplicates("practice_code")


def _ccg_places() -> pd.DataFrame:
    places = _table("localities.csv").rename(columns={"ccg_code_pre_2021": "CCG"})
    return places[["CCG", "place"]].drop_duplicates()


def _long(money: pd.DataFrame, commissioner: str) -> pd.DataFrame:
    long = money.rename_axis(index="place", columns="service_line").stack().rename("pounds").reset_index()
    return long.assign(commissioner=commissioner)


def _booked(pounds: pd.Series) -> pd.Series:
    """Whole pounds, half-up, in pence: the illustration claims no finer precision."""
    return (np.sign(pounds) * np.floor(np.abs(pounds) + 0.5)).astype(np.int64) * 100


def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)

"""Make the illustrative spend of a locality for 2025/26 from published targets, shares and payments.

No body publishes spend by place and service line, so this is an illustration with real proportions:

- core services: the 2018/19 targets of the place's practices, grown by published CCG growth to 2023/24, the GDP
  deflator in 2024/25 and the base growth of ICB allocations in 2025/26;
- service lines: the stream shares of the 2018/19 formula times each place's weighted population, and the
  department totals of the National Cost Collection 2023/24 within general and acute care;
- primary medical care: NHS Payments to General Practice 2022/23 by practice, grown with the global sum;
- pooled social care: an assumption a head, part ICB and part local authority.

Every number that is not in a published file stands in the locality's ``spend_assumptions.csv`` with its source.

    python data/make_spend.py data/LOCALITY [OUT_FOLDER]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ENGLAND = Path(__file__).parent / "england"
YEAR = "2025/26"
NHSE = "NHSE"
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
CORE = frozenset(LINES) - {"primary_medical_care", "continuing_care", "s75_social_care"}
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


@dataclass(frozen=True)
class Locality:
    """A locality's folder of published tables and of what is assumed of its spend."""

    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        """One of its tables, as it is."""
        return pd.read_csv(self.folder / name)

    @property
    def districts(self) -> pd.DataFrame:
        """A row a district: its place, its ICB and the council that pays for social care there."""
        return self.table("localities.csv")

    @property
    def assumed(self) -> pd.Series:
        """Every number that is not published, by name."""
        return self.table("spend_assumptions.csv").set_index("name")["value"]

    @property
    def icb(self) -> str:
        """The one ICB of the locality."""
        (code,) = self.districts["icb_code"].unique()
        return str(code)


def main(locality: Locality, out: Path) -> None:
    """Write ``spend.csv`` and ``spend_control.csv`` into a folder."""
    parts = (core, specialised, primary_medical, pooled_social_care)
    gross = pd.concat([part(locality) for part in parts])
    gross = gross.assign(amount_pence=_booked(gross["pounds"]))
    spend = in_order(pd.concat([gross.assign(adjustment="", reason=""), adjustments(locality, gross)]))
    spend.to_csv(out / "spend.csv", index=False, lineterminator="\n")
    control(locality, gross).to_csv(out / "spend_control.csv", index=False, lineterminator="\n")


def core(locality: Locality) -> pd.DataFrame:
    """Core ICB spend in pounds by place and line: the grown targets of its practices, split to lines by need."""
    assumed, targets = locality.assumed, locality.table("practice_targets_2018_19.csv")
    targets = _placed(locality, targets.rename(columns={"Practice": "practice_code"}))
    targets = targets.groupby("place").sum(numeric_only=True)
    need = targets[list(STREAMS.values())].set_axis(list(STREAMS), axis=1) * pd.Series(_stream_shares(assumed))
    shares = need.div(need.sum(axis=1), axis=0)
    lines = pd.DataFrame({line: _line_share(line, shares) for line in LINES if line in CORE})
    continuing = assumed["continuing_care_share"]
    lines = lines.mul(1 - continuing).assign(continuing_care=continuing)
    money = lines.mul(targets["Target_inc_remote_gbp_k"] * 1000 * growth_since_2018_19(assumed), axis=0)
    return _long(money, locality.icb)


def growth_since_2018_19(assumed: pd.Series) -> float:
    """Growth of core allocations from 2018/19 to 2025/26 as a factor."""
    published = float(np.prod(1 + assumed.loc["growth_2019_20":"growth_2023_24"]))
    deflator = _of_england("uk_gdp_deflator_cpi_2000_2030.csv").set_index("fiscal_year")["gdp_deflator"]
    uplift = _of_england("nhs_cost_uplift_efficiency.csv").set_index(["financial_year", "element"])["value"]
    base_growth = uplift[YEAR, "ICB allocation base growth"] / 100
    return published * deflator["2024-25"] / deflator["2023-24"] * (1 + base_growth)


def specialised(locality: Locality) -> pd.DataFrame:
    """Specialised elective care paid for by NHS England, which a SCOPE adjustment takes out again."""
    elective = core(locality).query("service_line == 'acute_elective'")
    share = locality.assumed["specialised_share"]
    return elective.assign(commissioner=NHSE, pounds=elective["pounds"] * share / (1 - share))


def primary_medical(locality: Locality) -> pd.DataFrame:
    """Primary medical care: payments to practices with a list in 2022/23, by place, grown with the global sum."""
    paid = locality.table("nhs_payments_to_gp_2022_23.csv").rename(columns={"Practice Code": "practice_code"})
    paid = _placed(locality, paid[paid[REGISTERED] > 0])
    pounds = paid.groupby("place")[PAYMENTS].sum() * (1 + locality.assumed["primary_medical_growth"])
    return _long(pounds.to_frame("primary_medical_care"), NHSE)


def pooled_social_care(locality: Locality) -> pd.DataFrame:
    """Section 75 social care: an assumed amount a resident (mid-2023), split between ICB and local authorities."""
    assumed, icb_share = locality.assumed, locality.assumed["s75_icb_share"]
    districts = locality.districts.merge(residents(locality), left_on="lad_code", right_index=True)
    pounds = districts["people"] * assumed["s75_pounds_per_resident"]
    council = pd.DataFrame({"commissioner": districts["social_care_authority"], "place": districts["place"]})
    council = council.assign(service_line="s75_social_care", pounds=pounds * (1 - icb_share))
    icb = (pounds * icb_share).groupby(districts["place"]).sum()
    return pd.concat([_long(icb.to_frame("s75_social_care"), locality.icb), council])


def residents(locality: Locality) -> pd.Series:
    """Residents by district in mid-2023; of a district that is partly outside, the part that is inside, by age."""
    people = locality.table("population_age_sex_lad_2017_2035.csv.gz").query("year == 2023 and series == 'v0'")
    if (locality.folder / "district_parts.csv").is_file():
        parts = people.merge(locality.table("district_parts.csv"), left_on="area_code", right_on="lad_code")
        parts = parts.query("age_from <= age <= age_to")
        whole = people[~people["area_code"].isin(parts["area_code"])]
        people = pd.concat([whole, parts.assign(persons=parts["persons"] * parts["share"])])
    return people.groupby("area_code")["persons"].sum().rename("people")


def adjustments(locality: Locality, gross: pd.DataFrame) -> pd.DataFrame:
    """Adjustment rows as signed shares of the gross spend they correct; a TRANSFER gets its counter-entry."""
    wanted = locality.table("spend_adjustments.csv")
    everywhere = wanted["place"] == "*"
    each = wanted[everywhere].drop(columns="place").merge(gross[["place"]].drop_duplicates(), how="cross")
    found = pd.concat([each, wanted[~everywhere]]).merge(gross, on=["commissioner", "place", "service_line"])
    found = found.assign(amount_pence=_booked(found["amount_pence"] / 100 * found["share_of_gross"]))
    moved = found[found["counterparty"].notna()]
    counter = moved.assign(commissioner=moved["counterparty"], amount_pence=-moved["amount_pence"])
    return pd.concat([found, counter])


def control(locality: Locality, gross: pd.DataFrame) -> pd.DataFrame:
    """Each commissioner's ledger total; the ICB's differs by a stated gap inside the tolerance."""
    totals = gross.groupby("commissioner", as_index=False)["amount_pence"].sum()
    gap = np.where(totals["commissioner"] == locality.icb, 1 + locality.assumed["control_gap_icb"], 1.0)
    ledger = np.where(gap == 1.0, totals["amount_pence"], _booked(totals["amount_pence"] / 100 * gap))
    totals = totals.assign(financial_year=YEAR, service_line="", amount_pence=ledger.astype(np.int64), basis="gross")
    return totals[["financial_year", "commissioner", "service_line", "amount_pence", "basis"]]


def in_order(spend: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns; rows by place, line, commissioner and adjustment."""
    line = pd.Categorical(spend["service_line"], LINES, ordered=True)
    ordered = spend.assign(financial_year=YEAR, line=line).sort_values(["place", "line", "commissioner", "adjustment"])
    return ordered[COLUMNS]


def _line_share(line: str, streams: pd.DataFrame) -> pd.Series:
    """A line's share of core spend by place, from its stream; births are admitted as non-elective care."""
    if line in streams:
        return streams[line]
    departments = _of_england("national_cost_collection_departments_2023_24.csv")
    cost = _of_england("spend_departments.csv").merge(departments).groupby("service_line")["cost"].sum()
    acute = streams["general_acute"] * cost[line] / cost.sum()
    return acute + streams["maternity"] if line == "acute_nonelective" else acute


def _stream_shares(assumed: pd.Series) -> dict[str, float]:
    hospital = {name: assumed["stream_hchs"] * assumed[f"stream_{name}"] for name in STREAMS if name != "prescribing"}
    return hospital | {"prescribing": assumed["stream_prescribing"]}


def _placed(locality: Locality, practices: pd.DataFrame) -> pd.DataFrame:
    """The rows with their practice's place: a reviewed override, else its former CCG, else its building's district.

    Raises:
        SystemExit: a practice has no place.
    """
    districts = locality.districts
    found = [locality.table("practice_place_overrides.csv")]
    if "ccg_code_pre_2021" in districts:
        former = locality.table("practice_targets_2018_19.csv").rename(columns={"Practice": "practice_code"})
        found.append(former.merge(districts.drop_duplicates("place"), left_on="CCG", right_on="ccg_code_pre_2021"))
    built = locality.table("gp_practice_weighted_population_2025_26.csv").rename(
        columns={"Practice_Code": "practice_code"}
    )
    found.append(built.merge(districts, left_on="LAD", right_on="lad_code"))
    places = pd.concat([rows[["practice_code", "place"]] for rows in found]).drop_duplicates("practice_code")
    placed = practices.merge(places, on="practice_code", how="left")
    if placed["place"].isna().any():
        raise SystemExit(f"no place for {sorted(placed.loc[placed['place'].isna(), 'practice_code'])}")
    return placed


def _of_england(name: str) -> pd.DataFrame:
    return pd.read_csv(ENGLAND / name)


def _long(money: pd.DataFrame, commissioner: str) -> pd.DataFrame:
    long = money.rename_axis(index="place", columns="service_line").stack().rename("pounds").reset_index()
    return long.assign(commissioner=commissioner)


def _booked(pounds: pd.Series) -> pd.Series:
    """Whole pounds, half-up, in pence: the illustration claims no finer precision."""
    return (np.sign(pounds) * np.floor(np.abs(pounds) + 0.5)).astype(np.int64) * 100


if __name__ == "__main__":
    named = Path(sys.argv[1])
    main(Locality(named), Path(sys.argv[2]) if len(sys.argv) > 2 else named)

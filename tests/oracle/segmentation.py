"""The four schemes in plain Python, person by person (method, 3), written apart from their files and the compiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

LONG_TERM = {
    "hypertension", "diabetes", "asthma", "chd", "stroke", "copd", "ckd", "cancer", "depression", "dementia",
    "severe_mental_illness", "learning_disability", "osteoporosis", "atrial_fibrillation", "heart_failure", "epilepsy",
}  # fmt: skip
COMPLEX_ALONE = {
    "severe_mental_illness", "learning_disability", "dementia", "severe_frailty", "palliative", "cancer",
    "severe_physical_disability", "homeless", "continuing_care",
}  # fmt: skip


SNEE_LONG_TERM = {
    "anxiety", "asthma", "atrial_fibrillation", "ckd", "copd", "depression", "diabetes", "epilepsy", "heart_failure",
    "hypertension", "learning_disability", "osteoporosis", "peripheral_arterial_disease", "stroke",
}  # fmt: skip
END_STAGE = {"end_stage_renal", "end_stage_heart", "end_stage_liver", "end_stage_copd"}
EVERY_CONDITION = sorted(
    LONG_TERM | COMPLEX_ALONE | SNEE_LONG_TERM | END_STAGE
    | {"obesity", "smoker", "alcohol", "housebound", "has_carer", "moderate_frailty", "pregnancy", "ckd_stage_4",
       "frailty_stay", "mental_health_stay", "emergency_dentistry"}
)  # fmt: skip


@dataclass(frozen=True)
class Record:
    """What is known of one person: age, conditions with their dates, and care."""

    age: int
    recorded: Mapping[str, date]
    care: Sequence[Mapping[str, Any]]
    snapshot: date

    @property
    def year_ago(self) -> date:
        return self.snapshot.replace(year=self.snapshot.year - 1)

    def has(self, *conditions: str) -> bool:
        return any(name in self.recorded for name in conditions)

    def had_lately(self, condition: str) -> bool:
        return condition in self.recorded and self.recorded[condition] >= self.year_ago

    def count(self, conditions: set[str]) -> int:
        return len(self.recorded.keys() & conditions)

    def contacts(self, line: str, *, emergency: bool = False) -> int:
        return sum(
            row["service_line"] == line
            and self.year_ago <= row["activity_date"] < self.snapshot
            and (not emergency or row["emergency"] is True)
            for row in self.care
        )


def segment(
    person: Mapping[str, Any],
    conditions: Iterable[Mapping[str, Any]],
    activity: Iterable[Mapping[str, Any]],
    *,
    snapshot: date,
    age_first: bool,
    separate: bool,
    scheme: str = "london6",
) -> str:
    """The segment of one person.

    Args:
        person: age and basis.
        conditions: what is on this person's record.
        activity: this person's care.
        snapshot: the day of the count.
        age_first: whether age decides before complex needs do.
        separate: whether residents on no list are a segment of their own.
        scheme: the scheme.
    """
    age = person["age"]
    if person["basis"] == "unregistered_resident" and separate:
        return "UNREG"
    if age is None:
        return "UNSEG"
    recorded = {row["condition"]: row["recorded_on"] for row in conditions if row["recorded_on"] <= snapshot}
    record = Record(age, recorded, tuple(activity), snapshot)
    if scheme == "london6":
        return _london6(record, age_first)
    return {"nwl15": _nwl15, "snee": _snee, "bridges_to_health": _bridges}[scheme](record)


def _london6(record: Record, age_first: bool) -> str:
    age, long_term = record.age, record.count(LONG_TERM)
    admissions = record.contacts("acute_nonelective", emergency=True)
    is_complex = long_term >= 4 or (long_term >= 2 and admissions > 0) or record.has(*COMPLEX_ALONE)
    if age < 18:
        return "CCX" if is_complex else "U5" if age < 5 else "CMW"
    if is_complex and not (age_first and age >= 65):
        return "ACX"
    return "OA" if age >= 65 else "AMW"


def _nwl15(record: Record) -> str:
    """Order of the method: 15, 9 and 10, 14, 12, 11, 13, 8, 5 to 7, 1 to 4."""
    age, ill = record.age, record.count(LONG_TERM) > 0
    band = 0 if age < 13 else 1 if age < 18 else 2 if age < 65 else 3
    if record.has("homeless"):
        return "NWL15"
    if record.has("continuing_care") and band < 2:
        return ("NWL09", "NWL10")[band]
    needs = (
        ("dementia", "NWL14"),
        ("learning_disability", "NWL12"),
        ("severe_mental_illness", "NWL11"),
        ("severe_physical_disability", "NWL13"),
    )
    for condition, group in needs:
        if record.has(condition):
            return group
    if record.has("cancer") and band >= 2:
        return "NWL08"
    return (("NWL05", "NWL05", "NWL06", "NWL07") if ill else ("NWL01", "NWL02", "NWL03", "NWL04"))[band]


def _snee(record: Record) -> str:
    if record.age < 18:
        return "CHILD"
    counted = record.count(SNEE_LONG_TERM)
    if record.has("palliative", *END_STAGE):
        return "DIE_WELL"
    ageing = record.has("dementia", "severe_frailty", "housebound", "has_carer")
    if ageing or counted >= 4 or record.had_lately("frailty_stay"):
        return "AGE_WELL"
    if counted or record.has("cancer", "moderate_frailty"):
        return "STAY_WELL"
    troubled = record.has("severe_mental_illness", "homeless") or record.had_lately("mental_health_stay")
    if troubled or record.contacts("mental_health"):
        return "FEEL_WELL"
    at_risk = record.has("obesity", "smoker", "alcohol") or record.had_lately("emergency_dentistry")
    return "BE_WELL" if at_risk else "LIVE_WELL"


def _bridges(record: Record) -> str:
    admissions = record.contacts("acute_nonelective", emergency=True)
    if record.has("palliative"):
        return "NEAR_DEATH"
    worn = record.has("heart_failure", "copd") and admissions >= 2
    if record.has(*END_STAGE) or worn or (record.has("ckd_stage_4") and admissions >= 4):
        return "ORGAN"
    if record.has("dementia") or (record.age >= 65 and record.has("severe_frailty", "housebound")):
        return "FRAILTY"
    if record.has("severe_physical_disability", "learning_disability", "severe_mental_illness", "continuing_care"):
        return "DISABILITY"
    if record.count(LONG_TERM):
        return "CHRONIC"
    if record.age < 1 or record.had_lately("pregnancy"):
        return "MATERNAL"
    return "ACUTE" if admissions else "HEALTHY"

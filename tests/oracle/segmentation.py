"""LONDON6 in plain Python, person by person (method, 3.1), written apart from the scheme's file and its compiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def segment(
    person: Mapping[str, Any],
    conditions: Iterable[Mapping[str, Any]],
    activity: Iterable[Mapping[str, Any]],
    *,
    snapshot: date,
    age_first: bool,
    separate: bool,
) -> str:
    """The segment of one person.

    Args:
        person: age and basis.
        conditions: what is on this person's record.
        activity: this person's care.
        snapshot: the day of the count.
        age_first: whether age decides before complex needs do.
        separate: whether residents on no list are a segment of their own.
    """
    age = person["age"]
    if person["basis"] == "unregistered_resident" and separate:
        return "UNREG"
    if age is None:
        return "UNSEG"
    on_record = {row["condition"] for row in conditions if row["recorded_on"] <= snapshot}
    year_ago = snapshot.replace(year=snapshot.year - 1)
    admissions = [
        row
        for row in activity
        if row["service_line"] == "acute_nonelective"
        and row["emergency"] is True
        and year_ago <= row["activity_date"] < snapshot
    ]
    long_term = len(on_record & LONG_TERM)
    is_complex = long_term >= 4 or (long_term >= 2 and bool(admissions)) or bool(on_record & COMPLEX_ALONE)
    if age < 18:
        return "CCX" if is_complex else "U5" if age < 5 else "CMW"
    if is_complex and not (age_first and age >= 65):
        return "ACX"
    return "OA" if age >= 65 else "AMW"

"""Registration rows as arrays, and how they become the registered list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from budget.synth.chance import Ints

Days = NDArray[np.datetime64]
SEXES = ("F", "M")
REGULAR = "regular"


@dataclass(frozen=True)
class Registrations:
    """Registrations of one place, a position an array element.

    Attributes:
        number: NHS number.
        practice: position of the practice.
        male: sex, 0 for F and 1 for M.
        age: completed years at the snapshot.
        area: position of the small area of residence.
        born, registered, left, died: days; ``left`` and ``died`` may be missing.
        kind: registration type.
        flag: one flag, or an empty text.
        no_area: whether the record has no area of residence.
    """

    number: Ints
    practice: Ints
    male: Ints
    age: Ints
    area: Ints
    born: Days
    registered: Days
    left: Days
    died: Days
    kind: NDArray[np.str_]
    flag: NDArray[np.str_]
    no_area: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: Ints) -> Registrations:
        """The registrations at some positions."""
        return Registrations(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def but(self, **changes: Any) -> Registrations:
        """A copy with other values; a single value stands for all rows."""
        spread = {name: np.broadcast_to(value, len(self)).copy() for name, value in changes.items()}
        return replace(self, **spread)

    @classmethod
    def join(cls, parts: Sequence[Registrations]) -> Registrations:
        """Several sets of registrations as one, in the order given."""
        return cls(
            **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)}
        )

    def as_columns(self, practice_codes: Sequence[str], area_codes: Sequence[str]) -> dict[str, pa.Array]:
        """The columns of ``registered_list``."""
        area = pa.array(self.area, mask=self.no_area)
        return {
            "person_id": as_text(self.number),
            "practice_code": pa.array(practice_codes, pa.string()).take(pa.array(self.practice)),
            "sex": pa.array(SEXES, pa.string()).take(pa.array(self.male)),
            "date_of_birth": pa.array(self.born),
            "lsoa_code": pa.array(area_codes, pa.string()).take(area),
            "registered_on": pa.array(self.registered),
            "deregistered_on": pa.array(self.left),
            "died_on": pa.array(self.died),
            "registration_type": pa.array(self.kind, pa.string()),
            "flags": _flags(self.flag),
        }


def as_text(numbers: Ints) -> pa.Array:
    """NHS numbers as their ten digits."""
    return pc.cast(pa.array(numbers), pa.string())


def _flags(flag: NDArray[np.str_]) -> pa.Array:
    return pa.array(flag, pa.string(), mask=flag == "")

"""The balance that steps act on: exact estimates beside the whole pence that are booked.

A step changes the exact balance; booking then rounds each place's total half-up and shares it to segments,
within a segment to lines, and within a line to commissioners by largest remainder. A movement is the booked
balance after the step less the one before, so no step changes a total by rounding. A key that a step does not
touch keeps its pence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.money import apportion_within, half_up

KEYS = ("place", "segment", "service_line", "commissioner")

Floats = NDArray[np.float64]
Pence = NDArray[np.int64]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Tree:
    """How keys lie within each other: places, their segments, the lines of those, the commissioners of those.

    Attributes:
        columns: the key columns as arrays.
        places: the places in order.
        place_of: number of the place by key.
        depths: below places, depth by depth: number of the group by key, and by group the number of its parent.
    """

    columns: dict[str, NDArray[np.object_]]
    places: tuple[str, ...]
    place_of: Index
    depths: tuple[tuple[Index, Index], ...]

    @classmethod
    def of(cls, keys: pd.DataFrame) -> Tree:
        """The tree of some keys."""
        numbers = [
            keys.groupby(list(KEYS[: depth + 1]), sort=False).ngroup().to_numpy(dtype=np.intp)
            for depth in range(len(KEYS))
        ]
        depths = []
        for parent, group in zip(numbers, numbers[1:], strict=False):
            parent_of = np.empty(group.max() + 1, dtype=np.intp)
            parent_of[group] = parent
            depths.append((group, parent_of))
        columns = {name: keys[name].to_numpy(dtype=object) for name in KEYS}
        return cls(columns, tuple(dict.fromkeys(columns["place"])), numbers[0], tuple(depths))

    def by_place(self, amounts: Floats) -> Floats:
        """Sums of some amounts by key, in the order of the places."""
        return np.bincount(self.place_of, weights=amounts, minlength=len(self.places)).astype(np.float64)


@dataclass(frozen=True)
class Balance:
    """Money by place, segment, line and commissioner.

    Attributes:
        keys: the four key columns, sorted, one row a key.
        tree: how the keys lie within each other.
        exact: unrounded pence by key; never negative.
        booked: whole pence by key.
    """

    keys: pd.DataFrame
    tree: Tree
    exact: Floats
    booked: Pence

    @classmethod
    def empty(cls, keys: pd.DataFrame) -> Balance:
        """A balance of nothing over some keys."""
        ordered = keys[list(KEYS)].drop_duplicates().sort_values(list(KEYS), ignore_index=True)
        return cls(ordered, Tree.of(ordered), np.zeros(len(ordered)), np.zeros(len(ordered), dtype=np.int64))

    def column(self, name: str) -> NDArray[np.object_]:
        """One key column."""
        return self.tree.columns[name]

    def by_place(self) -> dict[str, int]:
        """Booked pence by place."""
        sums = _sums(self.tree.place_of, self.booked, len(self.tree.places))
        return dict(zip(self.tree.places, sums.tolist(), strict=True))

    def estimated(self, exact: Floats) -> Balance:
        """The balance with other estimates, and nothing booked on them."""
        return replace(self, exact=exact)

    def exact_where(self, mask: NDArray[np.bool_]) -> float:
        """Exact pence of some keys."""
        return float(self.exact[mask].sum())

    def moved_to(self, exact: Floats) -> Balance:
        """The balance after a step: booked so that totals hold (see the module's first lines)."""
        if np.array_equal(exact, self.exact):
            return self
        place_of = self.tree.place_of
        totals = np.array([half_up(float(total)) for total in self.tree.by_place(exact)], dtype=np.int64)
        moved = self._moved(exact)
        pence = totals - _sums(place_of, np.where(moved, 0, self.booked), len(totals))
        for group, parent in self.tree.depths:
            shares = np.bincount(group, weights=np.where(moved, exact, 0.0)).astype(np.float64)
            pence = apportion_within(pence, shares, parent)
        return replace(self, exact=exact, booked=np.where(moved, pence, self.booked))

    def _moved(self, exact: Floats) -> NDArray[np.bool_]:
        """The keys that a step touches; all of a place where those that it touches are left with nothing to book on."""
        touched = exact != self.exact
        left = np.bincount(self.tree.place_of, weights=np.where(touched, exact, 0.0))
        return touched | (left[self.tree.place_of] == 0) & _any(self.tree.place_of, touched)


def _sums(groups: Index, pence: Pence, count: int) -> Pence:
    """Whole pence by group, in whole numbers throughout."""
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, groups, pence)
    return sums


def _any(groups: Index, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a member's group has a member in the mask."""
    found = np.zeros(groups.max() + 1, dtype=bool)
    found[groups[mask]] = True
    return found[groups]


@dataclass(frozen=True)
class Change:
    """What a step does: the exact balance after it, and which assumptions made it.

    Attributes:
        exact: unrounded pence by key after the step.
        because: names of the assumptions, one tuple for all keys or one a key.
    """

    exact: Floats
    because: tuple[str, ...] | list[tuple[str, ...]]

    def reason(self, row: int) -> list[str]:
        """The assumptions behind one key's movement."""
        return list(self.because[row]) if isinstance(self.because, list) else list(self.because)

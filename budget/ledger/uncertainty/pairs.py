"""What draws are made on: money by place and service line, with the mix of segments that demography acts on.

No step but demographic growth tells segments or commissioners apart, and growth of people is not drawn. So within a
place and line every draw has the same mix of segments, and a place and line is as fine as draws need to be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Mix:
    """Cost of the segments of every pair, as demography moves them on.

    Attributes:
        segments: place and segment by row.
        pair_of: number of the pair by row.
        cost: pence by row; only the shares within a pair matter.
    """

    segments: tuple[tuple[str, str], ...]
    pair_of: Index
    cost: Floats

    def grown(self, growth: dict[tuple[str, str], float]) -> tuple[Mix, Floats]:
        """The mix a year on, and by how much each pair's cost has grown; a pair without cost has nothing to grow."""
        after = self.cost * np.array([growth[segment] for segment in self.segments])
        sums = [np.bincount(self.pair_of, weights=cost) for cost in (self.cost, after)]
        factor = np.where(sums[0] == 0, 1.0, sums[1] / np.where(sums[0] == 0, 1.0, sums[0]))
        return Mix(self.segments, self.pair_of, after), factor


@dataclass(frozen=True)
class Pairs:
    """Places and lines of a budget.

    Attributes:
        places: the places, in order.
        lines: service line by pair.
        place_of: number of the place by pair.
        normalised: normalised baseline by pair, pence.
        mix: cost of the segments.
    """

    places: tuple[str, ...]
    lines: NDArray[np.str_]
    place_of: Index
    normalised: Floats
    mix: Mix

    @classmethod
    def of(cls, keys: pd.DataFrame, normalised: Floats) -> Pairs:
        """The pairs of the ledger's keys.

        Args:
            keys: place, segment and service line by row.
            normalised: normalised baseline by row, pence.
        """
        costs = keys[["place", "service_line", "segment"]].assign(cost=normalised)
        rows = costs.groupby(["place", "service_line", "segment"], as_index=False)["cost"].sum()
        number = rows.groupby(["place", "service_line"], sort=False).ngroup().to_numpy(dtype=np.intp)
        pairs = rows.drop_duplicates(["place", "service_line"])
        place_of, places = pd.factorize(pairs["place"])
        segments = tuple(zip(rows["place"].astype(str), rows["segment"].astype(str), strict=True))
        return cls(
            places=tuple(map(str, places)),
            lines=pairs["service_line"].to_numpy(dtype=str),
            place_of=place_of.astype(np.intp),
            normalised=np.bincount(number, weights=rows["cost"]).astype(np.float64),
            mix=Mix(segments, number, rows["cost"].to_numpy(dtype=np.float64)),
        )

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Line and place by pair."""
        return [(str(line), self.places[place]) for line, place in zip(self.lines, self.place_of, strict=True)]

    def by_place(self, amounts: Floats) -> Floats:
        """Sums of amounts by pair and draw, by place and draw."""
        member = (self.place_of == np.arange(len(self.places))[:, None]).astype(np.float64)
        summed: Floats = member @ amounts
        return summed

"""Growth of people from one year to the next, by place and segment."""

from __future__ import annotations

import pandas as pd

from budget.kernel.codes import UNATTRIBUTED


def growth_of(now: pd.Series, before: pd.Series) -> dict[tuple[str, str], float]:
    """People of a year over people of the year before; a segment that stays empty has no cost to grow.

    What is held out of segments is nobody's in particular, so it follows everyone of its place.

    Args:
        now: people of the year, by (place, segment).
        before: people of the year before, by (place, segment).
    """
    ratio = (now.reindex(before.index) / before).where(before != 0, 1.0)
    everyone = now.groupby("place").sum() / before.groupby("place").sum()
    growth = {(str(place), str(segment)): value for (place, segment), value in ratio.to_dict().items()}  # type: ignore[misc]
    return growth | {(str(place), UNATTRIBUTED): value for place, value in everyone.to_dict().items()}

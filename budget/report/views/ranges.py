"""P10 and P90 beside every budget."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables
from budget.report.views.budget import YEAR


def ranges(tables: RunTables) -> pd.DataFrame:
    """Every budget with its percentiles: places first, then all together, allocation before core."""
    frame = tables["budget_range"]
    whole = frame["scale"] == "footprint"
    return frame.assign(whole=whole).sort_values(["measure", YEAR, "whole", "unit"], ignore_index=True)

"""The baseline by place, commissioner and line: N = G + adjustments (the method, step 3)."""

from __future__ import annotations

import pandas as pd

_KEYS = ["place", "commissioner", "service_line"]


def in_scope(spend: pd.DataFrame, year: str, lines: tuple[str, ...]) -> pd.DataFrame:
    """The rows of the base year on the lines that the budget covers."""
    return spend[(spend["financial_year"] == year) & spend["service_line"].isin(lines)]


def normalise(spend: pd.DataFrame) -> pd.DataFrame:
    """Gross spend and signed adjustments by place, commissioner and line, in the columns of ``baseline_lines``.

    A place, commissioner and line that only has adjustments has a true zero of gross spend, and the reverse.
    """
    kind = spend["adjustment"].isna().map({True: "gross_pence", False: "adjustment_pence"})
    wide = spend.assign(kind=kind).pivot_table(
        index=_KEYS, columns="kind", values="amount_pence", aggfunc="sum", fill_value=0
    )
    lines = wide.reindex(columns=["gross_pence", "adjustment_pence"], fill_value=0).astype("int64").reset_index()
    lines["normalised_pence"] = lines["gross_pence"] + lines["adjustment_pence"]
    return lines.sort_values(_KEYS, ignore_index=True).rename_axis(columns=None)


def adjustments(spend: pd.DataFrame) -> pd.DataFrame:
    """Every adjustment with its reason, in the columns of ``baseline_adjustments``."""
    columns = [*_KEYS, "adjustment", "reason", "amount_pence"]
    rows = spend[spend["adjustment"].notna()]
    return rows[columns].sort_values([*_KEYS, "adjustment", "amount_pence"], ignore_index=True)


def against_ledger(lines: pd.DataFrame, control: pd.DataFrame, year: str) -> pd.DataFrame:
    """Spend against the commissioners' ledgers, in the columns of ``ledger_control``.

    A control row speaks of a commissioner's line, or of all its lines where it names none; of gross spend,
    or of normalised spend where its basis says so.
    """
    rows = [_compare(lines, row) for row in control[control["financial_year"] == year].itertuples()]
    columns = ["commissioner", "service_line", "spend_pence", "control_pence", "difference_share"]
    return pd.DataFrame(rows, columns=columns)


def _compare(lines: pd.DataFrame, control: tuple[object, ...]) -> tuple[object, ...]:
    _, _, commissioner, line, amount, basis = control
    mine = lines[lines["commissioner"] == commissioner]
    if isinstance(line, str):
        mine = mine[mine["service_line"] == line]
    spent = int(mine["normalised_pence" if basis == "normalised" else "gross_pence"].sum())
    share = (spent - int(amount)) / int(amount) if amount else float("inf") if spent else 0.0  # type: ignore[call-overload]
    return commissioner, line if isinstance(line, str) else "all", spent, int(amount), share  # type: ignore[call-overload]

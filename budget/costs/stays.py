"""Stays: what of each one falls between two days, and what of that on days on which its person was ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from budget.engine import Engine
from budget.engine.statement import Sql, Statement
from budget.kernel.errors import refusal

_SQL = Path(__file__).parent / "sql"
_BEFORE_ALL, _AFTER_ALL = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Stays:
    """Care at its cost, told apart by days.

    Attributes:
        engine: sees ``care``, ``commissioner_terms`` and, for what is shown, ``case_days`` and ``patient_costs``.
        values: what stands in the statements: the rule, our code, the lines for everyone present, days of the year.
    """

    engine: Engine
    values: Mapping[str, Any]

    def refuse_backwards(self) -> None:
        """Stop where a stay ends before it begins.

        Raises:
            RunStopped: with the number of such stays.
        """
        backwards = self.engine.scalar("select count(*) from activity where ended_on < activity_date")
        if backwards:
            raise refusal(
                "costs",
                "B17",
                table="activity",
                rule="a stay ends on or after the day of its admission",
                rows_failed=int(backwards),
                mend="activity: activity_date and ended_on",
            )

    def between(self, first_day: date, last_day: date, name: str) -> None:
        """Let statements see what of all care falls on these days, the last one included.

        Args:
            name: of the view; it has the columns of ``care_in_year.sql``.
        """
        days = {"first_day": first_day, "last_day": last_day}
        relations = {"stays": Sql(f"{name}_stays"), "our_days": Sql(f"{name}_ours")}
        values = {**self.values, **days, **relations}
        self.engine.view(f"{name}_stays", _read("stays"), **values)
        self.engine.step(f"{name}_ours", _read("our_days"), **values)
        self.engine.view(name, _read("care_in_year"), **values)

    def part_complete(self, contract_starts_on: date | None) -> pd.DataFrame:
        """Stays that are complete on neither side of a boundary, and what is on each, in pence.

        Args:
            contract_starts_on: first day of the contract, if the locality names it.
        """
        self.engine.step("part_complete", _read("part_complete"), **self.values)
        found = [self._frame("part_complete")]
        if contract_starts_on:
            self.between(_BEFORE_ALL, _AFTER_ALL, "whole_care")
            self.between(contract_starts_on, _AFTER_ALL, "care_under_contract")
            days = {"contract_starts_on": contract_starts_on}
            self.engine.step("contract_start", _read("contract_start"), **self.values, **days)
            found.append(self._frame("contract_start"))
        return pd.concat(found, ignore_index=True)

    def _frame(self, name: str) -> pd.DataFrame:
        order = "case boundary when 'year' then 1 when 'commissioner' then 2 else 3 end, service_line"
        return self.engine.frame(f"select * from {name} order by {order}")


def _read(name: str) -> Statement:
    return Statement.read(_SQL / f"{name}.sql")

"""From activity to cost: priced, kept to the year of care, replaced by patient-level costs where given, completed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from budget.contracts import table
from budget.costs.prices import factors
from budget.costs.stays import Stays
from budget.engine import Select
from budget.engine.statement import Sql, Statement, literal
from budget.kernel.errors import refusal
from budget.kernel.years import FinancialYear
from budget.stage import Given

_SQL = Path(__file__).parent / "sql"
_OPTIONAL = (
    "prices",
    "person_merges",
    "providers",
    "commissioner_shares",
    "commissioner_terms",
    "patient_costs",
    "completion_factors",
)
_WITHOUT_STAYS = "admission"
"""What the statements are given where no activity names a discharge: the rule then touches no row."""


@dataclass(frozen=True)
class Care:
    """The person-level steps of one run.

    Attributes:
        given: the stage's tables, assumptions and engine.
        lines: service lines in scope.
    """

    given: Given
    lines: tuple[str, ...]

    @property
    def year(self) -> FinancialYear:
        """The year whose care is costed."""
        return self.given.plan.care_year

    def cost(self) -> dict[str, pd.DataFrame | Select]:
        """Run the steps; what they show beside direct cost.

        Raises:
            RunStopped: activity without a cost or price, a stay that ends before it begins, a recent month without
                a completion factor.
        """
        self.given.engine.or_empty(*(table(name) for name in _OPTIONAL))
        self._price()
        self._keep_to_the_year()
        self._share_cases()
        self._complete()
        self._step("person_cost")
        if self._is_wanted_by_line:
            self._step("person_line_cost")
        self._step("high_cost_care")
        self._step("provider_activity")
        self._step("commissioner_case_costs")
        return self._tables()

    def direct(self) -> pd.DataFrame:
        """Direct cost by place, line and segment, in pence."""
        self._step("segment_activity")
        return self.given.engine.frame("select * from segment_activity order by place, service_line, segment")

    def _price(self) -> None:
        """Find the price of everything that has no cost of its own, and bring it to the base year."""
        engine = self.given.engine
        self._step("wanted_prices")
        self._step("price_found")
        used = engine.frame("select distinct service_line, price_year from price_found order by all")
        pairs = list(zip(used["service_line"], used["price_year"], strict=True))
        engine.lend("price_factors", factors(self.given.assumptions, pairs, self.given.plan.base_year))
        engine.view("care", self._read("care"), **self._values)

    def _keep_to_the_year(self) -> None:
        self._stays.refuse_backwards()
        self._stays.between(self.year.first_day, self.year.last_day, "care_in_year")

    def _share_cases(self) -> None:
        self._step("case_days")
        self._step("priced")
        self._refuse_unpriced()
        self.given.engine.view("costed", self._read("costed"), **self._values)

    def _refuse_unpriced(self) -> None:
        unpriced = self.given.engine.scalar(
            "select count(*) from priced where cost_pence is null"
            " and service_line not in (select service_line from patient_costs)"
        )
        if unpriced:
            raise refusal(
                "costs",
                "B13",
                table="activity",
                rule="every row in scope needs a cost_pence, or a currency_code with one price in its department, of "
                "the base year or of an earlier one whose uplift is known (price_cost_uplift and price_efficiency)",
                rows_failed=int(unpriced),
                mend="activity, prices, or the uplift of earlier years in the assumptions",
            )

    def _complete(self) -> None:
        self._step("completed")
        missing = self.given.engine.scalar(
            "select count(*) from completed join (select service_line, min(months_since) as first,"
            " max(months_since) as last from completion_factors group by service_line) as known using (service_line)"
            " where completed.factor is null and completed.months_since <= known.last"
        )
        if missing:
            raise refusal(
                "costs",
                "B16",
                table="completion_factors",
                rule="a line that is completed has a factor for every month up to its last one",
                rows_failed=int(missing),
                mend="completion_factors, or runout_months in the assumptions",
            )

    def _tables(self) -> dict[str, pd.DataFrame | Select]:
        """What the locality's own tables allow to be shown."""
        tables: dict[str, pd.DataFrame | Select] = {
            "person_cost": Select("person_cost", ("person_id",)),
            "high_cost_care": Select("high_cost_care", ("person_id", "service_line", "provider_code")),
            "commissioner_case_costs": self._frame(
                "commissioner_case_costs", "reason_code, kind, commissioner, service_line, held_as"
            ),
            "provider_activity": self._frame("provider_activity", "place, service_line, provider_code"),
        }
        shown = {
            "price_uplift": ("service_line, price_year", self.given.has("prices")),
            "activity_completion": ("service_line, months_since", self._is_completed),
        }
        for name, (order, wanted) in shown.items():
            if wanted:
                self._step(name)
                tables[name] = self._frame(name, order)
        if self._is_wanted_by_line:
            tables["person_line_cost"] = Select("person_line_cost", ("person_id", "service_line"))
        if self._has_stays:
            tables["part_complete"] = self._stays.part_complete(self.given.plan.contract_starts_on)
        return tables

    @property
    def hosted(self) -> Sql:
        """The condition that a service line is not tied to persons (RC18)."""
        hosted = self.given.assumptions.words("host_lines")
        return Sql(f"service_line in {literal(hosted)}" if hosted else "false")

    @cached_property
    def _has_stays(self) -> bool:
        return bool(self.given.engine.scalar("select count(*) from activity where ended_on is not null"))

    @property
    def _stays(self) -> Stays:
        return Stays(self.given.engine, self._values)

    @property
    def _is_wanted_by_line(self) -> bool:
        """Whether a line is weighed by the need model of its stream, which is fitted on what persons cost by line."""
        by_name = self.given.assumptions.lines_with("need_weighting", "model", self.given.plan.budget_years)
        return not by_name.isdisjoint(self.lines)

    @property
    def _is_completed(self) -> bool:
        return self.given.has("completion_factors")

    @cached_property
    def _values(self) -> dict[str, object]:
        years = self.given.plan.budget_years
        return {
            "lines": self.lines,
            "base_year": str(self.given.plan.base_year),
            "icb": self.given.plan.icb_code,
            "first_day": self.year.first_day,
            "last_day": self.year.last_day,
            "rule": self.given.assumptions.choice("part_complete_rule") if self._has_stays else _WITHOUT_STAYS,
            "hosted": self.hosted,
            "threshold": min(self.given.assumptions.pence("stop_loss_threshold", year) for year in years),
            **self._months(),
        }

    def _months(self) -> dict[str, object]:
        """Months between care and the day on which records were drawn, which no day of ours knows but by assumption."""
        if not self._is_completed:
            return {"runout_months": 0, "months_since": Sql("cast(null as integer)")}
        runout = int(self.given.assumptions.number("runout_months"))
        last = self.year.last_day
        drawn = last.year * 12 + last.month + runout
        return {
            "runout_months": runout,
            "months_since": Sql(f"{drawn} - (year(costed.activity_date) * 12 + month(costed.activity_date))"),
        }

    def _step(self, name: str) -> None:
        self.given.engine.step(name, self._read(name), **self._values)

    def _frame(self, name: str, order: str) -> pd.DataFrame:
        return self.given.engine.frame(f"select * from {name} order by {order}")

    @staticmethod
    def _read(name: str) -> Statement:
        return Statement.read(_SQL / f"{name}.sql")

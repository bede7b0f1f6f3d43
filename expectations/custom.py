"""Expectations that Great Expectations has none for, each in words that its Data Docs show.

Importing this module imports Great Expectations and makes the expectations known to it by name. All of them judge the
one row of measures that a gate took in the engine; none ever sees a person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from great_expectations.core.suite_parameters import SuiteParameterDict
from great_expectations.execution_engine import ExecutionEngine
from great_expectations.expectations.core import ExpectColumnMaxToBeBetween
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies


class ExpectNhsNumberCheckDigitsToBeValid(ExpectColumnMaxToBeBetween):
    """The share of NHS numbers that pass the modulus 11 test of their tenth digit lies within bounds.

    The test itself is made in the engine, on every number, as the files are read; ``column`` holds its share.
    """

    description: str | None = (
        "The share of NHS numbers whose tenth digit is the check digit of the other nine (modulus 11) is at least as "
        "large as the limit. It is worked out in the engine; no number comes here."
    )


class _OfMeasures(BatchExpectation):  # type: ignore[misc]
    """Judges several columns of a row together.

    Attributes:
        max_value: the most that may be astray.
    """

    max_value: float | SuiteParameterDict | None = None
    success_keys: ClassVar[tuple[str, ...]] = ("max_value",)

    @property
    def measures(self) -> tuple[str, ...]:
        """The columns that it reads."""
        raise NotImplementedError

    def is_met(self, row: Mapping[str, Any], most: float) -> bool:
        """Whether the measures are as they should be."""
        raise NotImplementedError

    def get_validation_dependencies(
        self, execution_engine: ExecutionEngine | None = None, runtime_configuration: dict[str, Any] | None = None
    ) -> ValidationDependencies:
        """Ask for every column; the row is one, so its largest value is its value."""
        needed = super().get_validation_dependencies(execution_engine, runtime_configuration)
        for column in self.measures:
            asked = MetricConfiguration("column.max", metric_domain_kwargs={"column": column})
            needed.set_metric_configuration(column, asked)
        return needed

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, Any]:
        if not isinstance(self.max_value, int | float):
            raise TypeError(f"{type(self).__name__} has no limit")
        row = {column: metrics[column] for column in self.measures}
        known = all(value is not None and math.isfinite(value) for value in row.values())
        return {"success": bool(known and self.is_met(row, float(self.max_value)))}


class ExpectConservation(_OfMeasures):
    """What goes in comes out: people in are people counted and people set aside, pounds in are pounds out.

    Attributes:
        goes_in: columns whose sum went in.
        comes_out: columns whose sum came out.
    """

    goes_in: list[str]
    comes_out: list[str]
    description: str | None = (
        "What goes in comes out: people in are people counted and people set aside, pounds in are pounds out. The two "
        "sides differ by no more than the limit."
    )

    @property
    def measures(self) -> tuple[str, ...]:
        """Both sides."""
        return (*self.goes_in, *self.comes_out)

    def is_met(self, row: Mapping[str, Any], most: float) -> bool:
        """Whether the sides differ by no more than the limit."""
        return bool(abs(sum(row[name] for name in self.goes_in) - sum(row[name] for name in self.comes_out)) <= most)


class ExpectPartsByLargestRemainder(_OfMeasures):
    """Parts add up to their whole, and each is its unrounded share to less than a penny.

    Attributes:
        left_over: column with what parts and wholes differ by, in pence.
        furthest: column with how far the furthest part lies from its unrounded share, in pence.
    """

    left_over: str
    furthest: str
    description: str | None = (
        "Parts add up to their whole without a penny left over, and each part is its unrounded share to less than a "
        "penny (largest remainder)."
    )

    @property
    def measures(self) -> tuple[str, ...]:
        """Both measures."""
        return (self.left_over, self.furthest)

    def is_met(self, row: Mapping[str, Any], most: float) -> bool:
        """Whether nothing is left over, and no part lies further from its share than the limit."""
        return bool(row[self.left_over] == 0 and row[self.furthest] <= most)

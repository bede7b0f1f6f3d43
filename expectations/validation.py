"""Great Expectations: one row of measures against a suite, without a project folder and without telemetry.

Importing Great Expectations takes seconds; `expectations.worker` does it in a process of its own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.verdict import Verdict

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition

    from expectations.evidence import Measure


def prepare() -> None:
    """Import Great Expectations and set up its context, so that the first validation is as quick as the others."""
    _row_definition()


def validate(
    gate: str,
    expectations: Iterable[Mapping[str, Any]],
    row: Mapping[str, Measure],
    parameters: Mapping[str, float],
) -> dict[tuple[str, str], Verdict]:
    """Judge one row of measures.

    Args:
        gate: name of the suite.
        expectations: configurations whose ``meta`` holds ``check_id`` and ``table``.
        row: measures by column.
        parameters: values of the limits that the expectations name.

    Returns:
        Verdicts by check identifier and table.
    """
    results = _validated(gate, expectations, row, parameters).results
    return {_identity(result): Verdict(bool(result.success), _raised(result.exception_info)) for result in results}


def raw_results(
    gate: str,
    expectations: Iterable[Mapping[str, Any]],
    row: Mapping[str, Measure],
    parameters: Mapping[str, float],
) -> dict[str, Any]:
    """What Great Expectations itself records of a validation, as JSON; it holds outcomes, no values of rows."""
    return dict(_validated(gate, expectations, row, parameters).to_json_dict())


def _validated(
    gate: str,
    expectations: Iterable[Mapping[str, Any]],
    row: Mapping[str, Measure],
    parameters: Mapping[str, float],
) -> ExpectationSuiteValidationResult:
    definition = _row_definition()
    from great_expectations import ExpectationSuite

    suite = ExpectationSuite(name=gate, expectations=[dict(expectation) for expectation in expectations])
    frame = pd.DataFrame({column: [value] for column, value in row.items()})
    batch = definition.get_batch(batch_parameters={"dataframe": frame})
    return batch.validate(suite, expectation_parameters=dict(parameters), result_format="BOOLEAN_ONLY")


@cache
def _row_definition() -> BatchDefinition:
    """Where a row enters Great Expectations: one in-memory context a process."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    import expectations.custom  # noqa: F401  the suites name its expectations

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    context = gx.get_context(project_config=config, mode="ephemeral")
    asset = context.data_sources.add_pandas("evidence").add_dataframe_asset("measures")
    return asset.add_batch_definition_whole_dataframe("row")


def _identity(result: ExpectationValidationResult) -> tuple[str, str]:
    config = result.expectation_config
    if config is None or config.meta is None:
        raise TypeError("Great Expectations gave a result without its expectation")
    return config.meta["check_id"], config.meta["table"]


def _raised(info: Mapping[str, Any]) -> bool:
    """Whether an expectation raised; the record is flat, or one entry a metric."""
    nested = [value for value in info.values() if isinstance(value, dict)]
    return bool(info.get("raised_exception")) or any(value.get("raised_exception") for value in nested)

"""Which table is made from which: read off the declarations of the stages, never written by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from budget.runner import StageResult
from budget.stage import Stage


def edges(
    stages: Sequence[Stage],
    results: Sequence[StageResult],
    assumed: Collection[str],
    earlier: Collection[str] = frozenset(),
) -> pd.DataFrame:
    """The lineage of a run, in the columns of ``lineage_edges``.

    Args:
        stages: the pipeline.
        results: what each stage wrote in this run.
        assumed: names of the assumptions that the run has; a stage may declare one that is asked for only when used.
        earlier: tables of an earlier run that stages could read.
    """
    written = {result.stage: {ref.name for ref in result.tables} for result in results}
    present = {name for names in written.values() for name in names}
    rows = [
        {"output": output, "input": source, "kind": kind, "stage": stage.name}
        for stage in stages
        if stage.name in written
        for output in sorted(written[stage.name])
        for source, kind in _sources(stage, present, assumed, earlier)
    ]
    return pd.DataFrame(rows, columns=["output", "input", "kind", "stage"])


def _sources(
    stage: Stage, present: set[str], assumed: Collection[str], earlier: Collection[str]
) -> list[tuple[str, str]]:
    read = (*stage.reads, *stage.may_read)
    tables = [(name, "table") for name in read if name in present]
    tables += [(name, "earlier run") for name in read if name in earlier]
    assumptions = [(name, "assumption") for name in stage.assumes if name in assumed]
    return (tables or [("input files", "file")]) + assumptions

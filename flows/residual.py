"""Whether what lies between two runs is explained (O06): the comparison's own gate, asked once its causes are known.

A run alone cannot be asked: to tell causes apart, every state between two runs is computed (decision 9), which takes as
long as so many reruns. So ``capitation compare`` asks, and whoever approves a run reads its answer.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from budget.runner import write_frame
from budget.scenario.causes import UNRECORDED, UNTOLD

if TYPE_CHECKING:
    import pandas as pd

    from budget.bundle import Bundle
    from budget.kernel.checks import CheckResult
    from budget.stage import Gate

GATE = "comparison"

_TABLE = "run_diff"
_NO_CAUSES = (UNRECORDED, UNTOLD)


def explained(rows: pd.DataFrame, bundle: Bundle, gate: Gate) -> tuple[CheckResult, ...]:
    """Ask whether a difference is explained by assumptions, data or method.

    Args:
        rows: every difference with its ``cause`` and ``kind``, as ``Told.rows``.
        bundle: what the second run was made from; its limits hold.
        gate: who judges.

    Raises:
        ConfigurationError: the limits cannot be read.
    """
    table = rows.assign(step=rows["step"].astype(str), explained=~rows["cause"].isin(_NO_CAUSES))
    with TemporaryDirectory(prefix="capitation-compare-") as folder:
        path = Path(folder) / f"{_TABLE}.parquet"
        write_frame(_TABLE, table, path)
        with bundle.engine({_TABLE: path}) as engine:
            return gate.judge(GATE, {_TABLE: path}, engine, bundle.plan)

"""Two runs side by side: what moved between their ledgers, to the penny, and who moved between their segments.

This is the place for explanations of a difference. ``Difference`` holds it by step, place and segment; causes (data,
formula, each assumption) would be further rows of the same kind that add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from budget.audit.folder import Run
from budget.engine import Engine
from budget.engine.statement import Statement
from budget.kernel.errors import CapitationError, ConfigurationError
from budget.ledger.steps import STEPS

_SQL = Path(__file__).parent / "sql"

KEYS = ("financial_year", "step", "place", "broad_group", "segment", "service_line", "commissioner")
"""What the difference of two ledgers is told by."""

_SIDES = ("before_pence", "after_pence")


@dataclass(frozen=True)
class Difference:
    """What the second run's ledger has that the first one's has not.

    Attributes:
        rows: ``KEYS``, ``before_pence``, ``after_pence`` and ``difference_pence`` (after less before); a movement that
            one of the runs does not have is a true nought there.
    """

    rows: pd.DataFrame

    def by(self, *keys: str) -> pd.DataFrame:
        """The difference summed by some of the keys, in their order."""
        columns = [*_SIDES, "difference_pence"]
        return self.rows.groupby(list(keys), as_index=False, observed=True)[columns].sum()

    @property
    def total_pence(self) -> int:
        """The whole difference, all years together."""
        return int(self.rows["difference_pence"].sum())


@dataclass(frozen=True)
class Comparison:
    """Two complete runs.

    Attributes:
        before: the run to start from.
        after: the run it is compared with.
    """

    before: Run
    after: Run

    @classmethod
    def of(cls, before: Path, after: Path) -> Comparison:
        """Open two runs.

        Raises:
            ConfigurationError: a folder is not a run, or a gate stopped it.
        """
        runs = Run.open(before), Run.open(after)
        for run in runs:
            if run.status != "complete":
                raise ConfigurationError(f"{run.folder}: a gate stopped this run, so it has no budget to compare.")
        return cls(*runs)

    @cached_property
    def difference(self) -> Difference:
        """The difference of the two ledgers.

        Raises:
            CapitationError: the rows do not add up to the difference of the two ledgers.
        """
        before, after = (_ledger(run) for run in (self.before, self.after))
        sides = {"before_pence": _summed(before), "after_pence": _summed(after)}
        # what one of the runs does not have is a true nought there
        rows = pd.DataFrame(sides).fillna(0).astype("int64").reset_index()
        rows["step"] = _in_order(rows["step"])
        rows["difference_pence"] = rows["after_pence"] - rows["before_pence"]
        told = Difference(rows.sort_values(list(KEYS), ignore_index=True))
        expected = int(after["amount_pence"].sum()) - int(before["amount_pence"].sum())
        if told.total_pence != expected:
            raise CapitationError(f"the comparison loses {expected - told.total_pence} pence; report it as a fault.")
        return told

    @cached_property
    def moves(self) -> pd.DataFrame | None:
        """People by segment in the first and in the second run; None where a run placed no people one by one.

        Returns:
            ``from_segment``, ``to_segment`` and ``people``; nothing in place of a segment for those who are in one
            of the runs only.
        """
        tables = {
            f"population_{side}": run.folder / "tables" / "population.parquet"
            for side, run in (("before", self.before), ("after", self.after))
        }
        if not all(path.is_file() for path in tables.values()) or not self._follows_people:
            return None
        with Engine(tables) as engine:
            counted = engine.frame(Statement.read(_SQL / "moves.sql"))
        return counted.sort_values(["from_segment", "to_segment"], ignore_index=True)

    @property
    def _follows_people(self) -> bool:
        """Whether one person has one pseudonym in both runs."""
        return bool(self.before.manifest["pseudonym_key"] == self.after.manifest["pseudonym_key"])


def write_difference(difference: Difference, path: Path) -> None:
    """Write every row of a difference to a CSV or Parquet file, by the file's name.

    Raises:
        ConfigurationError: the name ends in neither ``.csv`` nor ``.parquet``, or the folder is not there.
    """
    if not path.parent.is_dir():
        raise ConfigurationError(f"--out {path}: there is no folder {path.parent}.")
    match path.suffix:
        case ".csv":
            difference.rows.to_csv(path, index=False, lineterminator="\n")
        case ".parquet":
            difference.rows.to_parquet(path, index=False)
        case _:
            raise ConfigurationError(f"--out {path}: write to a file that ends in .csv or .parquet.")


def _ledger(run: Run) -> pd.DataFrame:
    """The ledger of a run with the broad group of each segment."""
    ledger, segments = run.table("budget_ledger"), run.table("segments")
    ledger = ledger.assign(step=ledger["step"].astype(str))
    return ledger.merge(segments[["segment", "broad_group"]], on="segment", how="left", validate="many_to_one")


def _in_order(steps: pd.Series) -> pd.Categorical:
    """Steps as an ordered category; those that only another version of the product knows come last."""
    known = [step.name for step in STEPS]
    others = sorted(set(steps) - set(known))
    return pd.Categorical(steps, categories=[*known, *others], ordered=True)


def _summed(ledger: pd.DataFrame, keys: Sequence[str] = KEYS) -> pd.Series:
    return ledger.groupby(list(keys), dropna=False)["amount_pence"].sum()

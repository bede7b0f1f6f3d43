"""Two runs side by side: what moved between their ledgers, to the penny, and who moved between their segments.

``Difference`` holds it by step, place and segment; ``causes`` lays the same rows out by what made them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from budget.audit.folder import Run
from budget.bundle import engine_beside
from budget.engine.statement import Statement
from budget.kernel.errors import CapitationError
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
        return cls(Run.open(before).complete(), Run.open(after).complete())

    @cached_property
    def ledgers(self) -> tuple[pd.Series, pd.Series]:
        """Both ledgers as they were recorded, pence by ``KEYS``."""
        before, after = (summed(run.table("budget_ledger"), run.table("segments")) for run in (self.before, self.after))
        return before, after

    @cached_property
    def difference(self) -> Difference:
        """The difference of the two ledgers.

        Raises:
            CapitationError: the rows do not add up to the difference of the two ledgers.
        """
        before, after = self.ledgers
        told = Difference(between(before, after))
        expected = int(after.sum()) - int(before.sum())
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
        with engine_beside(self.after.folder, tables) as engine:
            counted = engine.frame(Statement.read(_SQL / "moves.sql"))
        return counted.sort_values(["from_segment", "to_segment"], ignore_index=True)

    @property
    def _follows_people(self) -> bool:
        """Whether one person has one pseudonym in both runs."""
        return bool(self.before.manifest["pseudonym_key"] == self.after.manifest["pseudonym_key"])


def summed(ledger: pd.DataFrame, segments: pd.DataFrame) -> pd.Series:
    """Pence of a ledger by ``KEYS``; a segment that no group holds is a broad group of its own.

    Args:
        ledger: ``budget_ledger``.
        segments: ``segments`` of the same run.
    """
    group = dict(zip(segments["segment"], segments["broad_group"], strict=True))
    codes = ledger["segment"].astype(str)
    broad = codes.map(group).where(codes.isin(group), codes)
    keyed = ledger.assign(step=ledger["step"].astype(str), segment=codes, broad_group=broad)
    return keyed.groupby(list(KEYS))["amount_pence"].sum()


def between(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """What lies between two ledgers: ``KEYS``, ``before_pence``, ``after_pence`` and ``difference_pence``.

    Args:
        before: pence by ``KEYS``, as ``summed`` gives them.
        after: the same of the other ledger.
    """
    # a movement that one of the ledgers does not have is a true nought there
    rows = pd.DataFrame({"before_pence": before, "after_pence": after}).fillna(0).astype("int64").reset_index()
    rows["step"] = _in_order(rows["step"])
    rows["difference_pence"] = rows["after_pence"] - rows["before_pence"]
    return rows.sort_values(list(KEYS), ignore_index=True)


def _in_order(steps: pd.Series) -> pd.Categorical:
    """Steps as an ordered category; those that only another version of the product knows come last."""
    known = [step.name for step in STEPS]
    others = sorted(set(steps) - set(known))
    return pd.Categorical(steps, categories=[*known, *others], ordered=True)

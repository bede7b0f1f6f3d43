"""What the uncertainty of a run has to say: as lines, as facts for scripts, as rows and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.kernel.money import pounds_text
from budget.kernel.years import FinancialYear
from budget.scenario.uncertainty import Uncertain
from flows.files import PAGE, write_rows

if TYPE_CHECKING:
    import pandas as pd

    from budget.audit.folder import Run

_SHOWN = 0.005
"""Shares of variance below half a per cent are not printed: a thousand draws show a tenth of one by chance."""

_MEASURES = {"allocation": "Allocation", "core": "Core budget"}
_PENCE = ("p10_pence", "p50_pence", "booked_pence", "p90_pence")


@dataclass(frozen=True)
class Ranged:
    """A run's budgets with their ranges.

    Attributes:
        year: the last year that was drawn, whose shares of variance are told.
        uncertain: what the draws say.
    """

    run: Run
    year: FinancialYear
    uncertain: Uncertain

    @property
    def causes(self) -> pd.DataFrame:
        """Shares of the variance of the core budget of all places in the last year, the largest first."""
        shares = self.uncertain.shares
        core = shares[(shares["scale"] == "footprint") & (shares["measure"] == "core")]
        return core.sort_values("share", ascending=False, ignore_index=True)

    def lines(self) -> Iterator[str]:
        """The answer for people."""
        budgets = self.uncertain.budgets
        first = budgets.iloc[0]
        yield f"{self.run.run_id}: {self.run.manifest['title']}, {first['draws']:,} draws, seed {first['seed']}"
        for (year, measure), rows in budgets.groupby(["financial_year", "measure"], sort=True):
            heads = "".join(f"{head:>22}" for head in ("P10", "middle draw", "booked", "P90"))
            yield from ("", f"{_MEASURES[str(measure)] + ' ' + str(year):<30}{heads}")
            yield from (_line(row) for row in rows.sort_values("scale", ascending=False).itertuples())
        yield from ("", f"Share of the variance of the core budget of all places, {self.year}")
        shown = self.causes[self.causes["share"] >= _SHOWN]
        yield from (f"  {row.drawn:<48} {row.share:>6.1%}" for row in shown.itertuples())
        yield from ("", *self.notes())

    def notes(self) -> Iterator[str]:
        """How to read it."""
        budgets = self.uncertain.budgets
        yield (
            "Weighted people were drawn from the errors of the need model."
            if budgets["need_drawn"].any()
            else "Weighted people were not drawn: no error of the weights that set the targets is known."
        )
        for year, count in budgets.groupby("financial_year")["impossible_draws"].first().items():
            if count:
                yield f"{year}: {count:,} draws could not be done as drawn, and were scaled to the money there is."
        for title, names in (
            ("No range stated", self.uncertain.fixed),
            ("A range stated, but not drawn", self.uncertain.not_drawn),
        ):
            yield from (f"{title}:", *(f"  {line}" for line in textwrap.wrap(", ".join(names) or "none", 110)))

    def facts(self) -> dict[str, Any]:
        """The answer for scripts."""
        return {
            "status": "complete",
            "run": self.run.run_id,
            "budgets": self.uncertain.budgets.to_dict("records"),
            "shares_of_variance": self.uncertain.shares.to_dict("records"),
            "no_range_stated": list(self.uncertain.fixed),
            "not_drawn": list(self.uncertain.not_drawn),
            "seconds": round(self.uncertain.seconds, 3),
        }

    def write(self, path: Path) -> None:
        """Write the answer as the file's name says: rows, or a page."""
        if path.suffix == PAGE:
            self._write_page(path)
        else:
            write_rows(self.uncertain.budgets, path)

    def _write_page(self, path: Path) -> None:
        from budget.report.leaf import Leaf, write_leaf
        from budget.report.uncertainty import budgets_section, causes_section

        said = self.run.manifest
        sections = (
            budgets_section(self.uncertain.budgets, list(self.notes())),
            causes_section(self.causes, str(self.year)),
        )
        write_leaf(
            Leaf(
                kicker="Uncertainty",
                title=said["title"],
                subject=f"P10 and P90 of the budgets of run {self.run.run_id}",
                notice=said["notice"],
                sections=sections,
                foot="Low and high of an assumption are its 10th and 90th percentile. No gate judged any of this.",
            ),
            path,
        )


def _line(row: Any) -> str:
    amounts = "".join(f"{pounds_text(int(getattr(row, name))):>22}" for name in _PENCE)
    return f"  {row.unit:<28}{amounts}"

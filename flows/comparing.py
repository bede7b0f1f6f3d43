"""What a comparison has to say: its parts as lines, as facts for scripts, as rows and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.kernel.money import pounds_text
from budget.scenario.causes import UNTOLD, as_facts
from budget.scenario.chain import ORDER
from flows.files import PAGE, write_rows

if TYPE_CHECKING:
    import pandas as pd

    from budget.kernel.checks import CheckResult
    from budget.report.leaf import Leaf
    from budget.scenario.causes import Attribution
    from budget.scenario.compare import Comparison, Difference
    from budget.stage import Gate
    from flows.causes import Causes

VIEWS = {
    "By step": "step",
    "By broad group of the population": "broad_group",
    "By segment": "segment",
    "By place": "place",
}


@dataclass(frozen=True)
class Told:
    """Two runs compared, and why they differ.

    Attributes:
        checks: what the comparison's gate says; empty where the second run's limits can no longer be found.
    """

    comparison: Comparison
    causes: Causes
    checks: tuple[CheckResult, ...] = ()

    def judged(self, gate: Gate) -> Told:
        """The same, with the answer of the comparison's gate."""
        from flows.residual import explained

        return replace(self, checks=explained(self.rows, self.causes.bundle, gate)) if self.causes.bundle else self

    @property
    def years(self) -> list[str]:
        """Every budget year of either run."""
        return sorted(self.comparison.difference.rows["financial_year"].unique())

    @property
    def year(self) -> str:
        """The first of them, which views show; later years carry its differences forward."""
        return self.years[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """What the views are by."""
        return tuple(VIEWS.values())

    def views(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """The difference of the first year by each key: ``name``, pence before, after and between."""
        yield from views_of(self.comparison.difference, self.year, VIEWS)

    def verdict(self) -> Iterator[str]:
        """Lines: whether all is explained, as the comparison's gate says."""
        if not self.checks:
            yield "  Whether all is explained (O06) is not asked: the second run's limits can no longer be found."
        for check in self.checks:
            yield f"  {check.outcome.capitalize()}: {check.rule} [{check.check_id}]"
            yield f"    unexplained share: {check.measure()}; allowed: {check.threshold}"

    def by_cause(self) -> Iterator[str]:
        """Lines: the order, each cause with its pounds, what is left."""
        yield ""
        if self.causes.attribution is None:
            yield "Why: the causes cannot be told apart."
            yield f"  {self.causes.why_not}"
            return
        parts = self.causes.attribution.parts
        if not parts:
            yield "Why: the runs do not differ."
            return
        yield f"Why: each cause laid over those before it, in this order: {ORDER}"
        yield f"  {'':<48} {self.year:>20} {'all years':>20}"
        for number, part in enumerate(parts, 1):
            yield _line(f"{number} {part.name}", part.pence(self.year), part.pence())
            yield from (f"      {cause.name}: {cause.detail}" for cause in part.causes if cause.detail)
            yield from (f"      taken together. {why}" for why in part.why_together)
        yield _line("All causes", sum(part.pence(self.year) for part in parts), self.causes.attribution.total_pence)
        yield f"  {'Left unexplained':<48} {pounds_text(0):>20} {pounds_text(self.unexplained_pence):>20}"

    @property
    def unexplained_pence(self) -> int:
        """The difference less its causes: nothing, by the way the causes are made."""
        told = self.causes.attribution
        return self.comparison.difference.total_pence - told.total_pence if told else 0

    def facts(self) -> dict[str, Any]:
        """The causes for scripts."""
        told = self.causes.attribution
        checks = [check.as_dict() for check in self.checks]
        if told is None:
            return {"order": ORDER, "causes": [], "not_told_apart": self.causes.why_not, "checks": checks}
        return {
            "order": ORDER,
            "order_of_causes": list(told.order),
            "causes": [as_facts(part, self.years) for part in told.parts],
            "by_kind": told.by_kind(),
            "unexplained_pence": self.unexplained_pence,
            "not_told_apart": None,
            "checks": checks,
        }

    @property
    def rows(self) -> pd.DataFrame:
        """Every difference with its cause; under one name where causes cannot be told apart."""
        told = self.causes.attribution
        if told is not None:
            return told.rows
        rows = self.comparison.difference.rows
        untold = {"cause_number": 1, "cause": UNTOLD, "kind": "several"}
        return rows[rows["difference_pence"] != 0].assign(**untold)[[*untold, *rows.columns]]

    def write(self, path: Path) -> None:
        """Write the answer as the file's name says: rows with their causes, or a page."""
        if path.suffix == PAGE:
            from budget.report.leaf import write_leaf

            write_leaf(self._leaf(), path)
        else:
            write_rows(self.rows, path)

    def _leaf(self) -> Leaf:
        from budget.report.comparison import what_section
        from budget.report.leaf import Leaf

        before, after = self.comparison.before, self.comparison.after
        return Leaf(
            kicker="Two runs compared",
            title=after.manifest["title"],
            subject=f"{before.run_id} against {after.run_id}",
            notice=after.manifest["notice"],
            sections=(self._why(), what_section(list(self.views()), self.year)),
            foot="Every figure is a difference of the two runs' ledgers, in whole pence. Internal: money of few people "
            "may be among them.",
        )

    def _why(self) -> Any:
        from budget.report.comparison import untold_section, why_section

        told = self.causes.attribution
        if told is None:
            return untold_section(self.causes.why_not)
        first = self.comparison.difference.by("financial_year").set_index("financial_year").loc[self.year]
        notes = [
            f"Each cause is laid over those before it, in this order: {ORDER}. Another order would share the same "
            "difference out otherwise; the sum stays.",
            *(f"{part.name}: taken together. {why}" for part in told.parts for why in part.why_together),
            f"Left unexplained: {pounds_text(self.unexplained_pence)}.",
            *(line.strip() for line in self.verdict()),
        ]
        return why_section(
            _causes_table(told, self.year), self.year, (int(first["before_pence"]), int(first["after_pence"])), notes
        )


def views_of(difference: Difference, year: str, views: Mapping[str, str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The difference of a year by each key, under its title: ``name``, pence before, after and between."""
    for title, key in views.items():
        rows = difference.by("financial_year", key)
        told = (rows["before_pence"] != 0) | (rows["after_pence"] != 0)
        shown = rows[(rows["financial_year"] == year) & told]
        yield title, shown.rename(columns={key: "name"}).drop(columns="financial_year")


def _causes_table(told: Attribution, year: str) -> pd.DataFrame:
    import pandas as pd

    columns = ["cause", "kind", "detail", "year_pence", "all_pence"]
    rows = [(part.name, part.kind, part.detail, part.pence(year), part.pence()) for part in told.parts]
    return pd.DataFrame(rows, columns=columns)


def _line(name: str, *pence: int) -> str:
    return f"  {name:<48} " + " ".join(f"{pounds_text(amount):>20}" for amount in pence)

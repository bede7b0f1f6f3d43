"""Who holds the choice money and with what interest, and which pairs are low-volume."""

from __future__ import annotations

from budget.report import show
from budget.report.blocks import Block, Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.views import carved

_RULES = {"this": "This year", "before": "The rule before"}


def choice_money(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """A sentence on who holds the choice money; the conflict of interest stands out where a prime provider does."""
    if "choice_terms" not in tables or tables["choice_terms"].empty:
        return ()
    terms = carved.choice_terms(tables)
    first = terms[terms["financial_year"] == facts.first_year].iloc[0]
    held = f"{facts.label(first['method'])}: {show.millions(first['planned_pence'], 2)} in {facts.first_year}."
    if first["method"] != "prime_provider":
        return (TextBlock(held),)
    holder = f" It is held by {first['holder']}." if isinstance(first["holder"], str) else ""
    return (TextBlock(f"{held}{holder} Conflict of interest: {first['interest']}", notice=True),)


def pairs(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Pairs and their cost on either side of the low-volume threshold, under this rule and the one before."""
    if "low_volume_pairs" not in tables or tables["low_volume_pairs"].empty:
        return ()
    rows = tuple(
        Row(
            (
                _RULES[str(row.rule)],
                f"{facts.label(row.limit)} {show.pounds(row.threshold_pence)}",  # type: ignore[arg-type]
                "Low-volume" if row.low_volume else "Paid by contract or activity",
                f"{row.pairs:,}",
                show.pounds(row.pence),  # type: ignore[arg-type]
            )
        )
        for row in carved.sides(tables, facts.first_year).itertuples()
    )
    caption = f"Pairs of commissioner and provider against the low-volume threshold, {facts.first_year}"
    names = headings(["Rule", "Threshold", "Side"], ["Pairs", "Mean yearly cost"])
    return (TableBlock(caption, names, rows),)

"""What a settlement has to say: its lines, its facts, its notes, its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from budget.kernel.checks import CheckResult
from budget.kernel.money import pounds_text
from budget.payment.inyear.months import MONTHS, quarter_of
from budget.payment.settlement.statement import Statement, statements_of
from budget.report.labels import general_labels, words
from budget.report.statements import file_name, statement_text
from flows.settling import Settled

_MISSING = {
    "registered_list": "Nobody handed over a later extract of the list or people by month: no list change is settled.",
    "actual_outcomes": "Outcomes are not known: no incentive is taken back yet.",
    "actual_choice": "Patient choice is not known: its carve-out is not reconciled.",
    "prior_year_adjustments": "No amounts of earlier years were handed over.",
}


@dataclass(frozen=True)
class Told:
    """A settlement as people and scripts read it."""

    settled: Settled

    @property
    def final(self) -> bool:
        """Whether it is the year end."""
        return self.settled.last == MONTHS

    @property
    def heading(self) -> str:
        """Locality, year and quarter, and whether it may still change."""
        quarter = quarter_of(self.settled.last)
        word = "final" if self.final else "provisional, cumulative"
        return f"{self.settled.run.manifest['title']}, {self.settled.year}, quarter {quarter} ({word})"

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statement of every party."""
        tables = self.settled.tables
        journal = tables.get("settlement_journal")
        if journal is None:
            return ()
        return statements_of(journal, tables["settlement_parties"], tables["pool_balance"])

    def name(self, code: str) -> str:
        """A code in words: the locality's own, the contract's title, the provider's name, else the product's."""
        return self._names.get(code) or words(code)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        names = dict(general_labels()) | {one.contract: one.title for one in self.settled.agreements}
        path = self.settled.run.folder / "tables" / "provider_activity.parquet"
        if path.is_file():
            known = pd.read_parquet(path, columns=["provider_code", "provider_name"]).dropna().drop_duplicates()
            names |= dict(zip(known["provider_code"], known["provider_name"], strict=True))
        return names

    def notes(self) -> tuple[str, ...]:
        """What a reader has to know."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        settled, tables = self.settled, self.settled.tables
        yield from (_MISSING[name] for name in settled.handed.missing if name in _MISSING)
        if settled.news is not None and settled.news.facts:
            yield from self._of_people(settled.news.facts)
        elif settled.news is not None:
            yield "People come from counts, taken to be known when their month was over; no late news is known."
        if settled.assumptions.choice("inyear_list_adjustment", settled.year) == "off":
            yield "inyear_list_adjustment is off: list changes are shown and not paid."
        yield from _of_units(tables)
        agreed = [one.contract for one in settled.agreements if one.outcomes]
        results = tables["contract_results"]
        unknown = sorted(set(results.loc[results["contract"].isin(agreed) & results["score"].isna(), "contract"]))
        if settled.handed.has("actual_outcomes") and unknown:
            yield f"Not all measures are known of {', '.join(map(self.name, unknown))}: their incentive is not settled."
        yield from self._of_performance(tables["settlement_parties"])
        yield from _of_pairs(tables)
        yield from self._of_quarters()
        if not self.final:
            yield "A quarter is provisional: it settles what is known by its end, less what was settled before."

    def _of_quarters(self) -> Iterator[str]:
        """What the statements before this one are taken to have moved."""
        issued, quarter = self.settled.issued, quarter_of(self.settled.last)
        if issued is not None:
            yield f"Issued before: {issued.name}. This statement is what is due to date less what was issued."
        elif quarter > 1:
            yield (
                "No settlement was named that was issued before (--after): what earlier quarters moved is computed "
                "anew; outcomes and amounts of earlier years that do not say when they were known are news of this one."
            )

    def _of_performance(self, parties: pd.DataFrame) -> Iterator[str]:
        """Contracts that share by performance (C8) some of which is not known."""
        by_performance = [one.contract for one in self.settled.agreements if one.by_performance]
        here = _last(parties)
        waits = sorted(set(here.loc[here["contract"].isin(by_performance) & here["performance"].isna(), "contract"]))
        if waits:
            yield f"Performance of every party is not known of {', '.join(map(self.name, waits))}: each bears its own."

    @staticmethod
    def _of_people(facts: Mapping[str, int]) -> Iterator[str]:
        new = facts["people"] - facts["matched"]
        everyone, known, grown = facts["people"], facts["matched"], facts["grown"]
        yield f"{everyone:,} people are on a list; {known:,} are people of the run and keep its segment."
        yield (
            f"{new:,} newcomers, and {grown:,} who have grown out of their segment, are put into the mix of segments "
            "of their place, by sex and year of age: in part they count for several."
        )

    def failed(self) -> tuple[CheckResult, ...]:
        """Questions that were not passed."""
        return tuple(check for check in self.settled.checks if check.outcome != "passed")

    def lines(self) -> Iterator[str]:
        """The answer for people."""
        yield from (self.heading, "")
        results = _last(self.settled.tables["contract_results"])
        yield f"  {'':<44} {'expected':>20} {'actual':>20} {'difference':>18}"
        for row in results.itertuples(index=False):
            amounts = (row.expected_pence, row.actual_pence)
            shown = " ".join(f"{pounds_text(int(pence)):>20}" for pence in amounts)
            yield f"  {self.name(row.contract)[:44]:<44} {shown} {pounds_text(int(row.difference_pence)):>18}"
        yield from ("", "Statements of the quarter (above nought: to receive)")
        for stated in self.statements:
            kind = f"{self.name(stated.party)[:44]:<44} {stated.kind:<13}"
            yield f"  {kind} {pounds_text(stated.now_pence):>20} {pounds_text(stated.closing_pence):>22}"
        total = sum(stated.now_pence for stated in self.statements)
        yield f"  {'All together':<44} {'':<13} {pounds_text(total):>20}"
        yield from ("", *self.notes())
        for check in self.failed():
            yield from ("", f"{check.severity}: {check.sentence()}")

    def facts(self) -> dict[str, Any]:
        """The answer for scripts."""
        settled, tables = self.settled, self.settled.tables
        return {
            "status": "complete",
            "run": settled.run.run_id,
            "financial_year": str(settled.year),
            "quarter": quarter_of(settled.last),
            "final": self.final,
            "after": self._after,
            "contracts": _records(_last(tables["contract_results"])),
            "parties": _records(_last(tables["settlement_parties"])),
            "pools": _records(_last(tables["pool_balance"])),
            "statements": [
                {
                    "kind": one.kind,
                    "party": one.party,
                    "opening_pence": one.opening_pence,
                    "now_pence": one.now_pence,
                    "closing_pence": one.closing_pence,
                    "items": _records(one.rows),
                }
                for one in self.statements
            ],
            "notes": list(self.notes()),
            "checks": [check.as_dict() for check in self.failed()],
            "checks_asked": len(settled.checks),
        }

    @property
    def _after(self) -> dict[str, Any] | None:
        """The settlement that was issued before it; nothing where none is named."""
        return self.settled.issued.facts() if self.settled.issued else None

    def folder_name(self) -> str:
        """The name of its folder, beside the run."""
        year = str(self.settled.year).replace("/", "-")
        return f"{self.settled.run.run_id}-settlement-{year}-Q{quarter_of(self.settled.last)}"

    def write(self, target: Path) -> Path:
        """Write the folder: tables, the page, a statement a party, a manifest.

        Raises:
            StoreError: it could not be written.
        """
        from budget.audit.beside import publish_beside

        checks = pd.DataFrame([check.as_dict() for check in self.settled.checks])
        tables = {**self.settled.tables, "settlement_checks": checks}
        files: dict[str, Callable[[Path], None]] = {
            f"statements/{file_name(one)}": _writer(statement_text(one, self.heading, self.name(one.party)))
            for one in self.statements
        }
        files["settlement.html"] = self._write_page
        facts = {
            "run_id": self.settled.run.run_id,
            "run_output_hash": self.settled.run.manifest["output_hash"],
            "financial_year": str(self.settled.year),
            "quarter": quarter_of(self.settled.last),
            "final": self.final,
            "after": self._after,
            "actuals": self.settled.handed.register(),
            "assumptions_hash": self.settled.assumptions.digest(),
            "notes": list(self.notes()),
        }
        return publish_beside(target, tables, files, facts)

    def _write_page(self, path: Path) -> None:
        from budget.report.leaf import Leaf, write_leaf
        from budget.report.settlement import settlement_sections

        said = self.settled.run.manifest
        sections = settlement_sections(
            self.settled.tables, self.statements, self.notes(), self.settled.checks, self.name
        )
        foot = f"Run {said['run_id']}; actuals from {self.settled.handed.folder.name}. Amounts add up to the penny."
        write_leaf(Leaf("Settlement", said["title"], self.heading, said["notice"], sections, foot), path)


def _of_units(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Parties of contracts whose units are not known, so that no form could follow activity."""
    lines = tables["settlement_lines"]
    bare = lines[(lines["kind"] == "contract") & lines["units"].isna()]
    parties = sorted(set(bare["party"]))
    if parties:
        yield f"Units are not known of some lines of {', '.join(parties)}: a form that follows them pays the plan."


def _of_pairs(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Low-volume pairs that have crossed the threshold."""
    watched = tables.get("low_volume_watch")
    if watched is None:
        return
    crossed = watched[watched["crossed"]]
    for row in crossed.itertuples(index=False):
        yield (
            f"{row.commissioner} and {row.provider_code}: a low-volume pair that has crossed the threshold of "
            f"{pounds_text(int(row.threshold_pence))} ({pounds_text(int(row.actual_pence))} so far)."
        )


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["quarter"] == table["quarter"].max()]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def _writer(text: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8", newline="\n")

    return write

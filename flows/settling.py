"""Settling a run: its tables, its contracts and what was handed over, put together, proved and written beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from budget.actuals.checks import Plan as Asked
from budget.actuals.checks import check_actuals, check_list
from budget.actuals.folder import Handed, read_folder
from budget.actuals.people import homes_of, listed_people, news_of_counts, news_of_list, of_list
from budget.audit.folder import Run
from budget.audit.issued import Issued
from budget.bundle import engine_beside
from budget.engine import Engine
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.hashing import hash_file
from budget.kernel.pseudonyms import PersonId
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement, read_agreements
from budget.payment.inyear.months import last_month, quarter_of
from budget.payment.inyear.people import ListNews
from budget.payment.settlement.books import Actuals
from budget.payment.settlement.books import Run as Tables
from budget.payment.settlement.opening import counted_as_planned, open_books
from budget.payment.settlement.proof import prove
from budget.payment.settlement.year import settle_year
from budget.scenario.overlay import read_resolved

if TYPE_CHECKING:
    from budget.assumptions.resolved import Assumptions

_READ = (
    "integrated_budget", "monthly_profile", "segment_rates", "segments", "segment_people", "carve_outs",
    "choice_by_provider", "choice_terms", "provider_activity", "low_volume_pairs", "funding_gap", "budget_ledger",
)  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """How a run counted its people; a later list is counted alike, whatever its locality says today.

    Attributes:
        person_id: what identifiers are.
        rules: the rules of the population.
        snapshot: the day on which people were counted.
        base_year: the year whose people the plan rests on.
    """

    person_id: PersonId
    rules: Path
    snapshot: date
    base_year: str

    @classmethod
    def of(cls, run: Run) -> Counted:
        """What the manifest says of it.

        Raises:
            ConfigurationError: the rules are gone or have changed, or the run is too old to say.
        """
        said = run.manifest
        if "population_rules" not in said:
            raise ConfigurationError(f"{run.folder}: this run does not say how it counted people; run it again.")
        rules = Path(said["population_rules"]["file"])
        if not rules.is_file() or hash_file(rules) != said["population_rules"]["sha256"]:
            raise ConfigurationError(f"{rules}: the rules of the population are no longer those of run {run.run_id}.")
        return cls(said["person_id"], rules, date.fromisoformat(said["snapshot_date"]), said["base_year"])


@dataclass(frozen=True)
class Settled:
    """A settlement, before it is written.

    Attributes:
        run: the run that it settles.
        year: the budget year.
        last: how many months are settled.
        tables: see ``budget.payment.settlement.year.settle_year``.
        checks: every question that was asked.
        handed: the actuals.
        news: people of every month; None where they are not known.
        assumptions: those of the run.
        agreements: contracts that are settled.
        issued: the settlement whose statements were issued last; None where none is named.
    """

    run: Run
    year: FinancialYear
    last: int
    tables: Mapping[str, pd.DataFrame]
    checks: tuple[CheckResult, ...]
    handed: Handed
    news: ListNews | None
    assumptions: Assumptions
    agreements: tuple[Agreement, ...]
    issued: Issued | None


def settle_run(run: Run, folder: Path, quarter: int | None, after: Path | None = None) -> Settled:
    """Settle a run with what was handed over.

    Args:
        run: a complete run.
        folder: the actuals.
        quarter: the quarter whose statement is wanted; the year end where none is named.
        after: the settlement whose statements were issued last.

    Raises:
        ConfigurationError: a folder, the quarter or a contract is wrong; an assumption of settlement has no value;
            tables or rules are no longer those of the run.
        RunStopped: the actuals cannot be settled.
    """
    last = last_month(quarter)
    counted, tables = Counted.of(run.intact()), _tables(run)
    population = run.folder / "tables" / "population.parquet"
    with engine_beside(run.folder, {"population": population} if population.is_file() else {}) as engine:
        handed = read_folder(engine, folder, counted.person_id)
        year = _year_of(handed, run)
        issued = Issued.read(after, run, str(year), quarter_of(last)) if after else None
        agreements = _agreements(run, tables, year)
        checks = list(check_actuals(handed, _asked(tables, agreements, year, last)))
        _stop(checks)
        assumptions = read_resolved(run.folder)
        news = _news(engine, handed, counted, assumptions, year, last, tables, checks)
    _stop(checks)
    actuals = _actuals(handed, news, last)
    books = open_books(tables, actuals, assumptions, agreements, year, last)
    settled = settle_year(books, issued.tables if issued else None)
    checks += prove(settled)
    _stop(checks)
    return Settled(run, year, last, settled, tuple(checks), handed, news, assumptions, agreements, issued)


def _tables(run: Run) -> Tables:
    there = (name for name in _READ if (run.folder / "tables" / f"{name}.parquet").is_file())
    return Tables({name: run.table(name) for name in there})


def _year_of(handed: Handed, run: Run) -> FinancialYear:
    """The budget year that spend speaks of; the first where it speaks of none or several, as a check then says."""
    known = run.manifest["budget_years"]
    spoken = sorted(set(handed.frames["actual_spend"]["financial_year"]) & set(known))
    return FinancialYear.parse(spoken[0] if spoken else known[0])


def _agreements(run: Run, tables: Tables, year: FinancialYear) -> tuple[Agreement, ...]:
    """The contracts that the run kept and that are in force in the year; it has asked whether it knows their names."""
    kept = run.contracts()
    if kept is None or not tables.has("provider_activity"):
        return ()
    return tuple(one for one in read_agreements(kept) if one.covers(year))


def _asked(tables: Tables, agreements: tuple[Agreement, ...], year: FinancialYear, last: int) -> Asked:
    budget, text = tables["integrated_budget"], str(year)
    providers: frozenset[str] = frozenset()
    if tables.has("provider_activity"):
        providers = frozenset(tables["provider_activity"]["provider_code"])
    choice = None
    if tables.has("choice_by_provider"):
        every = tables["choice_by_provider"]
        choice = every[every["financial_year"].astype(str) == text]
    segments, here = tables["segments"], budget[budget["financial_year"].astype(str) == text]
    unlisted = frozenset(segments.loc[segments["unregistered"].astype(bool), "segment"])
    return Asked(text, last, here, providers, choice, agreements, unlisted)


def _news(
    engine: Engine,
    handed: Handed,
    counted: Counted,
    assumptions: Assumptions,
    year: FinancialYear,
    last: int,
    tables: Tables,
    checks: list[CheckResult],
) -> ListNews | None:
    """People of the months, where they are known; what was found in the list joins the checks."""
    if handed.has("actual_people"):
        return news_of_counts(handed.frames["actual_people"], last)
    if not handed.has("registered_list"):
        return None
    count = assumptions.choice("monthly_count", year)
    facts = of_list(engine, homes_of(engine, handed, year))
    news = news_of_list(engine, handed, counted.rules, counted.snapshot, year, last, count)  # type: ignore[arg-type]
    checks += check_list(facts, news.facts["matched"], news.facts["people"])
    return counted_as_planned(tables, news, counted.base_year, listed_people(engine))


def _actuals(handed: Handed, news: ListNews | None, last: int) -> Actuals:
    """What has happened by the end of the last month that is settled."""

    def until(name: str) -> pd.DataFrame | None:
        frame = handed.frames.get(name)
        return frame[frame["month"].isna() | (frame["month"] <= last)] if frame is not None else None

    spend = until("actual_spend")
    assert spend is not None
    return Actuals(
        spend=spend,
        news=news,
        outcomes=handed.frames.get("actual_outcomes"),
        choice=until("actual_choice"),
        prior_year=handed.frames.get("prior_year_adjustments"),
        counterfactual=until("counterfactual_spend"),
    )


def _stop(checks: list[CheckResult]) -> None:
    """Stop where a check failed.

    Raises:
        RunStopped: one did.
    """
    failed = tuple(check for check in checks if check.stops)
    if failed:
        raise RunStopped(failed[0].gate, failed, tuple(checks))

"""What happens in the first months of a run's first year, drawn so that it can be settled: nothing of it is real."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from budget.contracts import table as contract_of
from budget.engine import DuckEngine
from budget.engine.statement import Sql, Statement, quote
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear
from budget.payment.agreements import read_agreements
from budget.payment.inyear.months import MONTHS, PER_QUARTER, first_day
from budget.plan import Plan
from budget.synth.chance import stream
from budget.synth.numbers import blocks_of, nhs_numbers
from budget.volume import planned_activity

_SQL = Path(__file__).parent / "sql" / "later_list.sql"
_LINE = ["commissioner", "place", "service_line"]
_PER_YEAR_NEW = 0.06
"""More newcomers a year than the list has, so that there are numbers enough for them."""
_BORN_BEFORE = 0.0095
"""Babies of the year before over the list: a list that is drawn for a snapshot has none who were born after it."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn.

    Attributes:
        out: the folder.
        rows: rows by table.
        year: the financial year.
        months: how many months.
        seed: where the draws start from.
    """

    out: Path
    rows: dict[str, int]
    year: str
    months: int
    seed: int


def write_actuals(run_folder: Path, config: Path, out: Path, *, months: int, seed: int) -> Drawn:
    """Draw the actuals of a run: spend, outcomes, patient choice, an earlier year, a later extract of the list.

    The same run, months and seed give the same figures.

    Args:
        run_folder: a complete run.
        config: the locality's file, as the run's manifest names it.
        out: folder to write; one that is there is replaced.
        months: how many months of the first budget year.
        seed: where the draws start from.

    Raises:
        ConfigurationError: more months than a year has.
    """
    if months > MONTHS:
        raise ConfigurationError(f"--months {months}: a year has {MONTHS} months.")
    plan = Plan.read(config)
    year = plan.budget_years[0]
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tables = _Tables(run_folder / "tables", str(year))
    frames = {
        "actual_spend": _spend(tables, months, seed),
        "actual_outcomes": _outcomes(plan, seed).assign(known_month=min(months, PER_QUARTER)),
        "actual_choice": _choice(tables, months, seed),
        "prior_year_adjustments": _prior_year(tables, plan).assign(known_month=min(months, PER_QUARTER)),
    }
    rows = {}
    for name, frame in frames.items():
        if len(frame):
            frame[list(contract_of(name).names)].to_csv(partial / f"{name}.csv", index=False, lineterminator="\n")
            rows[name] = len(frame)
    if (tables.folder / "population.parquet").is_file():
        rows["registered_list"] = _later_list(plan, year, months, seed, partial)
        _copy_merges(plan.inputs, partial)
    shutil.rmtree(out, ignore_errors=True)
    partial.replace(out)
    return Drawn(out, rows, str(year), months, seed)


@dataclass(frozen=True)
class _Tables:
    folder: Path
    year: str

    def of_year(self, name: str) -> pd.DataFrame:
        """The rows of the year; none where the run does not have the table."""
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            return pd.DataFrame()
        frame = pd.read_parquet(path)
        return frame[frame["financial_year"].astype(str) == self.year] if "financial_year" in frame else frame

    def planned_activity(self) -> pd.DataFrame:
        """Activity by provider with the units planned for the year, the first of the run; none where it has none."""
        activity = self.of_year("provider_activity")
        return activity if activity.empty else planned_activity(activity, self.of_year("budget_ledger"), self.year)


def _spend(tables: _Tables, months: int, seed: int) -> pd.DataFrame:
    """The plan of every line by local provider, a little off: by line, by provider, by month."""
    budget = tables.of_year("integrated_budget")
    plan = (
        budget.assign(pence=budget["core_pence"] + budget["incentive_pence"])
        .groupby(_LINE, as_index=False)["pence"]
        .sum()
    )
    parts = _by_provider(plan[plan["pence"] > 0], tables.planned_activity())
    drift = _drift(parts, ["service_line"], 1.0, 0.02, seed) * _drift(
        parts, ["place", "provider_code"], 1.0, 0.015, seed
    )
    volume = _drift(parts, ["service_line", "provider_code"], 1.005, 0.025, seed)
    rows = []
    for month in range(1, months + 1):
        wobble = stream(seed, "spend", str(month)).normal(1.0, 0.01, len(parts))
        pence = np.round(parts["pence"] / MONTHS * drift * (0.4 + 0.6 * volume) * wobble).astype("int64")
        units = (parts["units"] / MONTHS * volume * wobble).round(1)
        rows.append(parts[[*_LINE, "provider_code"]].assign(month=month, amount_pence=pence, units=units))
    return pd.concat(rows, ignore_index=True).assign(financial_year=tables.year, segment=None)


def _by_provider(plan: pd.DataFrame, activity: pd.DataFrame) -> pd.DataFrame:
    """Each line's plan shared to local providers by cost; all of it nobody's where there are none."""
    if activity.empty:
        return plan.assign(provider_code=None, units=np.nan)
    local = activity[activity["local"].astype(bool) & (activity["cost_pence"] > 0)]
    local = local.assign(share=local["cost_pence"] / local.groupby(_LINE[1:])["cost_pence"].transform("sum"))
    told = plan.merge(local[[*_LINE[1:], "provider_code", "units", "share"]], on=_LINE[1:], how="left")
    whole = told.groupby([*_LINE[1:], "provider_code"], dropna=False)["pence"].transform("sum")
    share = told["share"].where(told["share"].notna(), 1.0)  # a line without local providers is nobody's in particular
    return told.assign(pence=told["pence"] * share, units=told["units"] * told["pence"] / whole)


def _drift(rows: pd.DataFrame, keys: list[str], mean: float, spread: float, seed: int) -> np.ndarray:
    """One factor a group, drawn from the group's own name."""
    names = pd.Series(["|".join(map(str, row)) for row in rows[keys].itertuples(index=False)])
    drawn = {name: stream(seed, "drift", *keys, name).normal(mean, spread) for name in names.unique()}
    return names.map(drawn).to_numpy(dtype=np.float64)


def _outcomes(plan: Plan, seed: int) -> pd.DataFrame:
    """Every measure somewhere between its floor and its target, or a little beyond."""
    agreements = read_agreements(plan.contracts) if plan.contracts else ()
    rows = [
        (
            one.contract,
            m.id,
            round(m.floor + (m.target - m.floor) * stream(seed, one.contract, m.id).uniform(0.3, 1.1), 4),
        )
        for one in agreements
        if one.outcomes
        for m in one.outcomes.measures
    ]
    return pd.DataFrame(rows, columns=["contract", "measure", "value"])


def _choice(tables: _Tables, months: int, seed: int) -> pd.DataFrame:
    """Planned care outside the footprint, a little more of it and a little dearer."""
    planned = tables.of_year("choice_by_provider")
    if planned.empty:
        return planned
    parts = []
    for month in range(1, months + 1):
        rng = stream(seed, "choice", str(month))
        more, dearer = rng.normal(1.02, 0.05, len(planned)), rng.normal(1.005, 0.01, len(planned))
        pence = np.round(planned["planned_pence"] / MONTHS * more * dearer).astype("int64")
        units = (planned["planned_units"] / MONTHS * more).round(1)
        parts.append(
            planned[["place", "service_line", "provider_code"]].assign(month=month, units=units, amount_pence=pence)
        )
    return pd.concat(parts, ignore_index=True)


def _prior_year(tables: _Tables, plan: Plan) -> pd.DataFrame:
    """One dispute of the year before, settled."""
    first = tables.of_year("integrated_budget").sort_values("core_pence", ascending=False).iloc[0]
    row = {name: first[name] for name in _LINE}
    told = {
        "financial_year": str(plan.base_year),
        "amount_pence": 12_345_678,
        "reason": "Drawn: a challenge on coding, settled",
    }
    return pd.DataFrame([row | told])


def _later_list(plan: Plan, year: FinancialYear, months: int, seed: int, folder: Path) -> int:
    """Write the later extract, one Parquet file."""
    source = f"read_parquet({quote(str(plan.inputs / 'registered_list' / '*.parquet'))})"
    homes = pd.read_csv(plan.inputs / "practices.csv", usecols=["practice_code", "place", "successor_code"])
    first, after = first_day(year, 1), first_day(year, months + 1)
    with DuckEngine() as engine:
        people = int(engine.scalar(f"select count(*) from {source}"))
        count = int(people * (_BORN_BEFORE + _PER_YEAR_NEW * months / MONTHS)) + 1_000
        places = homes["place"].nunique()
        first_block, *_ = blocks_of([people // places] * places)
        numbers = nhs_numbers(people + count, first_block, seed)[people:]
        text = pd.Series(numbers).astype(str)
        engine.lend("newcomers", pd.DataFrame({"number": np.arange(1, count + 1), "person_id": text}))
        engine.lend("homes", homes[homes["successor_code"].isna()][["practice_code"]])
        engine.step(
            "later_extract",
            Statement.read(_SQL),
            list=Sql(source),
            homes=Sql("homes"),
            seed=str(seed),
            first_day=first,
            last_day=after - timedelta(days=1),
            days=(after - first).days,
            year=months / MONTHS,
            born_before=_BORN_BEFORE,
        )
        path = folder / "registered_list.parquet"
        ordered = "select * from later_extract order by person_id, practice_code, registered_on"
        engine.scalar(f"copy ({ordered}) to {quote(str(path))} (format parquet, compression zstd)")
        return int(engine.scalar("select count(*) from later_extract"))


def _copy_merges(inputs: Path, folder: Path) -> None:
    if (inputs / "person_merges").is_dir():
        shutil.copytree(inputs / "person_merges", folder / "person_merges")

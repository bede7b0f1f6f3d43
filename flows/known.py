"""What a locality or a run assumes, whichever of the two someone names."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from budget.assumptions.layer import read_layer
from budget.assumptions.resolve import latest, resolve
from budget.assumptions.resolved import Assumptions
from budget.audit.folder import Run
from budget.bundle import find_scenario
from budget.kernel.years import FinancialYear
from budget.pipeline import needed_assumptions
from budget.plan import Plan
from flows.find import locality
from flows.values import read_values


@dataclass(frozen=True)
class Known:
    """What someone or something assumes.

    Attributes:
        title: the locality, run, pack or scenario, for people.
        assumptions: the values, with the packs and scenarios that they come from.
        years: budget years of the locality or run; none for a pack.
    """

    title: str
    assumptions: Assumptions
    years: tuple[FinancialYear, ...] = ()


def asked_for(arguments: Namespace, named: str) -> Known:
    """What a locality or a run assumes, with the scenarios, values and day of the command line."""
    overrides = read_values(arguments.values)
    return known(named, scenarios=arguments.scenario, overrides=overrides, known_on=arguments.known_on)


def known(
    named: str,
    *,
    scenarios: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    known_on: date | None = None,
) -> Known:
    """What a locality or a run assumes.

    Args:
        named: a locality (its YAML, its name, or a folder with a ``run.yaml``), or the folder of a run.
        scenarios: laid over it.
        overrides: win over everything.
        known_on: take what was published by this day.

    Raises:
        ConfigurationError: there is no such locality or run, or a value is missing or wrong.
    """
    if is_run(named):
        return _of_run(Run.open(Path(named)), scenarios, overrides or {}, known_on)
    plan = Plan.read(locality(named))
    assumptions = resolve(
        plan.assumptions,
        scenarios=[find_scenario(plan, name) for name in scenarios],
        overrides=overrides,
        years=plan.budget_years,
        needed=needed_assumptions(),
        known_on=known_on or plan.known_on,
    )
    return Known(plan.title, assumptions, plan.budget_years)


def anything(named: str) -> Known:
    """As ``known``, and packs and scenarios by their files besides.

    Raises:
        ConfigurationError: it is none of them.
    """
    path = Path(named)
    if is_layer(path):
        layer = read_layer(path)
        return Known(f"{layer.kind} {layer.name}", Assumptions.of(latest(layer, None), layers=(layer,)))
    return known(named)


def is_run(named: str) -> bool:
    """Whether the name is that of a run folder."""
    return (Path(named) / "manifest.json").is_file()


def is_layer(path: Path) -> bool:
    """Whether a file is a pack or a scenario: it has values, and a locality has none."""
    from budget.kernel.yaml import read_yaml

    if path.suffix != ".yaml" or not path.is_file():
        return False
    written = read_yaml(path)
    return isinstance(written, dict) and "values" in written


def _of_run(run: Run, scenarios: Sequence[str], overrides: Mapping[str, str], known_on: date | None) -> Known:
    said = run.manifest
    years = tuple(FinancialYear.parse(year) for year in said["budget_years"])
    plan = Plan.read(Path(said["config"])) if scenarios else None
    assumptions = resolve(
        run.layers("pack"),
        scenarios=[*run.layers("scenario"), *(find_scenario(plan, name) for name in scenarios if plan)],
        overrides={**said["overrides"], **overrides},
        years=years,
        needed=needed_assumptions(),
        known_on=known_on or run.known_on,
    )
    return Known(f"{said['title']}, run {run.run_id}", assumptions, years)

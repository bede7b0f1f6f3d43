"""The simulation of a run: what is asked for on the command line, over the tables that the run left."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from budget.assumptions.catalogue import parameter
from budget.assumptions.resolved import Assumptions
from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_value
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement, Known, read_agreements
from budget.payment.contracts import CONTRACT_FORMS
from budget.payment.forms import FORMS
from budget.payment.simulation.run import Asked, Tables, asked_by, simulate
from budget.scenario.overlay import read_resolved

if TYPE_CHECKING:
    from flows.simulated import Told

_AS_IN = {"--line": "outpatient=1.1", "--party": "R1H=0.7"}
_HIGHEST = 3.0
"""Activity of three times the plan is as far as a case may go; what is paid for says nothing of more."""


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for; nothing where the run's own value stands.

    Attributes:
        draws: how many.
        seed: where they start from.
        shocks: actual over planned activity, one case each.
        lines: further ratios by service line.
        parties: further ratios by provider.
        contracts: folder of contracts in place of the run's own.
        forms: ids of forms; all where there are none.
        year: the budget year.
    """

    draws: int | None
    seed: int | None
    shocks: tuple[float, ...]
    lines: Mapping[str, float]
    parties: Mapping[str, float]
    contracts: Path | None
    forms: tuple[str, ...]
    year: str | None

    @classmethod
    def of(cls, arguments: Namespace) -> Wanted:
        """What arguments ask for.

        Raises:
            ConfigurationError: a ratio, number or form that there is not.
        """
        for name in ("draws", "seed"):
            if getattr(arguments, name) is not None:
                parameter(f"simulation_{name}", f"--{name}").read(getattr(arguments, name), f"--{name}")
        return cls(
            draws=arguments.draws,
            seed=arguments.seed,
            shocks=tuple(dict.fromkeys(_ratio(text, "--shock") for text in arguments.shock)),
            lines=_ratios(arguments.line, "--line"),
            parties=_ratios(arguments.party, "--party"),
            contracts=Path(arguments.contracts) if arguments.contracts else None,
            forms=_forms(arguments.form),
            year=arguments.year,
        )

    def digest(self) -> str:
        """A name for what is asked, so that another question gets another folder."""
        return hash_value({name: str(value) for name, value in vars(self).items()})


def simulate_run(run: Run, wanted: Wanted) -> Told:
    """Simulate a run.

    Args:
        run: a complete run.
        wanted: what is asked for.

    Raises:
        ConfigurationError: the run knows no provider, an assumption of simulation has no value, a contract cannot be
            read, or the year, a line or a party is not one of the run's.
    """
    from flows.simulated import Told

    started = time.perf_counter()
    tables, assumptions = _tables(run), read_resolved(run.folder)
    asked = _asked(run, wanted, assumptions)
    agreements = _agreements(run, wanted.contracts, tables)
    written = simulate(asked, tables, assumptions, agreements)
    if not written:
        raise ConfigurationError(f"{run.folder}: no local provider has any of the budget of {asked.year}.")
    flow = run.table("money_flow") if "money_flow" in run.manifest["tables"] else None
    return Told(run, asked, wanted.contracts, agreements, written, flow, time.perf_counter() - started)


def _tables(run: Run) -> Tables:
    there = run.manifest["tables"]
    if "provider_activity" not in there:
        raise ConfigurationError(
            f"{run.folder}: the run does not know which provider does what (no provider_activity), so nobody's payment "
            "can be simulated; hand over activity by person (inputs/activity)."
        )
    choice = run.table("choice_by_provider") if "choice_by_provider" in there else None
    budget, activity, cover, ledger = (
        run.table(name) for name in ("integrated_budget", "provider_activity", "risk_pool_cover", "budget_ledger")
    )
    return Tables(budget, activity, choice, cover, ledger)


def _asked(run: Run, wanted: Wanted, assumptions: Assumptions) -> Asked:
    years = run.manifest["budget_years"]
    if wanted.year not in (None, *years):
        raise ConfigurationError(f"--year {wanted.year}: the run sets budgets for {', '.join(years)}.")
    own = asked_by(assumptions, FinancialYear.parse(wanted.year or years[0]))
    return Asked(
        year=own.year,
        ratios=wanted.shocks or own.ratios,
        draws=own.draws if wanted.draws is None else wanted.draws,
        seed=own.seed if wanted.seed is None else wanted.seed,
        lines=wanted.lines,
        parties=wanted.parties,
        forms=wanted.forms,
    )


def _agreements(run: Run, folder: Path | None, tables: Tables) -> tuple[Agreement, ...]:
    """The contracts that someone names, else those that the run kept; none where it had none."""
    if folder is not None:
        return read_agreements(folder, Known.of(tables.budget, tables.activity))
    kept = run.contracts()
    return () if kept is None else read_agreements(kept)


def _ratios(written: Sequence[str], option: str) -> dict[str, float]:
    """``NAME=RATIO``, each name once."""
    found: dict[str, float] = {}
    for text in written:
        name, given, ratio = text.partition("=")
        if not given or not name or name in found:
            raise ConfigurationError(f"{option} {text}: write it once as NAME=RATIO, as in {_AS_IN[option]}.")
        found[name] = _ratio(ratio, option)
    return found


def _ratio(text: str, option: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        raise ConfigurationError(f"{option} {text}: a ratio is a number, 0.93 for seven in a hundred less.") from None
    if not 0 <= ratio <= _HIGHEST:
        raise ConfigurationError(f"{option} {text}: a ratio lies between 0 and {_HIGHEST:g}.")
    return ratio


def _forms(named: Sequence[str]) -> tuple[str, ...]:
    known = (*FORMS, *CONTRACT_FORMS)
    strangers = [name for name in named if name not in known]
    if strangers:
        raise ConfigurationError(f"--form {', '.join(strangers)}: known: {', '.join(known)}.")
    return tuple(dict.fromkeys(named))

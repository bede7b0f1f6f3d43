"""What a simulation has to say: as lines, as facts for scripts, and as a folder of tables with a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_value
from budget.report import show
from budget.report.labels import general_labels, words
from budget.report.views import payment as views

if TYPE_CHECKING:
    from budget.audit.folder import Run
    from budget.payment.agreements import Agreement
    from budget.payment.simulation.run import Asked
    from flows.simulating import Wanted

KIND = "simulation"
_FORM = 38


@dataclass(frozen=True)
class Told:
    """A simulation of a run.

    Attributes:
        run: the run.
        asked: what was simulated.
        folder: the folder of contracts that was named in place of the run's own.
        agreements: the contracts.
        tables: the results by contract name.
        flow: ``money_flow`` of the run, where it has one.
        seconds: what it took.
    """

    run: Run
    asked: Asked
    folder: Path | None
    agreements: Sequence[Agreement]
    tables: Mapping[str, pd.DataFrame]
    flow: pd.DataFrame | None
    seconds: float

    def label(self, code: object) -> str:
        """Words for a code: a contract's title, a provider's name, the product's words."""
        text = str(code)
        return self._names.get(text) or general_labels().get(text) or words(text)

    @cached_property
    def _names(self) -> dict[str, str]:
        titles = {agreement.contract: agreement.title for agreement in self.agreements}
        return views.provider_names(self.tables) | _labels(self.run) | titles

    def heading(self) -> str:
        """What was simulated, in one line."""
        asked = self.asked
        ratios = ", ".join(show.index(ratio, 2) for ratio in asked.ratios)
        further = [f"{name} times {ratio:g}" for given in (asked.lines, asked.parties) for name, ratio in given.items()]
        draws = f"{asked.draws:,} draws, seed {asked.seed}" if asked.draws else "no draws"
        return "; ".join([f"{asked.year}, activity {ratios}", *further, draws])

    def contracts_told(self) -> str:
        """Whose contracts these are."""
        if not self.agreements:
            return (
                "The run has no contracts: local providers stand with the budget of their lines, and contract forms "
                "are shown as if they had one contract together."
            )
        named = ", ".join(agreement.contract for agreement in self.agreements)
        return f"Contracts {'of ' + str(self.folder) if self.folder else 'of the run'}: {named}."

    def lines(self) -> Iterator[str]:
        """The answer for people."""
        yield f"{self.run.run_id}: {self.run.manifest['title']}"
        yield from (self.heading(), self.contracts_told())
        yield "Amounts in £ million; worst is the 5th percentile of draws; * is what the contract says."
        parties = views.party_margins(self.tables)
        for contract in dict.fromkeys([*parties["contract"], *self.tables["contract_simulation"]["contract"]]):
            yield from ("", f"{self.label(contract)} ({contract})")
            for party, rows in parties[parties["contract"] == contract].groupby("provider_code", sort=False):
                yield from self._party(str(contract), str(party), rows)
            yield from self._contract(str(contract))
        yield from self._not_simulated()

    def _party(self, contract: str, party: str, rows: pd.DataFrame) -> Iterator[str]:
        first = rows.drop_duplicates("activity")
        costs = ", ".join(
            f"{show.in_millions(r.cost_pence)} at {show.index(r.activity, 2)}"
            + (f" (of it stranded {show.in_millions(r.stranded_pence)})" if r.stranded_pence else "")
            for r in first.itertuples()
        )
        risk = self._risk(contract, party)
        yield from ("", f"  {self.label(party)} ({party}), planned {show.in_millions(first['planned_pence'].iloc[0])}")
        yield f"    cost {costs}{_capacity(risk)}"
        heads = "".join(f"{'paid ' + show.index(r, 2):>12}{'margin':>10}" for r in self.asked.ratios)
        yield f"    {'':<{_FORM}}{heads}{self._risk_heads(risk)}"
        for form, cases in rows.groupby("form", sort=False):
            name = str(cases["form_name"].iloc[0])
            mark = "* " if form == views.AGREED else "  "
            text = name if form in (views.AGREED, views.IN_FORCE) else f"{form} {name}"
            amounts = "".join(
                f"{show.in_millions(r.payment_pence):>12}{show.in_millions(r.margin_pence, signed=True):>10}"
                for r in cases.itertuples()
            )
            yield f"  {mark}{text[: _FORM - 1]:<{_FORM}}{amounts}{_risk_cells(risk, str(form))}"

    def _contract(self, contract: str) -> Iterator[str]:
        frame = views.contracts(self.tables)
        for form, rows in frame[frame["contract"] == contract].groupby("form", sort=False):
            agreed = bool(rows["agreed"].iloc[0])
            chance = self._pool(contract, str(form))
            yield from ("", f"  {'* ' if agreed else '  '}{form} {rows['form_name'].iloc[0]}{chance}")
            for party, cases in rows.groupby("party", sort=False):
                results = "".join(
                    f"{show.in_millions(r.result_pence, signed=True):>12}"
                    f" ({show.in_millions(r.transfer_pence, signed=True):>8})"
                    for r in cases.itertuples()
                )
                risk = self._risk(contract, str(party))
                yield f"      {self.label(party)[: _FORM - 3]:<{_FORM - 2}}{results}{_risk_cells(risk, str(form))}"

    def _not_simulated(self) -> Iterator[str]:
        frame = self.tables["forms_not_simulated"]
        if len(frame):
            yield from ("", "Not simulated")
        for row in frame.itertuples():
            where = "" if row.contract == "all" else f" in {row.contract}"
            yield f"  {row.form} {row.form_name}{where}, {row.lines} lines. {row.reason}"

    def _risk(self, contract: str, party: str) -> pd.DataFrame | None:
        if "party_risk" not in self.tables:
            return None
        return self._by_party.get((contract, party))

    @cached_property
    def _by_party(self) -> dict[tuple[str, str], pd.DataFrame]:
        frame = views.risk(self.tables)
        return {(str(c), str(p)): rows.set_index("form") for (c, p), rows in frame.groupby(["contract", "party"])}  # type: ignore[misc]

    def _pool(self, contract: str, form: str) -> str:
        frame = self.tables.get("party_risk")
        if frame is None:
            return ""
        rows = frame[(frame["contract"] == contract) & (frame["form"] == form)]
        if rows.empty or pd.isna(rows["chance_pool_exhausted"].iloc[0]):
            return ""
        pool = show.in_millions(rows["pool_pence"].iloc[0])
        return f" (risk pool {pool} exhausted in {show.percent(rows['chance_pool_exhausted'].iloc[0])} of draws)"

    def _risk_heads(self, risk: pd.DataFrame | None) -> str:
        return "" if risk is None else f"{'loss in':>10}{'worst':>10}{'':>8}"

    def facts(self) -> dict[str, Any]:
        """The answer for scripts."""
        return {
            "status": "complete",
            "run": self.run.run_id,
            **self._asked(),
            "contracts": [agreement.contract for agreement in self.agreements],
            "by_party": _records(views.party_margins(self.tables)),
            "by_contract": _records(self.tables["contract_simulation"]),
            "risk": _records(self.tables["party_risk"]) if "party_risk" in self.tables else [],
            "not_simulated": _records(self.tables["forms_not_simulated"]),
            "seconds": round(self.seconds, 3),
        }

    def _asked(self) -> dict[str, Any]:
        asked = self.asked
        return {
            "year": str(asked.year),
            "activity": list(asked.ratios),
            "lines": dict(asked.lines),
            "parties": dict(asked.parties),
            "draws": asked.draws,
            "seed": asked.seed,
            "forms": list(asked.forms),
        }

    def write(self, target: Path) -> Path:
        """Write the folder: tables, the page and a manifest.

        Raises:
            StoreError: it could not be written.
        """
        from budget.audit.beside import publish_beside

        contracts = hash_value([agreement.model_dump(mode="json") for agreement in self.agreements])
        facts = {
            "kind": KIND,
            "run_id": self.run.run_id,
            "run_output_hash": self.run.manifest["output_hash"],
            "contracts_hash": contracts,
            **self._asked(),
        }
        return publish_beside(target, self.tables, {"simulation.html": self._write_page}, facts)

    def _write_page(self, path: Path) -> None:
        from budget.report.leaf import Leaf, write_leaf
        from budget.report.simulation import simulation_sections

        said = self.run.manifest
        tables = dict(self.tables) | ({} if self.flow is None else {"money_flow": self.flow})
        foot = f"Run {said['run_id']}. {self.contracts_told()} No gate judged any of this."
        sections = simulation_sections(tables, self)
        write_leaf(Leaf("Simulation of payment", said["title"], self.heading(), said["notice"], sections, foot), path)


def folder_for(run: Run, wanted: Wanted, named: str | None) -> Path:
    """Where the simulation is written: the folder that is named, else one beside the run.

    Raises:
        ConfigurationError: something else lies there, or its parent is not there.
    """
    target = Path(named) if named else run.folder.with_name(f"{run.run_id}-simulation-{wanted.digest()[:8]}")
    if not target.parent.is_dir():
        raise ConfigurationError(f"--out {target}: there is no folder {target.parent}.")
    if target.exists() and not _is_simulation(target):
        raise ConfigurationError(f"--out {target}: something else is there; name a folder that is not there yet.")
    return target


def _is_simulation(folder: Path) -> bool:
    manifest = folder / "manifest.json"
    return manifest.is_file() and f'"{KIND}"' in manifest.read_text(encoding="utf-8")


def _labels(run: Run) -> dict[str, str]:
    """Words of the locality for its codes; none where its file is gone, and the codes stand for themselves."""
    from budget.plan import Plan

    try:
        return dict(Plan.read(Path(run.manifest["config"])).labels)
    except ConfigurationError:
        return {}


def _capacity(risk: pd.DataFrame | None) -> str:
    if risk is None or pd.isna(risk["can_bear_pence"].iloc[0]):
        return ""
    return f"; says it can bear {show.in_millions(risk['can_bear_pence'].iloc[0])}"


def _risk_cells(risk: pd.DataFrame | None, form: str) -> str:
    """Chance of a loss, the worst year in twenty, and whether it is beyond what the party can bear."""
    if risk is None or form not in risk.index:
        return ""
    row = risk.loc[form]
    beyond = "" if pd.isna(row["within"]) or row["within"] else "  beyond"
    return (
        f"{show.percent(row['chance_of_loss']):>10}{show.in_millions(row['worst_pence'], signed=True):>10}{beyond:<8}"
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]

"""Write the canonical inputs of a locality from its recipe."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from budget.synth.about import about
from budget.synth.activity import draw_care
from budget.synth.aggregates import normalised_spend, small_tables
from budget.synth.calibration import pence_per_weight
from budget.synth.chance import stream
from budget.synth.conditions import condition_columns, draw_conditions, prevalences
from budget.synth.curves import CostCurves
from budget.synth.footprint import Footprint, read_footprint
from budget.synth.nation import nationwide
from budget.synth.people import Population, draw_population
from budget.synth.providers import patient_flows, providers, shares_of
from budget.synth.recipe import Recipe
from budget.synth.registrations import as_text
from budget.synth.waiting import Waiting
from budget.synth.write import Folder

Report = Callable[[str], None]


@dataclass(frozen=True)
class SynthSummary:
    """What was written.

    Attributes:
        out: the input folder.
        people: people on the published list, drawn exactly.
        sampled: whether it is a sample of the list.
        seed: the seed that was used.
        rows: rows by table.
        attribution: normalised spend over the cost of all activity, by service line.
    """

    out: Path
    people: int
    sampled: bool
    seed: int
    rows: dict[str, int]
    attribution: dict[str, float]


def write_locality(
    recipe: Path, out: Path, *, people: int | None = None, seed: int | None = None, report: Report | None = None
) -> SynthSummary:
    """Write person-level inputs that match the published counts, and every small table a run needs.

    The same recipe, seed and number of people give the same bytes.

    Args:
        recipe: the locality's recipe (YAML).
        out: folder to write to; tables that it holds already are replaced.
        people: draw a sample of this many listed people; everything else is scaled alike.
        seed: in place of the recipe's seed.
        report: told what is being done, one sentence at a time.

    Raises:
        ConfigurationError: the recipe or a published file is missing or wrong, or the number of people is not possible.
    """
    told = Recipe.read(recipe)
    say = report or (lambda _: None)
    with TemporaryDirectory(prefix="capitation-synth-") as scratch:
        if told.nation is not None:
            say("tables that are published place by place, from those of the nation")
            told = nationwide(told, told.nation, Path(scratch))
        return _Writer(read_footprint(told, people), Folder(out), told.seed if seed is None else seed, say).write()


class _Writer:
    """Draws place by place; care waits on disk for its cost, until that of every place is drawn."""

    def __init__(self, footprint: Footprint, folder: Folder, seed: int, say: Report) -> None:
        self._footprint, self._folder, self._seed, self._say = footprint, folder, seed, say
        self._flows = patient_flows(footprint)
        self._curves = CostCurves(footprint)
        self._shares = prevalences(footprint)
        self._waiting = Waiting(folder.scratch)

    def write(self) -> SynthSummary:
        self._folder.open()
        self._write_small_tables()
        weight = pd.DataFrame({place: self._write_people(place) for place in self._footprint.places}).T
        attribution = self._write_activity(weight)
        footprint, rows = self._footprint, dict(sorted(self._folder.rows.items()))
        self._folder.text("ABOUT.md", about(footprint, self._seed, rows, attribution))
        self._folder.publish()
        return SynthSummary(self._folder.path, footprint.people, footprint.fraction < 1, self._seed, rows, attribution)

    def _write_small_tables(self) -> None:
        self._say("published tables")
        for name, frame in small_tables(self._footprint).items():
            self._folder.frame(name, frame)
        self._folder.frame("patient_flows", self._flows)
        self._folder.frame("providers", providers(self._footprint, self._flows))

    def _write_people(self, place: str) -> dict[str, float]:
        """Write a place's registrations and conditions, and put its care away; the weight of its care by line."""
        self._say(f"people of {place}")
        footprint, seed, part = self._footprint, self._seed, self._part(place)
        population = draw_population(footprint, place, seed)
        codes = list(footprint.practices["practice_code"]), list(footprint.areas["lsoa_code"])
        self._folder.part("registered_list", part, population.registrations.as_columns(*codes))
        self._folder.part("person_merges", part, _merge_columns(population))
        diagnoses = draw_conditions(footprint, place, population, self._shares, seed)
        self._folder.part("conditions", part, condition_columns(footprint, place, population, diagnoses, seed))
        drawn = draw_care(footprint.recipe, place, population, diagnoses, self._curves, seed)
        return {line: self._waiting.put(part, line, care) for line, care in drawn}

    def _write_activity(self, weight: pd.DataFrame) -> dict[str, float]:
        """Cost the activity and write it; normalised spend over its cost, by line."""
        normalised = normalised_spend(self._footprint)
        rates = pence_per_weight(self._footprint.recipe, weight, normalised)
        costed = dict.fromkeys(rates.columns, 0)
        for place in self._footprint.places:
            self._say(f"activity of {place}")
            for name, pence in self._write_care(place, rates.loc[place]).items():
                costed[name] += pence
        return {name: int(normalised[name].sum()) / pence for name, pence in costed.items()}

    def _write_care(self, place: str, rates: pd.Series) -> dict[str, int]:
        tables = {name: self._costed(place, name, rates[name]) for name in rates.index}
        joined = pa.concat_tables(tables.values())
        self._folder.part("activity", self._part(place), {column: joined[column] for column in joined.column_names})
        # A place of a small sample may have no care in a line: a true zero.
        return {name: int(pc.sum(table["cost_pence"], min_count=0).as_py()) for name, table in tables.items()}

    def _costed(self, place: str, name: str, rate: float) -> pa.Table:
        care = self._waiting.take(self._part(place), name)
        shares = shares_of(self._footprint, self._flows, place, name)
        rng = stream(self._seed, place, "providers", name)
        return pa.table(care.columns(name, self._footprint.recipe.service_lines[name], rate, shares, rng))

    def _part(self, place: str) -> str:
        return re.sub(r"[^a-z0-9]+", "-", place.lower())


def _merge_columns(population: Population) -> dict[str, pa.Array]:
    return {"person_id": as_text(population.merges.old), "replaced_by": as_text(population.merges.new)}

"""One step of the budget as it is told: in words, by its formula with the numbers filled in, and by assumption."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from budget.audit.explain.formulas import FORMULAS, UNTOLD, Formula, Look
from budget.audit.explain.slice import Slice
from budget.ledger.steps import STEPS

_METHOD = re.compile(r"\s*\((?:[^()]*; )?the method, (steps? [^)]+)\)")


@dataclass(frozen=True)
class Part:
    """The movements of a step that share the numbers of its formula.

    Attributes:
        what: which they are: the codes of their keys, or the assumption they cite.
        before_pence: booked before the step.
        numbers: the formula's numbers, filled in.
        estimate_pence: what the formula gives, unrounded; None where the run does not hold its numbers.
        amount_pence: what was booked.
    """

    what: str
    before_pence: int
    numbers: str
    estimate_pence: float | None
    amount_pence: int


@dataclass(frozen=True)
class StepTold:
    """One step of the slice.

    Attributes:
        step: its name in the ledger.
        title: what people call it.
        words: what it does.
        method: where the method describes it.
        formula: in the terms of the method.
        before_pence: running total before it.
        amount_pence: what it moved.
        after_pence: running total after it.
        estimate_pence: what the formula gives, unrounded; None where the run does not hold its numbers.
        rounding_pence: booked less estimated: pennies of the largest remainder.
        movements: rows of the ledger.
        parts: movements by the numbers of the formula.
        assumptions: every assumption that the movements cite.
    """

    step: str
    title: str
    words: str
    method: str
    formula: str
    before_pence: int
    amount_pence: int
    after_pence: int
    estimate_pence: float | None
    rounding_pence: float | None
    movements: int
    parts: tuple[Part, ...]
    assumptions: tuple[dict[str, Any], ...]


def tell_steps(look: Look, asked: Slice) -> Iterator[StepTold]:
    """Every step of the year that moved something in the slice, in order, with a running total."""
    running = 0
    for name in look.booked.steps:
        moves = estimates(look, name)
        mine = moves[asked.holds(moves)]
        if len(mine):
            told = _tell(look, name, mine, running)
            running = told.after_pence
            yield told


def estimates(look: Look, step: str) -> pd.DataFrame:
    """Every movement of a step, all keys, with its estimate."""
    if step not in look.found:
        look.found[step] = FORMULAS.get(step, UNTOLD).estimate(look, look.booked.moves(step))
    return look.found[step]


def _tell(look: Look, name: str, rows: pd.DataFrame, running: int) -> StepTold:
    formula = FORMULAS.get(name, UNTOLD)
    amount, estimate = int(rows["amount"].sum()), _known(rows["estimate"])
    title, words, method = _described(name)
    cited = dict.fromkeys(cite for names in rows["cited"] for cite in names)
    return StepTold(
        step=name,
        title=title,
        words=words,
        method=method,
        formula=formula.text,
        before_pence=running,
        amount_pence=amount,
        after_pence=running + amount,
        estimate_pence=estimate,
        rounding_pence=None if estimate is None else amount - estimate,
        movements=len(rows),
        parts=tuple(_parts(formula, rows)),
        assumptions=tuple(look.assumed.told(cite, look.year) for cite in cited),
    )


def _parts(formula: Formula, rows: pd.DataFrame) -> Iterator[Part]:
    for _, part in rows.groupby(list(formula.by), sort=False, dropna=False):
        what = [str(part[column].iloc[0]) for column in formula.by if part[column].dtype != bool]
        yield Part(
            what=" / ".join(what),
            before_pence=int(part["before"].sum()),
            numbers=formula.tell(part),
            estimate_pence=_known(part["estimate"]),
            amount_pence=int(part["amount"].sum()),
        )


def _known(estimates: pd.Series) -> float | None:
    return None if estimates.isna().any() else float(estimates.sum())


def _described(name: str) -> tuple[str, str, str]:
    """Title, words and place in the method of a step, as its own code says them."""
    known = {step.name: step for step in STEPS}
    if name not in known:
        return name.replace("_", " ").capitalize(), "A step that this version of the product does not know.", ""
    words = " ".join((known[name].apply.__doc__ or "").split("\n\n")[0].split())
    method = _METHOD.search(words)
    return known[name].title, _METHOD.sub("", words), method[1] if method else ""

"""The eight principles of a payment system (the method, section 2.5), each answered from the run's own figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from budget.report import show
from budget.report.facts import RunFacts, RunTables
from budget.report.views import payment

MOST_SAVED = 0.03
"""A year's saving that providers have seldom made; more is named."""
MOST_MEASURES = 10
"""Outcome measures that people can act on; more are named."""
_NATIONAL = "national"
_NO_CONTRACT = "No contract is named"


@dataclass(frozen=True)
class Answer:
    """What a run says of one principle.

    Attributes:
        text: the answer.
        warns: whether somebody should look at it.
    """

    text: str
    warns: bool = False


Ask = Callable[[RunTables, RunFacts], Answer]


def answers(tables: RunTables, facts: RunFacts) -> tuple[tuple[str, Answer], ...]:
    """The principles in order, each with its answer."""
    return tuple((name, ask(tables, facts)) for name, ask in _ASKED.items())


def _purpose(tables: RunTables, _: RunFacts) -> Answer:
    terms = _contracts(tables)
    if terms is None:
        return Answer(f"{_NO_CONTRACT}, so no purpose is stored.", warns=True)
    return Answer(" ".join(f"{row.title}: {row.purpose}" for row in terms.itertuples()))


def _expectations(tables: RunTables, _: RunFacts) -> Answer:
    bridge = tables["growth_bridge"]
    saved = -bridge.loc[bridge["step"] == "efficiency"].set_index(["financial_year", "place"])["amount_pence"]
    opened = bridge[bridge["step"] == "baseline"].set_index(["financial_year", "place"])["balance_pence"]
    agreed = _agreed_savings(tables)
    whole = saved.add(agreed, fill_value=0)  # a place without an agreed saving saves nothing beside efficiency
    shares = (whole / opened).dropna()
    year, place = shares.idxmax()
    most = float(shares.max())
    text = (
        f"At most {show.percent(most)} of a place's opening budget is to be saved in one year ({place}, {year}), by "
        f"the efficiency factor and agreed savings together; more than {show.percent(MOST_SAVED, 0)} would be named."
    )
    return Answer(text, warns=most > MOST_SAVED)


def _agreed_savings(tables: RunTables) -> pd.Series:
    moves = tables.get("policy_moves")
    keys = ["financial_year", "place"]
    if moves is None or moves.empty:
        return pd.Series(dtype="float64", index=pd.MultiIndex.from_tuples([], names=keys))
    return -moves[moves["kind"] == "savings"].groupby(keys)["amount_pence"].sum().astype("float64")


def _consistency(_: RunTables, facts: RunFacts) -> Answer:
    local = int((facts.assumptions["set_by"] != _NATIONAL).sum())
    count = len(facts.assumptions)
    return Answer(
        f"{local} of {count} values are the locality's own or a scenario's; the others are national defaults."
    )


def _incentives(tables: RunTables, _: RunFacts) -> Answer:
    if "party_risk" not in tables or "service_line_margins" not in tables:
        return Answer("No provider is known, so nobody's margin can be simulated.", warns=True)
    frame = payment.agreed_risk(tables)
    paid = frame[(frame["kind_of_form"] == "payment") & (frame["kind"] == "provider")]
    if paid.empty:
        return Answer(f"{_NO_CONTRACT}; margins of providers stand under Payment forms.")
    share = paid["mean_pence"] / paid["budget_pence"]
    beyond = paid[paid["within"].eq(False).fillna(False)]["party"].nunique()
    text = (
        f"As paid under their contracts, {len(paid)} parties keep between {show.percent(share.min(), signed=True)} "
        f"and {show.percent(share.max(), signed=True)} of their budget on average; {beyond} of them may lose more in "
        "one year of 20 than they say they can bear."
    )
    return Answer(text, warns=beyond > 0)


def _quality(_: RunTables, facts: RunFacts) -> Answer:
    asked = len(facts.checks)
    if not asked:
        return Answer("No check was asked.", warns=True)
    passed = sum(check.outcome == "passed" for check in facts.checks)
    return Answer(f"{show.percent(passed / asked)} of {asked} checks passed ({passed} of {asked}).", warns=False)


def _simplicity(tables: RunTables, facts: RunFacts) -> Answer:
    changed = int(facts.assumptions["previous_value"].notna().sum())
    measures = tables.get("contract_measures")
    count = 0 if measures is None or measures.empty else int(measures.groupby("contract").size().max())
    text = (
        f"{changed} parameters replace an earlier value; the contract with most outcome measures has {count} "
        f"(more than {MOST_MEASURES} would be named)."
    )
    return Answer(text, warns=count > MOST_MEASURES)


def _oversight(_: RunTables, facts: RunFacts) -> Answer:
    if facts.status == "draft":
        return Answer("Nobody has signed this run off: it is a draft until a named person approves it.", warns=True)
    return Answer(f"The run is {facts.status}.")


def _time(tables: RunTables, facts: RunFacts) -> Answer:
    bridge = tables["growth_bridge"]
    rebased = bridge[(bridge["step"] == "rebasing") & (bridge["amount_pence"] != 0)]["financial_year"]
    last = facts.budget_years[-1]
    since = last.start - (int(str(rebased.max())[:4]) if len(rebased) else facts.base_year.start)
    terms = _contracts(tables)
    length = "" if terms is None else f" Contracts run for {terms['years'].min()} to {terms['years'].max()} years."
    return Answer(f"The budget of {last} stands {since} years after its last rebase to actual spend.{length}")


def _contracts(tables: RunTables) -> pd.DataFrame | None:
    terms = tables.get("contract_terms")
    return None if terms is None or terms.empty else terms.drop_duplicates("contract")


_ASKED: Mapping[str, Ask] = MappingProxyType(
    {
        "Clear purpose": _purpose,
        "Realistic expectations": _expectations,
        "National consistency, local flexibility": _consistency,
        "Aligned incentives": _incentives,
        "High-quality data": _quality,
        "Complexity and ease of use in balance": _simplicity,
        "Independent oversight": _oversight,
        "Time to embed and evaluate": _time,
    }
)

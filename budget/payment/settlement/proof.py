"""Proof of a settlement: where money only moves, nothing is made and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from budget.kernel.checks import CheckResult
from budget.payment.settlement.journal import CLEARING, balances

_GATE = "settlement"


def prove(tables: Mapping[str, pd.DataFrame]) -> tuple[CheckResult, ...]:
    """What must hold of every settlement, to the penny.

    Args:
        tables: those of ``settle_year``.
    """
    journal = tables.get("settlement_journal")
    if journal is None:
        return ()
    accounts = balances(journal)
    clearing = accounts[accounts["kind"] == CLEARING].groupby("account")["amount_pence"].sum()
    whole = int(accounts["amount_pence"].sum())
    found = [
        _check("Y41", "settlement_journal", "every amount that one party receives another pays", [""] if whole else []),
        _check(
            "Y42", "settlement_journal", "clearing accounts of contracts are empty", list(clearing[clearing != 0].index)
        ),
        _check(
            "Y43", "settlement_parties", "statements of the quarters add up to what is settled to date", _gaps(tables)
        ),
    ]
    pools = tables["pool_balance"]
    below = sorted(set(pools.loc[pools["closing_pence"] < 0, "place"]))
    return (*found, _check("Y44", "pool_balance", "no pool pays more than it has", below))


def _gaps(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Parties whose journal over all quarters is not what they are due to date beside what was paid on account."""
    parties, journal = tables["settlement_parties"], tables["settlement_journal"]
    last = parties[parties["quarter"] == parties["quarter"].max()]
    due = last["list_pence"] + last["true_up_pence"] - last["unearned_pence"] + last["shared_pence"]
    moved = balances(journal)
    items = ("incentive_destination", "prior_year", "choice", "risk_pool")
    mine = moved[moved["kind"].isin(["provider", "place"]) & ~moved["item"].isin(items)]
    sums = mine.groupby(["contract", "account"])["amount_pence"].sum()
    found = zip(last["contract"], last["party"], due, strict=True)
    # who neither receives nor pays has no entry: a true zero
    return [f"{contract}, {party}" for contract, party, pence in found if sums.get((contract, party), 0) != pence]


def _check(check_id: str, name: str, rule: str, keys: list[str]) -> CheckResult:
    return CheckResult(
        _GATE,
        check_id,
        "fail",
        "failed" if keys else "passed",
        name,
        rule,
        rows_failed=len(keys),
        mend="tell the maintainers: no input should bring this about" if keys else "",
        keys=tuple(key for key in keys if key),
    )

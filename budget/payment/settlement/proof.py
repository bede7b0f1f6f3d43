"""Proof of a settlement: where money only moves, nothing is made and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from budget.kernel.checks import CheckResult
from budget.payment.settlement.journal import CLEARING, COMMISSIONER, OTHER, balances

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
    rule = "results of parties and commissioners add up to expected less actual, less what goes to pools and others"
    return (
        *found,
        _check("Y44", "pool_balance", "no pool pays more than it has", below),
        _check("Y45", "contract_results", rule, _unbalanced(tables)),
    )


def _gaps(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Parties whose journal over all quarters is not what they are due to date beside what was paid on account."""
    parties, journal = tables["settlement_parties"], tables["settlement_journal"]
    last = _last(parties)
    due = last["list_pence"] + last["true_up_pence"] - last["unearned_pence"] + last["shared_pence"]
    moved = balances(journal)
    items = ("incentive_destination", "prior_year", "choice", "risk_pool")
    mine = moved[moved["kind"].isin(["provider", "place"]) & ~moved["item"].isin(items)]
    sums = mine.groupby(["contract", "account"])["amount_pence"].sum()
    found = zip(last["contract"], last["party"], due, strict=True)
    # who neither receives nor pays has no entry: a true zero
    return [f"{contract}, {party}" for contract, party, pence in found if sums.get((contract, party), 0) != pence]


def _unbalanced(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Contracts whose results do not add up: a party's does not count incentive that comes back to it."""
    parties, results = (_last(tables[name]).groupby("contract") for name in ("settlement_parties", "contract_results"))
    moved = balances(tables["settlement_journal"])
    incentive = (moved["item"] == "incentive_destination") & ~moved["kind"].isin([COMMISSIONER, CLEARING])
    beyond = moved[incentive | (moved["kind"] == OTHER)].groupby("contract")["amount_pence"].sum()
    told = (
        parties["result_pence"].sum() + results["commissioner_result_pence"].sum() - results["difference_pence"].sum()
    )
    # nothing of most contracts goes to others: a true zero
    gap = told + beyond.reindex(told.index, fill_value=0)
    return list(gap[gap != 0].index)


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["quarter"] == table["quarter"].max()]


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

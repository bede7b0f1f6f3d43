"""A year settled up to the end of one month: provisional and cumulative; at the end of month 12 it is final."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.kernel.money import half_up
from budget.payment.inyear.choice import known_choice, reconcile_choice
from budget.payment.inyear.known import known_by, sum_if_known
from budget.payment.settlement.books import Books
from budget.payment.settlement.expected import expected_to_date, of_contract, paid_on_account, trend
from budget.payment.settlement.holdings import CONTRACT, PLACE
from budget.payment.settlement.journal import CLEARING, COMMISSIONER, OTHER, POOL, Journal, by_contribution
from budget.payment.settlement.list_money import list_money
from budget.payment.settlement.outcomes import performance_of, scores
from budget.payment.settlement.payments import due_to_date, share_at_stake
from budget.payment.settlement.pool import Pool, pay_claim, pools_of
from budget.payment.settlement.prime import Prime, held_by_primes, primes_of
from budget.payment.settlement.sharing import Shared, share_result
from budget.payment.settlement.terms import Deal

LINE = ["kind", "contract", "party", "place", "service_line"]
_PARTY = ["kind", "contract", "party"]


@dataclass(frozen=True)
class ToDate:
    """What a settlement to date says.

    Attributes:
        month: how many months.
        journal: what changes hands; see ``budget.payment.settlement.journal``.
        lines: kind, contract, party, place, service_line, account_pence, list_pence, planned_pence, cost_pence, units.
        parties: kind, contract, party, account_pence, list_pence, true_up_pence, payment_pence, unearned_pence,
            shared_pence, cost_pence, result_pence, performance.
        contracts: kind, contract, form, expected_basis, expected_pence, actual_pence, difference_pence, score,
            passed_pence, commissioner_result_pence.
        pools: ``pool_balance`` rows.
        choice: ``reconcile_choice``; None where it is not known.
    """

    month: int
    journal: pd.DataFrame
    lines: pd.DataFrame
    parties: pd.DataFrame
    contracts: pd.DataFrame
    pools: pd.DataFrame
    choice: pd.DataFrame | None


def settle_to(books: Books, month: int) -> ToDate:
    """Settle the year up to the end of a month with what is known by then (the method, step 16).

    Order: list changes, truing up to what forms pay, incentive, gain and loss share, the contract's form; then patient
    choice and losses of commissioners draw on the pools of places, choice first; prior years last.

    Raises:
        ConfigurationError: a contract expects something that is not known.
    """
    return _Settlement(books, month).settle()


class _Settlement:
    """The steps share the journal, the pools and what each contract came to."""

    def __init__(self, books: Books, month: int) -> None:
        self._books, self._month = books, month
        self._journal, self._pools = Journal(), pools_of(books.run["integrated_budget"], str(books.year))
        self._scores = scores(books.outcomes_by(month))
        self._list = list_money(books, month)
        self._lines = _lines(books, month, self._list)
        otherwise = books.otherwise
        self._otherwise = None if otherwise is None else otherwise[otherwise["month"] <= month]
        self._trend = trend(books.run["funding_gap"], str(books.year)) if books.run.has("funding_gap") else None

    def settle(self) -> ToDate:
        self._move_list_money()
        choice = self._settle_choice()
        told = [self._settle_contract(deal) for deal in self._books.deals]
        self._settle_prior_years()
        return ToDate(
            self._month,
            self._journal.table(),
            self._lines,
            pd.concat([parties for parties, _ in told], ignore_index=True),
            pd.DataFrame([row for _, row in told]),
            pd.DataFrame([pool.row() for pool in self._pools.values()]),
            choice,
        )

    def _move_list_money(self) -> None:
        for row in self._list.itertuples(index=False):
            payer, payee = (COMMISSIONER, row.commissioner), (_kind(row.kind), row.party)
            self._journal.move(row.contract, row.item, payer, payee, row.amount_pence)

    def _settle_contract(self, deal: Deal) -> tuple[pd.DataFrame, dict[str, object]]:
        """Settle one contract: its parties, and what it came to."""
        lines = of_contract(self._lines, deal)
        parties = _parties(deal, lines, self._month)
        self._fund(deal, "true_up", parties, parties["true_up_pence"])
        score = self._scores.get(deal.id)
        parties["unearned_pence"] = _unearned(deal, lines, parties, self._books, score, self._month)
        parties["performance"] = performance_of(deal, parties["party"], self._books.known_outcomes(self._month))
        expected = expected_to_date(deal, lines, self._trend, self._otherwise)
        shared = share_result(deal, parties, expected, score)
        back = self._move_incentive(deal, parties)
        self._fund(deal, "gain_loss", parties, pd.Series(-shared.passed_pence, index=parties.index))
        self._move_by_form(deal, parties, shared)
        back += int(shared.passed_pence.sum()) + shared.beside_pence.get(COMMISSIONER, 0)
        paid = int(parties["payment_pence"].sum()) - back
        # a pool pays what commissioners pay beyond the plan; what was expected otherwise is no money of theirs
        self._claim_losses(deal, lines, int(parties["planned_pence"].sum()) - paid)
        parties["shared_pence"] = shared.moved_pence - shared.passed_pence
        return _with_results(parties), _told(deal, shared, score, expected - paid)

    def _fund(self, deal: Deal, item: str, parties: pd.DataFrame, pence: pd.Series) -> None:
        """Parties receive, commissioners fund, by what they put in."""
        accounts = [(_kind(deal.kind), str(party)) for party in parties["party"]]
        total = int(pence.sum())
        fund = by_contribution(total, self._books.contributions(deal))
        self._journal.through_clearing(deal.id, item, zip(accounts, pence, strict=True), fund)

    def _move_incentive(self, deal: Deal, parties: pd.DataFrame) -> int:
        """What was not earned leaves the parties for where the locality says that it goes.

        Returns:
            What of it comes back to the commissioners, pence.
        """
        clearing, total = (CLEARING, deal.id), int(parties["unearned_pence"].sum())
        for row in parties.itertuples(index=False):
            self._journal.move(
                deal.id, "incentive_unearned", (_kind(deal.kind), row.party), clearing, row.unearned_pence
            )
        destination = self._books.assumptions.choice("ips_unearned_destination", self._books.year)
        match destination:
            case "commissioner":
                shares = list(by_contribution(total, self._books.contributions(deal)))
            case "pool":
                shares = list(by_contribution(total, self._by_place(deal), POOL))
                for (_, place), pence in shares:
                    self._pools[place].replenish("incentive_destination", pence)
            case _:
                by_party = parties.set_index("party")["planned_pence"]
                shares = list(by_contribution(total, by_party, _kind(deal.kind)))
        for account, pence in shares:
            self._journal.move(deal.id, "incentive_destination", clearing, account, pence)
        return total if destination == COMMISSIONER else 0

    def _move_by_form(self, deal: Deal, parties: pd.DataFrame, shared: Shared) -> None:
        clearing = (CLEARING, deal.id)
        for party, pence in zip(parties["party"], shared.moved_pence, strict=True):
            self._journal.move(deal.id, "contract_form", clearing, (_kind(deal.kind), str(party)), int(pence))
        for name, pence in shared.beside_pence.items():
            if name != COMMISSIONER:
                self._journal.move(deal.id, "contract_form", clearing, (OTHER, name), pence)
                continue
            for account, part in by_contribution(pence, self._books.contributions(deal)):
                self._journal.move(deal.id, "contract_form", clearing, account, part)

    def _claim_losses(self, deal: Deal, lines: pd.DataFrame, result_pence: int) -> None:
        """What commissioners bear of a loss is asked of the pools of the contract's places."""
        if result_pence >= 0:
            return
        contributions = self._books.contributions(deal)
        for (_, place), loss in by_contribution(-result_pence, self._by_place(deal), POOL):
            for account, part in by_contribution(loss, contributions):
                pay_claim(self._pools[place], self._journal, deal.id, "gain_loss", account, part)

    def _by_place(self, deal: Deal) -> pd.Series:
        return of_contract(self._books.held, deal).groupby("place")["annual_pence"].sum()

    def _settle_choice(self) -> pd.DataFrame | None:
        """Reconcile patient choice; where the commissioner holds the money, the pool of the place settles it.

        Under a contract with a prime provider (C6) the commissioner still pays whoever patients choose; what that is
        less or more than planned passes to the prime provider.
        """
        books, actual = self._books, self._books.actuals.choice
        if actual is None or not books.run.has("choice_by_provider"):
            return None
        run, year = books.run, str(books.year)
        planned, done = known_choice(run["choice_by_provider"], actual, self._month, books.last)
        table = reconcile_choice(planned, done, run["choice_terms"], year, self._month)
        if len(table) and table["method"].iloc[0] == "commissioner_keeps":
            primes, held = primes_of(books.deals, books.held), _choice_holders(run["integrated_budget"], year)
            table = held_by_primes(table, primes)
            kept = table[table["method"] == "commissioner_keeps"]
            for place, pence in kept.groupby("place")["difference_pence"].sum().items():
                self._settle_choice_of(self._pools[str(place)], int(pence), held.loc[str(place)])
            for prime in primes:
                self._pay_prime(prime, table, held)
        return table

    def _pay_prime(self, prime: Prime, choice: pd.DataFrame, held: pd.Series) -> None:
        for place, pence in prime.gains(choice).items():
            for account, part in by_contribution(int(pence), held.loc[str(place)]):
                self._journal.move(prime.contract, "choice", account, (_kind(CONTRACT), prime.party), part)

    def _settle_choice_of(self, pool: Pool, over_pence: int, holders: pd.Series) -> None:
        for account, part in by_contribution(abs(over_pence), holders):
            if over_pence > 0:
                self._journal.move(pool.place, "choice", (POOL, pool.place), account, pool.draw("choice", part))
            else:
                pool.replenish("choice", part)
                self._journal.move(pool.place, "choice", account, (POOL, pool.place), part)

    def _settle_prior_years(self) -> None:
        adjustments = self._books.prior_year
        if adjustments is None:
            return
        for row in known_by(adjustments, self._month, self._books.last).itertuples(index=False):
            payer, payee = (COMMISSIONER, row.commissioner), (_kind(row.kind), row.party)
            self._journal.move(row.contract, "prior_year", payer, payee, row.amount_pence)


def _kind(kind: str) -> str:
    """Kind of account of a party: a provider of a contract, or the budget of a place."""
    return "provider" if kind == CONTRACT else PLACE


def _lines(books: Books, month: int, money: pd.DataFrame) -> pd.DataFrame:
    """Plan to date and actual cost of every party by place and line."""
    paid = paid_on_account(books.held, books.run["monthly_profile"], str(books.year), month)
    account = paid.groupby(LINE)[["account_pence", "annual_pence", "incentive_pence"]].sum()
    people = money.groupby(LINE)["amount_pence"].sum().rename("list_pence")
    until = books.costs[books.costs["month"] <= month]
    sums = until.groupby(LINE)
    cost = sums["amount_pence"].sum().rename("cost_pence").to_frame().join(sum_if_known(sums, "units"))
    told = account.join(people, how="outer").join(cost, how="outer").reset_index()
    # a line without plan, list change or spend has none: true zeros
    for name in ("account_pence", "annual_pence", "incentive_pence", "list_pence", "cost_pence"):
        told[name] = told[name].where(told[name].notna(), 0).astype("int64")
    told = told.merge(books.plans, on=LINE[1:], how="left", validate="one_to_one")
    return told.assign(planned_pence=told["account_pence"] + told["list_pence"])


def _parties(deal: Deal, lines: pd.DataFrame, month: int) -> pd.DataFrame:
    """Each party's plan and cost to date, and what its payment form makes of it."""
    sums = ["account_pence", "list_pence", "planned_pence", "annual_pence", "cost_pence"]
    parties = lines.groupby(_PARTY, as_index=False)[sums].sum()
    due = [_true_up(deal, str(party), lines[lines["party"] == party], month) for party in parties["party"]]
    lead = deal.agreement.lead if deal.agreement else None
    return parties.assign(
        true_up_pence=np.array(due, dtype=np.int64),
        payment_pence=parties["planned_pence"] + np.array(due, dtype=np.int64),
        lead=[lead is not None and lead.party == party for party in parties["party"]],
    )


def _true_up(deal: Deal, party: str, lines: pd.DataFrame, month: int) -> int:
    """What a party is due by its form less what is planned for its people."""
    if deal.agreement is None:
        return 0  # a place's budget follows its people alone (F10)
    payment = deal.agreement.party(party).payment
    assert payment is not None
    by_line = form_lines(lines)
    due = due_to_date(payment, by_line, month)
    return int(due["due_pence"].sum() - by_line["planned_pence"].sum())


def form_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """A party's lines as payment forms read them: units of the year's plan grow as the money does with people.

    Units are known of a line where they are of every place; else nobody knows how the whole stands to the plan.
    """
    sums = lines.groupby("service_line")
    table = sums[["account_pence", "planned_pence", "cost_pence"]].sum()
    growth = (table["planned_pence"] / table["account_pence"]).where(table["account_pence"] > 0, 1.0)
    planned, actual = (sum_if_known(sums, name) for name in ("planned_units", "units"))
    return table.assign(planned_units=planned * growth, actual_units=actual).reset_index()


def _unearned(
    deal: Deal, lines: pd.DataFrame, parties: pd.DataFrame, books: Books, score: float | None, month: int
) -> pd.Series:
    """What outcomes have not earned of every party's incentive to date; nothing until they are known."""
    if score is None or deal.scores_itself:
        return pd.Series(0, index=parties.index, dtype="int64")
    if deal.agreement is None:
        part = lines["incentive_pence"] / lines["annual_pence"].where(lines["annual_pence"] != 0)
        stake = (lines["planned_pence"] * part).groupby(lines["party"]).sum()
    else:
        stake = pd.Series({party: _stake(deal, str(party), lines) for party in parties["party"]})
    missed = [half_up(float(stake[party]) * (1 - score)) for party in parties["party"]]
    return pd.Series(missed, index=parties.index, dtype="int64")


def _stake(deal: Deal, party: str, lines: pd.DataFrame) -> float:
    agreement = deal.agreement
    assert agreement is not None
    payment = agreement.party(party).payment
    assert payment is not None
    otherwise = agreement.outcomes.share if agreement.outcomes else 0.0  # no outcomes are agreed
    mine = lines[lines["party"] == party]
    shares = [share_at_stake(payment, str(line), otherwise) for line in mine["service_line"]]
    return float((mine["planned_pence"] * np.array(shares)).sum())


def _with_results(parties: pd.DataFrame) -> pd.DataFrame:
    received = parties["payment_pence"] - parties["unearned_pence"] + parties["shared_pence"]
    return parties.assign(result_pence=received - parties["cost_pence"]).drop(columns=["lead", "annual_pence"])


def _told(deal: Deal, shared: Shared, score: float | None, commissioners: int) -> dict[str, object]:
    return {
        "kind": deal.kind,
        "contract": deal.id,
        "form": deal.form.id,
        "expected_basis": deal.expected_basis,
        "expected_pence": shared.expected_pence,
        "actual_pence": shared.actual_pence,
        "difference_pence": shared.difference_pence,
        "score": score,
        "passed_pence": int(shared.passed_pence.sum()),
        "commissioner_result_pence": commissioners,
    }


def _choice_holders(budget: pd.DataFrame, year: str) -> pd.Series:
    """What every commissioner set aside, by place and commissioner; its payments where nobody set aside anything."""
    here = budget[budget["financial_year"].astype(str) == year]
    sums = here.groupby(["place", "commissioner"])[["carve_out_pence", "core_pence"]].sum()
    none_set_aside = sums.groupby("place")["carve_out_pence"].transform("sum") == 0
    return sums["carve_out_pence"].where(~none_set_aside, sums["core_pence"])

"""Shadow year: month by month what each party is paid under its contract, beside what it would be under today's."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from budget.payment.settlement.books import Books
from budget.payment.settlement.payments import due_to_date
from budget.payment.settlement.terms import Deal
from budget.payment.settlement.to_date import ToDate, form_lines

_KEYS = ["contract", "party"]
COLUMNS = [
    "month",
    *_KEYS,
    "in_force_form",
    "form",
    "in_force_pence",
    "integrated_pence",
    "cost_pence",
    "difference_pence",
    "cumulative_in_force_pence",
    "cumulative_integrated_pence",
    "cumulative_cost_pence",
    "cumulative_difference_pence",
    "in_force_result_pence",
    "integrated_result_pence",
]


def shadow_year(books: Books, months: Sequence[ToDate]) -> pd.DataFrame:
    """What every party that names a form in force is paid under it and under the integrated contract.

    Today's form is paid on the plan as it was set; the integrated contract follows people, and counts incentive and
    gain or loss to date.

    Args:
        books: the books of the year.
        months: the year settled to the end of every month, in order.

    Returns:
        The columns of ``shadow_year``; a month's amounts add up to the cumulative ones. No rows where no contract
        names what is in force.
    """
    rows = [row for told in months for deal in books.deals for row in _to_date(deal, told)]
    table = pd.DataFrame(rows, columns=["month", *_KEYS, "in_force_form", "form", *_CUMULATIVE])
    table = table.sort_values([*_KEYS, "month"], ignore_index=True)
    for name in _CUMULATIVE:
        before = table.groupby(_KEYS)[name].shift(fill_value=0)
        table[name.removeprefix("cumulative_")] = table[name] - before
    for kind in ("", "cumulative_"):
        table[f"{kind}difference_pence"] = table[f"{kind}integrated_pence"] - table[f"{kind}in_force_pence"]
    table["in_force_result_pence"] = table["cumulative_in_force_pence"] - table["cumulative_cost_pence"]
    table["integrated_result_pence"] = table["cumulative_integrated_pence"] - table["cumulative_cost_pence"]
    return table[COLUMNS].sort_values(["contract", "party", "month"], ignore_index=True)


_CUMULATIVE = ("cumulative_in_force_pence", "cumulative_integrated_pence", "cumulative_cost_pence")


def _to_date(deal: Deal, told: ToDate) -> list[tuple[object, ...]]:
    """A row of every party of a contract: paid under today's form, under the contract, and cost, to date."""
    if deal.agreement is None:
        return []
    rows: list[tuple[object, ...]] = []
    settled = told.parties[(told.parties["kind"] == deal.kind) & (told.parties["contract"] == deal.id)]
    for party in settled.itertuples(index=False):
        agreed = deal.agreement.party(party.party)
        if agreed.in_force is None or agreed.payment is None:
            continue
        lines = told.lines[(told.lines["contract"] == deal.id) & (told.lines["party"] == party.party)]
        unmoved = form_lines(lines.assign(planned_pence=lines["account_pence"]))
        today = int(due_to_date(agreed.in_force, unmoved, told.month)["due_pence"].sum())
        paid = int(party.payment_pence - party.unearned_pence + party.shared_pence)
        forms = (agreed.in_force.id, agreed.payment.id)
        rows.append((told.month, deal.id, party.party, *forms, today, paid, int(party.cost_pence)))
    return rows

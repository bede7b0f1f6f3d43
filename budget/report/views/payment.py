"""What providers and contracts would gain or lose under every form, for people."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables

_PARTY = ["contract", "provider_code", "form", "activity"]
_MONEY = ["planned_pence", "payment_pence", "cost_pence", "margin_pence", "stranded_pence"]
_SMALL = frozenset({"and", "of", "the", "for", "in", "on"})
AGREED, IN_FORCE, COMMISSIONER, NO_CONTRACT = "agreed", "in_force", "commissioner", "no_contract"


def party_margins(tables: RunTables) -> pd.DataFrame:
    """What every party of every contract is paid and left with, under forms that can pay all of its lines there.

    Returns:
        contract, provider_code, provider_name, form, form_name, activity and pence, in the order of the tables.
    """
    frame = tables["service_line_margins"]
    lines = frame.groupby(["contract", "provider_code"])["service_line"].nunique().rename("all_lines")
    first = {name: (name, "first") for name in ("provider_name", "form_name")}
    sums = {name: (name, "sum") for name in _MONEY}
    parties = frame.groupby(_PARTY, as_index=False, sort=False).agg(**first, **sums, lines=("service_line", "size"))
    parties = parties.join(lines, on=["contract", "provider_code"])
    return parties[parties["lines"] == parties["all_lines"]].drop(columns=["lines", "all_lines"])


def provider_names(tables: RunTables) -> dict[str, str]:
    """Names of local providers by code; the code where there is no name."""
    frame = tables["service_line_margins"].drop_duplicates("provider_code")
    named = frame["provider_name"].where(frame["provider_name"].notna(), frame["provider_code"])
    return {str(code): readable(str(name)) for code, name in zip(frame["provider_code"], named, strict=True)}


def readable(name: str) -> str:
    """A name without shouting, and without what every trust is called.

    >>> readable("ANY CARE NHS TRUST"), readable("NEAR NHS FOUNDATION TRUST"), readable("GPs of A")
    ('Any Care', 'Near FT', 'GPs of A')
    """
    if name != name.upper() or not any(letter.isalpha() for letter in name) or " " not in name:
        return name
    short = name.removesuffix(" NHS TRUST").removesuffix(" NHS FOUNDATION TRUST").replace(" UNIVERSITY HOSPITALS", "")
    words = short.replace(" UNIVERSITY HOSPITAL", "").lower().split()
    told = " ".join(word if word in _SMALL else word.capitalize() for word in words)
    return f"{told} FT" if name.endswith("FOUNDATION TRUST") else told


def risk(tables: RunTables) -> pd.DataFrame:
    """Risk of every party under every form; commissioners after those who are paid."""
    return _plural(tables["party_risk"])


def contracts(tables: RunTables) -> pd.DataFrame:
    """Who bears the result of every contract under every contract form."""
    return _plural(tables["contract_simulation"])


def _plural(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of all commissioners, and of resources outside a fund: labels know these two words for something else."""
    others = {COMMISSIONER: "commissioners", "outside": "outside_resources"}
    return frame.assign(party=frame["party"].replace(others))


def agreed_risk(tables: RunTables) -> pd.DataFrame:
    """Risk of parties to contracts as they are agreed: as they are paid, and with the contract's sharing of results."""
    frame = risk(tables)
    return frame[frame["agreed"] & (frame["contract"] != NO_CONTRACT)]


def line_margins(tables: RunTables) -> pd.DataFrame:
    """What every service line of every provider leaves."""
    order = ["contract", "provider_code", "service_line", "form", "activity"]
    return tables["service_line_margins"].sort_values(order, kind="stable", ignore_index=True)


def money_flow(tables: RunTables) -> pd.DataFrame:
    """Where the money goes, the largest sums first."""
    return tables["money_flow"].sort_values("amount_pence", ascending=False, ignore_index=True)

"""Reading a locality's agreements: strictly, one file each, every fault with its file and key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml
from budget.payment.agreements.consistent import refuse_contradictions
from budget.payment.agreements.model import Agreement, Payment


@dataclass(frozen=True)
class Known:
    """Names that an agreement may use: those of the run's tables.

    Attributes:
        places: places of the budget.
        lines: its service lines.
        segments: its segments.
        commissioners: who pays.
        providers: local providers.
    """

    places: frozenset[str]
    lines: frozenset[str]
    segments: frozenset[str]
    commissioners: frozenset[str]
    providers: frozenset[str]

    @classmethod
    def of(cls, budget: pd.DataFrame, activity: pd.DataFrame, providers: pd.DataFrame | None = None) -> Known:
        """The names of ``integrated_budget``, and the local providers of ``provider_activity`` and ``providers``."""
        local = set(activity.loc[activity["local"], "provider_code"])
        if providers is not None:
            local |= set(providers.loc[providers["local_to"].notna(), "provider_code"])
        return cls(
            places=frozenset(budget["place"]),
            lines=frozenset(budget["service_line"]),
            segments=frozenset(budget["segment"]),
            commissioners=frozenset(budget["commissioner"]),
            providers=frozenset(local),
        )


def read_agreements(folder: Path, known: Known | None = None) -> tuple[Agreement, ...]:
    """Every agreement of a folder, in order of file name.

    Args:
        folder: holds ``*.yaml``, one agreement each.
        known: names of the run, where they are to be checked.

    Raises:
        ConfigurationError: no folder or an empty one; a file with an unknown key, form, parameter or name; an id
            that is there twice; two agreements that claim the same money.
    """
    files = agreement_files(folder)
    if not files:
        raise ConfigurationError(f"{folder}: there are no contracts (*.yaml) in this folder.")
    read = {file: read_agreement(file) for file in files}
    _refuse_twins(read.items())
    for one, other in combinations(read.values(), 2):
        if one.overlaps(other):
            raise ConfigurationError(
                f"{folder}: {one.contract} and {other.contract} both hold the same places, service lines and segments "
                "of a party; name them so that each contract has its own."
            )
        if one.shares_choice(other):
            raise ConfigurationError(
                f"{folder}: the prime providers of {one.contract} and {other.contract} both hold the money for "
                "patients' choice of the same places and service lines; leave it to one of them."
            )
    if known is not None:
        for file, agreement in read.items():
            refuse_unknown(agreement, known, str(file))
    return tuple(read.values())


def agreement_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder of agreements, in order of name."""
    return tuple(sorted(folder.glob("*.yaml")))


def read_agreement(file: Path) -> Agreement:
    """One agreement.

    Raises:
        ConfigurationError: the file is missing or no YAML; an unknown key, form or parameter, or a wrong value.
    """
    try:
        agreement = Agreement.model_validate(read_yaml(file))
    except ValidationError as error:
        raise ConfigurationError("\n  ".join([f"{file}:", *faults(error)])) from None
    for party in agreement.providers:
        for key, payment in (("payment", party.payment), ("in_force", party.in_force)):
            _build(payment, agreement, f"{file}: parties: {party.party}: {key}")
    refuse_contradictions(agreement, str(file))
    return agreement


def refuse_unknown(agreement: Agreement, known: Known, where: str) -> None:
    """Refuse an agreement that names what the run does not have: it would hold nothing, in silence.

    Raises:
        ConfigurationError: a place, line, segment, commissioner or party that the run does not have.
    """
    scope = agreement.scope
    buyers = {party.party for party in agreement.parties if party.role == "commissioner"}
    named = {
        "scope.places": (scope.places, known.places),
        "scope.lines": (scope.lines, known.lines),
        "scope.segments": (scope.segments, known.segments),
        "commissioners": (agreement.commissioners, known.commissioners),
        "parties (commissioners)": (buyers, known.commissioners),
        "parties": ({party.party for party in agreement.providers}, known.providers),
    }
    for key, (names, there_are) in named.items():
        strangers = sorted(set() if names == "all" else set(names) - there_are)
        if strangers:
            known_are = ", ".join(sorted(there_are))
            raise ConfigurationError(f"{where}: {key} names {', '.join(strangers)}; known: {known_are}.")


def _build(payment: Payment | None, agreement: Agreement, where: str) -> None:
    """Make every form once, so that what cannot be made is refused where it is written."""
    if payment is None:
        return
    payment.form(where=where)
    strangers = sorted(set(payment.lines) - set(agreement.scope.lines))
    if strangers:
        raise ConfigurationError(f"{where}: lines names {', '.join(strangers)}, which the contract is not about.")
    for line, other in payment.lines.items():
        other.form(where=f"{where}: lines: {line}")


def _refuse_twins(read: Iterable[tuple[Path, Agreement]]) -> None:
    seen: dict[str, Path] = {}
    for file, agreement in read:
        if agreement.contract in seen:
            first: Sequence[object] = (seen[agreement.contract].name, file.name)
            raise ConfigurationError(f"{file}: contract {agreement.contract} is there twice ({first[0]}, {first[1]}).")
        seen[agreement.contract] = file

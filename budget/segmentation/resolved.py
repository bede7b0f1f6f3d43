"""A scheme in force: groups written out, choices made, its codelists known, and fit for the run's purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_value
from budget.plan import Plan
from budget.segmentation.codelists import Codelist, members, read_codelists
from budget.segmentation.scheme import Feature, Scheme, Segment

CHOICES = ("older_precedence",)
"""The assumptions that a condition may depend on."""


@dataclass(frozen=True)
class Resolved:
    """A scheme that needs nothing else to place people.

    Attributes:
        scheme: every group written out as its codelists.
        choices: option by assumption, for conditions that depend on one.
        separate: whether unregistered residents are a segment of their own.
        codelists: those that it counts, with what their register says.
        empty_groups: groups that a feature counts and no codelist belongs to.
    """

    scheme: Scheme
    choices: Mapping[str, str]
    separate: bool
    codelists: tuple[Codelist, ...] = ()
    empty_groups: tuple[str, ...] = ()

    @property
    def unsound(self) -> tuple[str, ...]:
        """Elements that keep the scheme out of production: drafts, and what no register has."""
        lists = (f"{c.codelist} ({c.status})" for c in self.codelists if c.status != "approved")
        return (*lists, *(f"{group} (group without a codelist)" for group in self.empty_groups))

    @cached_property
    def text(self) -> str:
        """The scheme as one JSON text from which it can be read again."""
        return json.dumps(self.scheme.model_dump(mode="json"), ensure_ascii=False, indent=1)

    @property
    def sha256(self) -> str:
        """Hash of the text and the choices: the same one places the same people the same way."""
        return hash_value([self.text, sorted(self.choices.items()), self.separate])

    def condition(self, segment: Segment) -> str:
        """The condition of a segment under the choices made.

        Raises:
            ConfigurationError: the condition depends on an assumption or option that there is none of.
        """
        if isinstance(segment.when, str):
            return segment.when
        assumption, options = segment.when.assumption, segment.when.options
        if assumption not in self.choices:
            raise ConfigurationError(
                f"segment {segment.code} depends on {assumption}; it can depend on {', '.join(self.choices)}."
            )
        if self.choices[assumption] not in options:
            raise ConfigurationError(
                f"segment {segment.code} has no condition for {assumption} = {self.choices[assumption]}."
            )
        return options[self.choices[assumption]]

    def as_row(self) -> dict[str, Any]:
        """The scheme as the one row of ``segment_scheme``."""
        return {
            "scheme": self.scheme.scheme,
            "title": self.scheme.title,
            "version": self.scheme.version,
            "source": self.scheme.source,
            "choices": json.dumps(dict(sorted(self.choices.items()))),
            "separate_unregistered": self.separate,
            "sha256": self.sha256,
            "text": self.text,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Resolved:
        """The scheme of an earlier run, from its ``segment_scheme``."""
        scheme = Scheme.model_validate_json(str(row["text"]))
        return cls(scheme, json.loads(str(row["choices"])), bool(row["separate_unregistered"]))


def resolve(plan: Plan, assumptions: Assumptions) -> Resolved:
    """The scheme of a run.

    Raises:
        ConfigurationError: the scheme or a register of codelists cannot be read; or the run is for production and
            the scheme counts a codelist that is a draft or that no register has.
    """
    scheme = Scheme.read(plan.segmentation)
    folder = plan.segmentation.parent
    register = read_codelists(folder / name for name in scheme.codelists)
    written_out = {name: _written_out(feature, register) for name, feature in scheme.features.items()}
    counted = dict.fromkeys(codelist for feature in written_out.values() for codelist in feature.count_conditions)
    groups = {feature.count_group for feature in written_out.values() if feature.count_group is not None}
    resolved = Resolved(
        scheme.model_copy(update={"features": written_out, "codelists": ()}),
        {name: assumptions.choice(name) for name in CHOICES},
        assumptions.choice("unreg_segment_mode") == "separate",
        tuple(register.get(name) or Codelist.missing(name) for name in counted),
        tuple(sorted(groups)),
    )
    if plan.is_production and resolved.unsound:
        raise ConfigurationError(_not_for_production(plan, resolved))
    return resolved


def _written_out(feature: Feature, register: Mapping[str, Codelist]) -> Feature:
    found = members(register.values(), feature.count_group) if feature.count_group else ()
    if not found:
        return feature
    return feature.model_copy(update={"count_conditions": found, "count_group": None})


def _not_for_production(plan: Plan, resolved: Resolved) -> str:
    return (
        f"{plan.segmentation}: {len(resolved.unsound)} codelists that the scheme counts are not approved.\n"
        f"  which: {', '.join(resolved.unsound)}\n"
        "  mend: have them approved in the register of codelists, count others, or give the locality a purpose "
        f"that is no production run ('{plan.purpose}' is one)"
    )

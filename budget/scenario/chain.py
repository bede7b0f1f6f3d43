"""The chain between two runs: which bundle stands behind each state, and which cause leads to it.

The order is fixed: the code of the first run gives way to the product as it is, then its inputs to those of the second
run, then its rules, then its assumptions one at a time as the catalogue lists them, and at the end the product as it is
to the code of the second run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from budget.assumptions.resolved import Assumptions
from budget.audit.folder import Run
from budget.bundle import Bundle
from budget.kernel.years import FinancialYear
from budget.scenario.causes import Cause
from budget.scenario.overlay import Differing, differing, laid_over, with_newcomers

ORDER = "code, data, rules, then each assumption as the catalogue lists them"

_SHOWN = 6


@dataclass(frozen=True)
class Side:
    """One of two runs, as the product as it is can compute it again.

    Attributes:
        assumptions: what the run resolved.
        bundle: what it ran on; None where that can no longer be found.
        why_not: why there is no bundle, as a sentence.
    """

    run: Run
    assumptions: Assumptions
    bundle: Bundle | None
    why_not: str = ""

    @property
    def base_year(self) -> FinancialYear:
        """Year of the baseline spend."""
        return FinancialYear.parse(self.run.manifest["base_year"])

    @property
    def budget_years(self) -> tuple[FinancialYear, ...]:
        """Years whose budgets are set."""
        return tuple(FinancialYear.parse(year) for year in self.run.manifest["budget_years"])


@dataclass(frozen=True)
class Link:
    """One step of the chain.

    Attributes:
        cause: what is laid over; None where nothing that a run records differs.
        bundle: what the state is computed from; None where it cannot be.
        why_not: why it cannot be.
    """

    cause: Cause | None
    bundle: Bundle | None
    why_not: str = ""


def chain(first: Side, second: Side, now: str) -> tuple[Link, ...]:
    """Every state between the recorded ledgers of two runs, both excluded; nothing between runs of one bundle.

    Args:
        now: hash of the product's code as it is.
    """
    if first.run.run_id == second.run.run_id:
        return ()
    base = with_newcomers(first.assumptions, second.assumptions)
    return (*_to_the_second_locality(first, second, base, now), *_assumptions(first, second, base))


def code_of(run: Run, which: str, now: str) -> Cause | None:
    """The cause that a run was made by another version of the product; None where it was made by this one.

    Args:
        which: ``first`` or ``second``.
        now: hash of the product's code as it is.
    """
    made_by = run.manifest["code_hash"]
    if made_by == now:
        return None
    version = run.manifest["code_version"]
    return Cause("formula", f"code of the {which} run", f"version {version} ({made_by[:12]}), not the product as it is")


def _to_the_second_locality(first: Side, second: Side, base: Assumptions, now: str) -> Iterator[Link]:
    """The first run computed again, then with the second one's inputs, then with its rules."""
    yield _link(code_of(first.run, "first", now), first.bundle, base, first.why_not)
    data, rules = _data(first.run, second.run), _rules(first, second)
    if data:
        mixed = _with_inputs(first, second)
        yield _link(data, mixed, base, first.why_not if first.bundle is None else second.why_not)
    if rules:
        yield _link(rules, second.bundle, base, second.why_not)


def _assumptions(first: Side, second: Side, base: Assumptions) -> Iterator[Link]:
    """Each assumption that differs laid over those before it; the last of them makes the second run's bundle."""
    same = _data(first.run, second.run) is None and _rules(first, second) is None
    bundle = (first.bundle or second.bundle) if same else second.bundle
    why_not = second.why_not or first.why_not
    years = sorted({*first.budget_years, *second.budget_years})
    earlier = sorted({first.base_year, second.base_year} - set(years))
    found = differing(base, second.assumptions, years, earlier)
    for number, one in enumerate(found, 1):
        last = number == len(found)
        base = second.assumptions if last else laid_over(base, second.assumptions, one.assumption)
        yield _link(assumed(one), bundle, base, why_not)


def _link(cause: Cause | None, bundle: Bundle | None, assumptions: Assumptions, why_not: str) -> Link:
    return Link(cause, replace(bundle, assumptions=assumptions) if bundle else None, "" if bundle else why_not)


def assumed(one: Differing) -> Cause:
    """The cause that an assumption differs."""
    return Cause("assumption", str(one), f"{one.before} to {one.after}")


def _data(first: Run, second: Run) -> Cause | None:
    """The inputs that are not the same in both runs."""
    files = [
        {(item["table"], item["file"], item["sha256"]) for item in run.manifest["inputs"]} for run in (first, second)
    ]
    tables = sorted({table for table, _, _ in files[0] ^ files[1]})
    if not tables:
        return None
    more = f" and {len(tables) - _SHOWN} more" if len(tables) > _SHOWN else ""
    return Cause("data", "inputs", ", ".join(tables[:_SHOWN]) + more)


def _rules(first: Side, second: Side) -> Cause | None:
    """What of the plan (years, snapshot, rules, scheme) is not the same in both runs."""
    if first.run.manifest["plan_hash"] == second.run.manifest["plan_hash"]:
        return None
    if first.bundle is None or second.bundle is None:
        return Cause("formula", "rules")
    before, after = first.bundle.plan_facts, second.bundle.plan_facts
    return Cause("formula", "rules", ", ".join(sorted(name for name in before if before[name] != after[name])))


def _with_inputs(first: Side, second: Side) -> Bundle | None:
    if first.bundle is None or second.bundle is None:
        return None
    return replace(first.bundle, files=second.bundle.files)

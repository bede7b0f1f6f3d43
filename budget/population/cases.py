"""Cases in which the rules name a commissioner other than the practice's: stays, placements, aftercare, disputes."""

from __future__ import annotations

from budget.engine import Engine
from budget.kernel.errors import refusal
from budget.population.rules import CommissionerRules


def refuse_unknown_kinds(engine: Engine, rules: CommissionerRules, known: CommissionerRules) -> None:
    """Refuse cases that no rule speaks of.

    Args:
        engine: sees ``commissioner_cases``.
        rules: those in force at the snapshot.
        known: the whole table; a kind whose rule is not in force yet, or no longer, changes nothing.

    Raises:
        RunStopped: naming the kinds.
    """
    found = engine.frame("select kind, count(*) as cases from commissioner_cases group by kind order by kind")
    kinds = {case.kind for case in (*rules.cases, *known.cases)}
    unknown = found[~found["kind"].isin(kinds)]
    if not unknown.empty:
        raise refusal(
            "population",
            "P37",
            table="commissioner_cases",
            rule=f"every kind of case has a rule; known: {', '.join(sorted(kinds))}",
            rows_failed=int(unknown["cases"].sum()),
            mend="inputs/commissioner_cases: column kind, or cases in the rules of responsible commissioner",
            keys=tuple(unknown["kind"]),
        )

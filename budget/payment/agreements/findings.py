"""What a reader of agreements should know that is no fault: the warnings of the gate, as sentences for commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budget.payment.agreements.model import Agreement

MOST_MEASURES = 10
"""More outcomes than this hide what matters (the eight principles of payment, no. 6)."""


def findings(agreements: Sequence[Agreement], most_measures: int = MOST_MEASURES) -> tuple[str, ...]:
    """What stands out in some agreements, a sentence each; the payment gate asks the same (O44 to O47)."""
    return tuple(finding for one in agreements for finding in _of(one, most_measures))


def _of(agreement: Agreement, most_measures: int) -> Iterator[str]:
    if agreement.outcomes is not None:
        outcomes, weight = agreement.outcomes, sum(measure.weight for measure in agreement.outcomes.measures)
        if abs(weight - 1) > 1e-6:
            yield f"{agreement.contract}: the weights of its measures add up to {weight:g}, not to 1."
        if len(outcomes.measures) > most_measures:
            many = len(outcomes.measures)
            yield f"{agreement.contract}: {many} measures; more than {most_measures} hide what matters."
        if outcomes.share > outcomes.maximum_share:
            yield (
                f"{agreement.contract}: outcomes earn {outcomes.share:.1%} of the payment; the parties agreed to "
                f"{outcomes.maximum_share:.1%} at most."
            )
    silent = [party.party for party in agreement.providers if party.can_bear is None]
    if silent:
        yield f"{agreement.contract}: {', '.join(silent)} does not say what it can lose in a year (can_bear)."

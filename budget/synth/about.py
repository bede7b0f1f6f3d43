"""The note that lies beside every set of synthetic inputs."""

from __future__ import annotations

from collections.abc import Mapping

from budget.synth.footprint import Footprint

_TEXT = """# Inputs of {title}: synthetic people, real counts

**Nobody in these files exists.** Persons, their conditions and their care were drawn by `capitation synth`
(recipe `{locality}`, seed {seed}). NHS numbers begin with 9: such numbers have valid check digits and are not issued.

What is real: the number of people on each practice's list by sex and year of age on {snapshot}, weighted populations,
resident estimates and projections, deprivation, practice prevalence of conditions, the gradient of cost by age, sex and
deprivation, and shares of admissions by trust. What is illustrative: spend by place and line, and with it every cost.
What is assumed: everything in the recipe that is not read from a published file.

{sample}

- People on the published list: {people:,}. Current registrations meet it exactly by practice, sex and year of age.
- The cost of activity was calibrated line by line to a stated share of normalised spend, over the whole footprint.

| table | rows |
|---|---:|
{rows}

| service line | normalised spend over cost of all activity |
|---|---:|
{attribution}
"""


def about(footprint: Footprint, seed: int, rows: Mapping[str, int], attribution: Mapping[str, float]) -> str:
    """The text of ``ABOUT.md``."""
    whole = "This is the whole list."
    share = f"**This is a sample**: {footprint.fraction:.4%} of the list. Everything else is scaled alike."
    return _TEXT.format(
        title=footprint.recipe.title,
        locality=footprint.recipe.locality,
        seed=seed,
        snapshot=footprint.recipe.snapshot,
        sample=whole if footprint.fraction == 1 else share,
        people=footprint.people,
        rows="\n".join(f"| `{name}` | {count:,} |" for name, count in rows.items()),
        attribution="\n".join(f"| {line} | {factor:.4f} |" for line, factor in attribution.items()),
    )

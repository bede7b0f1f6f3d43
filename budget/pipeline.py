"""The pipeline: eight stages, in order. Read this list to know what the product does.

Each stage declares what it reads, what it may read where a locality has it, what it assumes, what it
writes and which gate guards it. The declarations stand in the stages' own rooms, next to the functions.
"""

from __future__ import annotations

from budget.costs.stage import COSTS
from budget.disclosure.rules import ASSUMES as SHARING_ASSUMES
from budget.intake.stage import INTAKE
from budget.ledger.stage import LEDGER
from budget.need.stage import NEED
from budget.payment.stage import PAYMENT
from budget.population.stage import POPULATION
from budget.publish.stage import PUBLISH
from budget.segmentation.stage import SEGMENTATION
from budget.stage import EVERYTHING, Stage

STAGES: tuple[Stage, ...] = (
    INTAKE,
    POPULATION,
    SEGMENTATION,
    COSTS,
    NEED,
    LEDGER,
    PAYMENT,
    PUBLISH,
)


def needed_assumptions() -> tuple[str, ...]:
    """Every assumption that some stage declares, and those that sharing the run will ask for."""
    declared = {name for stage in STAGES if stage.assumes != EVERYTHING for name in stage.assumes}
    return tuple(sorted(declared | set(SHARING_ASSUMES)))

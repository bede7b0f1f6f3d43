"""Which driver a request goes to, and how its progress is shown."""

from __future__ import annotations

from argparse import Namespace

from flows.answer import Answer, completed
from flows.pace import Pace
from flows.pipeline import Pipeline
from flows.progress import progress
from flows.request import Request


def drive(request: Request, arguments: Namespace) -> Answer:
    """Carry a request out, in this process or through Prefect.

    Args:
        request: what is asked for.
        arguments: ``direct`` and ``quiet`` of the command line.
    """
    with progress(quiet=arguments.quiet, pace=_pace(request)) as report:
        if arguments.direct:
            from flows import direct

            return completed(direct.carry_out(request, Pipeline.of(), report=report))
        from flows import orchestrated

        return completed(orchestrated.carry_out(request, Pipeline.of, report=report))


def _pace(request: Request) -> Pace:
    from budget.pipeline import STAGES

    return Pace.of((stage.name for stage in STAGES), request.out, request.config)

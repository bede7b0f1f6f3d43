"""``capitation explain``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Take a line of the budget, or any slice of it, down to its movements, assumptions, sources and checks."""
    from budget.audit.explain import Explainer, Slice
    from budget.audit.folder import Run
    from flows.explained import Told
    from flows.files import page_file

    page = page_file(arguments.html) if arguments.html else None
    explainer = Explainer.of(Run.open(Path(arguments.run)))
    asked = Slice.of(
        explainer.records,
        arguments.year,
        place=arguments.place,
        segment=arguments.segment,
        service_line=arguments.line,
        commissioner=arguments.commissioner,
    )
    told = Told.of(explainer, asked)
    lines = list(told.lines())
    if page:
        told.write(page)
        lines += ["", f"Written to {page}"]
    facts = {"status": "complete" if told.explanation.adds_up else "differs", **told.explanation.as_dict()}
    return Answer("\n".join(lines), facts | {"html": arguments.html}, status=0 if told.explanation.adds_up else 1)

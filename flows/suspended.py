"""A flow run that waits for people: one reviews the run, a second one approves it, and it goes on.

While it waits nothing runs and nothing is held. Each answer begins the flow again, which takes its stages from the
store; what was answered before is read back and not written twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from prefect import get_run_logger
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from pydantic import Field

from budget.audit.approval import Approvals
from budget.audit.approving import approve, refuse_unfit
from budget.audit.folder import Run
from budget.audit.names import same_person
from budget.kernel.errors import ConfigurationError

_ASKED = {"draft": "reviewed", "reviewed": "approved"}


class Word(RunInput):
    """What a person is asked for whose word the run waits for."""

    name: str = Field(min_length=1, description="Who you are; the second person must be another than the first")
    role: str = Field(min_length=1, description="In what role, for example chief finance officer")
    note: str = Field(default="", description="What you have to say; it is kept beside the run")


def wait_for_approval(run: Run) -> None:
    """Suspend this flow run until the run is approved; go on at once where it is already.

    Raises:
        NotApproved: the run cannot be approved by anyone: it was changed, or warnings or values are open.
    """
    refuse_unfit(run, datetime.now(UTC).date())
    written = list(Approvals.read(run.folder).given)
    for word in _words(run):
        if written and same_person(written[0].by, word.name):
            written.pop(0)
        elif any(same_person(word.name, given.by) for given in Approvals.read(run.folder).given):
            get_run_logger().warning("%s has reviewed the run already; another person must approve it", word.name)
        else:
            _take(run, word)


def _take(run: Run, word: Word) -> None:
    """Write down what somebody said; a name that nobody can have is asked for again."""
    try:
        given = approve(run.folder, by=word.name, role=word.role, note=word.note)
    except ConfigurationError as error:
        get_run_logger().warning("%s", error)
    else:
        get_run_logger().info("the run is %s by %s, %s", given.state, given.by, given.role)


def _words(run: Run) -> Iterator[Word]:
    """What people say, one after another, until the run is approved."""
    for number in count(1):
        state = Approvals.read(run.folder).state
        if state not in _ASKED:
            return
        about = f"Run `{run.run_id}` is a {state} run. By going on you say that it is {_ASKED[state]}."
        yield suspend_flow_run(wait_for_input=Word.with_initial_data(description=about), key=f"word-{number}")

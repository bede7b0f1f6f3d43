"""Who has looked at a run and approved it: a chain of lines that hangs on the hash of the run's manifest.

A run is a ``draft``, then ``reviewed`` by one person, then ``approved`` by another; it is ``superseded`` once a later
run of the same locality and years is approved, which names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from budget.audit.chain import Chain, line_of, read_chain
from budget.audit.folder import Run
from budget.audit.names import same_person
from budget.audit.seal import APPROVALS, MANIFEST
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file, hash_value

State = Literal["draft", "reviewed", "approved", "superseded", "broken"]
"""``broken``: what lies in the file of approvals does not hang on the manifest beside it, or was changed."""

_OWN_HASH = "line_sha256"


@dataclass(frozen=True)
class Approval:
    """One person's word for a run.

    Attributes:
        state: what the run became by it.
        by: who gave it.
        role: in what role.
        note: what they had to say; may be empty.
        at: when, in ISO format.
        supersedes: the runs that it takes the place of: ``run_id``, ``folder`` and ``manifest_sha256`` of each.
    """

    state: State
    by: str
    role: str
    note: str
    at: str
    supersedes: tuple[Mapping[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The approval as plain values."""
        return asdict(self) | {"supersedes": list(self.supersedes)}

    def line(self, previous: str) -> str:
        """The line of it: what it says with a hash of that, so that the last line too cannot be changed unseen."""
        said = {"previous": previous, **self.as_dict()}
        return line_of(previous, {**self.as_dict(), _OWN_HASH: hash_value(said)})


@dataclass(frozen=True)
class Approvals:
    """What people have said of a run, in order.

    Attributes:
        given: every approval.
        chain: the lines that they stand in, as far as they hold.
        manifest_sha256: hash of the run's manifest, on which the chain hangs.
    """

    given: tuple[Approval, ...]
    chain: Chain
    manifest_sha256: str

    @classmethod
    def read(cls, folder: Path) -> Approvals:
        """Read the approvals of a run folder; none where nobody has said anything."""
        root = hash_file(folder / MANIFEST)
        chain = read_chain(folder / APPROVALS, root) if (folder / APPROVALS).is_file() else Chain((), (root,))
        mark = mark_of(folder, root)
        if mark.is_file() and mark.read_text(encoding="utf-8").strip() not in chain.hashes:
            fault = "a line with the hash that stands in .approvals beside the run", "fewer lines, or others"
            chain = replace(chain, broken_at=len(chain.facts) + 1, expected=fault[0], found=fault[1])
        given: list[Approval] = []
        for number, said in enumerate(chain.facts, 1):
            approval = _approval(said)
            if approval is None or not _may_follow(approval, given):
                chain = replace(chain, broken_at=number, expected="an approval", found="a line that was changed")
                break
            given.append(approval)
        return cls(tuple(given), chain, root)

    @property
    def state(self) -> State:
        """What they make of the run, whatever other runs there are."""
        if self.chain.broken_at is not None:
            return "broken"
        return self.given[-1].state if self.given else "draft"


def mark_of(folder: Path, manifest_sha256: str) -> Path:
    """Where the hash of a run's last approval stands a second time, so that a line that is taken away is missed."""
    return folder.parent / ".approvals" / manifest_sha256


def state_of(run: Run) -> State:
    """What a run is: the last thing that people said of it, or superseded by a run that lies beside it."""
    own = Approvals.read(run.folder)
    if own.state != "approved":
        return own.state
    others = (other for other in runs_in(run.folder.parent) if other.folder != run.folder)
    superseded = any(_supersedes(other, own.manifest_sha256) for other in others)
    return "superseded" if superseded else "approved"


def last_approved(out: Path, locality: str) -> Run | None:
    """The run of a locality that was approved last and stands; None where there is none.

    Args:
        out: folder of runs.
        locality: its short name.
    """
    found = [run for run in runs_in(out) if run.manifest["locality"] == locality and state_of(run) == "approved"]
    return max(found, key=lambda run: Approvals.read(run.folder).given[-1].at, default=None)


def runs_in(out: Path) -> Iterator[Run]:
    """Every run of a folder; what is being written or is no run is left out."""
    for manifest in sorted(out.glob(f"[!.]*/{MANIFEST}")):
        try:
            yield Run.open(manifest.parent)
        except ConfigurationError:
            continue


def _supersedes(run: Run, manifest_sha256: str) -> bool:
    approvals = Approvals.read(run.folder)
    if approvals.state != "approved":
        return False
    return any(named["manifest_sha256"] == manifest_sha256 for named in approvals.given[-1].supersedes)


def _approval(said: Mapping[str, Any]) -> Approval | None:
    """The approval of a line; None where the line is not as it was written."""
    rest = {name: value for name, value in said.items() if name != _OWN_HASH}
    if said.get(_OWN_HASH) != hash_value(rest):
        return None
    del rest["previous"]
    try:
        return Approval(**{**rest, "supersedes": tuple(rest["supersedes"])})
    except (TypeError, KeyError):
        return None


def _may_follow(approval: Approval, given: Sequence[Approval]) -> bool:
    """Whether it is the step that comes next, taken by another person."""
    steps: tuple[State, ...] = ("reviewed", "approved")
    another = not any(same_person(approval.by, other.by) for other in given)
    return another and len(given) < len(steps) and approval.state == steps[len(given)]

"""Who has looked at a run and approved it: a chain of lines that hangs on the hash of the run's manifest.

A run is a ``draft``, then ``reviewed`` by one person, then ``approved`` by another; it is ``superseded`` once a later
run of the same locality and years is approved, which names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from budget.audit.chain import Chain, read_chain
from budget.audit.folder import Run
from budget.audit.seal import APPROVALS, MANIFEST
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file

State = Literal["draft", "reviewed", "approved", "superseded", "broken"]
"""``broken``: what lies in the file of approvals does not hang on the manifest beside it."""


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
        """The approval as a line says it."""
        return asdict(self) | {"supersedes": list(self.supersedes)}


@dataclass(frozen=True)
class Approvals:
    """What people have said of a run, in order.

    Attributes:
        given: every approval.
        chain: the lines that they stand in.
        manifest_sha256: hash of the run's manifest, on which the chain hangs.
    """

    given: tuple[Approval, ...]
    chain: Chain
    manifest_sha256: str

    @classmethod
    def read(cls, folder: Path) -> Approvals:
        """Read the approvals of a run folder; none where nobody has said anything."""
        root = hash_file(folder / MANIFEST)
        chain = read_chain(folder / APPROVALS, root) if (folder / APPROVALS).is_file() else Chain((), root)
        return cls(tuple(_approval(said) for said in chain.facts), chain, root)

    @property
    def state(self) -> State:
        """What they make of the run, whatever other runs there are."""
        if self.chain.broken_at is not None:
            return "broken"
        return self.given[-1].state if self.given else "draft"


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


def _approval(said: Mapping[str, Any]) -> Approval:
    return Approval(**{**said, "supersedes": tuple(said["supersedes"])})

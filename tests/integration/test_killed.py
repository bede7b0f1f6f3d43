"""Runs that are killed, find no room, or meet on one store: nothing half written is ever taken for a result."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from budget.audit.approval import runs_in
from budget.audit.folder import Run
from budget.audit.verify import verify
from budget.kernel.errors import ConfigurationError, StoreError
from budget.pipeline import STAGES
from budget.store import Store
from tests.support import killing
from tests.support.killing import STORE_ERROR, Moment, processes, said_by

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nobody disturbed."""
    return killing.run(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs in which every stage is killed, one after the other."""
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs in which there is no room first, and then two of them at once."""
    return tmp_path_factory.mktemp("crowded")


def results(out: Path, stage: str) -> list[str]:
    """Results of a stage that a later run would find."""
    place = out / ".store" / stage
    return [path.name for path in place.glob("[!.]*")] if place.is_dir() else []


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_a_stage_that_is_killed_leaves_no_result_and_one_that_is_stored_stays(shared: Path, stage: str) -> None:
    assert processes(1, out=shared, moment="written", stage=stage) == [-signal.SIGKILL]
    assert results(shared, stage) == [], "tables without a record of them are no result"
    assert processes(1, out=shared, moment="stored", stage=stage) == [-signal.SIGKILL]
    assert len(results(shared, stage)) == 1
    assert list(runs_in(shared)) == []


@pytest.mark.parametrize("moment", ["filling", "sealed"])
def test_a_run_folder_that_is_not_in_place_is_no_run(shared: Path, moment: Moment) -> None:
    assert processes(1, out=shared, moment=moment) == [-signal.SIGKILL]
    assert list(runs_in(shared)) == []


def test_the_run_after_them_goes_on_and_gives_the_same_bytes(shared: Path, clean: Run) -> None:
    run = killing.run(shared)
    assert [stage["stage"] for stage in run.manifest["stages"] if not stage["reused"]] == []
    assert run.run_id == clean.run_id
    assert run.manifest["output_hash"] == clean.manifest["output_hash"]
    assert run.manifest["documents"] == clean.manifest["documents"]
    assert verify(run.folder).findings == ()
    assert [found.run_id for found in runs_in(shared)] == [run.run_id]


@pytest.mark.parametrize("room", [400, 60_000])
def test_a_full_disk_is_told_in_a_sentence_and_publishes_nothing(crowded: Path, room: int) -> None:
    assert processes(1, out=crowded, room=room) == [STORE_ERROR]
    said = said_by(crowded).read_text()
    assert "there is no room for what" in said and "(File too large)" in said and "make room and run again" in said
    assert list(runs_in(crowded)) == []


def test_two_runs_at_once_end_well_in_one_folder(crowded: Path, clean: Run) -> None:
    assert processes(2, out=crowded) == [0, 0]
    (run,) = runs_in(crowded)
    assert run.manifest["output_hash"] == clean.manifest["output_hash"]
    assert verify(run.folder).findings == ()
    assert sorted(path.name for path in crowded.iterdir()) == [".store", run.folder.name]
    assert [len(results(crowded, stage.name)) for stage in STAGES] == [1] * len(STAGES)


def test_a_store_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / ".store").write_text("a file in its place")
    writing = Store(tmp_path / ".store").writing("need", "0" * 64)
    with pytest.raises(StoreError, match=r"\.store: the store cannot be written to"):
        writing.__enter__()


def test_an_input_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from budget import bundle

    def refused(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "spend.csv").write_text("financial_year\n")
    monkeypatch.setattr(bundle, "hash_file", refused)
    with pytest.raises(ConfigurationError, match=r"spend\.csv: the input cannot be read \(Permission denied\)"):
        bundle.find_inputs(tmp_path)

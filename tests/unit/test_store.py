"""The store: whole results or none, and never one that was changed."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from budget.kernel.checks import CheckResult
from budget.kernel.errors import StoreError
from budget.store import Store, record_result

pytestmark = pytest.mark.unit

KEY = "0123456789abcdef" * 4


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def write(store: Store, content: bytes = b"rows", key: str = KEY) -> None:
    with store.writing("need", key) as folder:
        (folder / "tables" / "cells.parquet").write_bytes(content)
        (folder / "documents" / "page.html").write_bytes(b"page")
        record_result(folder, {"cells": 3})


def test_a_result_is_found_with_its_facts(store: Store) -> None:
    assert store.find("need", KEY) is None
    write(store)
    found = store.find("need", KEY)
    assert found is not None
    (cells,) = found.tables
    assert (cells.name, cells.rows, cells.bytes) == ("cells", 3, 4)
    assert cells.path.read_bytes() == b"rows"
    assert [document.path.name for document in found.documents] == ["page.html"]
    cells.check()
    assert store.find("costs", KEY) is None
    assert store.find("need", KEY[::-1]) is None


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, SystemExit])
def test_a_half_written_result_is_never_found_and_leaves_nothing(store: Store, stop: type[BaseException]) -> None:
    with pytest.raises(stop), store.writing("need", KEY) as folder:
        (folder / "tables" / "cells.parquet").write_bytes(b"ro")
        raise stop
    assert store.find("need", KEY) is None
    assert list((store.root / "need").iterdir()) == []


def test_what_a_killed_run_left_is_not_mistaken_for_a_result(store: Store) -> None:
    writing = store.writing("need", KEY)
    folder = writing.__enter__()
    (folder / "tables" / "cells.parquet").write_bytes(b"rows")
    assert store.find("need", KEY) is None
    write(store)
    assert store.find("need", KEY) is not None


def test_a_result_that_lost_a_file_is_written_again(store: Store) -> None:
    write(store)
    found = store.find("need", KEY)
    assert found is not None
    found.tables[0].path.unlink()
    assert store.find("need", KEY) is None
    write(store)
    again = store.find("need", KEY)
    assert again is not None
    again.tables[0].check()
    assert [path.name for path in (store.root / "need").iterdir()] == [KEY[:32]]


def test_a_changed_byte_is_refused(store: Store) -> None:
    write(store)
    found = store.find("need", KEY)
    assert found is not None
    found.tables[0].path.write_bytes(b"raws")
    with pytest.raises(StoreError, match=r"cells\.parquet: the stored table cells is missing or was changed"):
        found.tables[0].check()
    found.tables[0].path.unlink()
    with pytest.raises(StoreError, match="missing or was changed"):
        found.tables[0].check()


def test_the_one_that_comes_second_leaves_the_first_result_alone(store: Store) -> None:
    with store.writing("need", KEY) as folder:
        (folder / "tables" / "cells.parquet").write_bytes(b"rows")
        record_result(folder, {"cells": 3})
        write(store)
        store.keep_verdict("need", KEY, "f" * 16, (PASSED,))
    found = store.find("need", KEY)
    assert found is not None
    assert found.documents, "the first one had a document"
    assert store.verdict("need", KEY, "f" * 16) == (PASSED,)
    assert [path.name for path in (store.root / "need").iterdir()] == [KEY[:32]]


def _write_often(root: Path, content: bytes) -> None:
    for _ in range(20):
        write(Store(root), content)


def test_two_writers_at_once_leave_one_whole_result(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_often, args=(store.root, b"rows")) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = store.find("need", KEY)
    assert found is not None
    found.tables[0].check()
    assert [path.name for path in (store.root / "need").iterdir()] == [KEY[:32]]


PASSED = CheckResult("need", "W01", "fail", "passed", "cells", "cells add up", observed=1.0, keys=("a",))


def test_a_verdict_is_remembered_for_its_checks_and_thresholds(store: Store) -> None:
    write(store)
    assert store.verdict("need", KEY, "a" * 64) is None
    store.keep_verdict("need", KEY, "a" * 64, (PASSED,))
    assert store.verdict("need", KEY, "a" * 64) == (PASSED,)
    assert store.verdict("need", KEY, "b" * 64) is None

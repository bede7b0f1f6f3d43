"""Whatever is done to a run folder is found: every kind of file changed, taken away, added or swapped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.approving import approve
from budget.audit.chain import hash_line, line_of
from budget.audit.seal import APPROVALS, LOG, MANIFEST, MANIFEST_HASH, hash_line_of
from budget.audit.verify import Verified, verify
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file, hash_value
from flows import direct
from flows.pipeline import StoppedRun
from flows.request import Request
from tests.flows import fakes
from tests.support.runs import EXAMPLE_A, compute

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the small stages that two people have approved."""
    place = tmp_path_factory.mktemp("approved")
    run = direct.carry_out(Request(fakes.locality(place / "testshire"), out=place / "runs"), fakes.pipeline())
    approve(run.folder, by="Ann Lee", role="Finance lead")
    approve(run.folder, by="Bob Ray", role="Chief finance officer")
    return run.folder


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run with every table of worked example A."""
    return compute(EXAMPLE_A, tmp_path_factory.mktemp("example"), until="publish").publish().folder


@pytest.fixture
def run(approved: Path, tmp_path: Path) -> Path:
    """A copy to be tampered with."""
    shutil.copytree(approved.parent / ".approvals", tmp_path / ".approvals")
    return Path(shutil.copytree(approved, tmp_path / approved.name))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


def restoring(path: Path) -> Callable[[], None]:
    before = path.read_bytes()
    return lambda: (path.unlink(missing_ok=True), path.write_bytes(before), None)[-1]


def files_found(verified: Verified) -> set[str]:
    return {finding.file.split(",")[0] for finding in verified.findings}


def test_an_untouched_run_verifies(run: Path) -> None:
    verified = verify(run)
    assert verified.findings == ()
    assert verified.files == len(files_of(run)) - 3
    assert verified.manifest_sha256 == hash_file(run / MANIFEST)


def test_the_runs_have_every_kind_of_file(run: Path) -> None:
    kinds = {path.relative_to(run).parts[0] for path in files_of(run)}
    kinds_of_files = {"tables", "pack", "gates", "layers", "assumptions.yaml", "waivers.yaml", LOG}
    assert kinds == kinds_of_files | {MANIFEST, MANIFEST_HASH, APPROVALS}


@pytest.mark.parametrize("place", [0, -2], ids=["its first byte", "its last"])
def test_a_changed_byte_is_found_in_every_file(run: Path, place: int) -> None:
    for path in files_of(run):
        restore = restoring(path)
        flip(path, place)
        assert verify(run).findings, f"{path.name} was changed unseen"
        restore()
    assert not verify(run).findings


def test_bytes_all_along_the_short_records_count(run: Path) -> None:
    for name in (APPROVALS, MANIFEST_HASH):
        restore = restoring(run / name)
        for place in range(0, (run / name).stat().st_size, 7):
            flip(run / name, place)
            assert verify(run).findings, f"byte {place} of {name}"
            restore()


def test_a_missing_file_is_found_whichever_it_is(run: Path) -> None:
    for path in files_of(run):
        restore = restoring(path)
        path.unlink()
        expected = path.relative_to(run).as_posix()
        assert expected in files_found(verify(run)), f"{path.name} went unseen"
        restore()


@pytest.mark.parametrize(
    "place", ["notes.txt", "tables/extra.parquet", "pack/more/deep.csv", ".hidden", "approvals.bak"]
)
def test_an_added_file_is_found(run: Path, place: str) -> None:
    (run / place).parent.mkdir(exist_ok=True)
    (run / place).write_text("more")
    assert files_found(verify(run)) == {place}


def test_two_files_that_change_places_are_found(run: Path) -> None:
    for folder in ("tables", "gates"):
        one, other = sorted((run / folder).iterdir())[:2]
        before = one.read_bytes(), other.read_bytes()
        one.write_bytes(before[1])
        other.write_bytes(before[0])
        names = {f"{folder}/{one.name}", f"{folder}/{other.name}"}
        assert files_found(verify(run)) == names
        one.write_bytes(before[0])
        other.write_bytes(before[1])


def test_a_link_in_the_place_of_a_file_is_found(run: Path, tmp_path: Path) -> None:
    path = run / "pack" / "report.html"
    shutil.move(path, tmp_path / "elsewhere.html")
    path.symlink_to(tmp_path / "elsewhere.html")
    (finding,) = verify(run).findings
    assert (finding.file, finding.found) == ("pack/report.html", "a link")


def test_a_finding_says_what_was_expected_and_what_there_is(run: Path) -> None:
    before = hash_file(run / "assumptions.yaml")
    flip(run / "assumptions.yaml", 3)
    (finding,) = verify(run).findings
    assert finding.as_dict() == {
        "file": "assumptions.yaml",
        "expected": before,
        "found": hash_file(run / "assumptions.yaml"),
    }
    assert "expected" in finding.sentence() and before in finding.sentence()


def test_something_else_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a run folder"):
        verify(tmp_path)


def test_a_run_from_before_the_seal_is_told_so(run: Path) -> None:
    said = json.loads((run / MANIFEST).read_text())
    del said["files"]
    (run / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(ConfigurationError, match="before runs were sealed"):
        verify(run)


class TestLog:
    def test_tells_of_every_stage_and_its_gate(self, run: Path) -> None:
        said = [json.loads(line) for line in (run / LOG).read_text().splitlines()]
        events = [(line["event"], line.get("stage") or line.get("gate")) for line in said]
        stages = [(event, name) for name in ("intake", "ledger", "publish") for event in ("stage", "gate")]
        assert events == [("started", None), *stages, ("published", None)]
        computed = next(line for line in said if line["event"] == "stage")
        assert {"key", "reused", "rows", "seconds", "at"} <= computed.keys()
        assert next(line for line in said if line["event"] == "gate")["asked"] == 1

    def test_every_line_names_the_one_before_and_the_manifest_the_last(self, run: Path) -> None:
        lines = (run / LOG).read_text().splitlines()
        named = [json.loads(line)["previous"] for line in lines]
        assert named == ["0" * 64, *map(hash_line, lines[:-1])]
        assert json.loads((run / MANIFEST).read_text())["log"]["last_line_sha256"] == hash_line(lines[-1])

    @pytest.mark.parametrize(
        "change",
        [
            lambda lines: [*lines[:2], *lines[3:]],
            lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
            lambda lines: lines[:-1],
            lambda lines: [*lines, line_of(hash_line(lines[-1]), {"event": "more"})],
        ],
        ids=["a line less", "two swapped", "without the last", "a line more"],
    )
    def test_a_log_that_was_cut_is_found_even_with_its_hash_mended(
        self, run: Path, change: Callable[[list[str]], list[str]]
    ) -> None:
        lines = change((run / LOG).read_text().splitlines())
        (run / LOG).write_text("".join(f"{line}\n" for line in lines))
        forge(run, LOG)
        assert LOG in files_found(verify(run))


class TestApprovals:
    def test_a_line_taken_away_is_missed(self, run: Path) -> None:
        first = (run / APPROVALS).read_text().splitlines()[0]
        (run / APPROVALS).write_text(f"{first}\n")
        assert files_found(verify(run)) == {APPROVALS}

    def test_approvals_of_another_manifest_are_found(self, run: Path) -> None:
        flip(run / "pack" / "report.html", 5)
        forge(run, "pack/report.html")
        assert APPROVALS in files_found(verify(run)), "approvals hang on what was approved"

    def test_a_copy_of_the_folder_alone_verifies(self, run: Path) -> None:
        shutil.rmtree(run.parent / ".approvals")
        assert not verify(run).findings


class TestConservation:
    """A forger who mends every hash still has to make the sums agree."""

    @pytest.fixture
    def forged(self, example: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(example, tmp_path / example.name))

    def test_the_example_adds_up(self, example: Path) -> None:
        assert verify(example).findings == ()

    @pytest.mark.parametrize(
        ("table", "column", "said"),
        [
            ("budget_ledger", "amount_pence", "by year and place"),
            ("integrated_budget", "core_pence", "parts of the allocation"),
            ("monthly_profile", "payment_pence", "the year's payment by place"),
            ("growth_bridge", "amount_pence", "steps by year and place"),
            ("contributions", "payment_pence", "what commissioners pay"),
        ],
    )
    def test_a_penny_is_missed(self, forged: Path, table: str, column: str, said: str) -> None:
        path = forged / "tables" / f"{table}.parquet"
        frame = pd.read_parquet(path)
        frame.loc[frame.index[-1], column] += 1
        frame.to_parquet(path, index=False)
        forge(forged, f"tables/{table}.parquet")
        findings = verify(forged).findings
        assert any(said in finding.expected for finding in findings), findings
        assert all("£" in finding.found for finding in findings)

    def test_a_table_that_cannot_be_read_is_a_finding(self, forged: Path) -> None:
        (forged / "tables" / "budget_ledger.parquet").write_bytes(b"no parquet")
        forge(forged, "tables/budget_ledger.parquet")
        (finding,) = verify(forged).findings
        assert (finding.file, finding.expected) == ("tables", "tables that can be read")


def forge(folder: Path, name: str) -> None:
    """Mend every hash of a file that the folder itself holds."""
    said: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    sha256 = hash_file(folder / name)
    said["files"][name] = sha256
    stem = Path(name).stem
    if name.startswith("tables/"):
        said["tables"][stem]["sha256"] = sha256
        said["output_hash"] = hash_value({table: fact["sha256"] for table, fact in said["tables"].items()})
    if name.startswith("pack/"):
        said["documents"][Path(name).name] = sha256
    (folder / MANIFEST).write_text(json.dumps(said))
    (folder / MANIFEST_HASH).write_text(hash_line_of(folder))


def test_a_manifest_that_contradicts_itself_is_found(run: Path) -> None:
    said = json.loads((run / MANIFEST).read_text())
    said["tables"]["integrated_budget"]["sha256"] = "0" * 64
    (run / MANIFEST).write_text(json.dumps(said))
    (run / MANIFEST_HASH).write_text(hash_line_of(run))
    assert any("integrated_budget" in finding.expected for finding in verify(run).findings)


def test_a_stopped_run_verifies_and_keeps_its_log(tmp_path: Path) -> None:
    refusing = fakes.pipeline(intake=fakes.stage_of(fakes.refuse))
    with pytest.raises(StoppedRun) as stop:
        direct.carry_out(Request(fakes.locality(tmp_path / "testshire"), out=tmp_path / "runs"), refusing)
    folder = stop.value.run.folder
    assert verify(folder).findings == ()
    events = [json.loads(line)["event"] for line in (folder / LOG).read_text().splitlines()]
    assert events == ["started", "refused", "published"]

"""Approving a run: two people, in order, of a run that deserves it; and what a later approval does to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.approval import Approvals, last_approved, state_of
from budget.audit.approving import NotApproved, approve
from budget.audit.folder import Run
from budget.audit.seal import APPROVALS, MANIFEST
from budget.audit.verify import verify
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from flows import direct
from flows.pipeline import StoppedRun
from flows.request import Request
from tests.flows import fakes

pytestmark = pytest.mark.integration

ANN: dict[str, str] = {"by": "Ann Lee", "role": "Finance lead"}
BOB: dict[str, str] = {"by": "Bob Ray", "role": "Chief finance officer"}
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return fakes.locality(tmp_path / "testshire")


def made(config: Path, out: Path, pipeline: Any = None, **changes: Any) -> Run:
    return direct.carry_out(Request(config, out=out, **changes), pipeline or fakes.pipeline())


def approved(run: Run, at: datetime = NOON) -> Run:
    approve(run.folder, **ANN, at=at)
    approve(run.folder, **BOB, at=at + timedelta(hours=1))
    return run


def say(config: Path, before: str, after: str, file: str = "run.yaml") -> None:
    text = (config / file).read_text()
    assert before in text
    (config / file).write_text(text.replace(before, after))


class TestStates:
    def test_a_run_is_a_draft_then_reviewed_then_approved(self, config: Path, out: Path) -> None:
        run = made(config, out)
        assert state_of(run) == "draft"
        assert approve(run.folder, **ANN, note="looks right").state == state_of(run) == "reviewed"
        assert approve(run.folder, **BOB).state == state_of(run) == "approved"
        first, second = Approvals.read(run.folder).given
        assert (first.by, first.role, first.note) == ("Ann Lee", "Finance lead", "looks right")
        assert (second.by, second.note) == ("Bob Ray", "")
        assert verify(run.folder).findings == ()

    def test_the_chain_hangs_on_the_manifest_and_only_grows(self, config: Path, out: Path) -> None:
        run = made(config, out)
        before = {path: hash_file(path) for path in run.folder.rglob("*") if path.is_file()}
        approve(run.folder, **ANN)
        first = (run.folder / APPROVALS).read_bytes()
        approve(run.folder, **BOB)
        assert (run.folder / APPROVALS).read_bytes().startswith(first)
        assert json.loads(first)["previous"] == hash_file(run.folder / MANIFEST)
        after = {path: hash_file(path) for path in run.folder.rglob("*") if path.is_file()}
        assert after.keys() - before.keys() == {run.folder / APPROVALS}
        assert all(after[path] == sha256 for path, sha256 in before.items())
        assert (run.folder / APPROVALS).stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        "name",
        [
            "Ann Lee",
            "ann lee",
            " ANN   LEE ",
            "AnnLee",
            "\uff21nn Lee",
            "A.n.n. Lee",
            "Dr Ann Lee",
            "Lee, Ann",
            "Ánn Lée",
        ],
    )
    def test_one_person_cannot_be_both(self, config: Path, out: Path, name: str) -> None:
        run = made(config, out)
        approve(run.folder, **ANN)
        with pytest.raises(NotApproved, match="another person must approve it"):
            approve(run.folder, by=name, role="Chief finance officer")
        assert state_of(run) == "reviewed"

    def test_letters_that_look_like_others_are_refused(self, config: Path, out: Path) -> None:
        run = made(config, out)
        with pytest.raises(ConfigurationError, match="letters of several scripts"):
            approve(run.folder, **{**ANN, "by": "\u0410nn Lee"})
        assert approve(run.folder, **{**ANN, "by": "\u0410\u043d\u043d\u0430 \u041b\u0438"}).state == "reviewed"

    def test_nobody_approves_twice(self, config: Path, out: Path) -> None:
        run = approved(made(config, out))
        with pytest.raises(NotApproved, match="is approved already"):
            approve(run.folder, by="Cy Doe", role="Auditor")

    @pytest.mark.parametrize("change", [{"by": " "}, {"role": ""}])
    def test_somebody_says_who_they_are(self, config: Path, out: Path, change: dict[str, str]) -> None:
        run = made(config, out)
        with pytest.raises(ConfigurationError, match="say who approves"):
            approve(run.folder, **{**ANN, **change})

    def test_approvals_that_were_changed_make_no_state(self, config: Path, out: Path) -> None:
        run = approved(made(config, out))
        path = run.folder / APPROVALS
        path.write_text(path.read_text().replace("Bob Ray", "Rob Ray"))
        assert state_of(run) == "broken"
        assert last_approved(out, "testshire") is None


class TestRefusals:
    def test_a_run_that_was_changed(self, config: Path, out: Path) -> None:
        run = made(config, out)
        (run.folder / "pack" / "report.html").write_text("better")
        with pytest.raises(NotApproved, match="not as it was published(.|\n)*pack/report.html"):
            approve(run.folder, **ANN)
        assert not (run.folder / APPROVALS).exists()

    def test_a_run_that_was_changed_after_its_review(self, config: Path, out: Path) -> None:
        run = made(config, out)
        approve(run.folder, **ANN)
        (run.folder / "assumptions.yaml").write_text("better")
        with pytest.raises(NotApproved, match="assumptions.yaml"):
            approve(run.folder, **BOB)

    def test_a_run_that_a_gate_stopped(self, config: Path, out: Path) -> None:
        with pytest.raises(StoppedRun) as stop:
            made(config, out, fakes.pipeline({"ledger": (fakes.check("ledger", "failed"),)}))
        with pytest.raises(NotApproved, match="a gate stopped this run"):
            approve(stop.value.run.folder, **ANN)

    def test_a_run_with_open_warnings(self, config: Path, out: Path) -> None:
        run = made(config, out, fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "warn"),)}))
        with pytest.raises(NotApproved, match=r"1 warning is open \(T01 spend\)(.|\n)*waiver"):
            approve(run.folder, **ANN)

    def test_what_only_takes_note_is_no_hindrance(self, config: Path, out: Path) -> None:
        run = made(config, out, fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "info"),)}))
        assert run.manifest["checks"]["noted"] == 1
        assert approve(run.folder, **ANN).state == "reviewed"

    @pytest.mark.parametrize("status", ["draft", "unverified"])
    def test_an_annual_run_on_values_that_are_not_approved(self, config: Path, out: Path, status: str) -> None:
        say(config, "status: approved", f"status: {status}", "pack.yaml")
        example = made(config, out)
        assert approve(example.folder, **ANN).state == "reviewed", "an example is not paid"
        say(config, "purpose: example", "purpose: annual")
        with pytest.raises(NotApproved, match="not approved.*cost_uplift_factor, efficiency_factor"):
            approve(made(config, out).folder, **ANN)

    def test_an_annual_run_on_a_value_of_the_command_line(self, config: Path, out: Path) -> None:
        say(config, "purpose: example", "purpose: annual")
        run = made(config, out, overrides={"efficiency_factor": "0.01"})
        with pytest.raises(NotApproved, match=r"\(efficiency_factor\)(.|\n)*values of --set are drafts"):
            approve(run.folder, **ANN)
        assert approve(made(config, out).folder, **ANN).state == "reviewed"


class TestALaterRun:
    def test_takes_the_place_of_the_one_approved_before(self, config: Path, out: Path) -> None:
        first = approved(made(config, out))
        second = made(config, out, overrides={"efficiency_factor": "0.01"})
        approve(second.folder, **ANN)
        assert state_of(first) == "approved", "a review changes nothing yet"
        approval = approve(second.folder, **BOB)
        (named,) = approval.supersedes
        assert named["run_id"] == first.run_id
        assert named["manifest_sha256"] == hash_file(first.folder / MANIFEST)
        assert (state_of(first), state_of(second)) == ("superseded", "approved")
        assert not verify(first.folder).findings, "nothing is written into the first run"

    def test_takes_the_place_of_the_standing_one_alone(self, config: Path, out: Path) -> None:
        runs = [made(config, out, overrides={"efficiency_factor": f"0.0{digit}"}) for digit in (1, 3, 4)]
        for day, run in enumerate(runs):
            approved(run, NOON + timedelta(days=day))
        assert [state_of(run) for run in runs] == ["superseded", "superseded", "approved"]
        (named,) = Approvals.read(runs[2].folder).given[-1].supersedes
        assert named["run_id"] == runs[1].run_id

    def test_leaves_other_years_and_localities_alone(self, config: Path, out: Path) -> None:
        both = approved(made(config, out))
        shorter = approved(made(config, out, year="2026/27"))
        say(config, "locality: testshire", "locality: elsewhere")
        other = approved(made(config, out))
        assert [state_of(run) for run in (both, shorter, other)] == ["approved"] * 3

    def test_the_last_approved_run_is_found(self, config: Path, out: Path) -> None:
        assert last_approved(out, "testshire") is None
        early = approved(made(config, out, year="2026/27"), NOON)
        late = approved(made(config, out), NOON + timedelta(days=1))
        approve(made(config, out, overrides={"efficiency_factor": "0"}).folder, **ANN, at=NOON + timedelta(days=2))
        found = last_approved(out, "testshire")
        assert found is not None and found.run_id == late.run_id != early.run_id
        assert last_approved(out, "elsewhere") is None


def test_an_approval_that_cannot_be_written_changes_nothing(
    config: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(config, out)
    approve(run.folder, **ANN)
    before = (run.folder / APPROVALS).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(Exception, match="the approval could not be written"):
            approve(run.folder, **BOB)
    assert (run.folder / APPROVALS).read_bytes() == before
    assert not [path for path in out.iterdir() if path.name.endswith(".approvals") and path.is_file()]
    assert state_of(run) == "reviewed"
    assert approve(run.folder, **BOB).state == "approved"


def test_the_tables_of_an_approved_run_are_still_there(config: Path, out: Path) -> None:
    run = approved(made(config, out))
    assert isinstance(Run.open(run.folder).table("integrated_budget"), pd.DataFrame)

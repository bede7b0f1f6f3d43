"""The read-only page of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from budget.audit.approving import approve
from budget.audit.folder import Run
from flows import direct
from flows.pipeline import StoppedRun
from flows.request import Request
from flows.showcase import build_app
from tests.flows import fakes

pytestmark = pytest.mark.integration


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def run(runs: Path, tmp_path: Path) -> Run:
    return direct.carry_out(Request(fakes.locality(tmp_path / "testshire"), out=runs), fakes.pipeline())


@pytest.fixture
def browser(runs: Path) -> TestClient:
    return TestClient(build_app(runs), base_url="http://127.0.0.1")


def test_an_empty_folder_says_so(browser: TestClient) -> None:
    assert "There is no run here yet" in browser.get("/").text


def test_lists_title_status_years_and_totals(run: Run, browser: TestClient) -> None:
    page = browser.get("/").text
    for shown in (
        "Testshire",
        "Complete",
        "2026/27, 2027/28",
        "£60,600.00",
        "250",
        "Nobody lives in Testshire",
        run.run_id,
    ):
        assert shown in page


def test_shows_what_people_made_of_a_run(run: Run, browser: TestClient) -> None:
    assert '<span class="state draft">Draft</span>' in browser.get("/").text
    approve(run.folder, by="Ann Lee", role="Finance lead")
    assert "reviewed by Ann Lee, Finance lead" in browser.get("/").text
    approve(run.folder, by="Bob <b>Ray</b>", role="CFO")
    page = browser.get("/").text
    assert '<span class="state approved">Approved</span>' in page and "Bob &lt;b&gt;Ray" in page
    (run.folder / "approvals.jsonl").write_text("{}\n")
    assert "do not follow from its manifest" in browser.get("/").text


def test_shows_what_a_rerun_changed(run: Run, browser: TestClient) -> None:
    direct.carry_out(Request.rerun(run.folder, overrides={"efficiency_factor": "0.01"}), fakes.pipeline())
    page = browser.get("/").text
    assert "efficiency_factor = 0.01" in page and f"Reruns {run.run_id}" in page


def test_lists_a_stopped_run_without_totals(runs: Path, tmp_path: Path, browser: TestClient) -> None:
    stopping = fakes.pipeline({"intake": (fakes.check("intake", "failed"),)})
    with pytest.raises(StoppedRun):
        direct.carry_out(Request(fakes.locality(tmp_path / "testshire"), out=runs), stopping)
    page = browser.get("/").text
    assert "Stopped by a gate" in page and "Data checks" in page and "£" not in page


@pytest.mark.parametrize(
    ("kind", "media"), [("report", "text/html"), ("workbook", "spreadsheetml"), ("gates", "text/html")]
)
def test_serves_the_files_of_a_run(kind: str, media: str, run: Run, browser: TestClient) -> None:
    answer = browser.get(f"/runs/{run.run_id}/{kind}")
    assert answer.status_code == 200 and media in answer.headers["content-type"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path",
    ["manifest", "..%2F..%2Fmanifest.json", "../manifest.json", "tables", "report.html"],
)
def test_serves_nothing_else(path: str, run: Run, browser: TestClient) -> None:
    assert browser.get(f"/runs/{run.run_id}/{path}").status_code == 404


@pytest.mark.parametrize("run_id", [".store", "..", "%2E%2E", "nothing"])
def test_serves_no_folder_that_is_no_run(run_id: str, run: Run, browser: TestClient) -> None:
    assert browser.get(f"/runs/{run_id}/report").status_code == 404


def test_only_reads(run: Run, browser: TestClient) -> None:
    assert browser.post("/").status_code == 405
    assert browser.delete(f"/runs/{run.run_id}/report").status_code == 405


def test_refuses_a_foreign_host_name(runs: Path) -> None:
    assert TestClient(build_app(runs), base_url="http://evil.example").get("/").status_code == 400


def test_names_are_shown_as_text(run: Run, browser: TestClient) -> None:
    manifest = run.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"title": "Testshire"', '"title": "<script>alert(1)</script>"'))
    assert "<script>alert" not in browser.get("/").text

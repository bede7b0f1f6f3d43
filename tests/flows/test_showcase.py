"""The read-only page of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from budget.audit.approving import approve
from budget.audit.folder import Run
from flows import direct
from flows.access import is_local, new_token
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
    ("kind", "media"),
    [("report", "text/html"), ("workbook", "spreadsheetml"), ("gates", "text/html"), ("lineage", "text/html")],
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


class TestElsewhere:
    """On any other address than this machine's own, the page asks for a token."""

    @pytest.fixture
    def stranger(self, runs: Path) -> TestClient:
        return TestClient(build_app(runs, "s3cret-token"), base_url="http://runs.example")

    @pytest.mark.parametrize("path", ["/", "/?token=", "/?token=S3cret-token", "/runs/x/report?token=s3cret-toke"])
    def test_without_the_token_nothing_is_shown(self, path: str, run: Run, stranger: TestClient) -> None:
        answer = stranger.get(path)
        assert answer.status_code == 403 and "Testshire" not in answer.text
        assert answer.headers["cache-control"] == "no-store"

    def test_the_token_goes_from_the_address_into_a_cookie(self, run: Run, stranger: TestClient) -> None:
        first = stranger.get("/?token=s3cret-token", follow_redirects=False)
        assert (first.status_code, first.headers["location"]) == (303, "/")
        assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in first.headers["set-cookie"].split(";")}
        assert "Testshire" in stranger.get("/").text
        assert stranger.get(f"/runs/{run.run_id}/report").status_code == 200

    def test_a_wrong_cookie_is_refused(self, run: Run, stranger: TestClient) -> None:
        stranger.cookies.set("capitation_token", "another")
        assert stranger.get("/").status_code == 403

    def test_tokens_cannot_be_guessed(self) -> None:
        assert len({new_token() for _ in range(100)}) == 100
        assert len(new_token()) >= 43, "256 bits"

    @pytest.mark.parametrize(
        ("host", "local"),
        [
            ("127.0.0.1", True),
            ("localhost", True),
            ("::1", True),
            ("0.0.0.0", False),
            ("10.1.2.3", False),
            ("nhs", False),
        ],
    )
    def test_only_this_machine_needs_none(self, host: str, local: bool) -> None:
        assert is_local(host) is local


def test_data_docs_are_served_where_a_run_has_them_and_nothing_beside_them(run: Run, browser: TestClient) -> None:
    docs = run.folder / "gates" / "data_docs"
    address = f"/runs/{run.run_id}/data_docs"
    assert browser.get(f"{address}/index.html").status_code == 404
    (docs / "suites").mkdir(parents=True)
    for page in ("index.html", "suites/intake.html", "plain.css"):
        (docs / page).write_text(page)
        assert browser.get(f"{address}/{page}").text == page
    for page in ("../../manifest.json", "%2e%2e/%2e%2e/manifest.json", "suites", ""):
        assert browser.get(f"{address}/{page}").status_code == 404

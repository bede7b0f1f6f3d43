"""The finance page over a small locality: drafts, scenarios, workbooks, reruns, comparisons."""

from __future__ import annotations

import io
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from budget.assumptions.draft import Draft
from budget.assumptions.layer import read_layer
from budget.assumptions.sheet import VALUE, VALUES, key_of, rows_of
from budget.audit.folder import Run
from budget.kernel.hashing import hash_file
from budget.scenario.what_if import causes
from flows.showcase import build_app
from flows.web.desks import Desks
from flows.web.jobs import Reruns
from tests.support.desks import EFFICIENCY, LATER, POOL, example, run_of
from tests.support.scheduling import within

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def locality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("desk") / "example")


@pytest.fixture(scope="module")
def run(locality: Path) -> Run:
    return run_of(locality, locality / "runs")


@pytest.fixture(scope="module")
def other(locality: Path, run: Run) -> Run:
    return run_of(locality, locality / "runs", risk_pool_share="0.01")


@pytest.fixture
def scenarios(locality: Path) -> Iterator[Path]:
    yield locality / "scenarios"
    for path in (locality / "scenarios").glob("*.yaml"):
        path.unlink()


def says(code: str) -> Reruns:
    """Reruns that are a few lines of Python."""
    return Reruns(lambda run, scenario: (sys.executable, "-c", code, str(run), str(scenario)))


def watched(client: TestClient, where: str) -> str:
    """What is said of a job once it is over."""
    for _ in range(2_000):
        told = client.get(f"{where}/progress").json()
        if told["over"]:
            break
        time.sleep(0.05)
    assert told["over"]
    return str(told["progress"])


@pytest.fixture
def client(run: Run) -> Iterator[TestClient]:
    with TestClient(build_app(run.folder.parent), base_url="http://127.0.0.1") as visitor:
        yield visitor


class Visitor:
    """Somebody at the desk."""

    def __init__(self, client: TestClient, run: Run) -> None:
        self.client, self.at = client, f"/desk/{run.run_id}"
        self.word = re.search(r'name="word" value="([^"]+)"', self.page)[1]  # type: ignore[index]

    @property
    def page(self) -> str:
        return self.client.get(self.at).text

    def send(self, where: str = "", **fields: str):
        return self.client.post(f"{self.at}{where}", data={"word": self.word, **fields})

    def ask(self, **fields: str):
        headers = {"x-by-script": "1"}
        return self.client.post(self.at, data={"word": self.word, **fields}, headers=headers).json()


@pytest.fixture
def visitor(client: TestClient, run: Run) -> Visitor:
    return Visitor(client, run)


class TestDraft:
    def test_values_stand_with_ranges_and_sources(self, visitor: Visitor) -> None:
        page = visitor.page
        for shown in (
            "pace_min_growth",
            "Range 0.001 to 0.02: Tried in a test.",
            "No range stated",
            "NHS England, Revenue finance",
            "Run: 0.02",
        ):
            assert shown in page
        now, later = page.split("These need the full rerun")
        assert f'name="{EFFICIENCY}"' in now and LATER in later and "Nothing is changed yet" in now

    def test_an_untouched_run_is_its_own_budget_to_the_penny(self, visitor: Visitor) -> None:
        assert "The product has changed since" not in visitor.page

    def test_a_change_moves_bridge_places_and_segments(self, visitor: Visitor, other: Run, run: Run) -> None:
        moved = visitor.ask(**{POOL: "0.01"})["moved"]
        core = [r.table("growth_bridge").groupby("place")["balance_pence"].last().sum() for r in (run, other)]
        change = int(core[1] - core[0])
        assert change and f"{abs(change) / 100:,.0f}" in moved, "as the run with that value says"
        for table in ("steps", "cores", "segments"):
            rows = moved.split(f'id="{table}"')[1].split("</table>")[0]
            assert 'class="moved"' in rows, table
        assert 'class="moved"' not in moved.split('id="allocations"')[1].split("</table>")[0]

    def test_without_the_script_the_page_shows_the_same(self, visitor: Visitor) -> None:
        page = visitor.send(**{POOL: "0.01"}).text
        assert "1 value changed" in page and 'value="0.01"' in page
        assert "Nothing is changed yet" in visitor.send("/anew").text

    def test_an_error_stands_beside_its_field_and_the_text_stays(self, visitor: Visitor) -> None:
        answer = visitor.ask(**{EFFICIENCY: "2%", POOL: "0.01"})
        assert "must be a number" in answer["marks"][EFFICIENCY]["fault"]
        assert "1 cannot be read and is left out" in answer["moved"] and "1 value changed" in answer["moved"]
        assert 'value="2%"' in visitor.page and 'aria-invalid="true"' in visitor.page

    def test_a_value_beyond_its_range_is_told_and_used(self, visitor: Visitor) -> None:
        answer = visitor.ask(**{POOL: "0.03"})
        assert answer["marks"][POOL]["beyond"] == "This is above the documented high of 0.02."
        assert "1 value changed" in answer["moved"]

    def test_values_without_a_budget_say_why(self, visitor: Visitor) -> None:
        moved = visitor.ask(**{EFFICIENCY: "0.01"})["moved"]
        assert "there is no budget" in moved and "floors" in moved

    def test_what_needs_a_rerun_says_so(self, visitor: Visitor) -> None:
        moved = visitor.ask(**{LATER: "per_head"})["moved"]
        assert "1 of them shows only after the full rerun" in moved

    def test_nobody_sees_another_draft(self, visitor: Visitor, run: Run, client: TestClient) -> None:
        visitor.ask(**{POOL: "0.01"})
        stranger = TestClient(client.app, base_url="http://127.0.0.1")
        assert "Nothing is changed yet" in Visitor(stranger, run).page and "1 value changed" in visitor.page

    @pytest.mark.parametrize("where", ["", "/anew", "/save", "/upload", "/rerun"])
    def test_a_form_from_elsewhere_is_refused(self, where: str, visitor: Visitor, run: Run) -> None:
        stranger = TestClient(visitor.client.app, base_url="http://127.0.0.1")
        assert stranger.post(visitor.at + where, data={"word": visitor.word}).status_code == 403
        assert visitor.client.post(visitor.at + where, data={"word": "guess"}).status_code == 403
        assert visitor.client.post(visitor.at + where, json={}).status_code == 415

    def test_the_page_asks_nothing_of_other_places(self, visitor: Visitor) -> None:
        answer = visitor.client.get(visitor.at)
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)
        for name in ("desk.js", "desk.css"):
            assert visitor.client.get(f"/desk/assets/{name}").status_code == 200
        assert visitor.client.get("/desk/assets/room.py").status_code == 404


class Tab:
    """One of several tabs of somebody at the desk: the fields that its page had when it was loaded."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', self.page)[1] for name in ("tab", "seen")}  # type: ignore[index]

    def ask(self, **fields: str):
        answer = self.visitor.ask(**self.hidden | fields)
        self.hidden["seen"] = str(answer.get("seen", self.hidden["seen"]))
        return answer

    def send(self, where: str = "", **fields: str):
        return self.visitor.send(where, **self.hidden | fields)


class TestTabs:
    def test_a_tab_that_has_not_seen_a_change_is_told_and_takes_nothing(self, visitor: Visitor) -> None:
        first, second = Tab(visitor), Tab(visitor)
        first.ask(**{POOL: "0.01"})
        answer = second.ask(**{POOL: "0.006"})
        assert "changed in another tab" in answer["elsewhere"] and "moved" not in answer
        assert 'value="0.01"' in visitor.page
        assert "1 value changed" in second.ask(over="1", **{POOL: "0.006"})["moved"]
        assert 'value="0.006"' in visitor.page
        assert "elsewhere" in first.ask(**{POOL: "0.012"})

    def test_a_tab_goes_on_with_its_own_changes(self, visitor: Visitor) -> None:
        first = Tab(visitor)
        first.ask(**{POOL: "0.01"})
        first.hidden["seen"] = "0"  # as one that is sent before the answer to the last came
        assert "1 value changed" in first.ask(**{POOL: "0.012"})["moved"]
        assert "1 value changed" in Tab(visitor).ask(**{POOL: "0.013"})["moved"], "a tab that has seen it"

    @pytest.mark.parametrize("where", ["", "/save"])
    def test_without_the_script_both_are_kept_until_somebody_chooses(self, where: str, visitor: Visitor) -> None:
        first, second = Tab(visitor), Tab(visitor)
        first.send(**{POOL: "0.01"})
        answer = second.send(where, **{POOL: "0.006"})
        assert answer.status_code == 409 and "changed in another tab" in answer.text
        assert 'value="0.006"' in answer.text and 'value="0.01"' in visitor.page

    @pytest.mark.parametrize("where", ["/anew", "/upload"])
    def test_nothing_of_another_tab_is_dropped_in_silence(self, where: str, visitor: Visitor) -> None:
        first, second = Tab(visitor), Tab(visitor)
        first.ask(**{POOL: "0.01"})
        answer = second.send(where)
        assert answer.status_code == 409 and "nothing was done" in answer.text and 'value="0.01"' in answer.text


class TestKeeping:
    SAID = {"name": "small_pool", "author": "Ann <Lee>", "reason": "A test of a small pool"}

    def test_a_draft_becomes_a_pinned_scenario(self, visitor: Visitor, scenarios: Path, locality: Path) -> None:
        visitor.ask(**{POOL: "0.01", LATER: "per_head"})
        assert "Saved as small_pool" in visitor.send("/save", **self.SAID).text
        layer = read_layer(scenarios / "small_pool.yaml")
        assert (layer.author, layer.reason) == ("Ann <Lee>", "A test of a small pool")
        assert {entry.parameter.id for entry in layer.entries} == {"risk_pool_share", "unattributed_spend_rule"}
        assert list(layer.based_on.values()) == [hash_file(locality / "assumptions.yaml")]
        assert "there is such a file already" in visitor.send("/save", **self.SAID).text

    def test_what_is_typed_is_saved_without_being_shown_first(self, visitor: Visitor, scenarios: Path) -> None:
        visitor.send("/save", **self.SAID, **{POOL: "0.015"})
        (entry,) = read_layer(scenarios / "small_pool.yaml").entries
        assert str(entry.value) == "0.015"

    @pytest.mark.parametrize(
        ("fields", "fault"),
        [
            ({"name": "../x"}, "A name is one word"),
            ({"author": " "}, "Say who answers"),
            ({"reason": ""}, "Say what the change is for"),
        ],
    )
    def test_errors_stand_at_their_fields(
        self, fields: dict[str, str], fault: str, visitor: Visitor, scenarios: Path
    ) -> None:
        visitor.ask(**{POOL: "0.01"})
        answer = visitor.send("/save", **self.SAID | fields)
        name = next(iter(fields))
        assert answer.status_code == 422 and not list(scenarios.glob("*"))
        assert re.search(rf'id="error-{name}">{fault}', answer.text)
        assert f'aria-describedby="error-{name}"' in answer.text

    @pytest.mark.parametrize(("draft", "fault"), [({}, "Nothing has been changed"), ({POOL: "x"}, "Mend the values")])
    def test_saves_no_draft_that_says_nothing(
        self, draft: dict[str, str], fault: str, visitor: Visitor, scenarios: Path
    ) -> None:
        visitor.ask(**draft)
        assert fault in visitor.send("/save", **self.SAID).text and not list(scenarios.glob("*"))

    def test_the_workbook_goes_out_and_comes_back_as_the_draft(self, visitor: Visitor) -> None:
        book = openpyxl.load_workbook(io.BytesIO(visitor.client.get(f"{visitor.at}/assumptions.xlsx").content))
        (cell,) = (row[VALUE] for row in book[VALUES].iter_rows() if row[0].value == "risk_pool_share")
        cell.value = 0.01
        back = io.BytesIO()
        book.save(back)
        answer = self._upload(visitor, back.getvalue())
        assert "1 value changed" in answer.text and 'value="0.01"' in answer.text

    @pytest.mark.parametrize("content", [b"", b"no workbook\r\n\x00\xff", b"PK\x03\x04"])
    def test_what_is_no_workbook_is_told_where_it_was_chosen(self, content: bytes, visitor: Visitor) -> None:
        answer = self._upload(visitor, content)
        assert answer.status_code == 422 and 'id="error-workbook"' in answer.text and "/tmp" not in answer.text

    def test_a_changed_workbook_with_faults_names_the_cell(self, visitor: Visitor) -> None:
        book = openpyxl.load_workbook(io.BytesIO(visitor.client.get(f"{visitor.at}/assumptions.xlsx").content))
        (cell,) = (row[VALUE] for row in book[VALUES].iter_rows() if row[0].value == "risk_pool_share")
        cell.value = 7
        back = io.BytesIO()
        book.save(back)
        assert (
            f"Assumptions!{cell.coordinate}: risk_pool_share = 7 lies outside"
            in self._upload(visitor, back.getvalue()).text
        )

    def test_too_much_is_refused(self, visitor: Visitor) -> None:
        assert self._upload(visitor, b"0" * 10_000_001).status_code == 413

    def test_the_pack_is_one_file(self, visitor: Visitor, run: Run) -> None:
        answer = visitor.client.get(f"{visitor.at}/pack.zip")
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert names == sorted(path.name for path in (run.folder / "pack").iterdir())

    @staticmethod
    def _upload(visitor: Visitor, content: bytes):
        sent = {"workbook": ("a.xlsx", content, "application/octet-stream")}
        return visitor.client.post(f"{visitor.at}/upload", data={"word": visitor.word}, files=sent)


class TestRerun:
    LINES = "import sys; print('  intake  0.1 s  computed  1 check', file=sys.stderr); "

    def _watched(self, run: Run, code: str, scenarios: Path) -> tuple[Visitor, str]:
        with TestClient(build_app(run.folder.parent, reruns=says(self.LINES + code)), base_url="http://127.0.0.1") as c:
            visitor = Visitor(c, run)
            visitor.ask(**{POOL: "0.01"})
            visitor.send("/save", name="watched", author="me", reason="a test")
            answer = visitor.send("/rerun", scenario="watched")
            where = answer.url.path
            told = watched(c, where)
            stranger = TestClient(c.app, base_url="http://127.0.0.1")
            assert stranger.get(where).status_code == 404
            return visitor, told

    def test_a_rerun_is_watched_to_its_end(self, run: Run, other: Run, scenarios: Path) -> None:
        code = f"import json; print(json.dumps({{'run': '/x/{other.run_id}'}}))"
        _, said = self._watched(run, code, scenarios)
        assert "Complete" in said and "0.1 s computed 1 check" in said
        assert f"/compare?before={run.run_id}&amp;after={other.run_id}" in said

    def test_a_gate_that_stops_it_says_why(self, run: Run, scenarios: Path) -> None:
        failures = {"failures": [{"rule": "the floors are met", "check_id": "C08"}], "run": "/x/stopped"}
        _, said = self._watched(run, f"import json; print(json.dumps({failures})); sys.exit(1)", scenarios)
        assert "Stopped by a gate" in said and "the floors are met [C08]" in said and "/runs/stopped/gates" in said

    def test_one_that_breaks_says_so(self, run: Run, scenarios: Path) -> None:
        _, said = self._watched(run, "sys.exit(3)", scenarios)
        assert "Failed" in said and "It ended without an answer" in said

    def test_one_that_cannot_be_started_says_so(self, run: Run) -> None:
        jobs = Reruns(lambda *_: ("/no/such/program",))
        job = jobs.start(run.folder, run.folder)
        within(lambda: job.over, "over")
        jobs.close()
        assert (job.state, job.message) == ("failed", "It could not be carried out (FileNotFoundError).")

    def test_one_can_be_ended_and_closing_ends_the_others(self, run: Run) -> None:
        jobs = says("import time; time.sleep(60)")
        first, second = (jobs.start(run.folder, run.folder) for _ in range(2))
        for _ in range(200):
            if first.state == "running":
                break
            time.sleep(0.02)
        assert (first.state, second.state) == ("running", "waiting")
        began = time.monotonic()
        jobs.end(first)
        jobs.close()
        assert (first.state, second.state) == ("ended", "ended") and time.monotonic() - began < 10

    @pytest.mark.parametrize("named", ["", "nothing", "../assumptions", "/etc/x.yaml"])
    def test_only_scenarios_of_the_locality_are_run(self, named: str, visitor: Visitor) -> None:
        answer = visitor.send("/rerun", scenario=named)
        assert answer.status_code == 422 and 'id="error-rerun"' in answer.text


class TestCompare:
    def test_two_runs_side_by_side(self, client: TestClient, run: Run, other: Run) -> None:
        page = client.get("/compare", params={"before": run.run_id, "after": other.run_id}).text
        assert "By step" in page and "By place" in page and "By service line" in page and 'class="moved"' in page
        assert 'action="/compare/why"' in page and f'name="after" value="{other.run_id}"' in page

    def test_why_they_differ_is_watched_and_then_read(self, run: Run, other: Run) -> None:
        code = "import sys; print('  cause 1 of 1: risk_pool_share', file=sys.stderr); "
        code += "open(sys.argv[3], 'w').write('the causes'); print('{}')"
        jobs = Reruns(explain=lambda *paths: (sys.executable, "-c", code, *map(str, paths)))
        with TestClient(build_app(run.folder.parent, reruns=jobs), base_url="http://127.0.0.1") as client:
            word = Visitor(client, run).word
            sides = {"before": run.run_id, "after": other.run_id}
            assert client.post("/compare/why", data=sides | {"word": "guess"}).status_code == 403
            where = client.post("/compare/why", data=sides | {"word": word}).url.path
            told = watched(client, where)
            assert "cause 1 of 1: risk_pool_share" in told and f"{where}/page" in told
            assert client.get(f"{where}/page").text == "the causes"
            stranger = TestClient(client.app, base_url="http://127.0.0.1")
            assert stranger.get(f"{where}/page").status_code == 404

    def test_a_draft_is_compared_before_it_is_saved(self, visitor: Visitor, run: Run, other: Run) -> None:
        visitor.ask(**{POOL: "0.01", LATER: "per_head"})
        page = visitor.client.get(f"{visitor.at}/draft").text
        change = [int(r.table("growth_bridge").groupby("place")["balance_pence"].last().sum()) for r in (run, other)]
        causes = page.split('id="causes"')[1].split("</table>")[0]
        assert "risk_pool_share" in causes and f"{abs(change[1] - change[0]) / 100:,.0f}" in causes
        assert "unattributed_spend_rule" not in causes and "1 changed value shows only after the full rerun" in page
        for view in ("Core budget by year", "By step", "By place", "By segment", "By service line"):
            assert f"<caption>{view}" in page, view

    def test_causes_of_a_draft_add_up(self, run: Run) -> None:
        kept = Desks().over(run)
        typed = {key_of(e): e for e in rows_of(kept.desk.assumptions)}
        pool, share = (next(key for key in typed if key[0] == name) for name in ("risk_pool_share", "ips_share"))
        draft = Draft.read(kept.desk.assumptions, {pool: "0.015", share: "0.007"})
        moved = kept.moved(draft, kept.desk.plan.budget_years[-1])
        told = causes(kept.desk, draft, moved)
        assert told.order == ("risk_pool_share", "ips_share")
        assert told.total_pence == moved.difference.total_pence != 0

    def test_a_draft_of_nothing_differs_in_nothing(self, visitor: Visitor) -> None:
        assert "Nothing that shows here is changed" in visitor.client.get(f"{visitor.at}/draft").text

    def test_a_run_that_is_not_there_is_told(self, client: TestClient, run: Run) -> None:
        for after in ("nothing", "..", ".store"):
            answer = client.get("/compare", params={"before": run.run_id, "after": after})
            assert answer.status_code == 404 and "There is no such run" in answer.text

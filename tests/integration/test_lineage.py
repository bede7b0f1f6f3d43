"""The lineage of a run: edges with rows and pounds, events that other tools read, the picture."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from budget.audit.folder import Run
from budget.audit.lineage import edges
from budget.audit.lineage.events import events
from budget.audit.lineage.happened import Happened
from budget.kernel.checks import CheckResult
from budget.pipeline import STAGES
from flows.lineage import COLLECTOR, deliver, lineage_files
from tests.flows.localities import ROOT, shipped_locality
from tests.support.runs import EXAMPLE_A, Outcome, compute

pytestmark = pytest.mark.integration

SPECIFICATION = ROOT.parent / "shared" / "openlineage-spec"
"""The published schemas, where whoever runs the tests has put them; the product does not read them."""
STARTED = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
WARNING = CheckResult(
    "intake", "I09", "warn", "failed", "spend", "a rule", 3.0, "at most 1", keys=("F84004",), mend="spend"
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("people")
    return compute(shipped_locality("east_london", folder, people=2_000), folder / "runs", until="costs")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return compute(EXAMPLE_A, tmp_path_factory.mktemp("example"), until="payment")


def happened(outcome: Outcome, **facts: Any) -> Happened:
    return Happened(outcome.bundle, STAGES, outcome.results, STARTED, **facts)


def found(outcome: Outcome, job: str, kind: str = "COMPLETE", **facts: Any) -> dict[str, Any]:
    name = f"{outcome.bundle.plan.locality}.{job}"
    (event,) = (e for e in events(happened(outcome, **facts)) if (e["job"]["name"], e["eventType"]) == (name, kind))
    return event


class TestEdges:
    def test_rows_and_pounds_are_those_of_the_input(self, example: Outcome) -> None:
        table = edges(STAGES, example.results, example.bundle).set_index(["output", "input"])
        lines = example.table("baseline_lines")
        edge = table.loc[("budget_ledger", "baseline_lines")]
        assert (edge["rows"], edge["pence"]) == (len(lines), int(lines["normalised_pence"].sum()))
        spend = table.loc[("spend", "spend-01")]
        assert spend["kind"] == "file" and spend["rows"] == len(example.table("spend"))
        assert table.loc[("budget_ledger", "ips_share")]["rows"] is not None

    def test_the_filter_finds_the_rows_behind_a_row(self, example: Outcome) -> None:
        table = edges(STAGES, example.results, example.bundle).set_index(["output", "input"])
        assert table.loc[("segment_cost", "segment_people"), "row_filter"] == "place, segment"
        assert table.loc[("integrated_budget", "budget_ledger"), "row_filter"] == (
            "financial_year, place, segment, service_line, commissioner"
        )

    def test_money_of_several_years_is_that_of_the_first(self, example: Outcome) -> None:
        table = edges(STAGES, example.results, example.bundle).set_index(["output", "input"])
        ledger = example.table("budget_ledger")
        first = ledger[ledger["financial_year"] == "2025/26"]["amount_pence"].sum()
        assert table.loc[("integrated_budget", "budget_ledger"), "pence"] == first


class TestEvents:
    def test_tell_of_the_run_its_stages_and_its_gates(self, example: Outcome) -> None:
        told = list(events(happened(example)))
        assert [told[0]["eventType"], told[-1]["eventType"]] == ["START", "COMPLETE"]
        assert len(told) == 2 + 4 * len(example.results)
        whole = told[0]["run"]["runId"]
        assert {e["run"]["facets"]["parent"]["run"]["runId"] for e in told[1:-1]} == {whole}
        assert [e["eventTime"] for e in told] == sorted(e["eventTime"] for e in told)

    def test_are_the_same_for_the_same_run_and_record(self, example: Outcome) -> None:
        assert list(events(happened(example))) == list(events(happened(example)))

    def test_say_columns_version_owner_and_rows_of_what_was_written(self, example: Outcome) -> None:
        written = {dataset["name"]: dataset for dataset in found(example, "payment")["outputs"]}
        budget, ref = written["integrated_budget"], example.results[6].tables
        sha256 = next(table.sha256 for table in ref if table.name == "integrated_budget")
        assert budget["facets"]["version"]["datasetVersion"] == sha256
        assert budget["facets"]["ownership"]["owners"] == [{"name": "organisation:EXA", "type": "OWNER"}]
        assert "core_pence" in {field["name"] for field in budget["facets"]["schema"]["fields"]}
        assert budget["outputFacets"]["outputStatistics"]["rowCount"] == 70

    def test_say_which_columns_are_traced_and_which_are_declared(self, people: Outcome) -> None:
        counted = {dataset["name"]: dataset["facets"] for dataset in found(people, "population")["outputs"]}
        age = counted["population_base"]["columnLineage"]["fields"]["age"]["inputFields"]
        assert [(f["name"], f["field"]) for f in age] == [("registered_list", "date_of_birth")]
        assert {t["description"] for f in age for t in f["transformations"]} == {"traced through the SQL of the stage"}
        costs = {dataset["name"]: dataset["facets"] for dataset in found(people, "costs")["outputs"]}
        lines = costs["baseline_lines"]["columnLineage"]
        assert lines["fields"] == {}
        assert ("spend", "place") in {(f["name"], f["field"]) for f in lines["dataset"]}
        assert all(t["description"].startswith("declared") for f in lines["dataset"] for t in f["transformations"])

    def test_raw_columns_lead_to_the_files(self, people: Outcome) -> None:
        read = {dataset["name"]: dataset["facets"] for dataset in found(people, "intake")["outputs"]}
        sex = read["registered_list"]["columnLineage"]["fields"]["sex"]["inputFields"]
        assert {f["name"].rpartition("/")[0] for f in sex} == {"inputs/registered_list"} and len(sex) == 7

    def test_every_table_written_from_sql_is_traced(self, people: Outcome) -> None:
        for stage in ("intake", "population", "segmentation", "costs"):
            for dataset in found(people, stage)["outputs"]:
                fields = dataset["facets"]["columnLineage"]["fields"]
                known = {field["name"] for field in dataset["facets"]["schema"]["fields"]}
                assert set(fields) in (set(), known), dataset["name"]

    def test_gates_say_what_they_found_and_no_codes(self, example: Outcome) -> None:
        results = tuple(
            type(r)(**{**vars(r), "checks": (WARNING,)}) if r.stage == "intake" else r for r in example.results
        )
        event = found(Outcome(example.bundle, results), "intake.gate")
        (judged,) = event["inputs"]
        (assertion,) = judged["inputFacets"]["dataQualityAssertions"]["assertions"]
        assert (assertion["assertion"], assertion["success"], assertion["severity"]) == ("I09", False, "warn")
        assert (assertion["actual"], assertion["expected"]) == ("3", "at most 1")
        assert "F84004" not in json.dumps(event)

    def test_a_stopped_run_fails(self, example: Outcome) -> None:
        stop = CheckResult("costs", "B15", "fail", "failed", "spend", "there is spend")
        part = Outcome(example.bundle, example.results[:3])
        facts: dict[str, Any] = {"refused": (stop,), "stopped_at": "costs"}
        assert (
            "there is spend [B15]" in found(part, "costs", "FAIL", **facts)["run"]["facets"]["errorMessage"]["message"]
        )
        assert found(part, "run", "FAIL", **facts)["run"]["facets"]["errorMessage"]["message"].startswith("spend: ")

    def test_a_warning_that_nobody_answered_for_stops_a_gate(self, example: Outcome) -> None:
        results = tuple(
            type(r)(**{**vars(r), "checks": (WARNING,)}) if r.stage == "intake" else r for r in example.results[:1]
        )
        event = found(Outcome(example.bundle, results), "intake.gate", "FAIL", stopped_at="intake")
        assert event["run"]["facets"]["errorMessage"]["message"] == "spend: a rule [I09]"

    def test_name_no_path_of_the_machine(self, people: Outcome) -> None:
        text = json.dumps(list(events(happened(people))))
        assert str(people.bundle.out) not in text and str(people.bundle.plan.inputs) not in text

    @pytest.mark.skipif(not SPECIFICATION.is_dir(), reason=f"needs the published schemas in {SPECIFICATION}")
    @pytest.mark.parametrize("which", ["example", "people"])
    def test_keep_to_the_published_schemas(self, which: str, request: pytest.FixtureRequest) -> None:
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource

        schemas = [json.loads(file.read_text(encoding="utf-8")) for file in SPECIFICATION.rglob("*.json")]
        registry: Any = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas])

        def faults(value: Any, schema: str) -> list[str]:
            checker = Draft202012Validator.FORMAT_CHECKER
            validator = Draft202012Validator({"$ref": schema}, registry=registry, format_checker=checker)
            return [fault.message for fault in validator.iter_errors(value)]

        for event in events(happened(request.getfixturevalue(which))):
            assert faults(event, event["schemaURL"]) == []
            for facet in facets_in(event):
                assert faults(facet, facet["_schemaURL"]) == []
        broken = {**event, "run": {}}
        assert faults(broken, event["schemaURL"])


def facets_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "_schemaURL" in value:
            yield value
        for part in value.values():
            yield from facets_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from facets_in(part)


class TestFiles:
    def test_lie_in_the_run_folder_and_hold_no_person(self, people: Outcome, tmp_path: Path) -> None:
        persons = people.table("population_base")["person_id"]
        for name, write in lineage_files(happened(people)).items():
            file = tmp_path / name
            write(file)
            text = file.read_text(encoding="utf-8")
            assert not [person for person in persons.sample(200, random_state=1) if person in text]

    def test_the_picture_is_the_same_for_the_same_run(self, example: Outcome, tmp_path: Path) -> None:
        files = [tmp_path / name / "lineage" / "lineage.html" for name in ("one", "two")]
        for file in files:
            file.parent.mkdir(parents=True)
            lineage_files(happened(example))["lineage/lineage.html"](file)
        assert files[0].read_bytes() == files[1].read_bytes()
        assert "://" not in files[0].read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")


class Collector(BaseHTTPRequestHandler):
    """Keeps what is posted, and answers as its server says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Collector)
    server.kept, server.answer = [], 201
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestDelivery:
    @pytest.fixture
    def run(self, tmp_path: Path) -> Run:
        (tmp_path / "lineage").mkdir()
        (tmp_path / "lineage" / "events.jsonl").write_text('{"eventType": "START"}\n{"eventType": "COMPLETE"}\n')
        return Run("a-run", tmp_path, {})

    def test_goes_nowhere_unless_asked(self, run: Run, collector: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(COLLECTOR, raising=False)
        deliver(run)
        assert collector.kept == []

    def test_posts_every_event_in_order(self, run: Run, collector: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(COLLECTOR, f"http://127.0.0.1:{collector.server_port}/api/v1/lineage")
        deliver(run)
        assert [event["eventType"] for event in collector.kept] == ["START", "COMPLETE"]

    def test_a_refusal_warns_and_stops_nothing(
        self, run: Run, collector: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        collector.answer = 503
        monkeypatch.setenv(COLLECTOR, f"http://user:secret@127.0.0.1:{collector.server_port}/")
        deliver(run)
        assert "2 of 2 lineage events were not delivered" in caplog.text and "secret" not in caplog.text

    @pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "file:///etc/hosts", "nonsense"])
    def test_nobody_there_warns_and_stops_nothing(
        self, address: str, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv(COLLECTOR, address)
        deliver(run)
        assert "were not delivered" in caplog.text and address not in caplog.text

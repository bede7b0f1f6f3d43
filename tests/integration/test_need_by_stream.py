"""Need models of streams: which line has which, each on its own cost with a scalar of its own, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from budget.engine import DuckEngine
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.yaml import read_yaml, write_yaml
from budget.need.lines import BY_LINE
from budget.need.risk.passes import show_people
from tests.oracle import need as oracle
from tests.support.need import (
    CALM,
    CAP,
    DAYS,
    OF_STREAMS,
    PERSON_TABLES,
    YEARS,
    Tables,
    area,
    index,
    locality,
    modelled,
    need_folder,
    person_line_cost,
    run,
    settings,
    term,
    wanted,
    weigh,
)

pytestmark = pytest.mark.integration

BY_NAME = {"need_weighting@line:community": "model", "need_weighting@line:acute_nonelective": "model"}
MODELS = ("risk_model", "risk_diagnostics", "risk_challengers", "risk_caps", "risk_weights", "cells", "need_covariance")


@pytest.fixture(scope="module")
def tables() -> Tables:
    few = locality()
    return few | {"person_line_cost": person_line_cost(few)}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return need_folder(tmp_path_factory.mktemp("need"), **CALM)


@pytest.fixture(scope="module")
def whole(tables: Tables, calm: Path) -> Tables:
    """What a run writes whose lines are all weighed alike."""
    return weigh(tables, {"need_weighting": "model"}, calm)


@pytest.fixture(scope="module")
def found(tables: Tables, calm: Path) -> Tables:
    """Two lines by the models of their streams, the third by segment cost."""
    return weigh(tables, BY_NAME, calm)


def cost_of(tables: Tables, stream: str) -> pd.DataFrame:
    """What persons cost on the lines of a stream, in pandas."""
    lines = tables["person_line_cost"]
    mine = lines[lines["service_line"].isin(OF_STREAMS[stream])].groupby("person_id")["cost_pence"].sum()
    cost = tables["person_cost"]
    return cost.assign(cost_pence=cost["person_id"].map(mine).fillna(0).astype("int64"))


# which line has which model


def test_a_line_by_name_has_the_model_of_its_stream(found: Tables) -> None:
    ways = found["need_by_line"].drop_duplicates("service_line").set_index("service_line")
    assert ways[["method", "stream"]].agg(tuple, axis=1).to_dict() == {
        "acute_nonelective": ("model", "general_acute"),
        "community": ("model", "community"),
        "primary_medical_care": ("segment_cost", "all"),
    }
    weights = found["need_weights"]
    assert set(weights.loc[weights["method"] == "model", "stream"]) == {"all", "community", "general_acute"}
    assert set(weights.loc[weights["used"], "method"]) == {BY_LINE}


def test_one_model_a_stream_covers_all_its_lines(found: Tables, tables: Tables) -> None:
    lines = found["need_model_lines"].set_index(["stream", "service_line"])
    assert lines["weighed"].to_dict() == {
        ("community", "community"): True,
        ("general_acute", "acute_elective"): False,
        ("general_acute", "acute_nonelective"): True,
    }
    spent = tables["person_line_cost"].groupby("service_line")["cost_pence"].sum()
    assert lines["cost_pence"].droplevel("stream").to_dict() == spent.loc[lines.index.levels[1]].to_dict()


def test_what_holds_for_all_lines_is_the_model_of_whole_cost(tables: Tables, whole: Tables, calm: Path) -> None:
    used = whole["need_weights"].query("used")
    assert set(zip(used["method"], used["stream"], strict=True)) == {("model", "all")}
    assert "need_model_lines" not in whole and set(whole["risk_model"]["stream"]) == {"all"}
    mixed = weigh(tables, {"need_weighting": "model", "need_weighting@line:community": "model"}, calm)
    ways = mixed["need_by_line"].groupby("service_line")["stream"].agg(set).to_dict()
    assert ways == {"acute_nonelective": {"all"}, "community": {"community"}, "primary_medical_care": {"all"}}
    assert set(mixed["need_weights"].query("used")["method"]) == {BY_LINE}


def test_streams_change_nothing_of_whole_cost(found: Tables, whole: Tables) -> None:
    for name in MODELS:
        mine = found[name][found[name]["stream"] == "all"].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, whole[name].reset_index(drop=True))
    assert index(found["need_weights"], "model") == index(whole["need_weights"], "model")


# each on its own cost


@pytest.mark.parametrize("stream", ["community", "general_acute"])
def test_the_model_of_a_stream_is_least_squares_on_persons_cost_of_it(
    found: Tables, tables: Tables, stream: str
) -> None:
    expected = oracle.fit(oracle.everyone(tables["population"], cost_of(tables, stream), CAP, DAYS))
    table = found["risk_model"].query("stream == @stream")
    stands = ~table["reference"] & table["counted_with"].isna() & (table["term"] != "held")
    estimates = table[stands].set_index(["term", "level"])
    assert set(estimates.index) == set(expected.params)
    by_hand = {"estimate": expected.params, "standard_error": expected.hc1, "clustered_error": expected.clustered}
    for column, values in by_hand.items():
        for name, value in values.items():
            assert estimates.loc[name, column] == pytest.approx(value, rel=1e-7), (column, name)


@pytest.mark.parametrize("stream", ["all", "community", "general_acute"])
def test_each_model_has_a_scalar_of_its_own(found: Tables, tables: Tables, stream: str) -> None:
    cost = tables["person_cost"] if stream == "all" else cost_of(tables, stream)
    rows = oracle.everyone(tables["population"], cost, CAP, DAYS)
    rows = rows.assign(floored=oracle.out_of_fold(rows).clip(lower=0))
    kept = rows.loc[rows["years"] > 0, "kept"].sum()
    value = found["risk_diagnostics"].query("stream == @stream").set_index(["measure", "group"])["value"]
    assert value["scalar", "all"] == pytest.approx(kept / (rows["years"] * rows["floored"]).sum(), rel=1e-7)
    assert value["calibrated", "all"] == pytest.approx(1, abs=1e-12)


def test_streams_need_other_places(found: Tables) -> None:
    weights = found["need_weights"]
    indices = [index(weights, "model", stream) for stream in ("all", "community", "general_acute")]
    assert len({tuple(one.values()) for one in indices}) == 3
    steep = found["risk_model"].query("term == 'condition_band' and level == '5+'").set_index("stream")["estimate"]
    flat = found["risk_model"].query("term == 'intercept'").set_index("stream")["estimate"]
    assert (steep / flat)["community"] > (steep / flat)["general_acute"], "community care follows conditions"


COVARIATES = {"areas": [area("beds", "supply"), area("air", "need")]}
HELD = {"terms": [term("sex", "age_band"), term("imd_tenth", role="supply"), term("condition_band"), term("segment")]}


@pytest.mark.parametrize("changes", [{}, HELD, COVARIATES], ids=["plain", "supply", "areas"])
def test_a_stream_is_modelled_as_if_nothing_else_cost_anything(tables: Tables, changes: dict[str, object]) -> None:
    covariates = {"area_covariates": tables["area_covariates"]} if "areas" in changes else {}
    alone = run({**tables, "person_cost": cost_of(tables, "general_acute")}, **changes, **covariates)
    of_stream = {"stream": "general_acute", "lines": OF_STREAMS["general_acute"]}
    same = modelled(tables, wanted(settings(**CALM, **changes), caps=(), **of_stream, **covariates))
    pd.testing.assert_series_equal(same.per_head, alone.per_head)
    assert set(same.tables) == set(alone.tables)
    for name, table in same.tables.items():
        assert set(table["stream"]) == {"general_acute"}
        pd.testing.assert_frame_equal(table.drop(columns="stream"), alone.tables[name].drop(columns="stream"))


# pounds in are pounds out


def test_streams_together_are_what_each_person_cost(tables: Tables) -> None:
    with DuckEngine() as engine:
        for name in PERSON_TABLES:
            engine.lend(name, tables[name])
        parts = []
        for lines in OF_STREAMS.values():
            show_people(engine, lines)
            parts.append(engine.frame("select * from stream_cost"))
        show_people(engine)
        assert engine.scalar("select sum(cost_pence) from need_people") == tables["person_cost"]["cost_pence"].sum()
    assert all(len(part) == len(tables["population"]) for part in parts), "who has no care there has a true zero"
    together = pd.concat(parts).groupby("person_id")["cost_pence"].sum()
    assert together.to_dict() == tables["person_cost"].set_index("person_id")["cost_pence"].to_dict()


def test_cells_of_every_stream_hold_everyone_and_every_penny(found: Tables, tables: Tables) -> None:
    cells = found["cells"].assign(pence=found["cells"]["y"] + found["cells"]["excess_pence"]).groupby("stream")
    assert set(cells["people"].sum()) == {len(tables["population"])}
    spent = {stream: cost_of(tables, stream)["cost_pence"].sum() for stream in ("community", "general_acute")}
    assert cells["pence"].sum().to_dict() == spent | {"all": tables["person_cost"]["cost_pence"].sum()}


# beside the fit


def test_each_stream_is_adjusted_by_itself(tables: Tables, calm: Path, found: Tables) -> None:
    values = {"need_adjustments": "practice_adjustments", "health_inequality_share": 0.1}
    beside = weigh(tables, values | BY_NAME, calm)["need_weights"]
    for stream, cost in (("all", tables["person_cost"]), ("community", cost_of(tables, "community"))):
        alone = weigh(tables | {"person_cost": cost}, values, calm)["need_weights"]
        assert index(beside, "model", stream) == pytest.approx(index(alone, "model"), rel=1e-12)
        assert index(beside, "model", stream) != index(found["need_weights"], "model", stream)


def test_growth_is_held_for_each_stream_that_the_earlier_run_had(tables: Tables, calm: Path, found: Tables) -> None:
    free = {stream: index(found["need_weights"], "model", stream) for stream in ("all", "community", "general_acute")}
    low = {stream: {place: need / 1.2 for place, need in free[stream].items()} for stream in ("all", "community")}
    rows = [(YEARS[0], place, "model", stream, need) for stream, of in low.items() for place, need in of.items()]
    columns = ["financial_year", "place", "method", "stream", "need_index"]
    earlier = {"previous_need_weights": pd.DataFrame(rows, columns=columns)}
    limit = weigh(tables | earlier, BY_NAME, calm)["need_growth_limit"].set_index(["stream", "place"])
    assert set(limit.index.get_level_values("stream")) == {"all", "community"}
    assert limit["held"].all()
    assert limit["index_limit"].to_dict() == pytest.approx(
        {(stream, place): need * 1.03 for stream, of in low.items() for place, need in of.items()}
    )


def test_frozen_coefficients_are_those_of_each_stream(tables: Tables, calm: Path, found: Tables) -> None:
    values = BY_NAME | {"need_coefficients": "frozen"}
    frozen = found["risk_model"].reset_index(drop=True)
    again = weigh(tables | {"risk_coefficients": frozen}, values, calm)
    for stream in ("all", "community", "general_acute"):
        before, after = (index(tables_["need_weights"], "model", stream) for tables_ in (found, again))
        assert after == pytest.approx(before, rel=1e-9)
    assert set(again["risk_diagnostics"]["model"]) == {"frozen"}
    lacking = frozen[frozen["stream"] != "community"]
    twice = pd.concat([frozen, frozen.query("stream == 'all'").assign(stream=None)], ignore_index=True)
    for wrong, streams in ((lacking, ("community",)), (twice, ("all",))):
        with pytest.raises(RunStopped) as stop:
            weigh(tables | {"risk_coefficients": wrong}, values, calm)
        assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W11", streams)


# what is refused


def test_a_stream_on_which_nobody_costs_anything_is_refused(tables: Tables, calm: Path) -> None:
    lines = tables["person_line_cost"]
    free = tables | {"person_line_cost": lines[lines["service_line"] != "community"]}
    for few in (free, {name: table for name, table in tables.items() if name != "person_line_cost"}):
        with pytest.raises(RunStopped, match="a stream on whose lines persons cost something") as stop:
            weigh(few, {"need_weighting@line:community": "model"}, calm)
        assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W13", ("community",))


def test_a_locality_without_persons_cost_is_refused(tables: Tables, calm: Path) -> None:
    few = {name: table for name, table in tables.items() if name not in ("person_cost", "person_line_cost")}
    with pytest.raises(RunStopped, match="stream community. needs population and person_cost") as stop:
        weigh(few, {"need_weighting@line:community": "model"}, calm)
    assert stop.value.failures[0].check_id == "W08"


def test_a_line_that_belongs_to_no_stream_is_refused(tables: Tables, tmp_path: Path) -> None:
    folder = need_folder(tmp_path, **CALM)
    written = read_yaml(folder / "streams.yaml")
    written["streams"]["community"]["lines"] = []
    write_yaml(folder / "streams.yaml", written)
    with pytest.raises(ConfigurationError, match="need_weighting@community: a line that is modelled by name needs"):
        weigh(tables, {"need_weighting@line:community": "model"}, folder)


def test_a_stream_that_cannot_be_fitted_is_named(tables: Tables, calm: Path) -> None:
    lines = tables["person_line_cost"]
    wrong = lines.assign(cost_pence=lines["cost_pence"].mask(lines["service_line"] == "community", -1))
    some = wrong["service_line"] == "community"
    wrong.loc[wrong[some].index[0], "cost_pence"] = 10**9
    with pytest.raises(RunStopped, match="the need model of the stream community can be fitted") as stop:
        weigh(tables | {"person_line_cost": wrong}, {"need_weighting@line:community": "model"}, calm)
    assert stop.value.failures[0].check_id == "W09"

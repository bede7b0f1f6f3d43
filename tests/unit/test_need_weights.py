"""Weighted populations of places, by published weights, segment cost and a model, and how a stage shows them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.need.methods import by_model, by_segment_cost, published
from budget.need.sources import Sources
from budget.need.stage import weigh_need
from budget.need.weights import weighed
from tests.support.given import given
from tests.support.need import VALUES

pytestmark = pytest.mark.unit

YEAR = "2026/27"

REGISTERED = {
    "B85005": 6799.603087,
    "B85022": 7907.773053,
    "B85061": 9580.320519,
    "B85026": 8042.258775,
}
"""Practices of one place within West Yorkshire, 2026/27 (the method, section 8)."""
WEST_YORKSHIRE = 2708320.049632

STREAMS = {
    "general_acute": ((7086.006869, 9303.264402, 10516.31515, 8725.589373), 2720688.440314, 1.097100),
    "community": ((6461.223909, 9749.745584, 10458.84027, 7931.042906), 2659614.787493, 1.089840),
    "mental_health": ((3570.555801, 6805.648924, 7087.476443, 5581.794594), 2923326.779408, 0.660394),
    "maternity": ((4459.875528, 5836.861674, 7245.59429, 5709.633592), 2909751.042940, 0.669420),
    "prescribing": ((6826.778611, 9004.265426, 10651.1506, 8476.505273), 2684685.669213, 1.090829),
    "health_inequalities": ((4605.769715, 5632.662866, 6823.636852, 5657.785255), 3420285.583405, 0.556465),
    "core": ((6028.20831, 8243.808706, 9302.367739, 7566.042416), 2739414.635371, 0.952273),
    "primary_medical_need": ((6516.830408, 8126.935482, 9416.685982, 7592.475408), 2669415.849877, 0.993328),
    "primary_medical": ((6230.171304, 7752.794589, 9027.728613, 7302.271885), 2782046.309898, 0.912765),
}


def west_yorkshire(streams: tuple[str, ...] = tuple(STREAMS)) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Weights, practices and people: the place's four practices, and the rest of the ICB as one."""
    rows = []
    for stream in streams:
        weighted, icb, _ = STREAMS[stream]
        rows += [(code, stream, REGISTERED[code], wp) for code, wp in zip(REGISTERED, weighted, strict=True)]
        rows.append(("REST", stream, WEST_YORKSHIRE - sum(REGISTERED.values()), icb - sum(weighted)))
    weights = pd.DataFrame(rows, columns=["practice_code", "stream", "population", "weighted_population"])
    practices = pd.DataFrame({"practice_code": [*REGISTERED, "REST"], "place": [*["Place"] * 4, "Rest"]})
    people = pd.DataFrame(
        {
            "financial_year": YEAR,
            "place": ["Place", "Rest"],
            "people": [sum(REGISTERED.values()), WEST_YORKSHIRE - sum(REGISTERED.values())],
        }
    )
    return weights.assign(financial_year=YEAR), practices, people


Method = Callable[[Sources], pd.DataFrame]


def by(method: Method, people: pd.DataFrame, years: tuple[str, ...] = (YEAR,), **frames: pd.DataFrame) -> pd.DataFrame:
    """Weighted people of places by one method."""
    seen = given(frames, {}, base_year="2025/26", budget_years=years)
    return weighed(method(Sources(seen, people, years, None)).assign(method="test"), people)


def by_published(weights: pd.DataFrame, practices: pd.DataFrame, people: pd.DataFrame, *more: str) -> pd.DataFrame:
    return by(published, people, (YEAR, *more), published_weights=weights, practices=practices)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_place_has_the_published_need_index_of_every_stream(stream: str) -> None:
    found = by_published(*west_yorkshire()).set_index(["place", "stream"])
    assert f"{found.loc[('Place', stream), 'need_index']:.6f}" == f"{STREAMS[stream][2]:.6f}"
    assert found.loc[("Place", stream), "weighted_people"] == pytest.approx(sum(STREAMS[stream][0]))


def test_need_a_head_follows_the_years_people() -> None:
    weights, practices, people = west_yorkshire(("core",))
    twice = people.assign(people=people["people"] * 2)
    found = by_published(weights, practices, twice).set_index("place")
    assert found.loc["Place", "weighted_people"] == pytest.approx(2 * sum(STREAMS["core"][0]))
    assert found.loc["Place", "need_index"] == pytest.approx(0.952273, abs=5e-7)


def test_practices_of_others_are_left_out() -> None:
    weights, practices, people = west_yorkshire(("core",))
    alien = pd.DataFrame([("X1", "core", 9.0, 99.0, YEAR)], columns=weights.columns)
    found = by_published(pd.concat([weights, alien]), practices, people)
    pd.testing.assert_frame_equal(found, by_published(weights, practices, people))


def test_merging_two_practices_changes_no_place() -> None:
    weights, practices, people = west_yorkshire(("core",))
    merged = weights.replace({"practice_code": {"B85022": "B85005"}})
    merged = merged.groupby(["practice_code", "stream", "financial_year"], as_index=False).sum()
    before, after = (by_published(w, practices, people).set_index("place") for w in (weights, merged))
    assert after["weighted_people"].to_dict() == pytest.approx(before["weighted_people"].to_dict(), rel=1e-14)


def test_a_place_without_weights_is_refused_by_name() -> None:
    weights, practices, people = west_yorkshire(("core",))
    with pytest.raises(RunStopped, match="every place needs practices with a published weight") as stop:
        by_published(weights[weights["practice_code"] != "REST"], practices, people)
    assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W07", ("Rest 2026/27 core",))


def test_a_place_without_weights_of_one_stream_is_refused_too() -> None:
    weights, practices, people = west_yorkshire(("core", "community"))
    gap = weights[(weights["practice_code"] != "REST") | (weights["stream"] != "core")]
    with pytest.raises(RunStopped) as stop:
        by_published(gap, practices, people)
    assert stop.value.failures[0].keys == ("Rest 2026/27 core",)


def test_a_year_without_weights_is_refused() -> None:
    weights, practices, people = west_yorkshire(("core",))
    with pytest.raises(RunStopped) as stop:
        by_published(weights, practices, people, "2027/28")
    assert stop.value.failures[0].keys == ("Place 2027/28 any", "Rest 2027/28 any")


SEGMENT_PEOPLE = pd.DataFrame(
    [(year, place, segment, n) for year in ("2025/26", YEAR) for place, segment, n in (
        ("A", "AMW", 100.0), ("A", "OA", 100.0), ("B", "AMW", 300.0), ("B", "OA", 100.0)
    )],
    columns=["financial_year", "place", "segment", "people"],
)  # fmt: skip
PEOPLE = SEGMENT_PEOPLE.groupby(["financial_year", "place"], as_index=False)["people"].sum()
COSTS = pd.DataFrame(
    [("A", "AMW", 100.0, 50.0), ("A", "OA", 100.0, 500.0), ("B", "AMW", 300.0, 350.0), ("B", "OA", 100.0, 300.0)],
    columns=["place", "segment", "people", "grossed_pence"],
).assign(service_line="community")


def test_segment_cost_weighs_each_mix_at_the_footprints_cost_a_head() -> None:
    found = by(by_segment_cost, PEOPLE, segment_cost=COSTS, segment_people=SEGMENT_PEOPLE).set_index("place")
    # a mostly well adult costs 1 a head, an older one 4; the mean is 2
    assert found["weighted_people"].to_dict() == pytest.approx({"A": 200 * 1.25, "B": 400 * 0.875})
    assert found["weighted_people"].sum() == pytest.approx(PEOPLE.query("financial_year == @YEAR")["people"].sum())
    assert found["need_index"].to_dict() == pytest.approx({"A": 1.25, "B": 0.875})


def test_a_model_weighs_each_place_by_what_its_people_are_expected_to_cost() -> None:
    need = pd.Series({"A": 1.25, "B": 0.875})
    years = ("2025/26", YEAR)
    found = weighed(by_model(Sources(given({}, {}), PEOPLE, years, {"all": need})).assign(method="model"), PEOPLE)
    assert found.groupby("financial_year")["place"].agg(list).to_dict() == dict.fromkeys(years, ["A", "B"])
    assert found["weighted_people"].tolist() == [200 * 1.25, 200 * 1.25, 400 * 0.875, 400 * 0.875]
    assert found["need_index"].tolist() == pytest.approx([1.25, 1.25, 0.875, 0.875])


def test_a_model_needs_the_cost_of_persons() -> None:
    with pytest.raises(RunStopped, match="the need model needs the cost of persons") as stop:
        by_model(Sources(given({}, {}), PEOPLE, (YEAR,), {}))
    assert stop.value.failures[0].check_id == "W10"


def test_the_unit_of_need_a_head_changes_no_index() -> None:
    need = pd.DataFrame({"financial_year": YEAR, "place": ["A", "B"], "per_head": [2.0, 1.0]})
    need = need.assign(method="test", stream="all")
    before, after = (weighed(given_need, PEOPLE) for given_need in (need, need.assign(per_head=need["per_head"] * 7)))
    assert after["need_index"].tolist() == pytest.approx(before["need_index"].tolist())
    assert before["need_index"].tolist() == pytest.approx([2 / (800 / 600), 1 / (800 / 600)])


def weigh(method: str, stream: str = "core", **more: pd.DataFrame) -> pd.DataFrame:
    frames = {"segment_people": SEGMENT_PEOPLE, "segment_cost": COSTS, **more}
    values = {**VALUES, "need_weighting": method, "need_stream": stream}
    small = given(frames, values, base_year="2025/26", budget_years=(YEAR,))
    return weigh_need(small)["need_weights"]  # type: ignore[return-value]


def published_tables(streams: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    weights, practices, _ = west_yorkshire(streams)
    return {
        "published_weights": weights,
        "practices": practices.replace({"place": {"Place": "A", "Rest": "B"}}),
    }


def test_every_method_is_shown_and_one_sets_the_targets() -> None:
    found = weigh("published", "community", **published_tables(("core", "community")))
    assert set(zip(found["method"], found["stream"], strict=True)) == {
        ("published", "core"),
        ("published", "community"),
        ("segment_cost", "all"),
    }
    used = found[found["used"]]
    assert set(zip(used["method"], used["stream"], strict=True)) == {("published", "community")}
    assert list(used["place"]) == ["A", "B"]


@pytest.mark.parametrize(
    ("method", "tables"),
    [
        ("published", "published_weights and practices"),
        ("model", "population and person_cost"),
        ("formula_2018_19", "published_weights and practices and practice_adjustments"),
        ("age_sex_deprivation", "population and cost_curves"),
    ],
)
def test_a_method_without_its_tables_is_refused(method: str, tables: str) -> None:
    with pytest.raises(RunStopped, match=f"{method} .stream .*. needs {tables}") as stop:
        weigh(method)
    assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W08", ("community",))


def test_a_stream_that_was_not_published_is_refused() -> None:
    with pytest.raises(RunStopped, match="stream maternity"):
        weigh("published", "maternity", **published_tables(("core",)))

"""Need of service lines: the method that weighs each, and what all together make a place's share."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError, RunStopped
from budget.need.lines import Choice, need_by_line, together, with_use

pytestmark = pytest.mark.unit

YEAR, NEXT = "2026/27", "2027/28"
STREAMS = {"acute": "general_acute", "gp": "primary_medical"}
NEEDS = {"published": ("published_weights", "practices"), "carr_hill": ("population", "practice_workload")}
SPEND = pd.Series({"acute": 600.0, "gp": 300.0, "other": 100.0})


def weights(year: str = YEAR) -> pd.DataFrame:
    """Two places of 100 and 300 people by three methods; weighted people of a method need not add up to people."""
    indices = {
        ("published", "general_acute"): (1.2, 0.9),
        ("published", "primary_medical"): (0.8, 1.1),
        ("model", "all"): (1.5, 0.8),
    }
    rows = [
        (year, place, method, stream, people, people * index)
        for (method, stream), pair in indices.items()
        for place, people, index in zip("AB", (100.0, 300.0), pair, strict=True)
    ]
    columns = ["financial_year", "place", "method", "stream", "population", "weighted_people"]
    found = pd.DataFrame(rows, columns=columns)
    sums = found.groupby(["method", "stream"])[["weighted_people", "population"]].transform("sum")
    a_head = found["weighted_people"] / found["population"]
    return found.assign(need_index=a_head / (sums["weighted_people"] / sums["population"]))


def choices(**methods: str) -> list[Choice]:
    """A choice a line: a method, with the stream after a colon where it has several."""
    split = {line: said.partition(":") for line, said in methods.items()}
    return [Choice(YEAR, line, method, stream or "all") for line, (method, _, stream) in split.items()]


def lines(**methods: str) -> pd.DataFrame:
    return need_by_line(weights(), choices(**methods), SPEND, NEEDS)


MIXED = {"acute": "published:general_acute", "gp": "published:primary_medical", "other": "model"}


class TestChoices:
    """What weighs a line, as the assumptions say it."""

    def test_a_published_line_has_the_stream_that_is_named(self) -> None:
        chosen = Choice.of(YEAR, "acute", "published", "core", STREAMS)
        assert chosen == Choice(YEAR, "acute", "published", "core")

    def test_a_line_that_is_modelled_by_name_has_the_model_of_its_stream(self) -> None:
        assert Choice.of(YEAR, "acute", "model", "core", STREAMS, by_name=True).stream == "general_acute"
        assert Choice.of(YEAR, "acute", "model", "by_line", STREAMS).stream == "all", "all lines are modelled together"
        assert Choice.of(YEAR, "acute", "segment_cost", "core", STREAMS, by_name=True).stream == "all"
        with pytest.raises(ConfigurationError, match="need_weighting@other: a line that is modelled by name needs"):
            Choice.of(YEAR, "other", "model", "core", STREAMS, by_name=True)

    def test_or_its_own(self) -> None:
        assert Choice.of(YEAR, "acute", "published", "by_line", STREAMS).stream == "general_acute"

    def test_a_line_without_a_stream_of_its_own_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="other has no stream of its own in streams.yaml"):
            Choice.of(YEAR, "other", "published", "by_line", STREAMS)

    @pytest.mark.parametrize("method", ["model", "segment_cost", "formula_2018_19", "age_sex_deprivation"])
    def test_other_methods_know_no_streams(self, method: str) -> None:
        for stream in ("core", "by_line"):
            assert Choice.of(YEAR, "other", method, stream, STREAMS) == Choice(YEAR, "other", method, "all")

    def test_carr_hill_weighs_primary_medical_care_alone(self) -> None:
        assert Choice.of(YEAR, "gp", "carr_hill", "core", STREAMS).stream == "all"
        for line in ("acute", "other"):
            with pytest.raises(ConfigurationError, match=f"need_weighting@{line}: carr_hill weighs primary medical"):
                Choice.of(YEAR, line, "carr_hill", "core", STREAMS)


class TestOfLines:
    """The table by line."""

    def test_every_line_of_every_place_is_weighed_once_by_its_method(self) -> None:
        found = lines(**MIXED)
        assert not found.duplicated(["financial_year", "service_line", "place"]).any()
        assert len(found) == 3 * 2
        of_line = found.groupby("service_line").first()
        assert of_line["method"].to_dict() == {"acute": "published", "gp": "published", "other": "model"}
        assert of_line["stream"].to_dict() == {"acute": "general_acute", "gp": "primary_medical", "other": "all"}

    def test_a_line_counts_for_its_share_of_spend(self) -> None:
        shares = lines(**MIXED).drop_duplicates("service_line").set_index("service_line")["share_of_spend"]
        assert shares.to_dict() == {"acute": 0.6, "gp": 0.3, "other": 0.1}

    def test_a_line_without_weights_is_refused_with_what_it_needs(self) -> None:
        with pytest.raises(RunStopped, match="carr_hill .* needs population and practice_workload") as stop:
            lines(acute="model", gp="carr_hill", other="model")
        assert (stop.value.failures[0].check_id, stop.value.failures[0].keys) == ("W08", ("gp",))

    def test_a_stream_that_was_not_published_is_refused(self) -> None:
        with pytest.raises(RunStopped, match="stream maternity") as stop:
            lines(acute="published:maternity", gp="model", other="published:maternity")
        assert stop.value.failures[0].keys == ("acute", "other")


class TestTogether:
    """What sets the targets."""

    def test_one_method_for_all_is_that_methods_rows(self) -> None:
        chosen = lines(acute="model", gp="model", other="model")
        found = with_use(weights(), chosen)
        pd.testing.assert_frame_equal(
            found.drop(columns="used"),
            weights().sort_values(["financial_year", "method", "stream", "place"], ignore_index=True),
        )
        assert set(found.loc[found["used"], "method"]) == {"model"}
        assert found["used"].sum() == 2

    def test_several_are_put_together_by_spend(self) -> None:
        found = together(lines(**MIXED)).set_index("place")
        people = {"A": 100.0, "B": 300.0}
        share_of_a = (
            0.6 * 100 * 1.2 / (100 * 1.2 + 300 * 0.9)
            + 0.3 * 100 * 0.8 / (100 * 0.8 + 300 * 1.1)
            + 0.1 * 100 * 1.5 / (100 * 1.5 + 300 * 0.8)
        )
        assert found["weighted_people"].to_dict() == pytest.approx({"A": 400 * share_of_a, "B": 400 * (1 - share_of_a)})
        assert found["weighted_people"].sum() == pytest.approx(sum(people.values()), rel=1e-14)
        assert found["population"].to_dict() == people

    def test_the_index_is_the_spend_weighted_mix_of_the_lines(self) -> None:
        chosen = lines(**MIXED)
        mixed = (chosen["need_index"] * chosen["share_of_spend"]).groupby(chosen["place"]).sum()
        assert together(chosen).set_index("place")["need_index"].to_dict() == pytest.approx(mixed.to_dict(), rel=1e-14)

    def test_only_what_is_put_together_is_used(self) -> None:
        found = with_use(weights(), lines(**MIXED))
        used = found[found["used"]]
        assert set(zip(used["method"], used["stream"], strict=True)) == {("by_line", "all")}
        assert len(found) == len(weights()) + 2

    def test_lines_of_one_method_and_several_streams_are_several(self) -> None:
        chosen = lines(acute="published:general_acute", gp="published:primary_medical", other="published:general_acute")
        assert set(with_use(weights(), chosen).query("used")["method"]) == {"by_line"}

    def test_years_may_differ(self) -> None:
        both = pd.concat([weights(), weights(NEXT)])
        later = [Choice(NEXT, line, "model", "all") for line in SPEND.index]
        found = with_use(both, need_by_line(both, [*choices(**MIXED), *later], SPEND, NEEDS))
        used = found[found["used"]].groupby("financial_year")["method"].agg(set)
        assert used.to_dict() == {YEAR: {"by_line"}, NEXT: {"model"}}

    def test_a_line_of_next_to_no_spend_moves_next_to_nothing(self) -> None:
        spend = pd.Series({"acute": 1e12, "gp": 1.0})
        chosen = need_by_line(weights(), choices(acute="model", gp="published:primary_medical"), spend, NEEDS)
        alone = weights().query("method == 'model'").set_index("place")["need_index"]
        assert together(chosen).set_index("place")["need_index"].to_dict() == pytest.approx(alone.to_dict(), rel=1e-10)

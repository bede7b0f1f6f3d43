"""From packs, scenarios and ``--set`` to what a run knows."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from budget.assumptions.resolve import resolve
from budget.assumptions.resolved import Assumptions
from budget.contracts import table
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import write_yaml
from budget.kernel.years import FinancialYear
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

Y25, Y26, Y27 = (FinancialYear(start) for start in (2025, 2026, 2027))
NATIONAL = REPOSITORY / "config/assumptions/national.yaml"
EAST_LONDON = REPOSITORY / "config/assumptions/east_london.yaml"


def value(written: Any, **facts: Any) -> dict[str, Any]:
    """One value of a pack, with the provenance that every value needs."""
    known = {"source": {"title": "A test"}, "owner": "tester", "status": "draft", "reason": "a test"}
    return {"value": str(written) if isinstance(written, int | float) else written} | known | facts


class Packs:
    """Packs in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, values: Mapping[str, Any], kind: str = "pack", **head: Any) -> Path:
        path = self.folder / f"{name}.yaml"
        said = {"author": "tester", "reason": "a test"} if kind == "scenario" else {}
        write_yaml(path, {kind: name, **said, **head, "values": dict(values)})
        return path

    def resolve(
        self,
        *layers: Mapping[str, Any],
        scenarios: Sequence[Mapping[str, Any]] = (),
        years: Sequence[FinancialYear] = (Y25, Y26, Y27),
        **settings: Any,
    ) -> Assumptions:
        """Resolve packs and scenarios that are given by their values."""
        packs = [self.write(f"pack{n}", layer) for n, layer in enumerate(layers)]
        pins = {path.stem: hash_file(path) for path in packs}
        over = [self.write(f"scenario{n}", layer, "scenario", based_on=pins) for n, layer in enumerate(scenarios)]
        return resolve(packs, scenarios=over, years=years, **({"needed": ()} | settings))


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    return Packs(tmp_path)


class TestPacks:
    def test_an_unknown_name_is_answered_with_the_pack_and_near_names(self, packs: Packs) -> None:
        with pytest.raises(
            ConfigurationError, match=r"pack0\.yaml: .*'efficency_factor'.*Did you mean efficiency_factor"
        ):
            packs.resolve({"efficency_factor": [value(0.02)]})

    def test_two_for_two_per_cent_is_refused_with_its_place(self, packs: Packs) -> None:
        with pytest.raises(ConfigurationError, match=r"pack0\.yaml: efficiency_factor\[1\].*0\.02 for 2%"):
            packs.resolve({"efficiency_factor": [value(0.02, line="community"), value(2)]})

    @pytest.mark.parametrize("lacking", ["source", "owner", "status", "reason"])
    def test_a_bare_number_is_refused(self, packs: Packs, lacking: str) -> None:
        bare = {name: fact for name, fact in value(0.02).items() if name != lacking}
        with pytest.raises(ConfigurationError, match=rf"efficiency_factor\[0\]: {lacking}: Field required"):
            packs.resolve({"efficiency_factor": [bare]})

    @pytest.mark.parametrize(
        ("written", "fault"),
        [
            (value(0.02, year="2025/26"), "year: Extra inputs are not permitted"),
            (value(0.02, status="final"), "status: Input should be 'draft', 'approved' or 'unverified'"),
            (value(0.02, years=["2025"]), r"efficiency_factor\[0\]: '2025' is not a financial year"),
            (value(0.02, years="2025/26"), "years"),
            (value(0.02, high=5), "0.02 for 2%"),
            ("0.02", "Input should be a valid dictionary"),
        ],
    )
    def test_a_wrong_entry_is_named(self, packs: Packs, written: Any, fault: str) -> None:
        with pytest.raises(ConfigurationError, match=rf"pack0\.yaml: .*{fault}"):
            packs.resolve({"efficiency_factor": [written]})

    @pytest.mark.parametrize("values", [None, 0.02, {"value": "0.02"}])
    def test_values_that_are_no_list_are_named(self, packs: Packs, values: Any) -> None:
        with pytest.raises(ConfigurationError, match=r"pack0\.yaml: efficiency_factor must be a list"):
            packs.resolve({"efficiency_factor": values})

    def test_a_file_without_values_is_no_pack(self, packs: Packs, tmp_path: Path) -> None:
        (tmp_path / "empty.yaml").write_text("pack: empty\n")
        with pytest.raises(ConfigurationError, match=r"empty\.yaml: expected a mapping with a 'values' section"):
            resolve([tmp_path / "empty.yaml"], years=(Y25,), needed=())

    def test_a_scope_that_an_assumption_lacks_is_refused(self, packs: Packs) -> None:
        with pytest.raises(ConfigurationError, match="choice_share cannot be set for one line"):
            packs.resolve({"choice_share": [value(0.13, line="outpatient")]})


class TestYears:
    def test_missing_years_are_listed_together(self, packs: Packs) -> None:
        values = {
            "efficiency_factor": [value(0.02, years=["2025/26"])],
            "cost_uplift_factor": [value(0.04, line="community")],
        }
        with pytest.raises(ConfigurationError) as stop:
            packs.resolve(values, needed=("efficiency_factor", "cost_uplift_factor", "pace_rule"))
        assert str(stop.value).splitlines()[1:-1] == [
            "  cost_uplift_factor: no value for 2025/26, 2026/27, 2027/28",
            "  efficiency_factor: no value for 2026/27, 2027/28",
            "  pace_rule: no value for 2025/26, 2026/27, 2027/28",
        ]

    def test_what_no_stage_needs_may_be_missing(self, packs: Packs) -> None:
        assert packs.resolve({"efficiency_factor": [value(0.02)]}, needed=("efficiency_factor",))

    def test_what_is_asked_for_when_used_may_be_missing_or_speak_of_the_past(self, packs: Packs) -> None:
        needed = ("price_cost_uplift", "price_efficiency", "runout_months", "part_complete_rule")
        known = packs.resolve({"price_cost_uplift": [value(0.029, years=["2023/24"])]}, needed=needed)
        assert known.number("price_cost_uplift", FinancialYear(2023)) == 0.029
        with pytest.raises(ConfigurationError, match="part_complete_rule has no value"):
            known.choice("part_complete_rule")

    def test_a_value_of_the_year_beats_one_for_all_years(self, packs: Packs) -> None:
        known = packs.resolve({"efficiency_factor": [value(0.01), value(0.02, years=["2026/27"])]})
        assert known.number("efficiency_factor", Y25) == 0.01
        assert known.number("efficiency_factor", Y26) == 0.02

    def test_a_stage_cannot_declare_what_nobody_knows(self, packs: Packs) -> None:
        with pytest.raises(ConfigurationError, match="a stage declares 'wishes', which the catalogue lacks"):
            packs.resolve({}, needed=("wishes",))


class TestPublication:
    """The cost uplift of 2025/26: 4.15% at first, re-issued at 4.83% on 27 June 2025 (method, 8.13)."""

    @pytest.mark.parametrize(
        ("known_on", "rate"),
        [(date(2025, 6, 26), 0.0415), (date(2025, 6, 27), 0.0483), (None, 0.0483), (date(2025, 1, 1), 0.0415)],
    )
    def test_a_run_knows_what_was_published_by_its_day(self, known_on: date | None, rate: float) -> None:
        known = resolve([NATIONAL], years=(Y25,), needed=("cost_uplift_factor",), known_on=known_on)
        assert known.number("cost_uplift_factor", Y25) == rate
        assert known.entry("cost_uplift_factor", Y25).effective_from == date(2025, 4, 1)

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_order_in_the_file_does_not_matter(self, packs: Packs, order: tuple[int, int]) -> None:
        both = [value(0.0415), value(0.0483, published_on=date(2025, 6, 27))]
        known = packs.resolve({"cost_uplift_factor": [both[n] for n in order]})
        assert known.number("cost_uplift_factor", Y25) == 0.0483

    @pytest.mark.parametrize("between", [[], [value(0.05, published_on=date(2025, 6, 27))]])
    def test_two_values_of_one_day_are_a_mistake(self, packs: Packs, between: list[Any]) -> None:
        with pytest.raises(ConfigurationError, match=r"pack0\.yaml: cost_uplift_factor has two values for all years"):
            packs.resolve({"cost_uplift_factor": [value(0.04), *between, value(0.041)]})

    def test_a_later_pack_wins_whenever_it_was_published(self, packs: Packs) -> None:
        known = packs.resolve(
            {"cost_uplift_factor": [value(0.0483, published_on=date(2025, 6, 27))]},
            {"cost_uplift_factor": [value(0.03, published_on=date(2024, 1, 1))]},
        )
        assert known.number("cost_uplift_factor", Y25) == 0.03


class TestScopes:
    def test_a_line_beats_the_general_value_even_one_of_the_year(self, packs: Packs) -> None:
        known = packs.resolve(
            {"efficiency_factor": [value(0.02, years=["2025/26"]), value(0.01), value(0, line="prescribing")]}
        )
        assert known.number("efficiency_factor", Y25, line="prescribing") == 0
        assert known.number("efficiency_factor", Y25, line="community") == 0.02
        assert known.number("efficiency_factor", Y26, line="community", place="Newham") == 0.01

    def test_a_line_and_a_place_compete(self, packs: Packs) -> None:
        values = [value(0.02), value(0, line="prescribing"), value(0.03, place="Newham")]
        known = packs.resolve({"efficiency_factor": values})
        assert known.number("efficiency_factor", Y25, place="Newham") == 0.03
        assert known.number("efficiency_factor", Y25, line="prescribing", place="Hackney") == 0
        with pytest.raises(ConfigurationError, match="line prescribing and one for place Newham compete in 2025/26"):
            known.number("efficiency_factor", Y25, line="prescribing", place="Newham")

    def test_a_value_for_both_settles_it(self, packs: Packs) -> None:
        values = [value(0.02), value(0, line="prescribing"), value(0.03, place="Newham")]
        both = value(0.01, line="prescribing", place="Newham")
        known = packs.resolve({"efficiency_factor": [*values, both]})
        assert known.number("efficiency_factor", Y25, line="prescribing", place="Newham") == 0.01

    def test_scoped_lists_the_narrowest_of_each(self, packs: Packs) -> None:
        values = [value(0.02), value(0.03, years=["2025/26"]), value(0, line="prescribing")]
        known = packs.resolve({"efficiency_factor": values})
        assert [entry.value for entry in known.scoped("efficiency_factor", Y25)] == [Decimal("0.03"), 0]
        assert [entry.value for entry in known.scoped("efficiency_factor", Y26)] == [Decimal("0.02"), 0]

    def test_a_stage_sees_only_what_it_declares(self, packs: Packs) -> None:
        known = packs.resolve({"efficiency_factor": [value(0.02)], "choice_share": [value(0.13)]})
        with pytest.raises(ConfigurationError, match="efficiency_factor has no value"):
            known.only(["choice_share"]).number("efficiency_factor", Y25)

    @pytest.mark.parametrize(
        ("ask", "identifier"),
        [("number", "pace_rule"), ("pence", "pace_rule"), ("choice", "choice_share"), ("numbers", "choice_share")],
    )
    def test_asking_for_the_wrong_type_is_an_error(self, packs: Packs, ask: str, identifier: str) -> None:
        known = packs.resolve({"pace_rule": [value("uniform")], "choice_share": [value(0.13)]})
        with pytest.raises(TypeError, match=identifier):
            getattr(known, ask)(identifier, Y25)

    def test_pounds_become_pence(self, packs: Packs) -> None:
        assert packs.resolve({"quantum": [value("1234567.89")]}).pence("quantum", Y25) == 123_456_789


class TestScenarios:
    PACK: Mapping[str, Any] = {
        "efficiency_factor": [
            value(0.02, years=["2025/26"]),
            value(0.03, years=["2026/27", "2027/28"]),
            value(0, line="prescribing"),
        ]
    }

    def test_a_value_for_all_years_replaces_those_of_single_years(self, packs: Packs) -> None:
        known = packs.resolve(self.PACK, scenarios=[{"efficiency_factor": [value(0.011)]}])
        assert [known.number("efficiency_factor", year) for year in (Y25, Y26, Y27)] == [0.011] * 3
        assert known.number("efficiency_factor", Y25, line="prescribing") == 0

    def test_a_value_for_one_year_leaves_the_others(self, packs: Packs) -> None:
        known = packs.resolve(self.PACK, scenarios=[{"efficiency_factor": [value(0.05, years=["2026/27"])]}])
        assert [known.number("efficiency_factor", year) for year in (Y25, Y26, Y27)] == [0.02, 0.05, 0.03]
        assert known.entry("efficiency_factor", Y26).previous == Decimal("0.03")
        assert known.entry("efficiency_factor", Y26).set_by == "scenario0"

    def test_the_value_before_is_remembered_where_there_was_one(self, packs: Packs) -> None:
        known = packs.resolve(
            {"efficiency_factor": [value(0.02)], "choice_share": [value(0.1), value(0.2, years=["2025/26"])]},
            scenarios=[
                {"efficiency_factor": [value(0.01, years=["2025/26"])], "choice_share": [value(0.3)]},
            ],
        )
        assert known.entry("efficiency_factor", Y25).previous == Decimal("0.02")
        assert known.entry("choice_share", Y25).previous is None

    def test_scenarios_are_laid_over_in_order(self, packs: Packs) -> None:
        over = [{"efficiency_factor": [value(0.01)]}, {"efficiency_factor": [value(0.04)]}]
        assert packs.resolve(self.PACK, scenarios=over).number("efficiency_factor", Y25) == 0.04

    def test_a_scenario_that_changes_nothing_says_so(self, packs: Packs, caplog: pytest.LogCaptureFixture) -> None:
        same = {"efficiency_factor": [value("0.020", years=["2025/26"], reason="said again")]}
        with caplog.at_level(logging.WARNING):
            known = packs.resolve(self.PACK, scenarios=[same, {"efficiency_factor": [value(0.05)]}])
        assert [record.getMessage() for record in caplog.records] == ["scenario scenario0 changes nothing"]
        assert known.warnings == ("scenario scenario0 changes nothing",)

    def test_the_shipped_scenario_changes_the_years_of_the_run(self) -> None:
        scenario = REPOSITORY / "config/scenarios/lower_efficiency.yaml"
        known = resolve([NATIONAL, EAST_LONDON], scenarios=[scenario], years=(Y26, Y27), needed=())
        assert known.number("efficiency_factor", Y26, line="community") == 0.011
        assert known.number("efficiency_factor", Y26, line="prescribing") == 0


class TestSet:
    PACK: Mapping[str, Any] = {
        "in_scope_lines": [value(["community", "prescribing"])],
        "efficiency_factor": [value(0.02, years=["2025/26", "2026/27", "2027/28"]), value(0, line="prescribing")],
        "choice_share": [value(0.13)],
    }

    def test_it_wins_over_everything_in_every_year(self, packs: Packs) -> None:
        known = packs.resolve(
            self.PACK, scenarios=[{"efficiency_factor": [value(0.01)]}], overrides={"efficiency_factor": "0.05"}
        )
        assert known.number("efficiency_factor", Y27) == 0.05
        assert known.entry("efficiency_factor", Y27).previous == Decimal("0.01")
        assert known.entry("efficiency_factor", Y27).set_by == "--set"

    def test_what_is_set_keeps_the_range_of_what_it_replaces(self, packs: Packs) -> None:
        ranged = {"choice_share": [value(0.13, low="0.10", high="0.16", range_reason="a test")]}
        known = packs.resolve(self.PACK | ranged, overrides={"choice_share": "0.20"}).entry("choice_share", Y25)
        assert (known.value, known.low, known.high) == (Decimal("0.20"), Decimal("0.10"), Decimal("0.16"))
        other = {"choice_share": [value(0.12, low="0.11", high="0.14", range_reason="another")]}
        stated = packs.resolve(self.PACK | ranged, scenarios=[other]).entry("choice_share", Y25)
        assert (stated.low, stated.range_reason) == (Decimal("0.11"), "another")

    def test_it_can_speak_of_one_line(self, packs: Packs) -> None:
        known = packs.resolve(self.PACK, overrides={"efficiency_factor@prescribing": "0.01"})
        assert known.number("efficiency_factor", Y25, line="prescribing") == 0.01
        assert known.number("efficiency_factor", Y25, line="community") == 0.02

    def test_it_can_speak_of_one_place(self, packs: Packs) -> None:
        known = packs.resolve(self.PACK, overrides={"choice_share@Newham": "0.2"})
        assert known.number("choice_share", Y25, place="Newham") == 0.2
        assert known.number("choice_share", Y25, place="Hackney") == 0.13

    @pytest.mark.parametrize(
        ("name", "text", "fault"),
        [
            ("efficiency", "0.02", "--set: there is no assumption called 'efficiency'"),
            ("efficiency_factor", "2", "--set: efficiency_factor = 2 lies outside -0.05 to 0.10"),
            ("choice_share@community", "0.2", "--set choice_share@community: choice_share cannot be set for one line"),
            ("pace_rule@Newham", "uniform", "--set pace_rule@Newham: pace_rule cannot be set for one place"),
        ],
    )
    def test_a_wrong_one_is_named(self, packs: Packs, name: str, text: str, fault: str) -> None:
        with pytest.raises(ConfigurationError) as stop:
            packs.resolve(self.PACK, overrides={name: text})
        assert str(stop.value).startswith(fault)


class TestDigest:
    def test_provenance_does_not_change_it(self, packs: Packs) -> None:
        plain = packs.resolve({"efficiency_factor": [value(0.02)]})
        told = packs.resolve(
            {"efficiency_factor": [value(0.02, status="approved", reason="agreed", published_on=date(2025, 1, 1))]}
        )
        assert plain.digest() == told.digest()

    def test_a_range_does_because_draws_are_made_from_it(self, packs: Packs) -> None:
        plain = packs.resolve({"efficiency_factor": [value(0.02)]})
        one, other = (
            packs.resolve({"efficiency_factor": [value(0.02, low=0.01, high=high, range_reason="a test")]})
            for high in (0.03, 0.04)
        )
        assert len({plain.digest(), one.digest(), other.digest()}) == 3

    @pytest.mark.parametrize(
        "other", [value(0.021), value(0.02, years=["2025/26"]), value(0.02, line="a"), value(0.02, place="a")]
    )
    def test_a_value_year_or_scope_does(self, packs: Packs, other: Any) -> None:
        plain = packs.resolve({"efficiency_factor": [value(0.02)]})
        assert plain.digest() != packs.resolve({"efficiency_factor": [other]}).digest()

    def test_the_order_of_packs_does_not_where_they_do_not_meet(self, packs: Packs) -> None:
        one, two = {"efficiency_factor": [value(0.02)]}, {"choice_share": [value(0.13)]}
        assert packs.resolve(one, two).digest() == packs.resolve(two, one).digest()

    def test_the_resolved_pack_resolves_to_the_same(self, tmp_path: Path) -> None:
        scenario = REPOSITORY / "config/scenarios/lower_efficiency.yaml"
        overrides = {"choice_share@Newham": "0.2", "investment": "1000.50", "simulated_activity": "1.1"}
        known = resolve([NATIONAL, EAST_LONDON], scenarios=[scenario], overrides=overrides, years=(Y26, Y27), needed=())
        write_yaml(tmp_path / "resolved.yaml", known.as_pack())
        again = resolve([tmp_path / "resolved.yaml"], years=(Y26, Y27), needed=())
        assert again.digest() == known.digest()
        provenance = [
            "name",
            "scope",
            "value",
            "source",
            "owner",
            "status",
            "reason",
            "published_on",
            "effective_from",
            "set_by",
            "previous_value",
        ]
        before, after = known.as_table()[provenance], again.as_table()[provenance]
        assert after.astype(str).equals(before.astype(str))


def test_the_assumption_ledger_has_the_columns_of_its_contract() -> None:
    known = resolve([NATIONAL, EAST_LONDON], overrides={"choice_share": "0.2"}, years=(Y26,), needed=())
    ledger = known.as_table()
    contract = table("assumption_ledger")
    assert set(ledger.columns) == set(contract.names)
    assert not ledger.duplicated(list(contract.key)).any()
    changed = ledger[ledger["name"] == "choice_share"].iloc[0]
    assert (changed["value"], changed["previous_value"], changed["set_by"]) == ("0.2", "0.13", "--set")


def test_lines_are_named_by_a_value_of_their_own(packs: Packs) -> None:
    known = packs.resolve(
        {
            "need_weighting": [
                value("model", years="all"),
                value("model", line="community", years="all"),
                value("published", line="community", years=["2026/27"]),
                value("published", line="prescribing", years="all"),
            ]
        }
    )
    assert known.lines_with("need_weighting", "model", (Y25,)) == {"community"}
    assert known.lines_with("need_weighting", "model", (Y26,)) == frozenset(), "a value of the year goes before"
    assert known.lines_with("need_weighting", "model", (Y26, Y27)) == {"community"}
    assert known.lines_with("need_weighting", "published", (Y25,)) == {"prescribing"}

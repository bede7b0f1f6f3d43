"""The pieces of the drawing: numbers, sampling, recipes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from budget.kernel.errors import ConfigurationError
from budget.synth.activity import Care
from budget.synth.chance import days_between, pick, stream, systematic
from budget.synth.footprint import scaled
from budget.synth.numbers import blocks_of, check_digits, nhs_numbers, spoilt
from budget.synth.recipe import Recipe
from budget.synth.waiting import Waiting

pytestmark = pytest.mark.unit

RECIPE = Path(__file__).parents[2] / "config" / "synth" / "east_london.yaml"


def test_check_digit_of_a_known_nhs_number():
    assert check_digits(np.array([943_476_591])).tolist() == [9]


def test_numbers_are_distinct_within_and_between_blocks_and_valid():
    numbers = np.concatenate([nhs_numbers(20_000, block, seed=1) for block in blocks_of([13_000] * 7)])
    assert len(np.unique(numbers)) == 140_000
    assert (check_digits(numbers // 10) == numbers % 10).all()
    assert numbers.min() >= 9_000_000_000


def test_more_people_only_append_numbers():
    few, many = (nhs_numbers(count, range(500, 5_000), seed=1) for count in (100, 1_000))
    assert (many[:100] == few).all()


def test_too_many_people_for_a_block_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        nhs_numbers(20_000_000, range(14_000_000), seed=1)


def test_blocks_are_equal_so_that_numbers_do_not_depend_on_how_many_people_are_drawn():
    assert blocks_of([300_000, 200]) == blocks_of([10, 4]) == [range(50_000_000), range(50_000_000, 100_000_000)]


def test_blocks_follow_people_where_the_largest_place_would_not_fit_in_an_equal_one():
    places = [4_732_476, *[1_650_000] * 35]
    blocks = blocks_of(places)
    assert all(len(block) > 1.5 * people for block, people in zip(blocks, places, strict=True))
    assert all(block.stop == later.start for block, later in zip(blocks, blocks[1:], strict=False))
    assert blocks[0].start == 0
    assert blocks[-1].stop <= 100_000_000


def test_care_that_waits_for_its_cost_comes_back_as_it_was_and_leaves_nothing(tmp_path):
    rng, day = stream(1, "test"), np.datetime64("2024-04-01", "D")
    care = Care(np.arange(9), day + np.arange(9), rng.random(9), rng.lognormal(size=9))
    waiting = Waiting(tmp_path)
    assert waiting.put("a", "acute", care) == care.weight.sum()
    taken = waiting.take("a", "acute")
    for name in ("number", "day", "amount", "weight"):
        assert getattr(taken, name).dtype == getattr(care, name).dtype
        assert (getattr(taken, name) == getattr(care, name)).all()
    assert not list(tmp_path.iterdir())


def test_spoilt_numbers_fail_the_check():
    numbers = nhs_numbers(1_000, range(2_000), seed=3)
    assert (check_digits(spoilt(numbers) // 10) != spoilt(numbers) % 10).all()


def test_systematic_draws_the_expected_number_in_every_stretch():
    chances = np.full(10_000, 0.037)
    drawn = systematic(chances, stream(1, "test"))
    assert abs(drawn[:1_000].sum() - 37) <= 1
    assert abs(drawn.sum() - 370) <= 1


def test_pick_never_takes_what_has_no_weight():
    drawn = pick(np.array([0.0, 2.0, 0.0, 6.0, 0.0]), 8_000, stream(1, "test"))
    assert set(drawn) == {1, 3}
    assert (drawn == 3).mean() == pytest.approx(0.75, abs=0.03)


def test_days_between_includes_both_ends():
    first = np.full(2_000, np.datetime64("2025-03-30", "D"))
    drawn = days_between(first, first + 2, stream(1, "test"))
    assert set(drawn.astype(str)) == {"2025-03-30", "2025-03-31", "2025-04-01"}


def test_streams_differ_by_place_and_step_and_repeat():
    assert stream(1, "a", "b").random() == stream(1, "a", "b").random()
    assert len({stream(1, "a", "b").random(), stream(1, "b", "a").random(), stream(2, "a", "b").random()}) == 3


def test_scaled_counts_add_up_and_keep_small_cells():
    counts = np.full(1_000, 3)
    sample = scaled(counts, 100)
    assert sample.sum() == 100
    assert sample[:500].sum() == 50
    assert (scaled(counts, 3_000) == counts).all()


def _changed(tmp_path: Path, old: str, new: str) -> Path:
    """The recipe in a folder of its own with one change, in its own file or in the one that it extends."""
    folder = Path(shutil.copytree(RECIPE.parent, tmp_path / "synth"))
    files = [path for path in (folder / RECIPE.name, folder / "shared/england.yaml") if old in path.read_text("utf-8")]
    assert files
    files[0].write_text(files[0].read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    return folder / RECIPE.name


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 20250401", "seeed: 20250401", "seeed"),
        ("  continuing_care: {share: 0.001,", "  continuing: {share: 0.001,", "unknown conditions: continuing_care"),
        ("{heart_failure: 2.5,", "{heart_failur: 2.5,", "unknown conditions: heart_failur"),
        ("{district: DEP}", "{district: DEP, share: 0.1}", "exactly one of practice, district, share and overall"),
        ("{district: DEP}", "{overall: 0.1}", "an assumed share needs its evidence"),
        ("form: packages, parts: 4, spread: 0.5", "form: events, parts: 4, spread: 0.5", "need a curve and rows"),
        ("  continuing_care: {code: CHC, name: Continuing care providers}\n", "", "has no provider"),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_place_of_the_fault(tmp_path, old, new, message):
    with pytest.raises(ConfigurationError, match=message):
        Recipe.read(_changed(tmp_path, old, new))


def test_a_missing_column_is_named_with_its_file():
    recipe = Recipe.read(RECIPE)
    source = recipe.tables.list.model_copy(update={"columns": {"patients": "people"}})
    with pytest.raises(ConfigurationError, match=r"gp_list_age_sex_2025_04.csv.gz: there is no column people"):
        source.read(recipe.source)

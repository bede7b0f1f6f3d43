"""The settings of the need model: what they may say, and what is refused with the place of the fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from budget.need.settings import COVARIATES, ModelSettings
from tests.support.need import CONFIG, area, settings, term

pytestmark = pytest.mark.unit

SHIPPED = CONFIG / "model.yaml"


def test_the_shipped_settings_hold_no_place_and_nothing_but_need() -> None:
    read = ModelSettings.read(SHIPPED)
    assert {name for term in read.terms for name in term.covariates} <= set(COVARIATES)
    assert list(read.held()) == []
    assert read.areas == () and read.nonnegative == () and read.close_gaps.groups == ()


def test_terms_that_are_no_need_are_held() -> None:
    terms = [term("sex", "age_band"), term("segment", role="supply"), term("imd_tenth", role="neutral")]
    assert list(settings(terms=terms).held()) == ["segment", "imd_tenth"]


def test_every_covariate_may_be_a_term_and_a_group() -> None:
    read = settings(terms=[term(name) for name in COVARIATES], groups=[*COVARIATES, "place"])
    assert read.term_names == COVARIATES


def refused(folder: Path, changes: dict[str, object]) -> str:
    path = folder / "model.yaml"
    write_yaml(path, dict(read_yaml(SHIPPED)) | changes)
    with pytest.raises(ConfigurationError) as refusal:
        ModelSettings.read(path)
    assert str(path) in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"terms": []}, "terms: give one or more"),
        ({"terms": [term("sex"), term("sex")]}, "each once"),
        ({"terms": [term()]}, "terms.0.covariates: .*found none"),
        ({"terms": [term("place")]}, "terms.0.covariates: .*found place"),
        ({"terms": [term("sex"), term("practice_code", "segment")]}, "terms.1.covariates: .*found practice_code"),
        ({"terms": [term("sex", role="demand")]}, "terms.0.role: .*'need', 'supply' or 'neutral'"),
        ({"terms": [{"covariates": ["sex"], "role": "need"}]}, "terms.0.why: Field required"),
        ({"areas": [area("beds", "wanted")]}, "areas.0.role"),
        ({"areas": [{"covariate": "beds"}]}, "areas.0.role: Field required"),
        ({"groups": ["segment", "practice_code"]}, "groups: .*found practice_code"),
        ({"challengers": ["forest"]}, "challengers.0"),
        ({"challengers": ["wls"]}, "challengers.0"),
        ({"nonnegative": ["weather"]}, "nonnegative names weather, which is no term"),
        ({"nonnegative": ["sex"]}, "nonnegative names sex, which is no term"),
        ({"close_gaps": {"groups": ["segment=OA"], "share": 1.2}}, "close_gaps.share: .*between 0 and 1"),
        ({"close_gaps": {"groups": ["segment=OA"], "share": -0.1}}, "close_gaps.share: .*between 0 and 1"),
        ({"close_gaps": {"groups": ["place=Here"], "share": 1}}, "close_gaps.groups: .*found place=Here"),
        ({"close_gaps": {"groups": ["segment"], "share": 1}}, "close_gaps.groups: .*found segment"),
        ({"close_gaps": {"groups": ["segment=OA"]}}, "close_gaps.share: Field required"),
        (
            {"nonnegative": ["imd_tenth"], "close_gaps": {"groups": ["segment=OA"], "share": 1}},
            "nonnegative and close_gaps cannot be met together",
        ),
        ({"areas": [area("beds", "supply")], "nonnegative": ["imd_tenth"]}, "areas cannot be met together"),
        (
            {"areas": [area("beds", "supply")], "close_gaps": {"groups": ["segment=OA"], "share": 1}},
            "areas cannot be met together",
        ),
        ({"weather": "fine"}, "weather: Extra inputs are not permitted"),
        ({"source": "own choice"}, "source"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_no_model_can_be_made_of_is_refused_by_name(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    import re

    assert re.search(told, refused(tmp_path, changes))


def test_a_setting_that_is_left_out_is_refused(tmp_path: Path) -> None:
    for name in ModelSettings.model_fields:
        path = tmp_path / "model.yaml"
        write_yaml(path, {key: value for key, value in dict(read_yaml(SHIPPED)).items() if key != name})
        with pytest.raises(ConfigurationError, match=f"{name}: Field required"):
            ModelSettings.read(path)


def test_settings_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="model.yaml"):
        ModelSettings.read(tmp_path / "model.yaml")

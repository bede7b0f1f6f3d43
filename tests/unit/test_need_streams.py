"""Every service line has one need stream."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from budget.assumptions.catalogue import catalogue
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml
from budget.need.layouts import stream_names
from budget.need.lines import BY_LINE
from budget.need.streams import by_service_line, read_streams

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "config" / "need" / "streams.yaml"


def changed(tmp_path: Path, before: str, after: str) -> Path:
    text = SETTINGS.read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "streams.yaml"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    return file


def test_streams_are_those_that_an_assumption_may_choose() -> None:
    assert (*stream_names(), BY_LINE) == tuple(catalogue()["need_stream"].options)


@pytest.mark.parametrize("locality", sorted((ROOT / "config" / "assumptions").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_line_in_scope_has_a_stream(locality: Path) -> None:
    written = read_yaml(locality)["values"].get("in_scope_lines", [])
    lines = {line for value in written for line in value["value"]}
    assert lines <= set(read_streams(SETTINGS))


def test_need_of_lines_is_that_of_their_stream() -> None:
    indices = pd.DataFrame({"place": "A", "stream": ["community", "core", "maternity"], "need_index": [0.9, 1.0, 1.2]})
    found = by_service_line(indices, read_streams(SETTINGS))
    assert list(found.columns) == ["place", "service_line", "stream", "need_index"]
    assert dict(zip(found["service_line"], found["need_index"], strict=True)) == {
        "community": 0.9,
        "continuing_care": 1.0,
        "s75_social_care": 1.0,
        "maternity": 1.2,
    }


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("lines: [community]", "lines: [community, prescribing]", "check prescribing"),
        ("  community:\n", "  comunity:\n", "check community, comunity"),
        ("lines: [community]", "line: [community]", "community.line"),
    ],
    ids=["line twice", "stream misspelt", "key misspelt"],
)
def test_settings_that_do_not_add_up_are_refused(before: str, after: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_streams(changed(tmp_path, before, after))

"""Registers of codelists: read strictly, with file and line of every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from budget.kernel.errors import ConfigurationError
from budget.segmentation.codelists import members, read_codelists
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

SHIPPED = REPOSITORY / "config/segmentation/codelists/conditions.csv"
HEAD = "codelist,name,groups,code_system,source,version,status,change\n"


def read(folder: Path, text: str) -> object:
    (folder / "lists.csv").write_text(text, encoding="utf-8")
    return read_codelists([folder / "lists.csv"])


def test_national_registers_are_approved_and_local_definitions_are_drafts() -> None:
    lists = read_codelists([SHIPPED])
    for codelist in lists.values():
        national = "Quality and Outcomes Framework" in codelist.source
        assert codelist.status == ("approved" if national else "draft"), codelist.codelist
        assert codelist.version and codelist.code_system and codelist.name
    local = {"homeless", "severe_physical_disability", "continuing_care", "severe_frailty"}
    assert all(lists[name].status == "draft" for name in local)


def test_groups_are_those_of_the_register_in_its_order() -> None:
    lists = read_codelists([SHIPPED]).values()
    assert len(members(lists, "long_term")) == 16
    assert len(members(lists, "complex_needs")) == 9
    assert len(members(lists, "snee_long_term")) == 14
    assert members(lists, "end_stage")[0] == "end_stage_renal"
    assert members(lists, "nothing") == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("codelist,name\na,A\n", "has the columns codelist, name, groups"),
        (HEAD + "a,A,,S,me,1,perhaps,\n", "line 2: status is approved or draft, found 'perhaps'"),
        (HEAD + "a,A,,S,me,1,unknown,\n", "line 2: status is approved or draft"),
        (HEAD + "a,A,,S,me,1,draft,\na,A,,S,me,1,draft,\n", "line 3: the codelist a is there twice"),
        (HEAD + ",A,,S,me,1,draft,\n", "line 2:(.|\n)*codelist: String should have at least 1 character"),
        (HEAD + "a,A,,S,me,1,draft\n", "line 2: not as many fields as there are columns"),
        (HEAD + "a,A,,S,me,1,draft,,x\n", "line 2: not as many fields as there are columns"),
        (HEAD + 'a,"A,,S\n', "cannot be read"),
    ],
)
def test_a_register_is_read_strictly(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"lists\.csv(.|\n)*{fault}"):
        read(tmp_path, text)


def test_a_missing_register_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.csv: there is no such register"):
        read_codelists([tmp_path / "nowhere.csv"])


def test_a_codelist_of_two_registers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(HEAD + "asthma,Asthma,,S,me,1,draft,\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"own\.csv, line 2: the codelist asthma is there twice"):
        read_codelists([SHIPPED, tmp_path / "own.csv"])

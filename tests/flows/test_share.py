"""``capitation share``: what leaves gives nobody away, in a small locality with counts of every size."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from budget.disclosure.audit import audit
from budget.disclosure.dominance import READS as PERSONS
from budget.disclosure.dominance import dominated
from budget.disclosure.hiding import hide
from budget.disclosure.layers import Layer
from budget.disclosure.rules import Rules
from budget.disclosure.shared import HIDDEN, LISTS_KNOWN, Shared, few, layers_of
from budget.disclosure.tables import READS, nesting, public_lists, shared_tables
from budget.kernel.errors import ConfigurationError, RunStopped
from flows import cli
from flows.sharing import share
from tests.support.runs import EXAMPLE_A
from tests.support.small_run import small_run

pytestmark = pytest.mark.integration

RULES = Rules(5, 5, 0.1)
DEAR = ("place:Eastfield", "segment:ACX")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(tmp_path_factory.mktemp("runs") / "twofields", EXAMPLE_A)


@pytest.fixture(scope="module")
def out(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "pack"
    assert share(run, folder).run_id == "twofields"
    return folder


@pytest.fixture(scope="module")
def shared(run: Path) -> tuple[Shared, ...]:
    return shared_tables(read(run))


@pytest.fixture(scope="module")
def layers(run: Path, shared: tuple[Shared, ...]) -> tuple[Layer, ...]:
    return layers_of(shared, RULES, nesting(read(run)), dominated(paths(run), RULES), public_lists(read(run)))


@pytest.fixture(scope="module")
def audited(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "internal" / "disclosure_audit.parquet")


def paths(run: Path) -> dict[str, Path]:
    return {path.stem: path for path in (run / "tables").glob("*.parquet")}


def read(run: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(path) for name, path in paths(run).items() if name in READS}


def csvs(out: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_csv(path, dtype=str) for path in sorted((out / "shareable").glob("*.csv"))}


def test_no_shown_count_is_small_and_every_count_is_rounded(out: Path, shared: tuple[Shared, ...]) -> None:
    assert sum(RULES.few(table.frame[c].to_numpy(float)).sum() for table in shared for c in table.counts) > 50
    for name, table in csvs(out).items():
        if "people" in table:
            shown = table.loc[table["people"] != HIDDEN, "people"].astype(int)
            assert not shown.between(1, 4).any() and (shown % 5 == 0).all(), name


def test_a_row_is_hidden_whole_and_in_every_year(out: Path, audited: pd.DataFrame) -> None:
    for name in ("budget_by_segment", "budget_by_scale"):
        table = csvs(out)[name]
        hidden = table[[c for c in table if c == "people" or c.endswith("_pence")]] == HIDDEN
        assert (hidden.any(axis=1) == hidden.all(axis=1)).all(), name
    assert (csvs(out)["budget_by_segment"] == HIDDEN).any(axis=None)
    assert (audited.groupby(["area", "part"])["shown"].agg(lambda shown: shown.isna().nunique()) == 1).all()


def test_pounds_a_head_do_not_tell_the_exact_count(out: Path) -> None:
    table = csvs(out)["budget_by_segment"].query("people != @HIDDEN and people != '0'")
    figures = table[["payment_pence", "people", "payment_per_head_pence"]].astype(float)
    told = (figures["payment_pence"] / figures["payment_per_head_pence"]).round()
    assert (told == figures["people"]).all(), "the rounded count, not the exact one"


def test_nothing_that_is_solved_for_is_a_hidden_sum_of_money(layers: tuple[Layer, ...], audited: pd.DataFrame) -> None:
    """Whatever weighted sum of sums is left with one unknown tells it; money is exact, so exactly."""
    for layer in (layer for layer in layers if not layer.counts):
        rows = audited[(audited["measure"] == layer.measure) & (audited["financial_year"] == layer.year)]
        shown = rows.set_index(["area", "part"])["shown"].reindex(pd.MultiIndex.from_tuples(layer.cells))
        unknown = shown.isna().to_numpy()
        assert unknown.any() or layer.measure not in ("allocation_pence", "payment_pence")
        _, sizes, space = np.linalg.svd(layer.sums.toarray()[:, unknown], full_matrices=False)
        told = np.isclose((space[sizes > 1e-9] ** 2).sum(axis=0), 1.0)
        assert not told.any(), [layer.cells[number] for number in np.flatnonzero(unknown)[told]]


def test_every_hidden_cell_is_in_doubt_also_to_whoever_knows_the_lists(audited: pd.DataFrame) -> None:
    hidden = audited[audited["shown"].isna() & (audited["needed"] > 0)]
    assert (hidden["high"] - hidden["low"] >= hidden["needed"] * (1 - 1e-6)).all()
    assert len(hidden[hidden["financial_year"] == LISTS_KNOWN]) > 20


def test_the_cost_of_one_person_is_hidden(run: Path, audited: pd.DataFrame) -> None:
    assert dominated(paths(run), RULES) == {DEAR: pytest.approx(0.95, abs=1e-6)}
    assert dominated(paths(run), Rules(5, 5, 0.01)) == {}
    rows = audited[(audited["area"] == DEAR[0]) & (audited["part"] == DEAR[1])]
    assert rows["shown"].isna().all() and rows["small"].all()
    assert all(dominated({k: v for k, v in paths(run).items() if k != name}, RULES) == {} for name in PERSONS)


@pytest.mark.parametrize(
    ("largest", "second", "hidden"),
    [(90, 9, True), (90, 1, False), (90, 2, True), (80, 10, False), (100, 0, True), (0, 0, False)],
)
def test_the_p_percent_rule(largest: float, second: float, hidden: bool) -> None:
    """Of 100 in all, the second must not be able to tell the largest to within a tenth of it."""
    figures = (np.array([float(figure)]) for figure in (100, largest, second))
    assert RULES.dominated(*figures).tolist() == [hidden]


def test_a_cell_that_one_table_shows_and_another_hides_is_found(
    shared: tuple[Shared, ...], layers: tuple[Layer, ...]
) -> None:
    first = few(layers, RULES)
    hidden = hide(layers, first, RULES)
    careless = [(t, t.as_shown(() if t.name == "people_by_practice" else hidden, RULES)) for t in shared]
    found = audit(careless, layers, first, RULES)
    assert (found["small"] & found["shown"].notna()).sum() > 10


def test_the_gate_refuses_a_careless_pack_and_nothing_is_written(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget.disclosure.pack.hide", lambda layers, first, rules: frozenset(first))
    with pytest.raises(RunStopped) as stop:
        share(run, tmp_path / "pack")
    (check,) = stop.value.failures
    assert check.check_id == "O05" and check.observed and check.keys
    assert list(tmp_path.iterdir()) == []


def test_laxer_rules_than_the_gate_allows_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lax = small_run(tmp_path / "lax", EXAMPLE_A, min_cell=3, count_rounding=1)
    assert cli.main(["share", str(lax), "--out", str(tmp_path / "pack")]) == 1
    assert "Nothing is shared" in capsys.readouterr().err
    assert not (tmp_path / "pack").exists()


def test_exact_counts_need_more_to_be_hidden(out: Path, tmp_path: Path) -> None:
    share(small_run(tmp_path / "exact", EXAMPLE_A, count_rounding=1), tmp_path / "pack")
    signs = [
        sum((table == HIDDEN).to_numpy().sum() for table in csvs(folder).values())
        for folder in (out, tmp_path / "pack")
    ]
    assert signs[1] > signs[0]


def test_a_run_without_the_rules_is_refused(tmp_path: Path) -> None:
    old = small_run(tmp_path / "old", EXAMPLE_A, count_rounding=None, dominance_share=None)
    with pytest.raises(ConfigurationError, match="no count_rounding, dominance_share; run it again"):
        share(old, tmp_path / "pack")


def test_tables_that_were_changed_are_not_shared(run: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(run, tmp_path / "changed")
    shutil.copy(changed / "tables" / "segments.parquet", changed / "tables" / "integrated_budget.parquet")
    with pytest.raises(ConfigurationError, match=r"integrated_budget.parquet: the table is not as the run left it"):
        share(changed, tmp_path / "pack")


def test_whoever_knows_both_lists_does_not_learn_a_part_between_them(shared: tuple[Shared, ...], run: Path) -> None:
    known = set(public_lists(read(run)))
    lists = next(table for table in shared if table.name == "lists_by_practice").frame
    assert known == {
        (f"practice:{row.practice_code}", "all" if row.item == "closing" else row.item)
        for row in lists.itertuples()
        if row.item in ("opening", "closing")
    }


def test_the_command_says_what_it_hid_and_gives_the_same_bytes(
    run: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again"
    assert cli.main(["share", str(run), "--out", str(again), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cells"][0]["measure"] == "people" and told["cells"][0]["hidden"] > 20
    names = {path.name for path in (again / "shareable").iterdir()}
    assert names == {f"{name}.csv" for name in told["tables"]} | {"README.txt", "shareable.xlsx"}
    assert all((out / "shareable" / n).read_bytes() == (again / "shareable" / n).read_bytes() for n in names)
    assert cli.main(["share", str(run), "--out", str(again)]) == 2
    assert "there already" in capsys.readouterr().err
    assert again.stat().st_mode & 0o077 == 0, "whoever sends it opens it to others"


def test_workbook_and_csv_say_the_same(out: Path) -> None:
    book = load_workbook(out / "shareable" / "shareable.xlsx")
    for name, table in csvs(out).items():
        rows = [[str(cell) for cell in row] for row in book[name].iter_rows(min_row=2, values_only=True)]
        assert rows == table.to_numpy().tolist(), name

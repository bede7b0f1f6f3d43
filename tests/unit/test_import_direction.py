"""Imports point one way: flows, expectations, budget; inside budget the house is a diamond."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
ROOMS = ("intake", "population", "segmentation", "costs", "need", "ledger", "payment", "publish")
HEAVY = ("statsmodels", "altair", "great_expectations", "prefect", "xlsxwriter", "openpyxl")
FOUNDATION = {
    "kernel": {"kernel"},
    "contracts": {"kernel", "contracts"},
    "engine": {"kernel", "contracts", "engine"},
    "assumptions": {"kernel", "contracts", "assumptions"},
    "stage": {"kernel", "contracts", "engine", "assumptions", "plan"},
    "store": {"kernel"},
    "plan": {"kernel", "scope"},
    "scope": {"kernel"},
    "volume": set(),
}
"""What each part of the foundation may import of ``budget``."""
ABOVE_THE_ROOMS = {"pipeline", "runner", "bundle", "previous", "store", "audit", "scenario"}
"""What runs and records stages; a stage is a pure function and knows none of it."""


@dataclass(frozen=True)
class Import:
    """One imported module, and where."""

    file: Path
    line: int
    module: str
    when_loaded: bool

    @property
    def top(self) -> str:
        return self.module.split(".")[0]

    @property
    def part(self) -> str:
        """The part of ``budget`` that is imported; empty for the package itself."""
        return self.module.split(".")[1] if "." in self.module else ""

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def imports_of(folder: Path) -> list[Import]:
    """Every import below a folder (or in a module of that name)."""
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    assert files, f"{folder} holds no code"
    return [found for file in files for found in _imports(file)]


def _imports(file: Path) -> Iterator[Import]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    loaded = {id(node) for node in _run_when_loaded(tree.body)}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import hides its direction"
            module = node.module or ""
            # `from budget import need` imports a part by its name
            names = [f"budget.{alias.name}" for alias in node.names] if module == "budget" else [module]
        for name in names:
            yield Import(file, node.lineno, name, id(node) in loaded)


def _run_when_loaded(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a module is imported: not those in functions, nor those for type checkers."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and not ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _run_when_loaded(node.body + node.orelse)
        elif isinstance(node, ast.Try | ast.ClassDef):
            yield from _run_when_loaded(node.body)


def refuse(wrong: list[Import], why: str) -> None:
    assert not wrong, why + "\n" + "\n".join(map(str, wrong))


def test_budget_knows_neither_drivers_nor_gates() -> None:
    forbidden = {"prefect", "great_expectations", "flows", "expectations", "fastapi"}
    refuse(
        [i for i in imports_of(ROOT / "budget") if i.top in forbidden], "budget/ stands below flows/ and expectations/"
    )


def test_expectations_knows_no_driver() -> None:
    wrong = [i for i in imports_of(ROOT / "expectations") if i.top in {"prefect", "flows"}]
    refuse(wrong, "expectations/ stands below flows/")


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_meet_only_through_tables(room: str) -> None:
    others = (set(ROOMS) | ABOVE_THE_ROOMS) - {room}
    wrong = [i for i in imports_of(ROOT / "budget" / room) if i.top == "budget" and i.part in others]
    refuse(wrong, f"budget/{room} may not know other rooms, nor what runs it")


@pytest.mark.parametrize("part", FOUNDATION)
def test_the_foundation_stands_on_itself(part: str) -> None:
    own = FOUNDATION[part] | {part, ""}
    wrong = [i for i in imports_of(ROOT / "budget" / part) if i.top == "budget" and i.part not in own]
    refuse(wrong, f"budget/{part} may import only {', '.join(sorted(FOUNDATION[part]))}")


def test_reports_are_made_of_tables_alone() -> None:
    others = set(ROOMS) | ABOVE_THE_ROOMS
    refuse(
        [i for i in imports_of(ROOT / "budget" / "report") if i.top == "budget" and i.part in others], "budget/report"
    )


def test_disclosure_control_is_made_of_tables_alone() -> None:
    allowed = {"disclosure", "kernel", "contracts", "engine", ""}
    wrong = [i for i in imports_of(ROOT / "budget" / "disclosure") if i.top == "budget" and i.part not in allowed]
    refuse(wrong, "budget/disclosure looks at the tables of a run, whoever made them")


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    wrong = [i for i in imports_of(ROOT / "budget") if i.when_loaded and i.top in HEAVY]
    refuse(wrong, "import it inside the function that needs it: every command would wait for it")


def test_the_command_line_loads_nothing_heavy() -> None:
    light = ("cli", "arguments", "answer", "find", "values")
    heavy = {*HEAVY, "pandas", "duckdb", "pyarrow", "fastapi", "rich", "uvicorn"}
    found = [i for name in light for i in imports_of(ROOT / "flows" / name)]
    refuse([i for i in found if i.when_loaded and i.top in heavy], "`capitation --help` would wait for it")

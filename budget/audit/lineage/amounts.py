"""How many rows a table or file has, and how much money it speaks of."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from budget.bundle import InputFile
from budget.contracts import Table
from budget.contracts import table as contract_of
from budget.kernel.hashing import hash_value
from budget.kernel.money import half_up
from budget.store import Store, TableRef, write_json

_YEAR = "financial_year"


@dataclass(frozen=True)
class ReadFile:
    """An input file as the register has it; rows are None where the run stopped before it was registered."""

    table: str
    file: str
    sha256: str
    rows: int | None


def rows_of_files(files: Sequence[InputFile], present: Mapping[str, TableRef]) -> dict[str, ReadFile]:
    """The input files by their identifier in ``input_register``."""
    numbers: dict[str, int] = {}
    known: dict[str, int] = {}
    if "input_register" in present:
        register = pq.read_table(present["input_register"].path, columns=["input_id", "rows"]).to_pydict()
        known = dict(zip(register["input_id"], register["rows"], strict=True))
    found = {}
    for file in files:
        numbers[file.table] = numbers.get(file.table, 0) + 1
        name = f"{file.table}-{numbers[file.table]:02d}"
        found[name] = ReadFile(file.table, file.path.name, file.sha256, known.get(name))
    return found


def money_of(ref: TableRef, years: Sequence[str], store: Store) -> int | None:
    """Pence of a table: the sum of the column that its contract names, of one year where it has several.

    Args:
        ref: the table.
        years: the years to take, the first that the table has rows of; all rows where it has none of them.
        store: keeps the sums of person-level tables, which take a while to read, under the hash of their bytes.

    Returns:
        Whole pence, half-up; None where the table is not about sums that add up.
    """
    contract = contract_of(ref.name)
    if contract.money is None:
        return None
    if contract.disclosure != "person":
        return _money(ref, contract, years)
    kept = store.root / "money" / f"{hash_value([ref.sha256, contract.money, *years])[:32]}.json"
    if not kept.is_file():
        kept.parent.mkdir(exist_ok=True)
        write_json(kept, _money(ref, contract, years))
    return int(json.loads(kept.read_text(encoding="utf-8")))


def _money(ref: TableRef, contract: Table, years: Sequence[str]) -> int:
    column = str(contract.money)
    dated = _YEAR in contract.names
    table = pq.read_table(ref.path, columns=[column, *([_YEAR] if dated else [])])
    return _sum(_of_year(table, years) if dated else table, column)


def _of_year(table: pa.Table, years: Sequence[str]) -> pa.Table:
    for year in years:
        rows = table.filter(pc.equal(table[_YEAR], year))
        if len(rows):
            return rows
    return table


def _sum(table: pa.Table, column: str) -> int:
    if pa.types.is_floating(table[column].type):
        # exact, so that the order of rows and threads leaves no trace
        return half_up(math.fsum(table[column].drop_null().to_pylist()))
    total = pc.sum(table[column]).as_py()
    # a table without rows speaks of no money: a true zero
    return 0 if total is None else int(total)

"""The shareable pack: tables as CSV and one workbook, with what has been done to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from budget.disclosure.audit import audit
from budget.disclosure.dominance import dominated
from budget.disclosure.hiding import hide
from budget.disclosure.rules import Rules
from budget.disclosure.shared import HIDDEN, NOBODY, Shared, few, layers_of
from budget.disclosure.tables import READS, nesting, public_lists, shared_tables
from budget.kernel.csv_file import write_csv

WORKBOOK = "shareable.xlsx"
ABOUT = "README.txt"


@dataclass(frozen=True)
class Pack:
    """Tables as others may see them, and the evidence that they may.

    Attributes:
        tables: each table with what it shows.
        audited: the ``disclosure_audit``; it stays inside.
        rules: the rules that were kept.
    """

    tables: tuple[tuple[Shared, pd.DataFrame], ...]
    audited: pd.DataFrame
    rules: Rules


@dataclass(frozen=True)
class Identity:
    """What the pack says of the run that it is from."""

    run_id: str
    title: str
    notice: str
    snapshot: date


def make_pack(paths: Mapping[str, Path]) -> Pack:
    """Make a run's tables fit to share.

    Args:
        paths: Parquet files of the run by table.

    Raises:
        ConfigurationError: the run has no rules of disclosure; it is older than they are.
        CapitationError: a total is not the sum of its parts, so that nobody can say what a reader may work out.
    """
    rules = Rules.of(pd.read_parquet(paths["assumption_ledger"]))
    tables = {name: pd.read_parquet(paths[name]) for name in READS if name in paths}
    dominant = dominated(paths, rules)
    shared = shared_tables(tables)
    layers = layers_of(shared, rules, nesting(tables), dominant, public_lists(tables))
    first = few(layers, rules) | dominant.keys()
    hidden = hide(layers, first, rules)
    shown = tuple((table, table.as_shown(hidden, rules)) for table in shared)
    return Pack(shown, audit(shown, layers, first, rules), rules)


def write_pack(pack: Pack, identity: Identity, folder: Path) -> None:
    """Write the tables as CSV, the same as a workbook, and a page that says how to read them.

    Args:
        folder: a folder that is there and empty.
    """
    for table, shown in pack.tables:
        write_csv(shown, folder / f"{table.name}.csv")
    (folder / ABOUT).write_text("\n".join(_about(pack, identity)) + "\n", encoding="utf-8")
    _write_workbook(pack, identity, folder / WORKBOOK)


def _about(pack: Pack, identity: Identity) -> Iterator[str]:
    rules = pack.rules
    yield f"{identity.title}: integrated budgets, shareable tables"
    yield f"Run {identity.run_id}, people counted on {identity.snapshot:%d %B %Y}."
    yield from filter(None, [identity.notice])
    yield ""
    yield f"Counts of people are to the nearest {rules.rounding}, totals too, so parts may not add up to them."
    yield f"{HIDDEN} is a hidden figure: one of 1 to {rules.least - 1} people, one whose cost is mostly one person's,"
    yield "or one that would let such a figure be worked out. Nobody is shown as 0."
    yield f"{NOBODY} is a figure that there cannot be, such as pounds a head of nobody."
    yield "Money is in pence. Pounds a head are money over the rounded people, so they do not tell the exact count."
    yield "Do not add further figures to these tables from the run itself: what is safe here may not be beside others."
    yield ""
    yield from (f"{table.name}: {table.about}" for table, _ in pack.tables)


def _write_workbook(pack: Pack, identity: Identity, path: Path) -> None:
    from xlsxwriter.workbook import Workbook

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), options) as workbook:
        created = datetime.combine(identity.snapshot, datetime.min.time())
        workbook.set_properties({"title": identity.title, "subject": f"Run {identity.run_id}", "created": created})
        bold = workbook.add_format({"bold": True})
        notes = workbook.add_worksheet("About")
        for row, line in enumerate(_about(pack, identity)):
            notes.write_string(row, 0, line)
        for table, shown in pack.tables:
            sheet = workbook.add_worksheet(table.name)
            sheet.write_row(0, 0, list(shown.columns), bold)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(shown), len(shown.columns) - 1)
            for row, figures in enumerate(shown.itertuples(index=False), start=1):
                for column, figure in enumerate(figures):
                    # text of the data is text, whatever it begins with
                    write = sheet.write_string if isinstance(figure, str) else sheet.write
                    write(row, column, figure if isinstance(figure, str) else _plain(figure))


def _plain(figure: object) -> object:
    return figure.item() if hasattr(figure, "item") else figure

"""Live formulas and the values that they will give: a formula without its value reads 0 in a previewer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from budget.report.book.model import Formula, Kind
from budget.report.book.values import MISSING
from budget.report.show import is_missing, rounded


def value_of(formula: Formula, operands: Sequence[Any]) -> Any:
    """What a formula gives, in raw units (pence, people).

    Args:
        formula: the formula.
        operands: raw values in the order of ``formula.of``.

    Returns:
        A number, or None where an operand is missing or is divided by nought.
    """
    if any(is_missing(operand) for operand in operands):
        return None
    first, others = operands[0], operands[1:]
    match formula.op:
        case "sum":
            return sum(operands)
        case "difference":
            return first - sum(others)
        case "copy":
            return first
        case "ratio":
            return int(rounded(_exact(first) / _exact(others[0]))) if others[0] else None
        case "share":
            return float(first) / float(others[0]) if others[0] else None


def text_of(formula: Formula, cells: Sequence[str], kind: Kind) -> str:
    """The formula as a spreadsheet writes it.

    Args:
        formula: the formula.
        cells: addresses in the order of ``formula.of``.
        kind: kind of the column that it fills.
    """
    first, others = cells[0], ",".join(cells[1:])
    match formula.op:
        case "sum":
            return f"=SUM({','.join(cells)})"
        case "difference":
            return f"=ROUND({first}-SUM({others}),2)"
        case "copy":
            return f"=ROUND({first}/1000,0)" if kind == "thousands" else f"={first}"
        case "ratio":
            return f'=IF({others}=0,"{MISSING}",ROUND({first}/{others},2))'
        case "share":
            return f'=IF({others}=0,"{MISSING}",{first}/{others})'


def _exact(value: Any) -> Decimal:
    return Decimal(int(value)) if float(value).is_integer() else Decimal(float(value))

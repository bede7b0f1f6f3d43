"""The workbook as ``workbook.yaml`` describes it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml
from budget.report.views import VIEWS

Kind = Literal[
    "text", "label", "long_text", "yes_no", "date", "pounds", "thousands", "people", "whole", "number", "index", "share"
]
Operation = Literal["sum", "difference", "ratio", "share", "copy"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Formula(_Strict):
    """A live formula over other columns of the same row.

    Attributes:
        op: ``sum`` of all, ``difference`` of the first less the others, ``ratio`` of two (half-up to pence),
            ``share`` of two, ``copy`` of one in the unit of this column.
        of: ids of the columns it is made from.
    """

    op: Operation
    of: tuple[str, ...]


class Column(_Strict):
    """One column of a sheet.

    Attributes:
        header: what the reader sees, with the unit where there is one.
        id: name within the sheet; also the view's column unless a formula makes it.
        kind: how a value is shown.
        formula: makes the column from others.
        total: whether the total rows hold this column (a sum, or the formula over the totals).
    """

    header: str
    id: str
    kind: Kind
    formula: Formula | None = None
    total: bool = False


class Sheet(_Strict):
    """One sheet that holds one table.

    Attributes:
        name: on the tab, at most 31 characters.
        view: name of the view that fills it.
        needs: output tables without which it is left out.
        totals: one total row a year, one for all, or none.
        freeze: how many columns stay in sight.
    """

    name: str = Field(max_length=31)
    title: str
    about: str
    view: str
    needs: tuple[str, ...] = ()
    totals: Literal["year", "all"] | None = None
    freeze: int = 0
    colour: str
    columns: tuple[Column, ...]

    @model_validator(mode="after")
    def _columns_are_known(self) -> Sheet:
        ids = [column.id for column in self.columns]
        used = [name for column in self.columns if column.formula for name in column.formula.of]
        unknown = sorted(set(used) - set(ids))
        if unknown or len(set(ids)) != len(ids) or self.view not in VIEWS:
            raise ValueError(f"sheet '{self.name}': repeated column id, unknown view or unknown columns {unknown}")
        return self


class Side(_Strict):
    """One side of an arithmetic check: some columns of a sheet, summed over the rows whose codes are these."""

    sheet: str
    columns: tuple[str, ...]
    where: dict[str, str | bool] = {}


class Tie(_Strict):
    """Two figures that must agree in every budget year."""

    what: str
    left: Side
    right: Side


class Book(_Strict):
    """The whole workbook."""

    sheets: tuple[Sheet, ...]
    ties: tuple[Tie, ...]


@cache
def book() -> Book:
    """The shipped description of the workbook.

    Raises:
        ConfigurationError: the description has an unknown key or a wrong value.
    """
    file = Path(__file__).parent.parent / "workbook.yaml"
    try:
        return Book.model_validate(read_yaml(file))
    except ValidationError as error:
        raise ConfigurationError(f"{file.name}: {error}") from None

"""Formats of the workbook: NHS blue headers, pounds, shares, dates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from budget.report.book.model import Kind

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

_POUNDS = "[$£-809]#,##0.00;-[$£-809]#,##0.00"
_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "pounds": _POUNDS,
        "thousands": "#,##0",
        "people": "#,##0",
        "whole": "#,##0",
        "number": "#,##0.##",
        "index": "0.000",
        "share": "0.00%",
        "date": "d mmm yyyy",
    }
)
_BLUE, _DARK, _PALE, _LINE = "#005EB8", "#003087", "#E8EDEE", "#768692"
_HEADER = {
    "bold": True,
    "valign": "vcenter",
    "font_color": "#FFFFFF",
    "bg_color": _BLUE,
    "text_wrap": True,
    "border": 1,
    "border_color": _BLUE,
}
_FONT = {"font_name": "Arial", "font_size": 10, "valign": "top"}
WIDTHS: Mapping[Kind, tuple[int, int]] = MappingProxyType(
    {
        "text": (10, 26),
        "label": (12, 30),
        "long_text": (14, 46),
        "yes_no": (10, 10),
        "date": (13, 13),
        "pounds": (17, 17),
        "thousands": (13, 13),
        "people": (12, 12),
        "whole": (11, 11),
        "number": (17, 17),
        "index": (10, 10),
        "share": (13, 13),
    }
)
"""Least and greatest width of a column in characters; between them it follows its texts."""


def make_formats(workbook: Workbook) -> Mapping[str, Format]:
    """Every format by name: a kind, a kind with ``_total`` or ``_left``, or a part of the page."""
    formats = {
        "title": _format(workbook, bold=True, font_size=18, font_color=_DARK),
        "about": _format(workbook, font_color="#425563"),
        "notice": _format(workbook, bold=True, font_color="#8A1538"),
        "link": _format(workbook, font_color=_BLUE, underline=1),
        "header": _format(workbook, **_HEADER, indent=1),
        "header_number": _format(workbook, **_HEADER, align="right"),
        "item": _format(workbook, bold=True, font_color=_DARK, bottom=1, bottom_color=_PALE, align="left", indent=1),
        "missing": _format(workbook, align="right", font_color="#425563", bottom=1, bottom_color=_PALE),
        "warn": workbook.add_format({"bg_color": "#FFF2CC", "font_color": "#7A4B00", "bold": True}),
        "bad": workbook.add_format({"bg_color": "#F8D7DA", "font_color": "#8A1538", "bold": True}),
        "good": workbook.add_format({"font_color": "#006747"}),
    }
    for kind in WIDTHS:
        formats[kind] = _format(workbook, bottom=1, bottom_color=_PALE, **_of(kind))
        formats[f"{kind}_left"] = _format(
            workbook, bottom=1, bottom_color=_PALE, **_of(kind) | {"align": "left", "indent": 1}
        )
        formats[f"{kind}_total"] = _format(workbook, bold=True, bg_color=_PALE, top=1, top_color=_LINE, **_of(kind))
    return MappingProxyType(formats)


def _of(kind: str) -> dict[str, Any]:
    if kind in _NUMBERS:
        return {"num_format": _NUMBERS[kind], "align": "right"}
    return {"text_wrap": kind == "long_text", "align": "left", "indent": 1}


def _format(workbook: Workbook, **properties: Any) -> Format:
    return workbook.add_format({**_FONT, **properties})

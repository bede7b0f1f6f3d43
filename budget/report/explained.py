"""The sections of a page that explains a slice of the budget: how it came about and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, CardsBlock, FigureBlock, Row, Section, TableBlock, TextBlock, headings
from budget.report.charts.money import waterfall
from budget.report.labels import general_labels, words
from budget.report.svg import inline_svg

Facts = Mapping[str, Any]

_MILLION = 100_000_000
_ALLOCATES = "pace_of_change"
_SET_ASIDE = ("carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence")
_PERCENT = frozenset(
    {"share", "share_of_line", "share_of_spend", "growth", "chance_exhausted", "opening_dft", "closing_dft"}
)


def sections(told: Facts, names: Mapping[str, str]) -> tuple[Section, ...]:
    """The page of an explanation.

    Args:
        told: the explanation as plain values (``budget.audit.explain.Explanation.as_dict``).
        names: words for the codes of segments.
    """
    parts = (
        ("budget", "The budget", _budget(told)),
        ("steps", "How it came about", _steps(told, names)),
        ("assumptions", "Assumptions", _assumptions(told)),
        ("need", "Need", _need(told["need"])),
        ("baseline", "Baseline", _baseline(told["baseline"])),
        ("set-aside", "Pace of change and what is set aside", _set_aside(told["set_aside"])),
        ("inputs", "Input files", _inputs(told["inputs"])),
        ("checks", "Checks", _checks(told["checks"])),
    )
    return tuple(Section(id_, heading, tuple(blocks)) for id_, heading, blocks in parts)


def _budget(told: Facts) -> list[Block]:
    budget = told["budget"]
    cards = [("Allocation", show.pence(budget["allocation_pence"]), f"{budget['lines']:,} lines of the budget")]
    cards += [
        (words(name.removesuffix("_pence")), show.pence(budget[name]), "of the allocation") for name in _SET_ASIDE
    ]
    cards.append(("People", show.people(budget["people"]), f"{show.people(budget['weighted_people'])} weighted"))
    sums = "The movements come to every one of these sums, to the penny."
    notes = [TextBlock(difference, notice=True) for difference in told["differences"]] or [TextBlock(sums)]
    return [CardsBlock("The budget and its parts", tuple(cards)), *notes]


def _steps(told: Facts, names: Mapping[str, str]) -> list[Block]:
    *earlier, year = told["years"]
    caption = f"Movements, {year['financial_year']}"
    levels = _levels(year["steps"])
    spoken = "; ".join(f"{row.label} {row.text}" for row in levels.itertuples())
    drawn = inline_svg(waterfall(levels), "waterfall", caption, spoken)
    note = "Dark marks are levels; blue bars add to the budget and orange bars take from it."
    rows = [_movement(step) for step in year["steps"]]
    behind = TableBlock(caption, headings(["Step", "What it does", "In the method"], ["Moves", "Total"]), tuple(rows))
    blocks: list[Block] = [FigureBlock(drawn, caption, note, behind)]
    blocks += [_numbers(step, names) for step in year["steps"]]
    blocks += [
        TableBlock(
            f"Before it, {before['financial_year']}",
            headings(["Step"], ["Moves", "Total"]),
            tuple(
                Row((s["title"], show.pence(s["amount_pence"]), show.pence(s["after_pence"]))) for s in before["steps"]
            ),
        )
        for before in earlier
    ]
    return blocks


def _movement(step: Facts) -> Row:
    moves, total = show.pence(step["amount_pence"]), show.pence(step["after_pence"])
    return Row((step["title"], step["words"], step["method"], moves, total))


def _numbers(step: Facts, names: Mapping[str, str]) -> TableBlock:
    """One step: its formula, with the numbers of every part."""
    cells = [
        (
            _named(part["what"], names),
            part["numbers"],
            *(show.pence(part[name]) for name in ("before_pence", "amount_pence")),
            _estimate(part["estimate_pence"]),
        )
        for part in step["parts"]
    ]
    rows = [Row(each) for each in cells]
    whole = (show.pence(step["amount_pence"]), _estimate(step["estimate_pence"]))
    cited = ", ".join(row["cited"] for row in step["assumptions"]) or "what is observed"
    rows.append(Row(("All", f"because of {cited}", show.pence(step["before_pence"]), *whole), "total"))
    heads = headings(["Of", "The formula's numbers"], ["Before", "Moves", "By the formula"])
    return TableBlock(f"{step['title']}: {step['formula']}", heads, tuple(rows))


def _assumptions(told: Facts) -> list[Block]:
    cited = {row["cited"]: row for step in told["years"][-1]["steps"] for row in step["assumptions"]}
    rows = tuple(
        Row(
            tuple(
                show.plain(row[name])
                for name in ("cited", "value", "unit", "status", "source", "set_by", "owner", "reason")
            ),
            "warn" if row["status"] in ("draft", "unverified") else "plain",
        )
        if row["kind"] == "assumption"
        else Row((row["cited"], "an input", "", "", row["source"], "", "", ""))
        for _, row in sorted(cited.items())
    )
    heads = headings(["Assumption", "Value", "Unit", "Status", "Source", "Set by", "Owner", "Reason"], [])
    return [TableBlock("What the movements cite", heads, rows)]


def _need(need: Facts) -> list[Block]:
    blocks = _tables(
        ("Weights that set the targets", need["weights"], ["place", "method", "stream"]),
        ("What weighs each service line", need["lines"], ["service_line", "place", "method", "stream"]),
    )
    if need["model"] is None:
        return [*blocks, TextBlock("No line here is weighed by a model of this run.")]
    model = need["model"]
    blocks.append(TextBlock(f"The model stands on {model['cells']:,} cells of {model['people']:,} people here."))
    keys = ["stream", "model", "term", "level", "role"]
    return blocks + _tables(
        ("Fit", model["fit"], ["stream", "measure", "meaning"]), ("Coefficients", model["coefficients"], keys)
    )


def _baseline(found: Facts) -> list[Block]:
    line = ["place", "service_line", "commissioner"]
    return _tables(
        ("Spend of the base year", found["lines"], line),
        ("Adjustments", found["adjustments"], [*line, "adjustment", "reason"]),
        ("Cost of segments: k x direct cost", found["segments"], ["place", "service_line", "segment", "method"]),
        ("What no care explains", found["unattributed"], ["place", "service_line", "treatment"]),
        ("Providers paid", found["providers"], ["place", "service_line", "provider_code", "provider_name", "source"]),
    )


def _set_aside(found: Facts) -> list[Block]:
    return _tables(
        ("Pace of change of the place", found["pace"], ["place", "binding_rule"]),
        ("Carve-outs of the place", found["carve_outs"], ["place", "type", "method"]),
        ("Patient choice, by provider", found["choice"], ["place", "service_line", "provider_code", "provider_name"]),
        ("People above the stop-loss threshold", found["high_cost"], ["place"]),
        (
            "Agreed investments and savings",
            found["policy_moves"],
            ["place", "move_id", "kind", "owner", "reason", "source"],
        ),
        ("Risk pool against chance", found["risk_pool_cover"], ["unit", "cv_basis"]),
    )


def _inputs(files: Sequence[Facts]) -> list[Block]:
    return _tables(("Files behind it", files, ["name", "file", "sha256", "vintage", "unit"]))


def _checks(found: Facts) -> list[Block]:
    text = f"{found['asked']} checks were asked of these tables and those behind them; {found['passed']} passed."
    rows = tuple(Row(each) for each in found["tables"].items())
    keys = ["table", "check_id", "severity", "outcome", "rule", "threshold", "waiver_id"]
    asked = TableBlock("Checks by table", headings(["Table", "Checks"], []), rows)
    return [TextBlock(text), *_tables(("Failed or waived", found["open"], keys)), asked]


def _tables(*parts: tuple[str, Sequence[Facts], list[str]]) -> list[Block]:
    """Rows as tables, text to the left and numbers to the right; a part without rows is left out."""
    return [_table(*part) for part in parts if part[1]]


def _table(caption: str, rows: Sequence[Facts], keys: list[str]) -> TableBlock:
    shown = [name for name in keys if name in rows[0]]
    numbers = [name for name, value in rows[0].items() if name not in keys and _is_number(rows, name)]
    heads = headings([words(name) for name in shown], [words(name.removesuffix("_pence")) for name in numbers])
    return TableBlock(
        caption,
        heads,
        tuple(
            Row((*(_text(row[name]) for name in shown), *(_number(name, row[name]) for name in numbers)))
            for row in rows
        ),
    )


def _is_number(rows: Sequence[Facts], name: str) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _text(value: Any) -> str:
    return "" if value is None else general_labels().get(str(value), str(value))


def _number(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_pence"):
        return show.pounds(value, 2)
    return show.percent(value, 4) if name in _PERCENT else show.number(value)


def _named(codes: str, names: Mapping[str, str]) -> str:
    return " / ".join(names.get(code) or general_labels().get(code) or code for code in codes.split(" / "))


def _estimate(pence: float | None) -> str:
    return "not held" if pence is None else f"{pence / 100:,.4f}"


def _levels(steps: Sequence[Facts]) -> pd.DataFrame:
    """The rows of the waterfall: what the year opens with, a bar for each step, levels at allocation and core."""
    rows: list[tuple[str, str, int, int]] = []
    for step in steps:
        before, after = step["before_pence"], step["after_pence"]
        kind = "level" if not rows else "up" if after >= before else "down"
        rows.append((step["title"], kind, after if kind == "level" else before, after))
        if step["step"] == _ALLOCATES:
            rows.append(("Allocation", "level", after, after))
    rows.append(("Core budget", "level", rows[-1][3], rows[-1][3]))
    frame = pd.DataFrame(rows, columns=["label", "kind", "before", "balance"])
    return pd.DataFrame(
        {
            "label": frame["label"],
            "kind": frame["kind"],
            "text": [
                show.pounds(row.balance) if row.kind == "level" else show.pounds(row.balance - row.before, signed=True)
                for row in frame.itertuples()
            ],
            "start": frame["before"] / _MILLION,
            "end": frame["balance"] / _MILLION,
            "right": frame[["before", "balance"]].max(axis=1) / _MILLION,
            "next": frame["label"].shift(-1),
        }
    )

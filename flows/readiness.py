"""What ``capitation check`` has to say: the checks, and how ready the inputs are, as text, facts and a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.answer import Answer

if TYPE_CHECKING:
    from budget.intake.readiness import PartState, Readiness
    from budget.kernel.checks import CheckResult
    from budget.report.blocks import Section
    from flows.checking import Checked

_STOPS, _PASSES = 1, 0


def checked(asked_for: str, found: Checked, page: Path | None = None) -> Answer:
    """The answer of ``check``: every check, the others in full, and the readiness of the inputs.

    Args:
        asked_for: the locality as it was named.
        found: what there is to say.
        page: where it was also written.
    """
    passed = [check for check in found.checks if check.outcome == "passed"]
    others = [check for check in found.checks if check.outcome != "passed"]
    lines = [f"{asked_for}: {len(found.checks)} checks of the inputs and the rules, {len(passed)} passed."]
    lines += [f"  {check.check_id:<6} {check.outcome:<7} {check.table}: {check.rule}" for check in passed]
    lines += [f"\n{check.outcome} ({check.severity})\n{check.sentence()}" for check in others]
    lines += ["", *_told(found.readiness), "", _verdict(found)]
    lines += [f"Written to {page}"] if page else []
    facts = {
        "status": "stopped" if found.failures else "passed",
        "stage": found.stage,
        "failures": [check.as_dict() for check in found.failures],
        "checks": [check.as_dict() for check in found.checks],
        "readiness": _facts(found.readiness),
    }
    return Answer("\n".join(lines), facts, _STOPS if found.failures else _PASSES)


def _verdict(found: Checked) -> str:
    count = len(found.failures)
    if not count:
        return "Nothing in the inputs would stop a run before it counts people."
    return f"{count} check{'' if count == 1 else 's'} would stop a run: {_named(found.failures)}."


def _named(checks: tuple[CheckResult, ...]) -> str:
    return ", ".join(f"{check.check_id} {check.table}" for check in checks)


def _told(readiness: Readiness) -> Iterator[str]:
    yield "What the inputs allow"
    for name, of in readiness.sets.items():
        states = readiness.within(name)
        yield f"\n{of.title} ({of.about.lower()}): {_count(states)}"
        for state in states:
            yield f"  {'yes' if state.is_there else 'no ':<3} {state.part.title}"
            yield f"      allows: {state.part.allows}"
            yield from (f"      {line}" for line in _open_points(state))
    if readiness.next:
        yield f"\nNext: {readiness.next.part.title}. {readiness.next.part.gain}."


def _open_points(state: PartState) -> Iterator[str]:
    if state.lacks:
        yield f"lacks: {', '.join(state.lacks)}"
    if state.fails:
        yield f"fails: {', '.join(state.fails)}"
    if not state.is_there:
        yield f"gained by it: {state.part.gain}"


def _count(states: tuple[PartState, ...]) -> str:
    there = sum(state.is_there for state in states)
    return "complete" if there == len(states) else f"{there} of {len(states)}"


def _facts(readiness: Readiness) -> dict[str, Any]:
    return {
        "sets": {
            name: {"complete": all(state.is_there for state in readiness.within(name)), **of.model_dump()}
            for name, of in readiness.sets.items()
        },
        "parts": [
            {**state.part.model_dump(mode="json", by_alias=True), **_state_of(state)} for state in readiness.states
        ],
        "next": readiness.next.part.title if readiness.next else None,
    }


def _state_of(state: PartState) -> dict[str, Any]:
    return {"there": state.is_there} | {name: value for name, value in asdict(state).items() if name != "part"}


def write_page(found: Checked, path: Path) -> None:
    """Write the answer as a page that needs nothing else.

    Raises:
        OSError: the file cannot be written.
    """
    from budget.report.leaf import Leaf, write_leaf

    sections = (_next_section(found), *_set_sections(found.readiness), _checks_section(found))
    subject = "What the inputs allow, and which checks they pass"
    foot = f"{len(found.checks)} checks of the inputs and the rules. Nothing was computed after them."
    write_leaf(Leaf("Readiness", found.title, subject, found.notice, sections, foot), path)


def _next_section(found: Checked) -> Section:
    from budget.report.blocks import Block, CardsBlock, Section, TextBlock

    readiness = found.readiness
    cards = tuple((of.title, _count(readiness.within(name)), of.about) for name, of in readiness.sets.items())
    blocks: list[Block] = [CardsBlock("Sets of inputs", cards), TextBlock(_verdict(found), notice=bool(found.failures))]
    if readiness.next:
        blocks.append(TextBlock(f"Next: {readiness.next.part.title}. {readiness.next.part.gain}."))
    return Section("ready", "How ready the inputs are", tuple(blocks))


def _set_sections(readiness: Readiness) -> Iterator[Section]:
    from budget.report.blocks import Row, Section, TableBlock, headings

    columns = headings(["Input", "There", "What it allows", "What is lacking", "What is gained by it"], [])
    for name, of in readiness.sets.items():
        rows = tuple(
            Row(
                (
                    state.part.title,
                    "yes" if state.is_there else "no",
                    state.part.allows,
                    ", ".join((*state.lacks, *(f"fails {check}" for check in state.fails))),
                    state.part.gain,
                ),
                "plain" if state.is_there else "warn",
            )
            for state in readiness.within(name)
        )
        yield Section(name, f"{of.title} set", (TableBlock(of.about, columns, rows),))


def _checks_section(found: Checked) -> Section:
    from budget.report.blocks import Block, Row, Section, TableBlock, TextBlock, headings

    others = [check for check in found.checks if check.outcome != "passed"]
    columns = headings(["Check", "Table", "Rule", "Found", "Allowed", "Which", "Mend"], [])
    rows = tuple(
        Row(
            (
                check.check_id,
                check.table,
                check.rule,
                check.measure(),
                check.threshold,
                ", ".join(check.keys),
                check.mend,
            ),
            "bad" if check.stops else "warn",
        )
        for check in others
    )
    passed = f"{len(found.checks) - len(others)} of {len(found.checks)} checks passed."
    blocks: list[Block] = [TextBlock(passed)]
    if rows:
        blocks.append(TableBlock("Checks that failed; those that would stop a run are marked", columns, rows))
    return Section("checks", "Checks", tuple(blocks))

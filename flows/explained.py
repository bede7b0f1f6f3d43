"""What `capitation explain` has to say: as lines of a hundred columns, and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budget.audit.explain import Explainer, Explanation, Slice
from budget.audit.explain.steps import Part, StepTold
from budget.kernel.money import pounds_text
from budget.report.labels import general_labels
from flows.blocks import columns, inputs, more, people_text, wrapped

_MOST_PARTS = 6
_MOST_ROWS = 10


@dataclass(frozen=True)
class Told:
    """An explanation and the words of its run.

    Attributes:
        said: the run's manifest.
        names: words for the codes of segments.
    """

    explanation: Explanation
    said: dict[str, Any]
    names: dict[str, str]

    @classmethod
    def of(cls, explainer: Explainer, asked: Slice) -> Told:
        """Explain a slice and take the words for it from the run."""
        segments = explainer.records.table("segments")
        names = dict(zip(segments["segment"], segments["name"], strict=True))
        return cls(explainer.explain(asked), explainer.records.run.manifest, names)

    @property
    def subject(self) -> str:
        """The slice, in words."""
        fixed = self.explanation.asked.fixed.values()
        return ", ".join(self._named(code) for code in fixed) or "the whole budget"

    def lines(self) -> Iterator[str]:
        """The answer for people."""
        yield f"{self.said['title']}, {self.explanation.asked.financial_year}: {self.subject}"
        yield f"Run {self.explanation.run_id}"
        yield from wrapped(self.said["notice"], 0)
        yield from self._budget()
        for year in self.explanation.years[:-1]:
            yield from _short(year.financial_year, year.steps)
        yield from self._steps()
        yield from self._assumptions()
        yield from self._need()
        yield from self._baseline()
        yield from self._set_aside()
        yield from inputs(self.explanation.inputs)
        yield from self._checks()

    def write(self, path: Path) -> None:
        """Write the answer as a page."""
        from budget.report.explained import sections
        from budget.report.leaf import Leaf, write_leaf

        leaf = Leaf(
            kicker="Where a budget comes from",
            title=self.said["title"],
            subject=f"{self.subject}, {self.explanation.asked.financial_year}, run {self.explanation.run_id}",
            notice=self.said["notice"],
            sections=sections(self.explanation.as_dict(), self.names),
            foot="Everything here is read from the tables of the run; nothing is computed that they do not hold.",
        )
        write_leaf(leaf, path)

    def _named(self, code: str) -> str:
        name = self.names.get(code) or general_labels().get(code)
        return f"{name} ({code})" if name and name != code else code

    def _budget(self) -> Iterator[str]:
        budget = self.explanation.budget
        yield ""
        for title, name in _PARTS:
            yield f"  {title:<24} {pounds_text(budget[name]):>22}"
        weighted = f"{people_text(budget['people'])} people, {people_text(budget['weighted_people'])} weighted"
        yield f"  {budget['lines']:,} line{'' if budget['lines'] == 1 else 's'} of the budget; {weighted}"
        if self.explanation.adds_up:
            yield "  Adds up: the movements below come to every one of these sums, to the penny."
        else:
            yield "  DOES NOT ADD UP: a table of this run is not as the run left it."
            yield from (f"    {difference}" for difference in self.explanation.differences)

    def _steps(self) -> Iterator[str]:
        yield from ("", f"How it came about, {self.explanation.asked.financial_year}")
        yield f"  {'step':<28} {'moves':>22} {'total':>22}"
        for told in self.explanation.steps:
            yield from _step(told)

    def _assumptions(self) -> Iterator[str]:
        cited = {row["cited"]: row for told in self.explanation.steps for row in told.assumptions}
        yield from ("", "Assumptions that the movements cite")
        for name, row in sorted(cited.items()):
            yield from _assumption(name, row)

    def _need(self) -> Iterator[str]:
        need = self.explanation.need
        yield from ("", "Need: weighted people set the targets of places")
        for row in need["weights"][:_MOST_ROWS]:
            yield (
                f"  {row['place']}: {people_text(row['population'])} people, {people_text(row['weighted_people'])}"
                + (f" weighted, {row['share']:.4%} of all; index {row['need_index']:.3f}")
            )
            yield f"    by {_label(row['method'])}, stream {_label(row['stream'])}"
        yield from more(need["weights"], _MOST_ROWS)
        methods = {(row["service_line"], row["method"], row["stream"], row["share_of_spend"]) for row in need["lines"]}
        for line, method, stream, share in sorted(methods)[:_MOST_ROWS]:
            yield f"  {line}: {_label(method)}, stream {_label(stream)}; {share:.2%} of spend"
        if need["model"]:
            yield from _model(need["model"])

    def _baseline(self) -> Iterator[str]:
        found = self.explanation.baseline
        yield from ("", "Baseline: spend of the base year")
        keys = ["place", "service_line", "commissioner"]
        yield from columns(found["lines"], keys, ["gross_pence", "adjustment_pence", "normalised_pence"], _MOST_ROWS)
        yield from _block("Adjustments", found["adjustments"], [*keys, "adjustment", "reason"], ["amount_pence"])
        costs = ["people", "direct_pence", "attribution_factor", "grossed_pence", "share_of_line"]
        keys = ["place", "service_line", "segment"]
        title = "Cost of segments: k x direct cost, and its share of the line"
        yield from _block(title, found["segments"], keys, costs)
        sums = ["normalised_pence", "direct_pence", "unattributed_pence", "held_out_pence"]
        title = "What no care explains"
        yield from _block(title, found["unattributed"], ["place", "service_line", "treatment"], sums)
        title = "Providers paid in the base year"
        yield from _block(title, found["providers"], ["place", "service_line", "provider_code"], ["cost_pence"])

    def _set_aside(self) -> Iterator[str]:
        found = self.explanation.set_aside
        pace = ["opening_pence", "target_pence", "floor_pence", "allocation_pence", "growth"]
        yield from _block("Pace of change", found["pace"], ["place", "binding_rule"], pace)
        yield from _block(
            "Carve-outs of the place", found["carve_outs"], ["place", "type", "method"], ["planned_pence", "base_pence"]
        )
        keys = ["place", "service_line", "provider_code"]
        yield from _block("Patient choice, by provider", found["choice"], keys, ["planned_pence", "planned_units"])
        sums = ["threshold_pence", "people_over", "excess_pence", "pool_pence"]
        yield from _block("People above the stop-loss threshold", found["high_cost"], ["place"], sums)
        sums = ["pool_pence", "chance_exhausted", "cover_pence"]
        yield from _block("Risk pool against chance", found["risk_pool_cover"], ["unit", "cv_basis"], sums)

    def _checks(self) -> Iterator[str]:
        found = self.explanation.checks
        yield from ("", f"Checks of these tables and those behind them: {found['asked']}, {found['passed']} passed")
        for row in found["open"]:
            waiver = f", waiver {row['waiver_id']}" if row["waiver_id"] else ""
            text = f"{row['check_id']} {row['outcome']} ({row['severity']}{waiver}) {row['table']}: {row['rule']}"
            seen = "" if row["observed"] is None else f"; found {row['observed']:,.6g}, allowed {row['threshold']}"
            yield from wrapped(text + seen, 2)


_PARTS = (
    ("Allocation", "allocation_pence"),
    ("  carved out", "carve_out_pence"),
    ("  risk pool", "risk_pool_pence"),
    ("  incentive", "incentive_pence"),
    ("  core budget", "core_pence"),
)


def _label(code: Any) -> str:
    return general_labels().get(str(code), str(code))


def _short(year: str, steps: Sequence[StepTold]) -> Iterator[str]:
    """An earlier year, by whose allocation the later one opens."""
    yield from ("", f"Before it, {year}")
    for told in steps:
        yield f"  {told.title:<28} {pounds_text(told.amount_pence):>22} {pounds_text(told.after_pence):>22}"


def _step(told: StepTold) -> Iterator[str]:
    yield f"  {told.title:<28} {pounds_text(told.amount_pence):>22} {pounds_text(told.after_pence):>22}"
    method = f" [the method, {told.method}]" if told.method else ""
    yield from wrapped(f"{told.words}{method}", 6)
    parts = sorted(told.parts, key=lambda part: -abs(part.amount_pence))
    for part in parts[:_MOST_PARTS]:
        alone = len(parts) == 1
        yield from wrapped(_numbers(part) if alone else f"{part.what}: {_numbers(part)} = {_moved(part)}", 6)
    yield from more(parts, _MOST_PARTS, 6)
    if told.rounding_pence is not None and abs(told.rounding_pence) >= 0.005:
        yield f"      by the formula {told.estimate_pence / 100:,.4f}; rounded by {told.rounding_pence:+.2f}p"  # type: ignore[operator]
    cited = ", ".join(row["cited"] for row in told.assumptions)
    if cited:
        yield from wrapped(f"because of {cited}", 6)


def _numbers(part: Part) -> str:
    """The formula's numbers; the first step has nothing before it."""
    return f"{pounds_text(part.before_pence)} {part.numbers}" if part.before_pence else part.numbers


def _moved(part: Part) -> str:
    return pounds_text(part.amount_pence)


def _assumption(name: str, row: dict[str, Any]) -> Iterator[str]:
    if row["kind"] == "input":
        yield f"  {name}: {row['source']}"
        return
    replaced = f", in place of {row['previous_value']}" if row["previous_value"] else ""
    yield from wrapped(f"{name} = {row['value']} ({row['unit']}), {row['status']}{replaced}", 2)
    year = "every year" if row["financial_year"] == "any" else row["financial_year"]
    known = f", published {row['published_on']}" if row["published_on"] else ""
    yield from wrapped(f"{row['source']} [{row['set_by']}, {row['owner']}; {row['scope']}, {year}{known}]", 6)
    yield from wrapped(str(row["reason"] or ""), 6)


def _model(model: dict[str, Any]) -> Iterator[str]:
    terms = dict.fromkeys(row["term"] for row in model["coefficients"])
    name = _label(model["coefficients"][0]["model"]) if model["coefficients"] else "none"
    yield f"  Model: {name}, {len(model['coefficients'])} coefficients; cells here: {model['cells']:,}"
    yield from wrapped(f"terms: {', '.join(terms)} (coefficients with --json and --html)", 4)
    for row in model["fit"]:
        of = f" ({_label(row['stream'])})" if len(model["streams"]) > 1 else ""
        yield f"    {_label(row['measure'])}{of}: {row['value']:.4f}"


def _block(title: str, rows: Sequence[dict[str, Any]], keys: list[str], numbers: list[str]) -> Iterator[str]:
    if rows:
        yield from ("", title)
        yield from columns(rows, keys, numbers, _MOST_ROWS)

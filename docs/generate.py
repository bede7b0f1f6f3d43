"""Write the pages, and the parts of pages, that say what the code and its settings say.

    python docs/generate.py           write them
    python docs/generate.py --check   say whether they are current; exit status 1 where they are not

``data-dictionary.md``, ``parameters.md`` and ``config/assumptions/schema.json`` are written whole. In ``method.md``
only what stands between a ``generated`` mark and its ``end`` is replaced; so in ``guides/contracts.md``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from budget.assumptions.catalogue import as_text, catalogue
from budget.assumptions.layer import read_pack
from budget.assumptions.pack import Entry
from budget.assumptions.schema import schema_text
from budget.contracts import Column, Table, actual_tables, input_tables, output_tables, settlement_tables
from budget.kernel.yaml import read_yaml
from budget.ledger.steps import STEPS
from budget.payment.agreements.model import (
    Agreement,
    Cost,
    GainLoss,
    Measure,
    Outcomes,
    Part,
    Party,
    Payment,
    Scope,
    Source,
    Terms,
)
from budget.payment.contracts import CONTRACT_FORMS
from budget.payment.distribution import RULES
from budget.payment.forms import FORMS
from budget.payment.terms import Parameter, parameters_of
from budget.pipeline import STAGES
from budget.segmentation.codelists import members, read_codelists
from budget.segmentation.scheme import Choice, Feature, Scheme
from expectations.suite import GATES, Question, read_suite
from expectations.thresholds import Limits

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

NUMBERS = {
    "in_scope_lines": "3",
    "unattributed_spend_rule": "7",
    "price_cost_uplift": "9a",
    "price_efficiency": "10a",
    "runout_months": "32",
    "part_complete_rule": "32a",
    "growth_nondemographic": "8",
    "cost_uplift_factor": "9",
    "efficiency_factor": "10",
    "uplift_combination": "11",
    "investment": "12",
    "savings": "12a",
    "savings_realised_share": "12b",
    "rebase_years": "1a",
    "need_weighting": "13",
    "need_stream": "13a",
    "need_estimator": "13b",
    "need_coefficients": "13c",
    "need_caps": "13d",
    "risk_score_growth_cap": "33",
    "need_adjustments": "14",
    "health_inequality_share": "17",
    "quantum": "18",
    "quantum_basis": "18a",
    "quantum_growth": "18b",
    "pace_min_growth": "19",
    "pace_taper_lo": "20",
    "pace_taper_hi": "20a",
    "pace_max_under_target": "21",
    "pace_max_growth": "19a",
    "choice_share": "22",
    "choice_basis": "22a",
    "pace_rule": "22b",
    "choice_lines": "22c",
    "choice_method": "22d",
    "carve_out_lines": "22e",
    "specialised_lines": "22f",
    "specialised_services": "22g",
    "low_volume_activity": "23",
    "low_volume_basis": "23a",
    "low_volume_threshold": "23b",
    "low_volume_limit": "23c",
    "low_volume_years": "23d",
    "non_contract_activity": "24",
    "non_contract_basis": "24a",
    "stop_loss_threshold": "25",
    "stop_loss_coverage": "25a",
    "stop_loss_basis": "25b",
    "stop_loss_premium": "25c",
    "risk_pool_share": "26",
    "person_cost_cv": "26a",
    "ips_share": "27",
    "list_inflation_adjustment": "34",
    "list_scale_lo": "34a",
    "list_scale_hi": "34b",
    "fp69_months": "34c",
    "population_variant": "34d",
    "host_lines": "34e",
    "min_cell": "36",
    "count_rounding": "36a",
    "dominance_share": "36b",
    "older_precedence": "37",
    "unreg_segment_mode": "37a",
    "unreg_rate_basis": "38",
    "simulated_activity": "39",
    "tolerance_band": "40",
    "tolerance_share": "41",
    "cap_and_collar": "42",
    "marginal_rate": "43",
    "blended_share": "44",
    "provider_fixed_cost_share": "45",
    "gain_share": "28",
    "loss_share": "28a",
    "gainloss_deadband": "29",
    "gainloss_cap": "30",
    "gainloss_basis": "30a",
    "monthly_count": "46",
    "inyear_list_adjustment": "46a",
    "transfer_rate_basis": "46b",
    "ips_unearned_destination": "47",
    "expected_basis": "47a",
    "uncertainty_draws": "48",
    "uncertainty_seed": "48a",
    "simulation_draws": "49",
    "simulation_seed": "49a",
    "list_churn": "50",
    "outcome_score": "51",
    "primary_care_lines": "52",
    "cost_volume_core": "53",
    "cost_volume_floor": "53a",
    "cost_volume_ceiling": "53b",
    "cost_volume_rate": "53c",
    "aligned_share": "54",
    "quality_incentive_share": "55",
}
"""Numbers of the parameters; packs cite them, so a number is never given to another parameter."""

_UNITS = {"rate_per_year": "rate a year", "lines": "service lines"}
_PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_CITED = re.compile(r" \([^)]*the method, [^)]*\)")
_NOTE = "Written by `docs/generate.py`; change the source and run it again."


def pages() -> dict[Path, str]:
    """What every generated page should hold."""
    with_generated_parts = (HERE / "method.md", HERE / "guides" / "contracts.md")
    return {
        HERE / "data-dictionary.md": data_dictionary(),
        HERE / "parameters.md": parameter_reference(),
        ROOT / "config" / "assumptions" / "schema.json": schema_text(),
        **{page: with_parts(page.read_text(encoding="utf-8")) for page in with_generated_parts},
    }


def with_parts(page: str) -> str:
    """A page with its generated parts as they are now.

    Raises:
        KeyError: the page asks for a part that nobody writes.
    """
    makers = {
        "parameters": parameters,
        "steps": steps,
        "stages": stages,
        "commissioner-rules": commissioner_rules,
        "segments": segments,
        "checks": checks,
        "payment-forms": lambda: _forms(FORMS),
        "payment-parameters": lambda: _form_parameters(FORMS),
        "contract-forms": lambda: _forms(CONTRACT_FORMS),
        "contract-parameters": lambda: _form_parameters(CONTRACT_FORMS),
        "agreement-keys": agreement_keys,
        "distribution": distribution,
    }
    return _PART.sub(lambda match: f"{match[1]}{makers[match[2]]()}\n{match[3]}", page)


def data_dictionary() -> str:
    """Every table with its columns, types and units."""
    parts = [
        "# Data dictionary",
        _NOTE,
        "Types are those of Arrow; `?` after a type means that a value may be missing. Money is whole pence. "
        "Disclosure: **person** tables hold people under pseudonyms and stay inside; **aggregate** tables may identify "
        "in small cells; **public** tables can be shown.",
        "## Input tables",
        "Each is a file `<name>.csv`, `<name>.csv.gz` or `<name>.parquet` in the input folder, or a folder `<name>/` "
        "of Parquet files. Columns that are not listed are left alone.",
        *(_table(table) for table in input_tables().values()),
        "## Tables that a run writes",
        "In `tables/` of the run folder. Raw inputs are not copied there.",
        *(_table(table) for table in output_tables().values()),
        "## What happens in the year",
        "Handed over to `capitation settle` in one folder, as files like those of the inputs; see "
        "[settling a year](guides/settle.md).",
        *(_table(table) for table in actual_tables().values()),
        "## Tables that a settlement writes",
        "In `tables/` of its own folder, as Parquet and CSV.",
        *(_table(table) for table in settlement_tables().values()),
    ]
    return "\n\n".join(parts) + "\n"


def parameters() -> str:
    """The parameter table, with the values of the national pack."""
    national: dict[str, list[Entry]] = {}
    for entry in read_pack(ROOT / "config" / "assumptions" / "national.yaml"):
        national.setdefault(entry.parameter.id, []).append(entry)
    known = sorted(catalogue().values(), key=lambda parameter: _order(NUMBERS[parameter.id]))
    rows = [
        (
            NUMBERS[parameter.id],
            f"`{parameter.id}`",
            parameter.about,
            _UNITS.get(parameter.unit, parameter.unit),
            parameter.allowed,
            ", ".join(parameter.scopes),
            "<br>".join(_in_pack(entry) for entry in national.get(parameter.id, ())) or "set locally",
        )
        for parameter in known
    ]
    return _grid(("no.", "parameter", "meaning", "unit", "allowed", "also for one", "national pack"), rows)


_PACKS = {"national": "every locality", "east_london": "East London", "norfolk_waveney": "Norfolk and Waveney"}


def parameter_reference() -> str:
    """Every parameter with its values in the shipped packs: what for, source, status and range."""
    values: dict[str, list[tuple[str, Entry]]] = {}
    for pack in _PACKS:
        for entry in read_pack(ROOT / "config" / "assumptions" / f"{pack}.yaml"):
            values.setdefault(entry.parameter.id, []).append((pack, entry))
    known = sorted(catalogue().values(), key=lambda parameter: _order(NUMBERS[parameter.id]))
    parts = [
        "# Parameters",
        _NOTE,
        "Every value of the shipped packs. A local pack is laid over the national one. **Unverified** values were "
        "recalled, or read in summaries, and must be checked before a budget rests on them; **draft** ones await a "
        "decision. What each parameter means is in [the method](method.md#11-parameters) too; how to change one, in "
        "[assumptions](guides/assumptions.md).",
    ]
    for parameter in known:
        unit = _UNITS.get(parameter.unit, parameter.unit)
        allowed = f" Allowed: {parameter.allowed}." if parameter.allowed else ""
        about = f"{parameter.about}. Unit: {unit}.{allowed}"
        rows = [_sourced(pack, entry) for pack, entry in values.get(parameter.id, ())]
        head = ("for", "years and scope", "value", "range", "status", "source", "reason")
        told = _grid(head, rows) if rows else "Each locality sets it."
        parts += [f"## {NUMBERS[parameter.id]}. `{parameter.id}`", about, told]
    return "\n\n".join(parts) + "\n"


def _sourced(pack: str, entry: Entry) -> tuple[str, ...]:
    """One value of a pack as a row."""
    year = str(entry.scope.year) if entry.scope.year else "any year"
    parts = [part for part in (entry.scope.line, entry.scope.place) if part]
    known = [f"known from {entry.published_on}"] if entry.published_on else []
    span = "" if entry.low is None or entry.high is None else f"{as_text(entry.low)} to {as_text(entry.high)}"
    return (
        _PACKS[pack], ", ".join([year, *parts, *known]), as_text(entry.value), span, entry.status, str(entry.source),
        entry.reason,
    )  # fmt: skip


def steps() -> str:
    """The steps of the ledger, in order, in the words of their functions."""
    rows = [
        (str(number), f"`{step.name}`", step.title, _first_line(step.apply.__doc__))
        for number, step in enumerate(STEPS, 1)
    ]
    return _grid(("", "step", "name in reports", "what it does"), rows)


def stages() -> str:
    """The stages of the pipeline."""
    rows = [
        (str(number), f"`{stage.name}`", stage.about, ", ".join(f"`{name}`" for name in stage.writes))
        for number, stage in enumerate(STAGES, 1)
    ]
    return _grid(("", "stage", "what it does", "may write"), rows)


_OUTCOMES = {"ended": "excluded; its days of the year count", "unregistered": "counted, on no list"}
_PAYERS = {
    "named": "the commissioner it names pays",
    "at_admission": "the ICB of the list at admission pays",
    "usual": "the rules above decide",
    "both": "half each",
}


def commissioner_rules() -> str:
    """The rules of who counts and who pays, in the order in which they are asked."""
    written = read_yaml(ROOT / "config" / "population" / "responsible_commissioner.yaml")
    rows = [(rule["id"], rule["about"], _outcome(rule)) for rule in written["decides"]]
    rows += [(written[name]["id"], written[name]["about"], "excluded") for name in ("merged", "duplicates")]
    rows += [(rule["id"], rule["about"], "counted as judged, marked") for rule in written["marks"]]
    rows += [(rule["id"], _dated(rule), _PAYERS[rule["pays"]]) for rule in written["cases"]]
    hosted = written["hosted"]
    rows.append((hosted["id"], hosted["about"], f"the lines of `{hosted['assumption']}` are shared per head"))
    return _grid(("rule", "record or case", "outcome"), rows)


def _outcome(rule: dict[str, str]) -> str:
    outcome = _OUTCOMES.get(rule["outcome"], rule["outcome"])
    return f"{outcome} ({rule['commissioner']} pays)" if "commissioner" in rule else outcome


def _dated(rule: dict[str, object]) -> str:
    """What a rule says, and since when where it says so."""
    return f"{rule['about']} (from {rule['from']})" if "from" in rule else str(rule["about"])


def segments() -> str:
    """The shipped segmentation schemes, in order of precedence."""
    return "\n\n".join(_scheme(name) for name in ("london6", "nwl15", "snee", "bridges_to_health")) + "\n"


def _scheme(name: str) -> str:
    scheme = Scheme.read(ROOT / "config" / "segmentation" / f"{name}.yaml")
    rows = [
        (str(number), part.code, part.name, part.broad_group.replace("_", " "), _condition(part.when))
        for number, part in enumerate(scheme.segments, 1)
    ]
    apart = scheme.unregistered
    rule = f"on no list; cost a head as {apart.rate_from} where none is known"
    rows.append(("–", apart.code, apart.name, "unregistered", rule))
    used = [f"- `{flag}`: {condition}" for flag, condition in scheme.flags.items()]
    used += [f"- `{word}`: {_counted(scheme, feature)}" for word, feature in scheme.features.items()]
    grid = _grid(("rank", "code", "segment", "broad group", "rule"), rows)
    return f"**{scheme.title}** (`{name}`, version {scheme.version}; {scheme.source})\n\n{grid}\n\n" + "\n".join(used)


def _counted(scheme: Scheme, feature: Feature) -> str:
    what = f"{feature.about[:1].lower()}{feature.about[1:]}"
    if feature.count_events is not None:
        return what
    register = read_codelists(ROOT / "config" / "segmentation" / name for name in scheme.codelists)
    group = members(register.values(), feature.count_group) if feature.count_group else ()
    return f"{what} ({', '.join(group or feature.count_conditions)})"


def checks() -> str:
    """Every check of every gate with its limit."""
    limits = Limits.read(ROOT / "config" / "gates" / "default.yaml")
    parts = []
    for gate in GATES:
        rows = [
            (q.check_id, q.severity, _judged(q), q.rule, _limit(q, limits), limits[q.check_id].source)
            for q in read_suite(gate)
        ]
        parts.append(f"**{gate}**\n\n{_grid(('check', 'severity', 'table', 'rule', 'limit', 'limit from'), rows)}")
    return "\n\n".join(parts)


def agreement_keys() -> str:
    """Every key of a contract's file, part by part."""
    parts: dict[str, type[Part]] = {
        "": Agreement, "source": Source, "scope": Scope, "form": Terms, "parties, each": Party, "payment": Payment,
        "cost": Cost, "outcomes": Outcomes, "measures, each": Measure, "gain_loss": GainLoss,
    }  # fmt: skip
    rows = [
        (f"`{where}`" if where else "", f"`{name}`", "yes" if key.is_required() else "", _attribute(part, name))
        for where, part in parts.items()
        for name, key in part.model_fields.items()
    ]
    return _grid(("under", "key", "required", "meaning"), rows)


def distribution() -> str:
    """The rules by which a gain or loss is shared."""
    rows = [
        (f"`{name}`", how.about, f"`{how.formula}`", _names(how.columns), "no" if how.gains_alone else "yes")
        for name, how in RULES.items()
    ]
    return _grid(("rule", "who gets it", "formula", "needs of every party", "losses too"), rows)


def _forms(known: Mapping[str, type[Any]]) -> str:
    rows = [
        (form.id, form.name, form.about, f"`{form.formula}`", _names(form.needs), form.source)
        for form in known.values()
    ]
    return _grid(("form", "name", "what it does", "formula", "needs", "source"), rows)


def _form_parameters(known: Mapping[str, type[Any]]) -> str:
    rows = [
        (form.id, f"`{one.name}`", one.symbol, one.about, one.unit, one.allowed, _default(one), one.source)
        for form in known.values()
        for one in parameters_of(form)
    ]
    return _grid(("form", "parameter", "letter", "meaning", "unit", "allowed", "where not agreed", "source"), rows)


def _default(one: Parameter) -> str:
    if one.required:
        return "must be agreed"
    return "none" if one.default is None else "no" if one.default is False else str(one.default)


def _attribute(part: type[Any], name: str) -> str:
    """What the docstring of a class, or of one that it extends, says of an attribute."""
    for known in part.__mro__:
        said = re.search(rf"^ +{name}: ((?:.+)(?:\n {{9,}}.+)*)", known.__doc__ or "", re.MULTILINE)
        if said:
            return re.sub(r"\s+", " ", said[1]).replace("``", "`")
    raise KeyError(f"{part.__name__} does not say what {name} is")


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(table: Table) -> str:
    key = f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    rows = [(f"`{c.name}`", _type(c), c.unit or "", _meaning(c)) for c in table.columns]
    grid = _grid(("column", "type", "unit", "meaning"), rows)
    return f"### {table.name}\n\n{table.about} Disclosure: {table.disclosure}.{key}\n\n{grid}"


def _type(column: Column) -> str:
    return column.type + ("?" if column.nullable else "")


def _meaning(column: Column) -> str:
    notes = [column.about]
    if column.values:
        notes.append(f"one of {', '.join(column.values)}")
    if column.minimum is not None:
        notes.append(f"at least {column.minimum:g}")
    if column.maximum is not None:
        notes.append(f"at most {column.maximum:g}")
    notes += [
        word
        for word, holds in (("the column may be left out", column.optional), ("added on entry", column.derived))
        if holds
    ]
    return "; ".join(notes)


def _in_pack(entry: Entry) -> str:
    scope = [str(entry.scope.year)] if entry.scope.year else []
    scope += [part for part in (entry.scope.line, entry.scope.place) if part]
    notes = [f"known from {entry.published_on}"] if entry.published_on else []
    notes += [entry.status] if entry.status != "approved" else []
    return (
        (f"{', '.join(scope)}: " if scope else "") + as_text(entry.value) + (f" ({', '.join(notes)})" if notes else "")
    )


def _judged(question: Question) -> str:
    return "each table" if question.table == "{table}" else f"`{question.table}`"


def _limit(question: Question, limits: Limits) -> str:
    limit = limits[question.check_id]
    where = ", ".join(f"{name} {_plain(value)}" for name, value in limit.where.items())
    return limit.text() + (f" ({where})" if where else "")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _condition(when: str | Choice) -> str:
    if isinstance(when, str):
        return when
    options = (f"{option}: {condition}" for option, condition in when.options.items())
    return f"by `{when.assumption}`: " + "; ".join(options)


def _order(number: str) -> tuple[int, str]:
    digits = re.match(r"\d+", number)
    assert digits is not None
    return int(digits[0]), number[digits.end() :]


def _first_line(text: str | None) -> str:
    """The first sentence of a docstring, without what it cites: the page is what it cites."""
    return _CITED.sub("", (text or "").strip().splitlines()[0])


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` say which are not current."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path.name} is not current: run python docs/generate.py\n")
        return 1 if stale else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

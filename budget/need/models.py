"""The need models of a run: one of all that persons cost, and one of every stream by which a line is weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from budget.contracts import table
from budget.engine.statement import Statement
from budget.kernel.codes import ALL_NEEDS
from budget.kernel.errors import RunStopped, refusal
from budget.kernel.money import half_up
from budget.need.coding import limit_growth
from budget.need.glm.trouble import UnfitCells
from budget.need.lines import Choice
from budget.need.modelled import Modelled, Wanted, model_need
from budget.need.settings import ModelSettings
from budget.stage import Given

MODEL = "model"
"""The method of need that is a model, as ``need_weighting`` names it."""

_SQL = Path(__file__).parent / "sql"
_ONE_COEFFICIENT = ["model", "term", "level"]


@dataclass(frozen=True)
class NeedModels:
    """What the need models of a run say.

    Attributes:
        per_head: by stream (``all`` first), expected kept cost a head of each place's people over that of everyone.
        tables: what the need stage writes of them, all models below one another.
    """

    per_head: Mapping[str, pd.Series]
    tables: Mapping[str, pd.DataFrame]


def need_models(given: Given, choices: Sequence[Choice], streams: Mapping[str, str]) -> NeedModels:
    """Fit, judge and apply the model of whole cost, and that of every stream which a line is weighed by.

    Each is fitted on persons' cost on all lines of its stream, with a calibration scalar of its own.

    Args:
        given: sees ``population`` and ``person_cost``; ``person_line_cost`` where a stream is asked for.
        choices: what weighs each line in each year.
        streams: the stream of each service line.

    Raises:
        RunStopped: a stream has no cost of persons (W13), a model cannot be fitted (W09), or coefficients are to be
            frozen that were not given (W11).
    """
    lines = _lines_of_models(given, choices, streams)
    general = _wanted(given)
    wanted = {ALL_NEEDS: general} | {
        str(stream): replace(general, stream=str(stream), lines=tuple(rows["service_line"]))
        for stream, rows in lines.groupby("stream", sort=True)
    }
    frozen = _frozen(given, list(wanted)) if given.assumptions.choice("need_coefficients") == "frozen" else {}
    models = {stream: _modelled(given, replace(want, frozen=frozen.get(stream))) for stream, want in wanted.items()}
    names = dict.fromkeys(name for model in models.values() for name in model.tables)
    tables = {name: pd.concat([m.tables[name] for m in models.values() if name in m.tables]) for name in names}
    tables |= {} if lines.empty else {"need_model_lines": lines}
    return NeedModels({stream: model.per_head for stream, model in models.items()}, tables)


def hold_growth(given: Given, models: NeedModels) -> NeedModels:
    """Modelled need held to that of the earlier run, where there is one that had the same model.

    The table ``need_growth_limit`` says what was held.
    """
    if not given.has("previous_need_weights"):
        return models
    earlier = given.frame("previous_need_weights")
    earlier = earlier[(earlier["method"] == MODEL) & (earlier["financial_year"] == earlier["financial_year"].min())]
    most = given.assumptions.number("risk_score_growth_cap", given.plan.budget_years[0])
    held = {
        stream: limit_growth(need, earlier[earlier["stream"] == stream].set_index("place")["need_index"], most)
        for stream, need in models.per_head.items()
        if (earlier["stream"] == stream).any()
    }
    if not held:
        return models
    used = {stream: rows.set_index("place")["index_used"] for stream, rows in held.items()}
    limits = pd.concat([rows.assign(stream=stream) for stream, rows in held.items()], ignore_index=True)
    return NeedModels({**models.per_head, **used}, {**models.tables, "need_growth_limit": limits})


def _lines_of_models(given: Given, choices: Sequence[Choice], streams: Mapping[str, str]) -> pd.DataFrame:
    """The lines of every stream that a line is weighed by, what persons cost on them, and which of them it weighs."""
    modelled = [choice for choice in choices if choice.method == MODEL and choice.stream != ALL_NEEDS]
    weighed = {choice.line for choice in modelled}
    asked = {choice.stream for choice in modelled}
    if not asked:
        return pd.DataFrame(columns=["stream", "service_line", "cost_pence", "weighed"])
    given.engine.or_empty(table("person_line_cost"))
    costs = given.engine.frame(Statement.read(_SQL / "line_cost.sql")).set_index("service_line")["cost_pence"]
    in_scope = {choice.line for choice in choices} | set(costs.index)
    rows = [
        # a line in scope on which nobody has care of their own has a true zero
        (stream, line, int(costs[line]) if line in costs.index else 0, line in weighed)
        for line, stream in streams.items()
        if stream in asked and line in in_scope
    ]
    found = pd.DataFrame(rows, columns=["stream", "service_line", "cost_pence", "weighed"])
    _refuse_free(found)
    return found.sort_values(["stream", "service_line"], ignore_index=True)


def _refuse_free(lines: pd.DataFrame) -> None:
    spent = lines.groupby("stream")["cost_pence"].sum()
    free = sorted(str(stream) for stream in spent.index[spent <= 0])
    if free:
        raise refusal(
            "need",
            "W13",
            table="person_line_cost",
            rule="need_weighting@line = model needs a stream on whose lines persons cost something",
            rows_failed=len(free),
            mend="activity or patient_costs of the stream's lines, host_lines (which are not tied to persons), or "
            "need_weighting of the line",
            keys=tuple(free),
        )


def _wanted(given: Given) -> Wanted:
    """The model of whole cost, as the assumptions and the settings have it."""
    known, first = given.assumptions, given.plan.budget_years[0]
    return Wanted(
        settings=ModelSettings.read(given.plan.need / "model.yaml"),
        estimator=known.choice("need_estimator"),
        cap=known.pence("stop_loss_threshold", first),
        caps=tuple(half_up(pounds * 100) for pounds in known.numbers("need_caps")),
        days=given.plan.care_year.days,
        area_covariates=given.frame("area_covariates") if given.has("area_covariates") else None,
    )


def _frozen(given: Given, streams: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The coefficients of every model, as they were given."""
    if not given.has("risk_coefficients"):
        raise _not_frozen("need_coefficients = frozen needs the coefficients of an earlier model", ())
    coefficients = given.frame("risk_coefficients")
    whole = coefficients["stream"].isna()
    coefficients = coefficients.assign(stream=coefficients["stream"].mask(whole, ALL_NEEDS))
    by_stream = {stream: coefficients[coefficients["stream"] == stream] for stream in streams}
    lacking = tuple(stream for stream, rows in by_stream.items() if rows.empty)
    if lacking:
        raise _not_frozen("need_coefficients = frozen needs the coefficients of every stream that is modelled", lacking)
    twice = tuple(stream for stream, rows in by_stream.items() if rows.duplicated(_ONE_COEFFICIENT).any())
    if twice:
        raise _not_frozen("a stream has one coefficient a term and level", twice)
    return by_stream


def _not_frozen(rule: str, streams: tuple[str, ...]) -> RunStopped:
    return refusal(
        "need",
        "W11",
        table="risk_coefficients",
        rule=rule,
        rows_failed=len(streams),
        mend="risk_coefficients (the table risk_model of the run that is frozen), or need_coefficients",
        keys=streams,
    )


def _modelled(given: Given, wanted: Wanted) -> Modelled:
    try:
        return model_need(given.engine, wanted)
    except UnfitCells as error:
        which = "the need model" if wanted.stream == ALL_NEEDS else f"the need model of the stream {wanted.stream}"
        raise refusal(
            "need",
            "W09",
            table="cells",
            rule=f"{which} can be fitted: {error}",
            mend="areas, conditions or activity, or the terms of the need model",
        ) from None

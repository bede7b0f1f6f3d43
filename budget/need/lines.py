"""Need of service lines: the method that weighs each line, and what all lines together make a place's share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from budget.kernel.codes import ALL_NEEDS
from budget.kernel.errors import ConfigurationError, RunStopped, refusal
from budget.need.weights import KEYS

BY_LINE = "by_line"
"""The method of places whose lines are weighed by several, and the stream of lines that have one each."""

_PRIMARY = "primary_medical"


@dataclass(frozen=True)
class Choice:
    """What weighs one line in one year.

    Attributes:
        year: budget year.
        line: service line.
        method: as ``need_weighting`` names it.
        stream: need stream (published, or whose cost the model is of), or ``all``.
    """

    year: str
    line: str
    method: str
    stream: str

    @classmethod
    def of(
        cls, year: str, line: str, method: str, stream: str, streams: Mapping[str, str], *, by_name: bool = False
    ) -> Choice:
        """The choice as the assumptions say it, with the line's own stream where it has one.

        Args:
            year: budget year.
            line: service line.
            method: as ``need_weighting`` names it.
            stream: as ``need_stream`` names it.
            streams: the stream of each line.
            by_name: whether the line is given its model by name, and with it that of its own stream.

        Raises:
            ConfigurationError: the line has no stream of its own, or is weighed by a formula that is not for it.
        """
        if method == "carr_hill" and streams.get(line) != _PRIMARY:
            raise ConfigurationError(f"need_weighting@{line}: carr_hill weighs primary medical care alone.")
        if method == "model" and by_name:
            if line not in streams:
                raise ConfigurationError(
                    f"need_weighting@{line}: a line that is modelled by name needs a stream in streams.yaml."
                )
            return cls(year, line, method, streams[line])
        if method != "published":
            return cls(year, line, method, ALL_NEEDS)
        if stream != BY_LINE:
            return cls(year, line, method, stream)
        if line not in streams:
            raise ConfigurationError(f"need_stream: {line} has no stream of its own in streams.yaml; name one for it.")
        return cls(year, line, method, streams[line])


def need_by_line(
    weights: pd.DataFrame, choices: list[Choice], spend: pd.Series, needs: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """Weighted people of every place by service line, each by the method that was chosen for it.

    Args:
        weights: the columns of ``need_weights`` but for ``used``.
        choices: one a year and line.
        spend: the base year's spend by line, pence: what a line counts for when lines are put together.
        needs: by method, the tables without which it has no weights.

    Raises:
        RunStopped: the method of a line has no weights (W08).
    """
    chosen = pd.DataFrame([vars(choice) for choice in choices]).rename(
        columns={"year": "financial_year", "line": "service_line"}
    )
    chosen["share_of_spend"] = chosen["service_line"].map(spend / spend.sum())
    joined = chosen.merge(weights, on=["financial_year", "method", "stream"], how="left")
    lacking = joined[joined["place"].isna()]
    if len(lacking):
        first = lacking.iloc[0]
        method = str(first["method"])
        raise _no_weights(method, str(first["stream"]), needs[method], sorted(set(lacking["service_line"])))
    return joined.sort_values(["financial_year", "service_line", "place"], ignore_index=True)


def together(lines: pd.DataFrame) -> pd.DataFrame:
    """Weighted people of places from those of their lines, each line counting for its share of spend.

    ``W = N Σ share · (weighted people of the place in the line) / (those of all places)``; N all people, so that
    weighted people add up to people.

    Args:
        lines: from ``need_by_line``.

    Returns:
        The columns of ``need_weights`` but for ``used``: method ``by_line``, stream ``all``.
    """
    of_line = lines.groupby(["financial_year", "service_line"])["weighted_people"].transform("sum")
    lines = lines.assign(share=lines["share_of_spend"] * lines["weighted_people"] / of_line)
    sums = lines.groupby(KEYS, as_index=False).agg(share=("share", "sum"), population=("population", "first"))
    whole = sums.groupby("financial_year")["population"].transform("sum")
    sums["weighted_people"] = sums["share"] * whole
    sums["need_index"] = sums["weighted_people"] / sums["population"]
    return sums.drop(columns="share").assign(method=BY_LINE, stream=ALL_NEEDS)


def with_use(weights: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """All weights with those marked that set the targets: one method's where it weighs every line, else all together.

    Args:
        weights: the columns of ``need_weights`` but for ``used``.
        lines: from ``need_by_line``.
    """
    parts = []
    for year, of_year in weights.groupby("financial_year", sort=True):
        chosen = lines[lines["financial_year"] == year]
        ways = chosen[["method", "stream"]].drop_duplicates()
        if len(ways) == 1:
            method, stream = ways.iloc[0]
            used = (of_year["method"] == method) & (of_year["stream"] == stream)
            parts.append(of_year.assign(used=used))
        else:
            parts += [of_year.assign(used=False), together(chosen).assign(used=True)]
    order = ["financial_year", "method", "stream", "place"]
    return pd.concat(parts).sort_values(order, ignore_index=True)


def _no_weights(method: str, stream: str, needs: tuple[str, ...], lines: list[str]) -> RunStopped:
    return refusal(
        "need",
        "W08",
        table="need_weights",
        rule=f"need_weighting = {method} (stream {stream}) needs {' and '.join(needs)}",
        mend="the inputs, or need_weighting and need_stream in the assumptions",
        keys=tuple(lines),
    )

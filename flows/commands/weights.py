"""``capitation weights``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.kernel.rounding import to_step
from flows.answer import Answer

if TYPE_CHECKING:
    import pandas as pd

_STREAMS = Path(__file__).parents[2] / "config" / "need" / "streams.yaml"


def command(arguments: Namespace) -> Answer:
    """Say how much need each place has, by need stream or service line."""
    from budget.need.layouts import read_published, stream_names
    from budget.need.places import Places
    from budget.need.published import icb_totals, need_index
    from budget.need.streams import by_service_line, read_streams

    places = Places.read(Path(arguments.places))
    weights = read_published(Path(arguments.published))
    indices = need_index(weights, places.places, places.icb)
    totals = icb_totals(weights, places.icb)
    lacking = sorted(set(stream_names()) - set(totals["stream"]))
    if arguments.lines:
        streams = read_streams(_STREAMS)
        indices, totals = (by_service_line(table, streams) for table in (indices, totals))
    text = "\n".join([*_heading(places.icb, totals, lacking), *_blocks(indices, totals, places.icb)])
    return Answer(text, indices.to_dict("records"))


def _heading(icb: str, totals: pd.DataFrame, lacking: list[str]) -> Iterator[str]:
    practices = int(totals["practices"].max())
    yield f"Need of places of {icb} ({practices:,} practices): weighted population per head over that of the ICB."
    if lacking:
        yield f"Not in this file: {', '.join(lacking)}."


def _blocks(indices: pd.DataFrame, totals: pd.DataFrame, icb: str) -> Iterator[str]:
    """One block a stream or line (and year): its places, and then the ICB."""
    keys = [key for key in ("financial_year", "service_line", "stream") if key in indices]
    widest = max(len(place) for place in [*indices["place"], icb])
    whole = totals.set_index(keys)
    yield f"\n  {'':<{widest}}  {'people':>12}  {'weighted':>12}  {'index':>8}"
    for block, rows in indices.groupby(keys, sort=False):
        yield from ("", ", ".join(block))
        for row in rows.itertuples():
            yield _line(row.place, row, row.need_index, widest)
        yield _line(icb, whole.loc[block if len(keys) > 1 else block[0]], 1, widest)


def _line(name: Any, sums: Any, index: float, widest: int) -> str:
    """A row of text; numbers are rounded half-up here and nowhere before."""
    people, weighted = (to_step(figure) for figure in (sums.population, sums.weighted_population))
    return f"  {name:<{widest}}  {people:>12,}  {weighted:>12,}  {to_step(index, '0.001'):>8}"

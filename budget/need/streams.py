"""Which need stream belongs to which service line, as ``config/need/streams.yaml`` says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from budget.assumptions.pack import Source
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml
from budget.need.layouts import stream_names


class _Stream(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: tuple[str, ...]
    why: str


class _Streams(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source
    streams: dict[str, _Stream]


def read_streams(path: Path) -> dict[str, str]:
    """The need stream of each service line.

    Raises:
        ConfigurationError: a stream is unknown or missing, or a line belongs to several.
    """
    try:
        written = _Streams.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None
    differ = set(written.streams) ^ set(stream_names())
    if differ:
        raise ConfigurationError(f"{path}: every need stream stands here once; check {', '.join(sorted(differ))}.")
    pairs = [(line, stream) for stream, body in written.streams.items() for line in body.lines]
    twice = [line for line, count in Counter(line for line, _ in pairs).items() if count > 1]
    if twice:
        raise ConfigurationError(f"{path}: a service line belongs to one stream; check {', '.join(twice)}.")
    return dict(pairs)


def by_service_line(indices: pd.DataFrame, streams: Mapping[str, str]) -> pd.DataFrame:
    """Need of each service line: that of its stream.

    Args:
        indices: rows with ``stream``, as `budget.need.published.need_index` gives them.
        streams: the stream of each line, from `read_streams`.

    Returns:
        The rows of every line whose stream is there, with ``service_line`` in front of ``stream``.
    """
    lines = pd.DataFrame(list(streams.items()), columns=["service_line", "stream"])
    joined = indices.merge(lines, on="stream", how="inner")
    order = list(indices.columns)
    order.insert(order.index("stream"), "service_line")
    return joined[order]

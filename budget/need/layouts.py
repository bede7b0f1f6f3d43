"""Published practice weights in any year's layout, brought into the columns of ``published_weights``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml

_GZIP = b"\x1f\x8b"
_NEEDED = ("practice_code", "stream", "population", "weighted_population")
_CANONICAL = ("financial_year", *_NEEDED)
_CODES = ("practice_code", "icb_code", "lad_code")


class Layouts(BaseModel):
    """The names that a column has in the published files of different years, by its own name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    practice_code: tuple[str, ...]
    icb_code: tuple[str, ...]
    lad_code: tuple[str, ...]
    population: tuple[str, ...]
    streams: dict[str, tuple[str, ...]]

    def names(self) -> dict[str, tuple[str, ...]]:
        """Possible names by column, streams included."""
        singles = {name: getattr(self, name) for name in (*_CODES, "population")}
        return singles | self.streams


@cache
def layouts() -> Layouts:
    """The layouts that are known, from ``layouts.yaml``."""
    return Layouts.model_validate(read_yaml(Path(__file__).with_name("layouts.yaml")))


def stream_names() -> tuple[str, ...]:
    """The need streams in the order in which they are shown."""
    return tuple(layouts().streams)


def read_published(path: Path) -> pd.DataFrame:
    """Read published practice weights from a file: CSV, gzipped CSV or Parquet, of any known layout.

    Only codes and figures are read, so that it does not matter how the file writes names and addresses.

    Returns:
        As `canonical`.

    Raises:
        ConfigurationError: the file cannot be read, or has no known layout.
    """
    try:
        return canonical(_read(path))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file.") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    except (OSError, EOFError, ValueError, csv.Error) as error:
        raise ConfigurationError(f"{path}: the file cannot be read as a table ({type(error).__name__}).") from error


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return pd.read_csv(
        path,
        dtype=str,
        compression="gzip" if zipped else None,
        encoding="utf-8-sig",
        encoding_errors="replace",
        usecols=_is_known,
    )


def _is_known(column: str) -> bool:
    known = {name for names in layouts().names().values() for name in names} | set(_CANONICAL) | set(_CODES)
    return _plain(column) in {_plain(name) for name in known}


def canonical(weights: pd.DataFrame) -> pd.DataFrame:
    """Practice weights as rows of ``published_weights``, from any known layout or from that table itself.

    Args:
        weights: a published practice file as it comes, one row a practice; or ``published_weights``, long.

    Returns:
        ``practice_code``, ``stream``, ``population``, ``weighted_population`` (people), one row a practice and
        stream; with ``icb_code`` and ``lad_code`` where the file says them, and ``financial_year`` where the table
        does. A published file does not say its year. A figure that is blank or no number is missing, not nought.

    Raises:
        ConfigurationError: a column is missing, or there under two names.
    """
    if {"stream", "weighted_population"} <= set(weights.columns):
        return _long(weights)
    found = _found(list(weights.columns))
    wide = weights[list(found.values())].set_axis(list(found), axis=1)
    streams = [stream for stream in stream_names() if stream in found]
    identity = [column for column in found if column not in streams]
    long = wide.melt(identity, streams, var_name="stream", value_name="weighted_population")
    return _typed(long)


def _long(weights: pd.DataFrame) -> pd.DataFrame:
    missing = sorted(set(_NEEDED) - set(weights.columns))
    if missing:
        raise ConfigurationError(f"published_weights lacks {', '.join(missing)}.")
    unknown = sorted(set(map(str, weights["stream"].unique())) - set(stream_names()))
    if unknown:
        raise ConfigurationError(f"published_weights has unknown streams ({', '.join(unknown)}).")
    kept = [column for column in weights.columns if column in (*_CANONICAL, *_CODES)]
    return _typed(weights[kept].copy())


def _typed(long: pd.DataFrame) -> pd.DataFrame:
    for column in (column for column in _CODES if column in long):
        long[column] = long[column].astype("str").str.strip()
    for column in ("population", "weighted_population"):
        long[column] = _numbers(long[column])
    return long


def _numbers(column: pd.Series) -> pd.Series:
    """Figures as float64; text may write thousands with commas."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return pd.to_numeric(column.astype("str").str.replace(",", ""), errors="coerce").astype("float64")


def _found(columns: list[str]) -> dict[str, str]:
    """Which column of a file is which, by our name; streams and the district may be missing."""
    by_plain = {_plain(column): column for column in columns}
    found = {}
    for name, possible in layouts().names().items():
        there = [by_plain[plain] for plain in map(_plain, possible) if plain in by_plain]
        if len(there) > 1:
            raise ConfigurationError(f"{name} is there under several names ({', '.join(there)}).")
        if there:
            found[name] = there[0]
    _refuse_unknown_layout(found)
    return found


def _refuse_unknown_layout(found: Iterable[str]) -> None:
    known = layouts()
    for name in ("practice_code", "icb_code", "population"):
        if name not in found:
            possible = ", ".join(getattr(known, name))
            raise ConfigurationError(
                f"no layout of published practice weights: no column for {name} (known names: {possible})."
            )
    if not set(known.streams) & set(found):
        possible = ", ".join(names[0] for names in known.streams.values())
        raise ConfigurationError(f"no layout of published practice weights: no need stream ({possible}, …).")


def _plain(column: str) -> str:
    return " ".join(str(column).split()).casefold()

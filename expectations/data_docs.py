"""Great Expectations' own Data Docs of a run's gates, made to be read without a network.

Its pages take every style and script from public servers and show little without them. They are rewritten here: what
points outside is taken off, one stylesheet of ours stands beside them, and an index of ours leads to them. They hold
rules, limits and outcomes; the results behind them are ``BOOLEAN_ONLY``, so no value comes with them. Importing Great
Expectations takes seconds; ``expectations.worker`` does it.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from great_expectations.data_context import AbstractDataContext

_HERE = Path(__file__).parent
_STYLE = "data_docs.css"
_INDEX = "data_docs.html.j2"
_STORES = ("expectations_store", "validation_results_store", "checkpoint_store", "validation_definition_store")
_OUTSIDE = re.compile(
    r"<(script|style|footer)\b.*?</\1>|<(?:link|img)\b[^>]*>|<p>\s*Stay current.*?</p>",
    re.DOTALL,
)
_LINK_OUTSIDE = re.compile(r'<a\b[^>]*href="https?:[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
_UP = re.compile(r'(href=")(?:\.\./)+')


def write_data_docs(heard: Sequence[Mapping[str, Any]], folder: Path, title: str) -> None:
    """Write the pages: an index, and for every gate its expectations and how they came out.

    Args:
        heard: by gate its name (``gate``), ``expectations``, ``row`` and ``parameters``, as ``validate`` takes them.
        folder: where the pages go; made here.
        title: name of the run.
    """
    with TemporaryDirectory(prefix="capitation-docs-") as work:
        context = _context(Path(work))
        met = {asked["gate"]: _judged(context, asked) for asked in heard}
        context.build_data_docs()
        _move(Path(work) / "site", folder)
    _write_index(folder, title, met)


def _context(work: Path) -> AbstractDataContext:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, ProgressBarsConfig

    import expectations.custom  # noqa: F401  the suites name its expectations

    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": _folder(work / "site"),
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    config = DataContextConfig(
        config_version=4,
        stores={name: _store(name, work) for name in _STORES},
        expectations_store_name=_STORES[0],
        validation_results_store_name=_STORES[1],
        checkpoint_store_name=_STORES[2],
        data_docs_sites={"run": site},
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(project_config=config, mode="ephemeral")


def _store(name: str, work: Path) -> dict[str, Any]:
    words = "".join(word.capitalize() for word in name.split("_"))
    return {"class_name": words, "store_backend": _folder(work / "stores" / name)}


def _folder(path: Path) -> dict[str, str]:
    return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(path)}


def _judged(context: AbstractDataContext, asked: Mapping[str, Any]) -> bool:
    """Validate one gate, keeping the result for the pages; whether all expectations were met."""
    from great_expectations import ExpectationSuite, ValidationDefinition

    gate = asked["gate"]
    suite = context.suites.add(ExpectationSuite(name=gate, expectations=[dict(e) for e in asked["expectations"]]))
    asset = context.data_sources.add_pandas(gate).add_dataframe_asset("measures")
    definition = context.validation_definitions.add(
        ValidationDefinition(name=gate, data=asset.add_batch_definition_whole_dataframe("row"), suite=suite)
    )
    result = definition.run(
        batch_parameters={"dataframe": pd.DataFrame({name: [value] for name, value in asked["row"].items()})},
        expectation_parameters=dict(asked["parameters"]),
        result_format="BOOLEAN_ONLY",
    )
    return bool(result.success)


def _move(site: Path, folder: Path) -> None:
    """Take the pages of every gate over, one of its expectations and one of its results."""
    for kind in ("expectations", "validations"):
        (folder / kind).mkdir(parents=True)
        for page in (site / kind).rglob("*.html"):
            gate = page.relative_to(site / kind).parts[0].removesuffix(".html")
            (folder / kind / f"{gate}.html").write_text(_offline(page.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copyfile(_HERE / _STYLE, folder / _STYLE)


def _offline(page: str) -> str:
    """A page that asks for nothing but our stylesheet."""
    bare = _UP.sub(r"\1../", _LINK_OUTSIDE.sub(r"\1", _OUTSIDE.sub("", page)))
    return bare.replace("</head>", f'<link rel="stylesheet" href="../{_STYLE}">\n</head>', 1)


def _write_index(folder: Path, title: str, met: Mapping[str, bool]) -> None:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    page = environment.get_template(_INDEX).render(title=title, gates=met)
    (folder / "index.html").write_text(page, encoding="utf-8")

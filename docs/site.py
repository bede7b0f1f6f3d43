"""The hook of the documentation site: its tree is the repository's own, so that links hold in both; all can use it."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
_BESIDE = ("README.md", "CHANGELOG.md", "data/*/README.md")
_EMPTY_HEAD = re.compile(r"<th([^>]*)></th>")
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every decision into the navigation, so that a new one is not forgotten."""
    for part in config.nav or []:
        if isinstance(part, dict) and "Decisions" in part:
            part["Decisions"] += [f"docs/decisions/{path.name}" for path in sorted(ROOT.glob("docs/decisions/0*.md"))]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages at their paths in the repository, those outside ``docs/`` too, and the files that they link to."""
    ours = [file for file in files if Path(file.abs_src_path or "").is_relative_to(config.docs_dir)]
    pages = [f"docs/{file.src_uri}" for file in ours if file.inclusion.is_included()]
    pages += [str(path.relative_to(ROOT)) for pattern in _BESIDE for path in sorted(ROOT.glob(pattern))]
    for file in ours:
        files.remove(file)
    linked = {target for page in pages if page.endswith(".md") for target in _linked(ROOT / page)}
    for path in dict.fromkeys([*pages, *sorted(linked)]):
        files.append(_file(path, config))
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """What may scroll can be reached by keyboard, and no column is headed by nothing."""
    html = html.replace("<pre>", '<pre tabindex="0">').replace("</table>", "</table></div>")
    html = html.replace("<table>", '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>')
    return _EMPTY_HEAD.sub(r"<td\1></td>", html)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """The theme's bar of links is told as navigation."""
    return output.replace('<div class="navbar ', '<div role="navigation" aria-label="Site" class="navbar ', 1)


def _linked(page: Path) -> set[str]:
    """Files of the repository that a page links to."""
    targets = {target for target in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target}
    found = ((page.parent / target).resolve() for target in targets)
    return {str(path.relative_to(ROOT)) for path in found if path.is_file() and path.is_relative_to(ROOT)}


def _file(path: str, config: MkDocsConfig) -> File:
    return File.generated(config, path, abs_src_path=str(ROOT / path), inclusion=InclusionLevel.INCLUDED)

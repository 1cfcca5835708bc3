"""A Sphinx extension: navigation.toml becomes the table of contents, so that pages need no directives."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

NAVIGATION = Path(__file__).with_name("navigation.toml")


def sections(pages: set[str]) -> dict[str, list[str]]:
    """The pages of each section by its title, in order; raises ValueError for pages that are in none."""
    table = tomllib.loads(NAVIGATION.read_text())
    entries = {one["title"]: one["pages"] for one in table["section"]}
    named = {entry for listed in entries.values() for entry in listed}
    left = pages - named - set(table["unlisted"]["pages"])
    found = {}
    for title, listed in entries.items():
        found[title] = []
        for entry in listed:
            # A star stays within its folder.
            fitting = [page for page in left if fnmatchcase(page, entry) and _deep(page) == _deep(entry)]
            found[title] += [entry] if entry in pages else sorted(fitting)
            left -= set(fitting)
    if left:
        raise ValueError(f"{', '.join(sorted(left))}: no section of {NAVIGATION.name} takes it")
    return found


def _deep(page: str) -> int:
    return page.count("/")


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Appends the table of contents to the start page."""
    if page != app.config.root_doc:
        return
    for title, pages in sections(app.project.docnames - {page}).items():
        if pages:
            lines = [
                "",
                "```{toctree}",
                ":hidden:",
                f":caption: {title}",
                *(f"/{one}" for one in pages),
                "```",
                "",
            ]
            source[0] += "\n".join(lines)


def mark_unlisted(app: Sphinx, page: str, source: list[str]) -> None:
    """Tells Sphinx that a page is in no table of contents on purpose."""
    if page in tomllib.loads(NAVIGATION.read_text())["unlisted"]["pages"]:
        source[0] = f"---\norphan: true\n---\n{source[0]}"


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", add_contents)
    app.connect("source-read", mark_unlisted)
    return {"parallel_read_safe": True}

"""A Sphinx extension: navigation.toml becomes the table of contents, so that pages need no directives."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

NAVIGATION = Path(__file__).with_name("navigation.toml")


def contents(pages: Iterable[str], start: str) -> dict[str, dict[str, list[str]]]:
    """What lies below each page: below `start` the sections by title, below others their children by none.

    Raises ValueError for pages that are nowhere.
    """
    table = tomllib.loads(NAVIGATION.read_text())
    left = set(pages) - {start, *table["unlisted"]["pages"]}
    sections: dict[str, list[str]] = {one["title"]: one["pages"] for one in table["section"]}
    named = {entry for listed in sections.values() for entry in listed} & left
    left -= named
    found = {}
    for parent, listed in table["children"].items():
        if parent in named:
            found[parent] = {"": _taken(listed, left)}
    found[start] = {
        title: [page for entry in listed for page in ([entry] if entry in named else _taken([entry], left))]
        for title, listed in sections.items()
    }
    if left:
        raise ValueError(f"{', '.join(sorted(left))}: no section of {NAVIGATION.name} takes it")
    return found


def _taken(entries: list[str], left: set[str]) -> list[str]:
    """The pages that fit the entries, which are left no more. A star stays within its folder."""
    fitting = sorted(
        page
        for page in left
        if any(fnmatchcase(page, entry) and page.count("/") == entry.count("/") for entry in entries)
    )
    left -= set(fitting)
    return fitting


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Appends the table of contents to a page that has one, and marks those that are in none on purpose."""
    table = tomllib.loads(NAVIGATION.read_text())
    if page in table["unlisted"]["pages"]:
        source[0] = f"---\norphan: true\n---\n{source[0]}"
    for title, pages in contents(app.project.docnames, app.config.root_doc).get(page, {}).items():
        head = ["", "```{toctree}", ":hidden:", *([f":caption: {title}"] if title else []), ""]
        shown = [f"{table['titles'][one]} </{one}>" if one in table["titles"] else f"/{one}" for one in pages]
        source[0] += "\n".join([*head, *shown, "```", ""]) if pages else ""


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", add_contents)
    return {"parallel_read_safe": True}

"""The blocks of code on Markdown pages, each with what the comment before it says.

`pip install` is checked and not run. Code behind spaces instead of between fences is text.

A block runs unless `<!-- not run: REASON -->` or `<!-- run by PATH: REASON -->` stands on the line before it.
With `<!-- given: NAME NAME -->` it finds these files, or folders where a name ends in /; with
`<!-- where: NAME -->` it runs where what `tests/docs/sandbox.py` knows by that name works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PATTERNS = (
    "README.md",
    "docs/**/*.md",
    "plugins/*/README.md",
    "training/README.md",
    "examples/README.md",
    "vsrrg/models/weights/*.md",
)
PAGES = sorted(str(path.relative_to(ROOT)) for pattern in PATTERNS for path in ROOT.glob(pattern))
COMMENT = re.compile(r"<!-- (not run:|run by|given:|where:) (.*?) -->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Code between two fences."""

    page: str
    line: int
    """Of its first line of code, from 1."""
    language: str
    code: str
    reason: str = ""
    """Why it does not run here."""
    elsewhere: str = ""
    """The test that runs it."""
    given: tuple[str, ...] = ()
    """What must be there."""
    where: str = ""
    """What must work, else it is left out."""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """All blocks of a page, in their order."""
    return list(_blocks(page, (ROOT / page).read_text(encoding="utf-8")))


def _blocks(page: str, text: str) -> Iterator[Block]:
    tokens = MarkdownIt("commonmark").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "code_block":
            yield Block(page, _line(token.map), "text", token.content)
        if token.type == "fence":
            comment = before.content if before is not None and before.type == "html_block" else ""
            yield Block(page, _line(token.map) + 1, token.info.strip(), token.content, **_said(comment))


def _said(comment: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, text in COMMENT.findall(comment):
        words = " ".join(text.split())
        if kind == "given:":
            found["given"] = tuple(words.split())
        elif kind == "where:":
            found["where"] = words
        elif kind == "run by":
            found["elsewhere"], _, found["reason"] = words.partition(": ")
        else:
            found["reason"] = words
    return found


def _line(lines: list[int] | None) -> int:
    return lines[0] + 1 if lines else 0

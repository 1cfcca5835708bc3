"""docs/errors: every code has a page, and what happens on the page happens."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.errors.inputs import FILES
from tests.errors.pages import do, read_page
from tests.errors.surroundings import REPLACED, SURROUNDINGS
from vsrrg.errors.catalogue import CODES, PAGES
from vsrrg.testing.discovery import isolated

VARIES = {
    "damaged-weights": r"\(.*?\)",
    "decoding-failed": r"No such filter.*(?= \[)",
    "ffmpeg-failed": r"(?<=written: ).*(?= \[)",
    "memory-limit-too-small": r"(?<=at least )\S+",
    "missing-device": r"\d+ CUDA",
    "plugin-skipped": r"there are .*;",
    "unknown-model": r"one of .*, or",
    "unreadable-source": r"(?<=video: ).*(?= \[)",
}
"""What machines, versions of ffmpeg and models that come say in other words, by code."""


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} - {"index"} == set(CODES)
    assert set(SURROUNDINGS) | set(REPLACED) | set(VARIES) <= set(CODES)


def test_the_index_lists_them_in_the_order_of_the_catalogue() -> None:
    rows = re.findall(r"^\| \[(.+)\]\((.+)\.md\) \| (.+) \|$", (PAGES / "index.md").read_text(), re.M)
    assert rows == [(code, code, line) for code, line in CODES.items()]


@pytest.mark.parametrize("code", CODES)
def test_page(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PAGES / f"{code}.md").read_text()
    page = read_page(text)
    assert (page.title, page.summary) == (code, CODES[code])
    assert page.sections == ("Why", "What to do")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for variable in ("VSRRG_LOG", "VSRRG_TRACE"):
        monkeypatch.delenv(variable, raising=False)
    for name, make in FILES.items():
        if re.search(rf"(?<![\w/]){re.escape(name)}\b", page.code):
            make(tmp_path / name)
    with isolated() as register:
        if code in SURROUNDINGS:
            SURROUNDINGS[code](monkeypatch, register)
        said = do(page, REPLACED.get(code, ("", "")), monkeypatch)
    said = said.replace(str(tmp_path), "/videos").replace(f" on {socket.gethostname()}", " on studio")
    assert _same(code, said) == _same(code, page.said)


def _same(code: str, said: str) -> str:
    return re.sub(VARIES[code], "...", said) if code in VARIES else said

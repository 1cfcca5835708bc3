"""The page of `vsrrg compare` shows what files say of themselves, and runs none of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.ffmpeg.media import clip
from tests.trust.bad_input import tiny
from vsrrg.compare import compare
from vsrrg.engine import Options
from vsrrg.hooks import resolve

EVIL = "<script>alert(1)<"
QUOTES = "\"'><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(resolve, "create_derainer", lambda options: tiny())
    folder = tmp_path / EVIL  # With the name below it, "</script>" in a path.
    folder.mkdir()
    source = clip(
        folder / f"script>{QUOTES}.mkv", "-c:v", "ffv1", "-metadata", f"title={EVIL}/script>", frames=4
    )
    reference = clip(folder / f"{QUOTES}-reference.mkv", "-c:v", "ffv1", frames=4)
    made = compare(source, Options(), tmp_path / "page.html", reference=reference)
    return made.path.read_text()


def test_names_are_text(page: str) -> None:
    assert "&lt;img src=x" in page and "<img" not in page
    assert "alert(1)<" not in page.replace("alert(1)&lt;", "")
    assert (
        "{{7*7}}" in page
        and "49" not in re.sub(r"[\d.]*49[\d.]*", "", page).split("<title>")[1].split("</title>")[0]
    )
    assert len(re.findall(r"<script\b", page)) == len(re.findall(r"</script>", page))


def test_the_page_may_load_nothing(page: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert not any(
        place.startswith(("http", "*", "'self'")) for given in rules.values() for place in given.split()
    )
    # What default-src does not cover.
    assert rules["base-uri"] == "'none'" and rules["form-action"] == "'none'"
    assert page.index("Content-Security-Policy") < page.index("<style") < page.index("<script")

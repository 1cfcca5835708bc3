"""The file: whole in itself, and safe whatever it is told."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser

from vsrrg.compare.excerpt import Excerpt
from vsrrg.compare.figures import FIGURES, figures
from vsrrg.compare.page import Page, html
from vsrrg.compare.panels import Layout
from vsrrg.compare.video import Encoded

EVIL = "</script><script>alert(1)</script><!-- \" ' & {{ 7 * 7 }} \u2028.mp4"


def page(name: str = "", reference: bool = False) -> Page:
    times = tuple(Fraction(n, 3) for n in range(3))
    series = {one.key: {line: [0.5, None, 2.0] for line in one.lines} for one in figures(reference)}
    video = Encoded(bytes(range(256)), 1.5)
    one = Excerpt(
        name=name, times=times, step=Fraction(1, 3), series=series, cuts=(1,), video=video, full=False
    )
    return Page(
        title=name or "rain.mp4",
        subtitle=name,
        note="",
        facts=[("Rainy", name)],
        figures=figures(reference),
        layout=Layout(64, 48),
        excerpts=[one, one],
        reference=reference,
    )


class Elements(HTMLParser):
    """What a browser makes of the markup."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id") or tag

    def handle_data(self, data: str) -> None:
        self.texts[self._inside] = self.texts.get(self._inside, "") + data


def test_all_that_the_script_needs_is_in_the_page() -> None:
    found = Elements(html(page(reference=True)).decode())
    data = json.loads(found.texts["data"])
    assert data["size"] == [64, 48] and data["cell"] == [80, 64] and data["inset"] == 8
    assert data["panels"] == ["rainy", "derained", "heat", "reference"]
    assert [chart["key"] for chart in data["charts"]] == [one.key for one in FIGURES]
    assert data["excerpts"][1]["times"] == [0, 0.333333, 0.666667]
    assert data["excerpts"][0]["series"]["flicker"]["derained"] == [0.5, None, 2.0]
    assert data["excerpts"][0]["cuts"] == [1]
    assert [b64decode(found.texts[f"video-{i}"]) for i in range(2)] == [bytes(range(256))] * 2


def test_it_asks_for_nothing_else() -> None:
    text = html(page()).decode()
    found = Elements(text)
    assert not {"link", "iframe", "img", "object", "base"} & {tag for tag, _ in found.tags}
    assert not any({"src", "href"} & set(attributes) for _, attributes in found.tags)
    policy = next(a["content"] for tag, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none';") and "http" not in policy
    assert not re.search(r"url\((?!['\"]?data:)", found.texts["style"])
    assert "Contains:" in text and "SIL OPEN FONT LICENSE" in text and "uplot" in text  # licences


def test_names_are_text_whatever_they_hold() -> None:
    safe, evil = (Elements(html(page(name)).decode()) for name in ("rain.mp4", EVIL))
    assert evil.tags == safe.tags
    for place in ("title", "h1", "dd"):
        assert unescape(evil.texts[place]).startswith(EVIL)
    assert "49" not in evil.texts["h1"]

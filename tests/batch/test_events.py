"""The lines of JSON are those that the page describes."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from vsrrg.batch.events import NAMES, Advance, Done, Failed, to_json

PAGE = (Path(__file__).parents[2] / "docs" / "derain.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|$", PAGE, re.MULTILINE))
"""Of the table of events: their names, and their fields."""


@pytest.mark.parametrize("kind", NAMES)
def test_the_page_has_each_event_with_its_fields(kind: type) -> None:
    described = re.findall(r"`(\w+)`", ROWS[NAMES[kind]])
    assert set(described) == {field.name for field in fields(kind)} - {"failures"}


def test_there_are_no_others() -> None:
    assert set(ROWS) == set(NAMES.values())


def test_what_the_fields_hold() -> None:
    pair = {"input": Path("a b.mp4"), "output": Path("out/a b.mkv")}
    assert json.loads(to_json(Advance(**pair, frames=3, total=None, fps=1 / 3))) == {
        "event": "progress", "input": "a b.mp4", "output": "out/a b.mkv", "frames": 3, "total": None,
        "fps": 0.333,
    }  # fmt: skip
    done = Done(**pair, frames=9, found=4, seconds=2.0, fps=2.5, encoder="ffv1", dropped=("attachment #3",))
    held = json.loads(to_json(done))
    assert (held["event"], held["found"], held["dropped"]) == ("done", 4, ["attachment #3"])
    failed = to_json(Failed(**pair, error="ünread\nable", code="x"))
    assert failed.isascii() and "\n" not in failed
    assert json.loads(failed)["error"] == "ünread\nable"

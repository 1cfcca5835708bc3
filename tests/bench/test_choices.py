"""Sizes, formats, and the cases that follow."""

from __future__ import annotations

import pytest

from vsrrg.bench.choices import Choices, parse_format, parse_size
from vsrrg.errors import OptionError
from vsrrg.video import PixelFormat


@pytest.mark.parametrize(
    ("text", "size"), [("1280x720", (1280, 720)), ("1080p", (1920, 1080)), ("4K", (3840, 2160))]
)
def test_sizes(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["0x720", "1280", "1280X720", "99999x9", "-1x5", "big"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="such as 1280x720"):
        parse_size(text)


def test_formats_by_our_names_and_by_ffmpegs() -> None:
    assert parse_format("yuv420p8") == parse_format("yuv420p") == PixelFormat("yuv", 8, sub_w=1, sub_h=1)
    assert parse_format("yuv422p10") == parse_format("yuv422p10le")
    assert parse_format("rgb32f") == PixelFormat("rgb", 32, "float")
    with pytest.raises(OptionError, match="no pixel format; write one such as yuv420p8"):
        parse_format("yuv9000")


def test_every_size_with_every_format_and_there_every_model() -> None:
    choices = Choices(
        sizes=[(64, 48), (32, 24)],
        formats=["yuv420p8", "gray8"],
        models=["fast", "general"],
        threads=3,
        lookahead=0,
    )
    cases = list(choices.cases())
    assert len(cases) == len(set(cases)) == 2 * 2 * (2 + 2)
    assert [case.model for case in cases[:4]] == ["min-median", "tmedian", "fast", "general"]
    assert {case.threads for case in cases} == {3}
    assert {case.lookahead for case in cases if case.kind == "network"} == {0}
    assert [(case.size, case.format) for case in cases[::4]] == [
        ("64x48", "yuv420p8"),
        ("64x48", "gray8"),
        ("32x24", "yuv420p8"),
        ("32x24", "gray8"),
    ]

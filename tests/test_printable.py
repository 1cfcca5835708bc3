"""Names show what they hold, and do nothing."""

from __future__ import annotations

import pytest

from vsrrg.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Straße, 雨 ☔.mp4", "Straße, 雨 ☔.mp4"),
        ("a\nb\r\t", r"a\nb\r\t"),
        ("\x1b[2J\x07\x00\x7f", r"\x1b[2J\x07\x00\x7f"),
        ("\x9b31m\x85", r"\x9b31m\x85"),
        ("4pm.\u202e3mp", r"4pm.\u202e3mp"),
        ("a\u2028b\u2066", r"a\u2028b\u2066"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
    ],
)
def test_what_steers_a_terminal_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_is_kept() -> None:
    assert printable("a\n\x1bb\tc", keep="\n") == "a\n\\x1bb\\tc"

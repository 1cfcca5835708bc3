"""Text that others chose, such as names, shown so that it cannot steer a terminal or pass for our lines."""

from __future__ import annotations

import re

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, ends of lines and paragraphs, and what turns the direction of writing."""


def printable(text: object, *, keep: str = "") -> str:
    """The text, with control characters as Python writes them (``\\x1b``, ``\\n``), but for those to keep."""
    return _STEERING.sub(lambda found: found[0] if found[0] in keep else repr(found[0])[1:-1], str(text))

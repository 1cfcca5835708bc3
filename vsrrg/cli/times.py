"""How people write a place in a video, and a length of one."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import click


class Time(click.ParamType[Fraction]):
    """ "90", "12.5", "1:30", "1:02:03.5": seconds, with minutes and hours before them where wanted."""

    name = "time"

    def __init__(self, *, positive: bool = False) -> None:
        """A time, which must be above 0 where it is ``positive``."""
        self.positive = positive

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        if isinstance(value, Fraction):
            return value
        match = re.fullmatch(r"(?:(?:(\d{1,9}):)?(\d{1,9}):)?(\d{1,9}(?:\.\d{1,9})?)", str(value))
        if match is None:
            self.fail(f"{value!r} is no time; write seconds, or h:mm:ss, such as 12.5 or 1:02:03", param, ctx)
        hours, minutes, seconds = (Fraction(part or 0) for part in match.groups())
        time = 3600 * hours + 60 * minutes + seconds
        if self.positive and not time:
            self.fail("it must be longer than nothing", param, ctx)
        return time

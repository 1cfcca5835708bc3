"""``--max-memory``: how people write an amount of memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Bytes(click.ParamType[int]):
    """ "3G", "1500M", "1.5GiB": binary units, as memory is sold; a bare number counts bytes."""

    name = "bytes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,20}(?:\.\d{1,20})?) ?([KMGT]?)(?:i?B)?", str(value), re.IGNORECASE)
        count = int(float(match[1]) * UNITS[match[2].upper()]) if match else 0
        if not count:
            self.fail(f"{value!r} is no amount of memory; write one such as 3G or 1500M", param, ctx)
        return count


def max_memory_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--max-memory`` to a command that derains."""
    return click.option(
        "--max-memory",
        type=Bytes(),
        metavar="SIZE",
        help="Memory of the device for frames and the work on them, such as 3G or 1500M, beside Python, "
        "torch and the weights; by default a share of what is free.",
    )(command)

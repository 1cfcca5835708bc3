"""Tables as the commands print them: fitted to a terminal, whole in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vsrrg.printable import printable

PIPE_WIDTH = 200
"""Columns where there is no terminal."""
GAP = 2
"""Between two columns."""


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, err: bool = False) -> None:
    """Prints rows of rich markup to stdout, or stderr; the first column never wraps. Cells may have lines."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.overflow = "fold"  # Paths are to be read whole.
    for row in rows:
        table.add_row(*(printable(cell, keep="\n") for cell in row))
    _console(err).print(table)


def print_figures(columns: Sequence[str], rows: Sequence[Sequence[str]], names: int) -> None:
    """Prints rows of plain text to stdout, no figure ever broken.

    Where the terminal is too narrow, the columns come in several tables, each with the first `names` again.
    """
    lines = (columns, *rows)
    widths = [max(map(len, cells)) + GAP for cells in zip(*lines, strict=True)]
    for piece in pieces(widths, _console().width, names):
        head, *body = ([escape(line[i]) for i in piece] for line in lines)
        print_table(head, body)


def pieces(widths: Sequence[int], room: int, names: int) -> list[list[int]]:
    """Numbers of the columns of each table, the first `names` in all of them.

    No table is wider than the room, unless a single column makes it so.
    """
    found: list[list[int]] = [[]]
    for i in range(names, len(widths)):
        if found[-1] and sum(widths[:names]) + sum(widths[j] for j in [*found[-1], i]) > room:
            found.append([])
        found[-1].append(i)
    return [[*range(names), *piece] for piece in found]


def _console(err: bool = False) -> Console:
    console = Console(stderr=err)
    return console if console.is_terminal else Console(stderr=err, width=PIPE_WIDTH)

"""The progress bar of the commands: frames, fps and the time left, on a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int | None], None] | None]:
    """Shows a bar on stderr for as long as the block runs.

    Yields a function of frames done and frames in all (None if unknown, or an estimate); or None, and shows
    nothing, where stderr is not a terminal.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed}/{task.fields[count]} frames"),
        TextColumn("{task.fields[fps]} fps"),
        TextColumn("eta"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None, count="?", fps="-")

        def show(done: int, total: int | None) -> None:
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            known = max(total, done) if total else None  # an estimate may fall short
            fps = f"{speed:.1f}" if speed else "-"
            bar.update(task, completed=done, total=known, count=known or "?", fps=fps)

        yield show

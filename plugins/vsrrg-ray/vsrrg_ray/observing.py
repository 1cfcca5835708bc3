"""Tells the observers of plugins about each file, as of a job of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from vsrrg.engine import Options
from vsrrg.errors import MediaError
from vsrrg.hooks import Job
from vsrrg.hooks.observers import Advance, observed
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Source


class FileObservers:
    """What observers know of the files: told again and again what is so, they hear what is new.

    A file's job starts when a worker first looks at it.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._open: dict[Source, tuple[AbstractContextManager[Advance], Advance]] = {}

    def tell(self, schedule: Schedule, under_way: Mapping[Source, int]) -> None:
        """Tells how the files are now; `under_way` counts frames of each that are not in finished pieces.

        Raises:
            PluginError: an observer failed.
        """
        for source, (made, total) in schedule.in_work.items():
            if source not in self._open:
                job = Job(
                    kind="farm", source=str(source.path), target=str(source.target), options=self._options
                )
                context = observed(job)
                self._open[source] = context, context.__enter__()
            self._open[source][1](made + under_way.get(source, 0), total or None)
        for source in [source for source in self._open if source not in schedule.in_work]:
            ended, advance = self._open.pop(source)
            if source in schedule.done:
                frames = schedule.done[source].frames
                advance(frames, frames)
                ended.__exit__(None, None, None)
            else:
                error = MediaError("piece-failed", schedule.failed[source])
                ended.__exit__(type(error), error, None)

    def stop(self, error: BaseException) -> None:
        """Tells that the files in work are given up, for this reason."""
        while self._open:
            _, (context, _) = self._open.popitem()
            context.__exit__(type(error), error, None)

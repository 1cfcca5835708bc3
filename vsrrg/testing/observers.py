"""What an `Observer` promises, held against jobs that end well and badly."""

from __future__ import annotations

import io
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from threading import Barrier

from vsrrg.errors import MediaError
from vsrrg.hooks import Job, Observer, Summary
from vsrrg.testing.promises import Broken, Suite, broken, promise
from vsrrg.testing.runs import THREADS

OBSERVER = "vsrrg.hooks.items.Observer"
EVENTS = ("started", "advanced", "finished", "failed")
FILE = Job(kind="derain", source="rain.mp4", target="clean.mkv")
PIPE = Job(kind="pipe", source="-", target="-")
ERRORS = (MediaError("ffmpeg-failed", "the disk is full"), KeyboardInterrupt(), SystemExit(143))


class ObserverSuite(Suite):
    """Holds an observer to `vsrrg.hooks.Observer`::

        class TestMine(ObserverSuite):
            @property
            def observer(self):
                return MyObserver()

    Where the observer writes somewhere, let that be a folder of the test's.
    """

    @property
    @abstractmethod
    def observer(self) -> Observer:
        """What is tested: one that has seen no job."""

    @property
    def subject(self) -> str:
        return f"observer {type(self.observer).__name__}"

    @promise(OBSERVER)
    def test_it_has_all_events(self) -> None:
        """It has `started`, `advanced`, `finished` and `failed`; what derives from `Observer` has them."""
        observer: object = self.observer
        if not isinstance(observer, Observer):
            broken(f"it has no {', no '.join(event for event in EVENTS if not hasattr(observer, event))}")

    @promise(OBSERVER)
    def test_jobs_that_end_well_are_not_stopped(self) -> None:
        """It raises for no job that ends well: over files and pipes, with no frames or many, of a length that
        is known, estimated badly, or not known.
        """
        for job in (FILE, PIPE):
            for told in ([], [(1, None), (2, None)], [(1, 9), (5, 7), (8, 7)]):
                observer = self.observer
                _tell(observer, "started", job)
                for done, total in told:
                    _tell(observer, "advanced", job, done, total)
                _tell(observer, "finished", job, Summary(frames=len(told), seconds=0.0))

    @promise(OBSERVER)
    def test_failures_are_taken(self) -> None:
        """It raises nothing in `failed`, whatever the error, and whether or not frames have come out."""
        for error in ERRORS:
            for advanced in (False, True):
                observer = self.observer
                _tell(observer, "started", FILE)
                if advanced:
                    _tell(observer, "advanced", FILE, 3, 9)
                _tell(observer, "failed", FILE, error)

    @promise(OBSERVER)
    def test_several_jobs_run_at_the_same_time(self) -> None:
        """It takes jobs that begin and end while others run, in other threads."""
        observer, met = self.observer, Barrier(THREADS)

        def run(n: int) -> None:
            job = Job(kind="derain", source=f"rain{n}.mp4", target=f"clean{n}.mkv")
            try:
                _tell(observer, "started", job)
                met.wait(10)
                _tell(observer, "advanced", job, n, None)
                met.wait(10)
                if n % 2:
                    _tell(observer, "finished", job, Summary(frames=n, seconds=0.0))
                else:
                    _tell(observer, "failed", job, ERRORS[0])
            except BaseException:
                met.abort()
                raise

        with ThreadPoolExecutor(THREADS) as pool:
            runs = [pool.submit(run, n) for n in range(THREADS)]
        errors = [error for run in runs if (error := run.exception()) is not None]
        if errors:  # The others' are that they waited in vain.
            raise min(errors, key=lambda error: not isinstance(error, Broken))

    @promise(OBSERVER)
    def test_stdout_is_left_alone(self) -> None:
        """It prints nothing to stdout, where a job may write its video."""
        for event, what in (("finished", Summary(frames=2, seconds=0.0)), ("failed", ERRORS[0])):
            observer = self.observer
            with redirect_stdout(io.StringIO()) as printed:
                _tell(observer, "started", PIPE)
                _tell(observer, "advanced", PIPE, 2, 2)
                _tell(observer, event, PIPE, what)
            if printed.getvalue():
                broken(f"it printed {printed.getvalue()!r}")


def _tell(observer: Observer, event: str, *what: object) -> None:
    """Breaks the promise where the observer raises."""
    try:
        getattr(observer, event)(*what)
    except Exception as error:
        told = ", ".join(repr(one) for one in what[1:])
        broken(f"{event}({told}) raised {type(error).__name__}: {error}")

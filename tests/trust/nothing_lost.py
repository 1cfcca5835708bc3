"""Ends jobs at random moments in every way, and looks at what is left.

The target is the old file or the whole new one, finished pieces are kept, and no process and no temporary
file stays behind.

    python -m tests.trust.nothing_lost                    50 moments of each way
    python -m tests.trust.nothing_lost --moments 5 --way kill --way child

Each job is a process of its own, forked from one that has imported everything, so that moments fall on its
work and not on its start.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import click

from tests.ffmpeg.media import ffmpeg

RAIN = Path(__file__).parents[2] / "examples" / "rain-demo.mp4"
OLD = b"the only copy of something else"
PATIENCE = 5.0
"""Seconds within which a job must have ended, and nothing of it be left."""
MARK = "VSRRG_TRIAL"
WORDS = ("--model", "fast", "--device", "cpu", "--encoder", "ffv1", "--overwrite", "--quiet")


class Lost(AssertionError):
    """Something was lost, or stayed behind; the message says what."""


@dataclass
class Bench:
    """What all trials share."""

    folder: Path
    rng: random.Random
    source: Path = field(init=False)
    whole: bytes = field(init=False)
    """The output of a job that nobody disturbed."""
    resumed: bytes = field(init=False)
    """The same with --resume, whose files are made of pieces."""
    seconds: dict[bool, float] = field(default_factory=dict)
    """How long such jobs take, without and with --resume."""

    def __post_init__(self) -> None:
        self.source = self.folder / "source.mkv"
        ffmpeg(
            *("-i", RAIN, "-f", "lavfi", "-t", "4", "-i", "sine=sample_rate=8000", "-filter_complex"),
            *("[0:v]crop=96:64:60:80,loop=3:100", "-map", "1:a", "-frames:v", "400"),
            *("-c:v", "libx264", "-g", "50", "-qp", "10", "-c:a", "flac", self.source),
        )
        made = []
        for resume in (False, True):
            with Trial(self, resume=resume) as trial:
                began = time.monotonic()
                trial.start()
                if trial.ended(600) != 0:
                    raise Lost(f"an undisturbed job failed: {trial.told()}")
                self.seconds[resume] = time.monotonic() - began
                made.append(trial.target.read_bytes())
        self.whole, self.resumed = made

    def moment(self, resume: bool = False) -> float:
        """Seconds after the start, mostly before the end."""
        return self.rng.uniform(0, 1.1 * self.seconds[resume])


class Trial:
    """A job in folders of its own, whose target is there before."""

    def __init__(self, bench: Bench, *, resume: bool = False, room: int | None = None) -> None:
        """With `room`, the target's folder is a disk of so many bytes; where nobody may mount one, files may
        have so many.
        """
        self.bench, self.resume = bench, resume
        self.folder = Path(tempfile.mkdtemp(dir=bench.folder))
        self.temporary = self.folder / "tmp"
        self.out = self.folder / "out"
        self.temporary.mkdir()
        self.out.mkdir()
        self.mounted = room is not None and _mount(self.out, room)
        self.limit = None if self.mounted else room
        self.target = self.out / "clean.mkv"
        self.target.write_bytes(OLD)
        self.pid = 0
        self.code: int | None = None

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *error: object) -> None:
        if self.pid and self.code is None:
            self.send(signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.out], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Fork the job."""
        words = ["derain", str(self.bench.source), str(self.target), *WORDS]
        self._fork(words + ["--resume"] * self.resume)

    def _fork(self, words: Sequence[str]) -> None:
        self.code = None
        self.pid = os.fork()
        if self.pid:
            return
        try:
            os.setsid()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.environ[MARK] = self.folder.name
            os.environ["TMPDIR"] = str(self.temporary)
            tempfile.tempdir = None
            log = os.open(self.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            if self.limit is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))
            from vsrrg.cli.main import main

            main(words)
        except SystemExit as end:
            _leave(end.code if isinstance(end.code, int) else 1)
        finally:
            _leave(70)

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def ended(self, patience: float = PATIENCE) -> int:
        """The exit code, negative for a signal; Lost if it goes on for longer."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                return self.code
            time.sleep(0.005)
        raise Lost(f"the job still runs after {patience:g} s")

    def told(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace").strip() if log.exists() else ""

    def processes(self) -> dict[int, str]:
        """Processes that the job has started and that still run, with their command lines."""
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                mark = f"{MARK}={self.folder.name}".encode()
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found[int(entry.name)] = command
        return found

    def left(self) -> list[str]:
        """Processes and files that should not be there."""
        kept = {self.target} | ({path for path in self.out.glob(".vsrrg-clean*")} if self.resume else set())
        files = [path for path in (*self.out.iterdir(), *self.temporary.iterdir()) if path not in kept]
        if self.resume:
            files += [path for folder in kept if folder.is_dir() for path in folder.glob(".vsrrg-*")]
        return [*map(str, files), *self.processes().values()]

    def check(self) -> str:
        """ "old" or "new", as the target is; Lost if it is neither, or something is left after a while."""
        until = time.monotonic() + PATIENCE
        while (left := self.left()) and time.monotonic() < until:
            time.sleep(0.02)
        if left:
            raise Lost(f"left after {PATIENCE:g} s: {left}")
        content = self.target.read_bytes() if self.target.exists() else None
        if content not in (OLD, self.bench.resumed if self.resume else self.bench.whole):
            raise Lost(f"the target is neither the old file nor the new one: {self.told()}")
        if self.code == 0 and content == OLD:
            raise Lost(f"the job says that it is done, but the target is the old file: {self.told()}")
        if "Traceback" in self.told():
            raise Lost(self.told())
        return "old" if content == OLD else "new"


def _leave(code: int) -> NoReturn:
    """Ends a fork whatever happens: a signal that comes now must not lead it back into the parent's code."""
    try:
        sys.stderr.flush()
    finally:
        os._exit(code)


def _mount(folder: Path, size: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    return subprocess.run(command, capture_output=True).returncode == 0


def by_signal(number: int) -> Callable[[Bench], str]:
    """Ends the job with a signal."""

    def way(bench: Bench) -> str:
        with Trial(bench) as trial:
            trial.start()
            time.sleep(bench.moment())
            trial.send(number)
            trial.ended()
            return trial.check()

    return way


def child(bench: Bench) -> str:
    """Kills one of the processes that the job has started."""
    with Trial(bench) as trial:
        trial.start()
        time.sleep(bench.moment())
        others = sorted(trial.processes().keys() - {trial.pid})
        if others:
            with contextlib.suppress(ProcessLookupError):
                os.kill(bench.rng.choice(others), signal.SIGKILL)
        trial.ended(PATIENCE + bench.seconds[False])
        return trial.check()


def full(bench: Bench) -> str:
    """Gives the target's folder so much room and no more."""
    room = len(OLD) + bench.rng.randrange(1, int(1.1 * len(bench.whole)))
    with Trial(bench, room=room) as trial:
        trial.start()
        trial.ended(PATIENCE + 2 * bench.seconds[False])
        state = trial.check()
        if state == "old" and "vsrrg: " not in trial.told():
            raise Lost(f"the job failed, but says nothing: {trial.told()!r}")
        return state


def resume(bench: Bench) -> str:
    """Kills a job with --resume again and again; what it had finished must be there the next time."""
    with Trial(bench, resume=True) as trial:
        for _ in range(3):
            trial.start()
            time.sleep(bench.moment(resume=True))
            before = len(_pieces(trial))
            trial.send(signal.SIGKILL)
            trial.ended()
            if trial.check() == "new":
                return "new"
            if len(_pieces(trial)) < before:
                raise Lost("a finished piece is gone")
        trial.start()
        if trial.ended(PATIENCE + 2 * bench.seconds[True]) != 0:
            raise Lost(f"the job does not go on: {trial.told()}")
        if trial.check() != "new" or any(trial.out.glob(".vsrrg-*")):
            raise Lost("the job has ended, but not cleaned up")
        return "resumed"


def _pieces(trial: Trial) -> list[Path]:
    return [path for path in trial.out.glob(".vsrrg-*/*.json") if path.stem.isdigit()]


def pipe(bench: Bench) -> str:
    """Closes one end of `vsrrg pipe`."""
    mark = f"{bench.folder.name}-{bench.rng.random()}"
    stream = ffmpeg("-i", bench.source, "-map", "0:v", "-c:v", "rawvideo", "-f", "nut", "-")
    job = subprocess.Popen(
        [sys.executable, "-m", "vsrrg", "pipe", "--model", "fast", "--device", "cpu"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {MARK: mark},
    )
    assert job.stdin and job.stdout and job.stderr
    whole = bench.rng.random() < 0.5
    size = bench.rng.randrange(len(stream))
    with job.stderr:
        if whole:  # The reader goes.
            feeder = subprocess.Popen(["cat", bench.folder / "stream.nut"], stdout=job.stdin)
            job.stdin.close()
            job.stdout.read(size)
            job.stdout.close()
        else:  # The writer goes, perhaps within a frame.
            feeder = subprocess.Popen(
                ["head", "-c", str(size), bench.folder / "stream.nut"], stdout=job.stdin
            )
            job.stdin.close()
            job.stdout.read()
        began = time.monotonic()
        job.wait(PATIENCE)
        feeder.wait(PATIENCE)
        told = job.stderr.read().decode()
    if time.monotonic() - began > PATIENCE:
        raise Lost("vsrrg pipe goes on")
    if "Traceback" in told:
        raise Lost(told)
    return "reader" if whole else "writer"


WAYS: dict[str, Callable[[Bench], str]] = {
    "kill": by_signal(signal.SIGKILL),
    "interrupt": by_signal(signal.SIGINT),
    "terminate": by_signal(signal.SIGTERM),
    "hangup": by_signal(signal.SIGHUP),
    "child": child,
    "full": full,
    "resume": resume,
    "pipe": pipe,
}


def trials(ways: Sequence[str], moments: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """The way and what was there in the end, of every trial; raises Lost."""
    import torch  # noqa: F401

    import vsrrg.cli.main
    import vsrrg.engine.derainer
    import vsrrg.ffmpeg.transcode
    import vsrrg.pieces.sequence  # noqa: F401

    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), random.Random(seed))
        stream = ffmpeg("-i", bench.source, "-map", "0:v", "-c:v", "rawvideo", "-f", "nut", "-")
        (bench.folder / "stream.nut").write_bytes(stream)
        for _ in range(moments):
            for way in ways:
                yield way, WAYS[way](bench)


@click.command(help=__doc__)
@click.option("--moments", type=click.IntRange(1), default=50, show_default=True)
@click.option("--way", "ways", type=click.Choice(list(WAYS)), multiple=True, help="By default all.")
@click.option("--seed", type=int, default=0, show_default=True)
def main(moments: int, ways: tuple[str, ...], seed: int) -> None:
    found: dict[str, Counter[str]] = {}
    for way, state in trials(ways or list(WAYS), moments, seed):
        found.setdefault(way, Counter())[state] += 1
    for way, states in found.items():
        print(f"{way:10} " + ", ".join(f"{state} {count}" for state, count in sorted(states.items())))


if __name__ == "__main__":
    main()

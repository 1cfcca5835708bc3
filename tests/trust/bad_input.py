"""Derains thousands of damaged files: `python -m tests.trust.bad_input --whole`, from the repository's root.

Damaged file n is the same wherever it is made with the same ffmpeg. `--from` and `--to` take a part, whose
verdicts go as lines of JSON to `--log`; files that went wrong are kept in the folder `--keep`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

from tests.engine.engine_support import blend, open_session
from tests.trust.judge import Verdict, Wrong, judge, most_memory
from tests.trust.mutations import mutate
from tests.trust.seeds import make_odd, make_seeds
from vsrrg.engine import Derainer, Options
from vsrrg.hooks.resolve import create_derainer

WHOLE = 2000
REAL = 20
"""Every so manieth file goes through the network `fast`, the others through a tiny one."""
TARGETS = ((".mkv", "ffv1"), (".nut", "ffv1"), (".mp4", "libx264"), (".mkv", "libx264"), (".ts", "libx264"))


WRONG = "WRONG"
"""In place of an error's code."""


@dataclass(frozen=True)
class Line:
    """A file and its verdict."""

    what: str
    verdict: Verdict


@cache
def tiny() -> Derainer:
    """An engine whose network costs next to nothing, and looks at neighbours as others do."""
    return Derainer(open_session(blend()))


@cache
def real() -> Derainer:
    """The engine of the smallest model that comes with vsrrg."""
    return create_derainer(Options(model="fast", device="cpu"))


def damaged(number: int, seeds: list[Path], folder: Path) -> tuple[str, Path]:
    """What file `number` is, and the file."""
    seed = seeds[number % len(seeds)]
    done, data = mutate(seed.read_bytes(), number)
    path = folder / f"{number}-{seed.name}"
    path.write_bytes(data)
    return f"{seed.name} {done}", path


def judge_number(number: int, seeds: list[Path], folder: Path) -> tuple[str, Verdict]:
    """Make file `number` and derain it; raises Wrong, and leaves the file."""
    what, path = damaged(number, seeds, folder)
    suffix, encoder = TARGETS[number // len(seeds) % len(TARGETS)]
    verdict = judge(path, folder / "work", real() if number % REAL == 0 else tiny(), suffix, encoder)
    path.unlink()
    return what, verdict


def judge_odd(what: str, path: Path, folder: Path) -> tuple[str, Verdict]:
    """Derain one of the odd files; raises Wrong."""
    return what, judge(path, folder / "work", tiny())


def tell(what: str, case: Callable[[], tuple[str, Verdict]], log: Path | None) -> Line:
    """Judge one; what goes wrong is told, and does not end the run."""
    try:
        what, verdict = case()
    except Wrong as error:
        verdict = Verdict(WRONG, str(error))
        print(f"{what}: {error}", file=sys.stderr, flush=True)
    line = Line(what, verdict)
    if log is not None:
        with log.open("a") as file:
            print(json.dumps(asdict(line)), file=file)
    return line


def summary(lines: Sequence[Line]) -> str:
    """Figures of many verdicts, for people."""
    codes = Counter(line.verdict.code for line in lines)
    errors = len(lines) - codes[""] - codes[WRONG]
    slowest = max(lines, key=lambda line: line.verdict.seconds)
    words = [
        f"{len(lines)} files: {codes['']} whole outputs, {errors} clear errors, {codes[WRONG]} wrong",
        f"frames written: {sum(line.verdict.frames for line in lines)}",
        f"slowest: {slowest.verdict.seconds:.1f} s ({slowest.what})",
        f"largest process started: {most_memory() / 2**20:.0f} MiB",
    ]
    return "\n".join([*words, *(f"  {code or 'whole':24}{count}" for code, count in codes.most_common())])


def main() -> int:
    """Runs the command; 1 where something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help=f"all of {WHOLE}, and those odd by nature")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=100)
    parser.add_argument("--odd", action="store_true", help="the odd ones, too")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--keep", type=Path)
    words = parser.parse_args()
    first, last = (0, WHOLE) if words.whole else (words.first, words.last)
    with tempfile.TemporaryDirectory(prefix="vsrrg-") as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        seeds = make_seeds(folder / "seeds")
        cases: list[tuple[str, Callable[[], tuple[str, Verdict]]]] = []
        if words.whole or words.odd:
            (folder / "odd").mkdir()
            for what, path in make_odd(folder / "odd").items():
                cases.append((what, partial(judge_odd, what, path, folder)))
        for number in range(first, last):
            cases.append((f"file {number}", partial(judge_number, number, seeds, folder)))
        lines = [tell(what, case, words.log) for what, case in cases]
        if words.keep is not None:
            words.keep.mkdir(parents=True, exist_ok=True)
            for path in folder.glob("*-*"):
                (words.keep / path.name).write_bytes(path.read_bytes())
    print(summary(lines))
    return any(line.verdict.code == WRONG for line in lines)


if __name__ == "__main__":
    sys.exit(main())

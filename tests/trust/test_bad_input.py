"""Damaged and odd files give all frames that ffmpeg decodes from them, or one clear error.

This is a slice; `python -m tests.trust.bad_input --whole` derains all two thousand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ffmpeg.media import Flip
from tests.trust.bad_input import WHOLE, damaged, judge_number, tiny
from tests.trust.judge import Wrong, judge
from tests.trust.mutations import MUTATIONS, mutate
from tests.trust.seeds import SEEDS, make_odd, make_seeds
from vsrrg.engine import Derainer

SLICE = 24
"""Files of the whole, spread over all kinds and targets."""


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_seeds(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_odd(tmp_path_factory.mktemp("odd"))


FOUND = (290, 765)
"""Numbers that vsrrg has not done right by once."""


@pytest.mark.parametrize("number", [*range(0, WHOLE, WHOLE // SLICE + 1), *FOUND])
def test_damaged_files(number: int, seeds: list[Path], tmp_path: Path) -> None:
    judge_number(number, seeds, tmp_path)
    assert list(tmp_path.iterdir()) == []


EXPECTED = {
    "empty": "unreadable-source",
    "one byte": "unreadable-source",
    "text": "unreadable-source",
    "raw samples": "unreadable-source",
    "alpha": "alpha-channel",
    "palette": "alpha-channel",
    "interlaced": "interlaced-source",
    "sound only": "no-video",
}
"""Codes of the odd files that are refused; the others give all their frames."""


def test_odd_files(odd: dict[str, Path], tmp_path: Path) -> None:
    codes = {what: judge(path, tmp_path / "work", tiny()).code for what, path in odd.items()}
    assert {what: code for what, code in codes.items() if code} == EXPECTED


def test_the_shell_tells_one_sentence(seeds: list[Path], odd: dict[str, Path], tmp_path: Path) -> None:
    """Through the real program: what is refused is one line and exit code 1, what is not is there."""
    kinds = ["empty", "text", "alpha", "interlaced", "middle lost"]
    environment = {**os.environ, "VSRRG_PLUGINS": "off", "PYTHONPATH": os.pathsep.join(sys.path)}
    files = [odd[kind] for kind in kinds]
    command = [sys.executable, "-m", "vsrrg", "derain", "--json", "--model", "fast", *map(str, files)]
    done = subprocess.run(
        [*command, str(tmp_path)], env=environment, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 1
    events = [json.loads(line) for line in done.stdout.splitlines()]
    failed = {Path(event["input"]).name: event["code"] for event in events if event["event"] == "failed"}
    assert failed == {files[n].name: EXPECTED[kinds[n]] for n in range(4)}
    assert [path.name for path in tmp_path.iterdir()] == ["middle.ts"]
    assert "Traceback" not in done.stderr


def test_the_judge_sees_what_is_wrong(seeds: list[Path], tmp_path: Path) -> None:
    class Lossy(Derainer):
        def __init__(self) -> None:
            """Opens nothing."""

        def stream(self, frames):  # type: ignore[no-untyped-def, override]
            yield from list(frames)[:-1]

    class Failing(Lossy):
        def stream(self, frames):  # type: ignore[no-untyped-def, override]
            raise KeyError("not one of ours")

    source = next(path for path in seeds if path.name == "ffv1.mkv")
    with pytest.raises(Wrong, match="ffmpeg decodes 12 frames, 11 were derained"):
        judge(source, tmp_path / "work", Lossy())
    with pytest.raises(Wrong, match="unexpected KeyError"):
        judge(source, tmp_path / "work", Failing())
    assert judge(source, tmp_path / "work", Flip()).frames == 12  # type: ignore[arg-type]


def test_a_number_names_the_same_file(seeds: list[Path], tmp_path: Path) -> None:
    data = seeds[0].read_bytes()
    assert mutate(data, 7) == mutate(data, 7) != mutate(data, 8)
    done = {mutate(data, number)[0].split("+")[0] for number in range(200)}
    assert done == {mutation.__name__ for mutation in MUTATIONS}
    assert {damaged(n, seeds, tmp_path)[0].split()[0] for n in range(len(SEEDS))} == set(SEEDS)

"""vsrrg pipe between other programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(60)

RUN = """
import os
from dataclasses import replace
from vsrrg.hooks import resolve
class Flip:
    def stream(self, frames):
        for frame in frames:
            exec(os.environ.get("NOISE", ""))
            yield replace(frame, planes=tuple(plane ^ 1 for plane in frame.planes))
resolve.create_derainer = lambda options: Flip()
from vsrrg.cli.main import main
main()
"""
ENVIRONMENT = {**os.environ, "VSRRG_PLUGINS": "off", "PYTHONPATH": os.pathsep.join(sys.path)}
HEADER = b"YUV4MPEG2 W4 H2 F24000:1001 Ip A10:11 Cmono XCOLORRANGE=FULL\n"
FRAMES = [b"FRAME\n" + bytes(range(n, n + 8)) for n in range(6)]


def pipe(data: bytes, *words: str, noise: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", RUN, "pipe", *words]
    environment = {**ENVIRONMENT, "NOISE": noise}
    return subprocess.run(command, input=data, capture_output=True, env=environment)


def flipped(data: bytes) -> bytes:
    return bytes(byte ^ 1 for byte in data)


def test_y4m_is_recognized_and_nothing_else_is_on_stdout() -> None:
    done = pipe(HEADER + b"".join(FRAMES))
    assert done.returncode == 0
    assert done.stdout == HEADER + b"".join(b"FRAME\n" + flipped(frame[6:]) for frame in FRAMES)
    assert done.stderr == b""


def test_what_is_printed_meanwhile_goes_to_stderr() -> None:
    done = pipe(HEADER + b"".join(FRAMES), noise="print('snow', end=''); os.write(1, b'ice')")
    assert done.returncode == 0
    assert done.stdout == HEADER + b"".join(b"FRAME\n" + flipped(frame[6:]) for frame in FRAMES)
    assert (done.stderr.count(b"snow"), done.stderr.count(b"ice")) == (6, 6)


def test_the_original_beside_it() -> None:
    done = pipe(HEADER + FRAMES[0], "--layout", "side-by-side")
    rows = [FRAMES[0][6 + n : 10 + n] for n in (0, 4)]
    both = b"".join(row + flipped(row) for row in rows)
    assert (done.returncode, done.stdout) == (0, HEADER.replace(b"W4", b"W8") + b"FRAME\n" + both)


def test_raw() -> None:
    done = pipe(bytes(range(32)), "--format", "raw", "--size", "4x4", "--pix-fmt", "gray")
    assert (done.returncode, done.stdout) == (0, flipped(bytes(range(32))))


def test_truncated_stream() -> None:
    done = pipe(HEADER + b"".join(FRAMES)[:-3])
    assert done.returncode == 1
    assert done.stdout == HEADER + b"".join(b"FRAME\n" + flipped(frame[6:]) for frame in FRAMES[:5])
    assert done.stderr == b"vsrrg: the stream ends within frame 5, after 5 of 8 bytes [truncated-stream]\n"


@pytest.mark.parametrize(
    ("data", "words", "code", "message"),
    [
        (b"", [], 1, b"vsrrg: the stream is empty"),
        (b"what?", [], 1, b"vsrrg: the stream is neither NUT nor y4m"),
        (b"", ["--format", "raw"], 1, b"vsrrg: raw video needs --size"),
        (b"", ["--size", "0x4"], 2, b"'0x4' is no size; write WIDTHxHEIGHT"),
        (b"", ["--matrix", "bt2000"], 2, b"bt2020nc"),
    ],
)
def test_mistakes(data: bytes, words: list[str], code: int, message: bytes) -> None:
    done = pipe(data, *words)
    assert (done.returncode, done.stdout) == (code, b"")
    assert message in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "long.y4m").write_bytes(HEADER + b"".join(FRAMES) * 20000)
    with (tmp_path / "long.y4m").open("rb") as data:
        job = subprocess.Popen(
            [sys.executable, "-c", RUN, "pipe"],
            stdin=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        assert job.stdout is not None and job.stderr is not None
        assert job.stdout.read(10) == HEADER[:10]
        job.stdout.close()
        assert job.stderr.read() == b""
        assert job.wait(timeout=20) in (0, 1)


def test_a_terminal_is_refused() -> None:
    import pty

    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", RUN, "pipe"], stdin=theirs, capture_output=True, env=ENVIRONMENT, timeout=20
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert b"connect stdin and stdout to other programs" in done.stderr

"""Files that players turn, as phones write: the engine sees what is shown, files keep what they store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ffmpeg.media import clip, ffmpeg, first_frame
from tests.pieces.pieces_support import do_all, make_job, source_of
from vsrrg.engine.layout import Layout
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
from vsrrg.frames.pyav import PYAV
from vsrrg.hooks import resolve
from vsrrg.pieces.tasks import Derain
from vsrrg.video import Frame


class Sky:
    """Stands in for a Derainer, and blackens the upper half of its pictures."""

    def stream(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            planes = tuple(plane.copy() for plane in frame.planes)
            for plane in planes:
                plane[: plane.shape[0] // 2] = 0
            yield replace(frame, planes=planes)


@pytest.fixture
def sky(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "create_derainer", lambda options: Sky())


def as_by_phone(path: Path, degrees: int, pix_fmt: str = "yuv420p", frames: int = 4) -> Path:
    """A file whose pictures players turn to the left by so much."""
    lying = path.with_name(f"lying-{path.name}")
    clip(lying, "-c:v", "ffv1", "-g", "1", "-pix_fmt", pix_fmt, frames=frames)
    ffmpeg("-display_rotation", str(degrees), "-i", lying, "-c", "copy", path)
    return path


def planes(frame: av.VideoFrame) -> list[np.ndarray]:
    """Of a planar 8-bit frame, as stored."""
    return [np.frombuffer(p, np.uint8).reshape(p.height, -1)[:, : p.width] for p in frame.planes]


def stored(path: Path) -> list[tuple[int, list[np.ndarray]]]:
    """Quarter turns and planes of each frame."""
    with av.open(str(path)) as container:
        return [(round(frame.rotation / 90) % 4, planes(frame)) for frame in container.decode(video=0)]


def half_black(before: np.ndarray, turns: int) -> np.ndarray:
    """What Sky makes of a plane that is shown after so many turns."""
    shown = np.rot90(before, turns).copy()
    shown[: shown.shape[0] // 2] = 0
    return np.rot90(shown, -turns)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_rain_falls_down(tmp_path: Path, sky: None, degrees: int, pix_fmt: str) -> None:
    source = as_by_phone(tmp_path / "phone.mkv", degrees, pix_fmt)
    derain_file(source, out := tmp_path / "out.mkv", None, EncodeOptions(encoder="ffv1"))
    pairs = list(zip(stored(source), stored(out), strict=True))
    assert len(pairs) == 4
    for (turns, before), (kept, after) in pairs:
        assert kept == turns == degrees // 90 % 4
        for old, new in zip(before, after, strict=True):
            assert np.array_equal(new, half_black(old, turns)) and not np.array_equal(new, old)


def test_formats_that_cannot_be_turned_are_derained_as_they_lie(tmp_path: Path, sky: None) -> None:
    source = as_by_phone(tmp_path / "phone.mkv", 90, "yuv411p")
    derain_file(source, out := tmp_path / "out.mkv", None, EncodeOptions(encoder="ffv1"))
    for (_, before), (_, after) in zip(stored(source), stored(out), strict=True):
        assert all(np.array_equal(new, half_black(old, 0)) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize(("layout", "size"), [("side-by-side", (64, 96)), ("split", (64, 48))])
def test_halves_lie_side_by_side_as_they_are_shown(
    tmp_path: Path, sky: None, layout: Layout, size: tuple[int, int]
) -> None:
    source = as_by_phone(tmp_path / "phone.mkv", 90)
    derain_file(source, out := tmp_path / "out.mkv", None, EncodeOptions(encoder="ffv1", layout=layout))
    for (turns, before), (kept, after) in zip(stored(source), stored(out), strict=True):
        assert kept == turns == 1 and after[0].shape == size[::-1]
        shown, old = np.rot90(after[0], turns), np.rot90(before[0], turns)
        new = np.rot90(half_black(before[0], turns), turns)
        middle = shown.shape[1] // 2
        width = middle if layout == "side-by-side" else middle - 2
        assert np.array_equal(shown[:, :width], old[:, :width])
        assert np.array_equal(shown[:, -width:], new[:, -width:])


def test_pieces_are_the_same(tmp_path: Path, sky: None) -> None:
    source = as_by_phone(tmp_path / "phone.mkv", -90, frames=120)
    job = make_job()
    derain_file(source, once := tmp_path / "once.mkv", job.options, job.encode)
    pieces = source_of(source, tmp_path / "out", ".mkv")
    record = do_all(job, [pieces])
    assert len(record.of_kind(Derain)) >= 2
    for (_, one), (_, other) in zip(stored(once), stored(pieces.target), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_frames_of_pyav(tmp_path: Path, degrees: int) -> None:
    lying = first_frame(as_by_phone(tmp_path / "phone.mkv", degrees, "yuv422p"))
    (read,) = PYAV.read(lying, None)
    for plane, old in zip(read.planes, planes(lying), strict=True):
        assert np.array_equal(plane, np.rot90(old, degrees // 90))
    back = PYAV.write(lying, [read])
    assert back.format.name == "yuv422p"
    assert all(np.array_equal(a, b) for a, b in zip(planes(back), planes(lying), strict=True))

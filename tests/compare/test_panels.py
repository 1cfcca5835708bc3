"""Where pictures lie in the page's video."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from subprocess import run

import av
import numpy as np
import pytest
from compare_support import write

from vsrrg.compare.clips import Clip, open_clip, read
from vsrrg.compare.heat import FULL, RAMP, heat
from vsrrg.compare.moments import Moment
from vsrrg.compare.panels import MARGIN, Layout, layout, picture, stacked
from vsrrg.ffmpeg.binary import find_ffmpeg

CLIP = Clip(
    path=Path("a.mkv"),
    stream=0,
    width=64,
    height=48,
    aspect=Fraction(1),
    rotation=0,
    rate=Fraction(25),
    begin=Fraction(0),
    seconds=None,
    hdr=False,
)


@pytest.mark.parametrize(
    ("known", "height", "size"),
    [
        ({"width": 1920, "height": 1080}, 720, (1280, 720)),
        ({"width": 641, "height": 361}, 720, (640, 360)),  # even, and not enlarged
        ({"width": 720, "height": 576, "aspect": Fraction(16, 15)}, 720, (768, 576)),
        ({"width": 720, "height": 480, "aspect": Fraction(8, 9)}, 720, (720, 540)),
        ({"width": 1920, "height": 1080, "rotation": 1}, 720, (404, 720)),
    ],
)
def test_sizes(known: dict[str, int], height: int, size: tuple[int, int]) -> None:
    found = layout(replace(CLIP, **known), height)
    assert (found.width, found.height) == size
    assert all(
        cell % 16 == 0 and cell >= length + 2 * MARGIN for cell, length in zip(found.cell, size, strict=True)
    )


def frame(red: int, green: int, blue: int) -> av.VideoFrame:
    image = np.empty((48, 64, 3), np.uint8)
    image[:] = red, green, blue
    image[:8, :8] = 255  # which corner is which
    return av.VideoFrame.from_ndarray(image, format="rgb24")


def rgb(planes: tuple[np.ndarray, ...]) -> np.ndarray:
    rows = np.concatenate([plane.reshape(-1, planes[0].shape[1]) for plane in planes])
    made = av.VideoFrame.from_ndarray(rows, format="yuv420p")
    return made.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray().astype(int)


def test_four_panels_with_margins() -> None:
    moment = Moment(Fraction(0), frame(200, 40, 40), frame(40, 200, 40), frame(40, 40, 200))
    to = Layout(64, 48)
    planes, lumas = stacked(moment, CLIP, to)
    picture = rgb(planes)
    width, height = to.cell
    assert picture.shape == (2 * height, 2 * width, 3)
    for (row, column), colour in {
        (0, 0): (200, 40, 40),
        (0, 1): (40, 200, 40),
        (1, 1): (40, 40, 200),
    }.items():
        panel = picture[row * height : (row + 1) * height, column * width : (column + 1) * width]
        inside = panel[MARGIN : MARGIN + 48, MARGIN : MARGIN + 64]
        assert np.abs(inside[20:, 20:] - colour).max() <= 3
        assert inside[:6, :6].min() > 250  # the corner is where it was
        assert panel[:MARGIN, :MARGIN].min() > 250  # edges go on
        assert np.abs(panel[-2:, -2:] - colour).max() <= 3
    change = np.abs(lumas["rainy"].astype(int) - lumas["derained"])
    hot = lumas["heat"]
    assert hot[change == 0].max() == 16 and hot[change > FULL].min() == hot.max()


def test_pictures_are_set_upright() -> None:
    """A quarter turn to the left brings the first corner down to the left."""
    moment = Moment(Fraction(0), frame(90, 90, 90), frame(90, 90, 90))
    turned = replace(CLIP, rotation=1)
    to = layout(turned, 720)
    assert (to.width, to.height) == (48, 64)
    _, lumas = stacked(moment, turned, to)
    assert lumas["rainy"][-6:, :6].min() > 230 and lumas["rainy"][:6].max() < 110


def test_colours_of_heat() -> None:
    after = np.full((4, 130), 50, np.uint8)
    before = after + np.repeat(np.arange(65, dtype=np.uint8), 2)
    planes = heat(before, after)
    colours = rgb(planes)[0]
    assert np.abs(colours[0] - RAMP[0]).max() <= 2 and np.abs(colours[-1] - RAMP[-1]).max() <= 2
    light = planes[0][0].astype(int)
    assert (np.diff(light) >= 0).all()  # more is always lighter
    for one, other in zip(planes, heat(after, before), strict=True):
        assert np.array_equal(one, other)  # and less light counts as more does


def test_rotation_is_that_of_players(tmp_path: Path) -> None:
    """ffmpeg sets the same picture upright in the same way."""
    image = np.full((48, 64, 3), 90, np.uint8)
    image[:8, :8] = 250
    plain = write(tmp_path / "plain.mp4", [image], codec="libx264", pix_fmt="yuv420p", crf="5")
    for degrees in ("90", "180", "270"):
        turned = tmp_path / f"{degrees}.mp4"
        ffmpeg = [find_ffmpeg(), "-v", "error", "-y"]
        run([*ffmpeg, "-display_rotation", degrees, "-i", plain, "-c", "copy", turned], check=True)
        words = ["-i", turned, "-f", "rawvideo", "-pix_fmt", "gray", "-"]
        upright = run([*ffmpeg, *words], check=True, capture_output=True).stdout
        clip = open_clip(turned)
        to = layout(clip, 720)
        seen = picture(next(read(clip)).frame, clip, to)[0]
        expected = np.frombuffer(upright, np.uint8).reshape(to.height, to.width)
        bright = [np.argwhere(one > 180).mean(0) for one in (seen, expected)]
        assert np.abs(bright[0] - bright[1]).max() < 1, degrees

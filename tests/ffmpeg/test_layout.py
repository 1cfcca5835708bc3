"""Files that show the original beside what was made of it: samples, times, and all else as without."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ffmpeg.media import HDR10, LOSSLESS, clip, first_frame, raw, times
from vsrrg.errors import OptionError
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

pytestmark = pytest.mark.usefixtures("flip")

FORMATS = ("yuv420p", "yuv422p10le", "yuv440p", "gray", "gbrp10le", "yuv420p12le")


@pytest.mark.parametrize("pix_fmt", FORMATS)
@pytest.mark.parametrize("layout", ["side-by-side", "split"])
def test_odd_sizes_and_formats(tmp_path: Path, pix_fmt: str, layout: str) -> None:
    words = ("-c:v", "ffv1", "-pix_fmt", pix_fmt, "-enc_time_base", "1/90000", "-fps_mode", "passthrough")
    odd = "scale=157:93,setsar=13/7,settb=1/90000,setpts='(N+0.3*mod(N,3))/24/TB'"
    source = clip(tmp_path / "in.mkv", *words, frames=4, filters=f"format={pix_fmt},{odd}")
    target = tmp_path / "out.mkv"
    derain_file(source, target, None, EncodeOptions(ffmpeg_args=LOSSLESS, layout=layout))  # type: ignore[arg-type]
    assert times(target) == times(source)
    with av.open(str(source)) as before, av.open(str(target)) as after:
        assert after.streams.video[0].sample_aspect_ratio == Fraction(13, 7)
        for old, new in zip(before.decode(video=0), after.decode(video=0), strict=True):
            assert new.format.name == pix_fmt and new.height == 93
            for plane, (left, right) in enumerate(zip(old.planes, new.planes, strict=True)):
                a, b = samples(left, old), samples(right, new)
                width = a.shape[1]
                if layout == "side-by-side":
                    half = b.shape[1] // 2
                    assert np.array_equal(b[:, :width], a)
                    assert np.array_equal(b[:, half : half + width], a ^ 1)
                else:
                    assert b.shape == a.shape and plane < 3
                    assert np.array_equal(b[:, : width // 2 - 4], a[:, : width // 2 - 4])
                    assert np.array_equal(b[:, width // 2 + 4 :], a[:, width // 2 + 4 :] ^ 1)


def samples(plane: av.video.plane.VideoPlane, frame: av.VideoFrame) -> np.ndarray:
    wide = np.uint16 if frame.format.name.endswith("le") else np.uint8
    rows = np.frombuffer(plane, wide).reshape(plane.height, -1)
    return rows[:, : plane.width]


def test_hdr_and_sound_stay(tmp_path: Path) -> None:
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    source = clip(
        tmp_path / "in.mkv", "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params",
        f"log-level=error:{HDR10}", frames=6, filters=tags, sound=True,
    )  # fmt: skip
    target = tmp_path / "out.mp4"
    derain_file(source, target, None, EncodeOptions(layout="side-by-side", quality="draft"))
    frame = first_frame(target)
    assert (frame.width, frame.height, frame.format.name) == (128, 48, "yuv420p10le")
    assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (9, 16, 9, 1)
    kinds = {kind.name for kind in frame.side_data}
    assert {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} <= kinds
    with av.open(str(target)) as container:
        assert len(container.streams.audio) == 1
    assert len(times(target)) == 6


def test_other_layouts_are_refused(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", frames=2)
    with pytest.raises(OptionError, match="layout 'diagonal' does not exist; choose side-by-side, split"):
        derain_file(source, tmp_path / "x.mkv", None, EncodeOptions(layout="diagonal"))  # type: ignore[arg-type]
    assert raw(source).size and not (tmp_path / "x.mkv").exists()

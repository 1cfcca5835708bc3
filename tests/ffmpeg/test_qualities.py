"""How good the output shall be: each step is better and larger than the one before, and the last exact."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ffmpeg.media import clip, raw
from vsrrg.errors import OptionError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.encoders import PRESETS, QUALITIES, choose_encoder, quality_options
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

pytestmark = pytest.mark.usefixtures("flip")

NOISE = "noise=alls=20:allf=t"


@pytest.mark.parametrize(
    ("encoder", "suffix", "pix_fmt"),
    [
        ("libx264", ".mp4", "yuv420p"),
        ("libx265", ".mkv", "yuv420p10le"),
        ("libvpx-vp9", ".webm", "yuv420p"),
        ("libsvtav1", ".mkv", "yuv420p"),
    ],
)
def test_each_quality_is_better_than_the_one_before(
    tmp_path: Path, encoder: str, suffix: str, pix_fmt: str
) -> None:
    source = clip(tmp_path / "in.nut", "-c:v", "ffv1", "-pix_fmt", pix_fmt, frames=4, filters=NOISE)
    flipped = raw(source).astype(int) ^ 1
    errors, sizes = [], []
    for quality in PRESETS[encoder]:
        target = tmp_path / f"{quality}{suffix}"
        derain_file(source, target, None, EncodeOptions(encoder=encoder, quality=quality))
        errors.append(float(np.abs(raw(target) - flipped).mean()))
        sizes.append(target.stat().st_size)
    assert errors == sorted(errors, reverse=True) and len(set(errors)) == len(errors)
    assert sizes == sorted(sizes) and sizes[-1] > 1.5 * sizes[0]
    if "lossless" in PRESETS[encoder]:
        assert errors[-1] == 0


@pytest.mark.parametrize(
    ("target", "pix_fmt", "codec", "quality", "encoder"),
    [
        ("x.mp4", "yuv420p", "hevc", "good", "libx265"),
        ("x.mp4", "yuv420p", "hevc", None, "libx265"),
        ("x.webm", "yuv420p10le", "libdav1d", None, "libsvtav1"),
        ("x.mp4", "yuv420p", "mpeg2video", None, "libx264"),
        ("x.mov", "yuv422p10le", "prores", None, "prores_ks"),
        ("x.mp4", "yuv422p10le", "prores", None, "libx265"),
        ("x.mkv", "yuv422p10le", "prores", "good", "libx265"),
        ("x.mov", "yuv444p12le", "prores", None, "libx265"),
        ("x.mov", "yuv422p", "dnxhd", None, "dnxhd"),
        ("x.mkv", "yuv420p", "libdav1d", "good", "libsvtav1"),
        ("x.mkv", "yuv444p", "libdav1d", "good", "libx264"),
        ("x.mp4", "yuv420p", "vp9", "draft", "libvpx-vp9"),
        ("x.webm", "yuv420p", "h264", "good", "libvpx-vp9"),
        ("x.mov", "yuv420p", "vp9", "good", "libx264"),
        ("x.mkv", "yuv420p10le", "h264", "good", "libx265"),
        ("x.mkv", "yuv420p", "ffv1", "good", "libx264"),
        ("x.mkv", "yuv420p", "ffv1", None, "ffv1"),
        ("x.mkv", "yuv422p10le", "h264", "lossless", "ffv1"),
        ("x.mp4", "yuv420p", "h264", "lossless", "libx264"),
        ("x.mp4", "yuv420p10le", "hevc", "lossless", "libx265"),
        ("x.webm", "yuv420p", "av1", "lossless", "libvpx-vp9"),
    ],
)
def test_the_codec_is_the_sources_where_the_container_allows(
    target: str, pix_fmt: str, codec: str, quality: str | None, encoder: str
) -> None:
    assert choose_encoder(Path(target), pix_fmt, codec, find_ffmpeg(), quality) == encoder  # type: ignore[arg-type]


def test_what_is_chosen_wins() -> None:
    target = Path("x.mkv")
    options = quality_options("libx264", target, {"crf": 30}, (), "lossless")
    assert options == {"crf": 30, "preset": "medium"}
    options = quality_options("libx265", target, {"preset": "slow"}, ("crf",), "lossless")
    assert options == {"x265-params": "log-level=error", "a53cc": 1, "preset": "slow"}
    options = quality_options("libvpx-vp9", target, {"qp": 3}, (), "good")
    assert options["qp"] == 3 and not options.keys() & {"crf", "b:v"}


def test_encoders_without_such_a_quality_are_refused(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", frames=2)
    for encoder, quality in (("libsvtav1", "lossless"), ("mpeg4", "good")):
        with pytest.raises(OptionError, match=f"no {quality} options for '{encoder}'; give its own with"):
            derain_file(
                source,
                tmp_path / "x.mkv",
                None,
                EncodeOptions(encoder=encoder, quality=quality),  # type: ignore[arg-type]
            )
    with pytest.raises(OptionError, match="quality 'best' does not exist; choose draft, good"):
        derain_file(source, tmp_path / "x.mkv", None, EncodeOptions(encoder="ffv1", quality="best"))  # type: ignore[arg-type]


def test_the_page_has_the_table(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "derain.md").read_text()
    for encoder, presets in PRESETS.items():
        (cells,) = re.findall(rf"^\| `{encoder}` \| (.*) \|$", page, re.MULTILINE)
        for quality, cell in zip(QUALITIES, cells.split(" | "), strict=True):
            shown = {key: value for key, value in presets.get(quality, {}).items() if encoder != "ffv1"}
            for key, value in shown.items():
                if key not in ("b:v", "row-mt"):
                    assert f"{key} {value}" in cell


@pytest.mark.parametrize(
    ("codec", "options", "pix_fmt"),
    [
        ("prores_ks", (), "yuv422p10le"),
        ("dnxhd", ("-profile:v", "dnxhr_hq"), "yuv422p"),
        ("dnxhd", ("-profile:v", "dnxhr_444"), "yuv444p10le"),
    ],
)
def test_what_editors_work_on_stays_what_they_work_on(
    tmp_path: Path, codec: str, options: tuple[str, ...], pix_fmt: str
) -> None:
    words = ("-c:v", codec, *options, "-pix_fmt", pix_fmt)
    source = clip(tmp_path / "in.mov", *words, frames=2, filters="scale=256:128")
    derain_file(source, tmp_path / "x.mov")
    kept = []
    for path in (source, tmp_path / "x.mov"):
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            kept.append((context.codec.canonical_name, context.profile, context.pix_fmt))
    assert kept[0] == kept[1]


def test_the_codec_that_a_source_really_has(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "libsvtav1", frames=2)
    derain_file(source, tmp_path / "x.mp4", None, EncodeOptions(quality="draft"))
    with av.open(str(tmp_path / "x.mp4")) as container:
        assert "av1" in container.streams.video[0].codec_context.codec.canonical_name

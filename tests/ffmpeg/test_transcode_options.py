"""What the user may choose: encoders, filters before and after, names of any kind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ffmpeg.media import LOSSLESS, Flip, clip, ffmpeg, first_frame, near, raw, times
from vsrrg.engine import Options
from vsrrg.errors import FormatError, MediaError, OptionError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.encoders import choose_encoder
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
from vsrrg.ffmpeg.words import parse_ffmpeg_args

pytestmark = pytest.mark.usefixtures("flip")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return clip(tmp_path / "in.mkv", "-c:v", "libx264", "-colorspace", "bt709", "-color_range", "tv")


@pytest.mark.parametrize(
    ("filters", "frames", "size"),
    [
        ("scale=32:-2", 10, (32, 24)),
        ("crop=30:20:3:5", 10, (30, 20)),
        ("fps=30", None, (64, 48)),
        ("fps=15,format=yuv444p10le", None, (64, 48)),
        ("trim=start_frame=3:end_frame=8", 5, (64, 48)),
        ("split[a][b];[a]crop=20:48:0:0[c];[b]crop=12:48:0:0[d];[c][d]hstack", 10, (32, 48)),
    ],
)
def test_filters_before(
    tmp_path: Path, source: Path, filters: str, frames: int | None, size: tuple[int, int]
) -> None:
    target = tmp_path / "out.mkv"
    result = derain_file(source, target, None, EncodeOptions(filter_in=filters, ffmpeg_args=LOSSLESS))
    expected = tmp_path / "expected.mkv"
    ffmpeg("-i", source, "-filter_complex", filters, "-fps_mode", "passthrough", "-c:v", "ffv1", expected)
    assert frames in (None, result.frames)
    assert result.frames == len(times(expected))
    assert np.array_equal(raw(expected) ^ 1, raw(target))
    assert near(times(target), times(expected), Fraction(1, 1000))
    after = first_frame(target)
    assert (after.width, after.height) == size
    assert after.colorspace == 1


def test_interlaced_video_is_refused_unless_deinterlaced_first(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", "-flags", "+ildct", filters="interlace,setfield=tff")
    with pytest.raises(MediaError, match="interlaced; deinterlace it first with --filter-in bwdif"):
        derain_file(source, tmp_path / "out.mkv")
    derain_file(source, tmp_path / "out.mkv", None, EncodeOptions(filter_in="bwdif"))
    assert not first_frame(tmp_path / "out.mkv").interlaced_frame
    assert len(times(tmp_path / "out.mkv")) == 2 * len(times(source))


def test_filters_after(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mkv"
    derain_file(
        source,
        target,
        None,
        EncodeOptions(filter_out="negate,scale=128:96:flags=neighbor,fps=12", encoder="ffv1"),
    )
    after = first_frame(target)
    assert (after.width, after.height) == (128, 96)
    luma = after.to_ndarray()[:96:2, ::2]
    before = first_frame(source).to_ndarray()[:48]
    assert np.array_equal(luma, 255 - (before ^ 1))
    assert len(times(target)) == 5


@pytest.mark.parametrize(
    ("pix_fmt", "target", "encoder"),
    [
        ("yuv420p", "out.mp4", "h264"),
        ("yuv420p10le", "out.mp4", "hevc"),
        ("yuv444p", "out.mov", "h264"),
        ("yuv444p12le", "out.mkv", "hevc"),
        ("yuv422p16le", "out.mkv", "ffv1"),
        ("yuv410p", "out.avi", "ffv1"),
    ],
)
def test_default_encoder_keeps_the_pixel_format(
    tmp_path: Path, pix_fmt: str, target: str, encoder: str
) -> None:
    source = clip(tmp_path / "in.nut", "-c:v", "ffv1", "-pix_fmt", pix_fmt, frames=2)
    chosen = choose_encoder(tmp_path / target, pix_fmt, "h264", find_ffmpeg())
    derain_file(source, tmp_path / target, None, EncodeOptions(encoder=chosen))
    with av.open(str(tmp_path / target)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == (encoder, pix_fmt)


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "vp9"), (".mkv", "vp9"), (".mov", "ffv1")])
def test_half_a_chroma_sample_at_an_edge(tmp_path: Path, suffix: str, codec: str) -> None:
    """Encoders of H.264 and H.265 refuse such pictures."""
    source = clip(
        tmp_path / "in.webm",
        "-c:v",
        "libvpx-vp9",
        frames=2,
        filters="format=yuv444p,crop=61:45,format=yuv420p",
    )
    target = tmp_path / f"out{suffix}"
    derain_file(source, target)
    with av.open(str(target)) as container:
        context = container.streams.video[0].codec_context
        assert (context.codec.canonical_name, context.width, context.height) == (codec, 61, 45)
    with pytest.raises(MediaError, match=r"\.ts files takes pictures of an odd size in yuv420p; write \.mkv"):
        derain_file(source, tmp_path / "out.ts")


def test_no_default_encoder(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv444p16le", frames=2)
    with pytest.raises(MediaError, match=r"takes yuv444p16le; choose a pixel format with --pix-fmt"):
        derain_file(source, tmp_path / "out.mp4")
    derain_file(source, tmp_path / "out.mp4", None, EncodeOptions(pix_fmt="yuv420p"))
    assert first_frame(tmp_path / "out.mp4").format.name == "yuv420p"
    with pytest.raises(
        MediaError, match=r"no default encoder for \.xyz files; write .mkv or .mp4, or name an"
    ):
        derain_file(source, tmp_path / "out.xyz")


def test_quality_options_reach_the_encoder(tmp_path: Path, source: Path) -> None:
    derain_file(source, tmp_path / "qp.mkv", None, EncodeOptions(qp=0))
    assert np.array_equal(raw(tmp_path / "qp.mkv"), raw(source) ^ 1)
    sizes = []
    for name, encode in {
        "good": EncodeOptions(crf=10, preset="veryfast"),
        "poor": EncodeOptions(crf=45, preset="veryfast"),
        "last": EncodeOptions(crf=10, preset="veryfast", ffmpeg_args="-crf 45"),
    }.items():
        derain_file(source, tmp_path / f"{name}.mkv", None, encode)
        sizes.append((tmp_path / f"{name}.mkv").stat().st_size)
    assert sizes[0] > 1.5 * sizes[1] == 1.5 * sizes[2]


def test_ffmpeg_args() -> None:
    words, values = parse_ffmpeg_args(
        "-acodec aac -vcodec ffv1 -b:a 192k -shortest -ss -3 -metadata 'title=a b'"
    )
    assert words == ["-acodec", "aac", "-b:a", "192k", "-shortest", "-ss", "-3", "-metadata", "title=a b"]
    assert values == {
        "c:a": "aac",
        "c:v": "ffv1",
        "b:a": "192k",
        "shortest": None,
        "ss": "-3",
        "metadata": "title=a b",
    }
    with pytest.raises(OptionError, match="'aac' in --ffmpeg-args belongs to no option"):
        parse_ffmpeg_args("aac")
    with pytest.raises(OptionError, match="open quotation mark"):
        parse_ffmpeg_args("-metadata 'title")


def test_sound_can_be_encoded_anew(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "libx264", "-c:a", "pcm_s16le", sound=True)
    derain_file(source, tmp_path / "out.mkv", None, EncodeOptions(ffmpeg_args="-c:a flac -metadata x=y"))
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert container.streams.audio[0].codec_context.name == "flac"


@pytest.mark.parametrize(
    "name", ["-y.mkv", "a:b.mkv", "50%d%03d.mkv", 'it\'s "q" [v];,.mkv', "file:x.mkv", "ünïcode.mkv"]
)
def test_names_are_only_names(
    tmp_path: Path, source: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    source.rename(name)
    result = derain_file(name, Path("out") / name, None, EncodeOptions(ffmpeg_args=LOSSLESS))
    assert result.frames == 10
    derain_file(Path("out") / name, f"2{name}", None, EncodeOptions(ffmpeg_args=LOSSLESS))
    assert np.array_equal(raw(tmp_path / name), raw(tmp_path / f"2{name}"))


def test_a_picture_named_like_a_pattern(tmp_path: Path) -> None:
    clip(tmp_path / "x.png", "-update", "1", frames=1)
    source = (tmp_path / "x.png").rename(tmp_path / "img%03d.png")
    assert derain_file(source, tmp_path / "out.mkv").frames == 1


def test_formats_that_cannot_be_derained(tmp_path: Path) -> None:
    for pix_fmt, message in (("yuva420p", "alpha channel"), ("bgra", "alpha channel")):
        source = clip(tmp_path / f"{pix_fmt}.mkv", "-c:v", "ffv1", "-pix_fmt", pix_fmt, frames=1)
        with pytest.raises(FormatError, match=message):
            derain_file(source, tmp_path / "out.mkv")
        derain_file(source, tmp_path / f"{pix_fmt}-out.mkv", None, EncodeOptions(filter_in="format=yuv444p"))


def test_overwriting(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mkv"
    target.write_bytes(b"precious")
    with pytest.raises(MediaError, match="exists; overwrite it with --overwrite"):
        derain_file(source, target)
    assert target.read_bytes() == b"precious"
    derain_file(source, target, overwrite=True)
    assert len(times(target)) == 10
    (tmp_path / "link.mkv").symlink_to(source)
    for itself in (source, tmp_path / "link.mkv", tmp_path / ".." / tmp_path.name / "in.mkv"):
        with pytest.raises(MediaError, match="is the input itself"):
            derain_file(source, itself, overwrite=True)
    assert len(times(source)) == 10


def test_progress_counts_frames(tmp_path: Path, source: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    result = derain_file(
        source, tmp_path / "out.mp4", progress=lambda done, total: seen.append((done, total))
    )
    assert [done for done, _ in seen] == list(range(1, 11))
    assert seen[-1][1] in (10, 11)
    assert result.fps == pytest.approx(10 / result.seconds)


def test_the_real_engine_at_strength_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And at 1 with a model whose rain is known: whatever lies above the previous and the next frame."""
    monkeypatch.undo()
    torch = pytest.importorskip("torch")
    from vsrrg.hooks import resolve
    from vsrrg.hooks.manager import Offer
    from vsrrg.models.base import ModelDescriptor

    class Above(torch.nn.Module):  # type: ignore[misc,name-defined]
        def encode(self, packed):  # type: ignore[no-untyped-def]
            return packed.clone()

        def fuse(self, window):  # type: ignore[no-untyped-def]
            return window[1] - torch.stack(list(window)).amin(0)

    descriptor = ModelDescriptor(name="above", description="", radius=1, multiple=1, halo=0, load=Above)
    monkeypatch.setattr(resolve, "model_offer", lambda name: Offer("", descriptor))
    noise = "noise=alls=20:allf=t"
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv420p", frames=6, filters=noise)
    options = {"model": "above", "device": "cpu", "precision": "fp32", "scene_cuts": False}
    derain_file(source, tmp_path / "same.mkv", Options(**options, strength=0.0))  # type: ignore[arg-type]
    assert np.array_equal(raw(tmp_path / "same.mkv"), raw(source))
    derain_file(source, tmp_path / "clean.mkv", Options(**options))  # type: ignore[arg-type]
    luma = raw(source).reshape(6, -1)[:, : 64 * 48]
    padded = np.concatenate([luma[:1], luma, luma[-1:]])
    expected = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    expected = np.maximum(expected, np.minimum(luma, 16))  # nothing is pushed out of the legal range
    assert np.array_equal(raw(tmp_path / "clean.mkv").reshape(6, -1)[:, : 64 * 48], expected)


def test_flip_stands_in(flip: Flip) -> None:
    """The other tests prove something only if the stand-in changes every sample."""
    from vsrrg.video.color import ColorSpec
    from vsrrg.video.format import PixelFormat
    from vsrrg.video.frame import Frame

    frame = Frame(
        (np.full((2, 2), 7, np.uint8),), PixelFormat("gray", 8), ColorSpec("bt709", "limited"), pts=5
    )
    (out,) = flip.stream([frame])
    assert out.planes[0].tolist() == [[6, 6], [6, 6]] and out.pts == 5

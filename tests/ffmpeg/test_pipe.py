"""NUT, y4m and bare frames through derain_pipe."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ffmpeg.media import SIZE, Flip, ffmpeg, times
from vsrrg.errors import FormatError, MediaError, OptionError
from vsrrg.ffmpeg.inspection import working_pix_fmt
from vsrrg.ffmpeg.nut import NutReader
from vsrrg.ffmpeg.pipe import derain_pipe
from vsrrg.ffmpeg.y4m import pix_fmt_of
from vsrrg.video.color import ColorSpec
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import PIX_FMTS

pytestmark = pytest.mark.timeout(30)

VFR = "settb=1/90000,setpts='(N+0.3*mod(N,3)+if(gt(N,3),7,0))/24/TB',setsar=8/9"


def same(frames: Iterable[Frame]) -> Iterator[Frame]:
    yield from frames


def video(pix_fmt: str, container: str, *words: str, filters: str = VFR, frames: int = 6) -> bytes:
    codec = "wrapped_avframe" if container == "yuv4mpegpipe" else "rawvideo"
    return ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=size={SIZE}:rate=24,{filters}", "-frames:v", str(frames),
        "-pix_fmt", pix_fmt, "-c:v", codec, "-fps_mode", "passthrough", "-enc_time_base", "filter",
        *words, "-f", container, "-",
    )  # fmt: skip


def through(data: bytes, work: object = same, **options: object) -> bytes:
    out = io.BytesIO()
    derain_pipe(io.BytesIO(data), out, work, **options)  # type: ignore[arg-type]
    return out.getvalue()


def listing(data: bytes, tmp_path: Path) -> str:
    """ffmpeg's view of a NUT stream: times, sizes, aspect ratio and a hash of each frame."""
    (tmp_path / "x.nut").write_bytes(data)
    return ffmpeg("-v", "fatal", "-i", tmp_path / "x.nut", "-c", "copy", "-f", "framemd5", "-").decode()


NOT_IN_NUT = ("f16", "grayf", "rgbf", "440p1")
CARRIED = {working_pix_fmt(name) for name in PIX_FMTS if not any(part in name for part in NOT_IN_NUT)}


@pytest.mark.parametrize("pix_fmt", sorted(CARRIED))
def test_nut_in_every_format_that_derain_uses(tmp_path: Path, pix_fmt: str) -> None:
    """What we write, ffmpeg reads as what was there: frames, times, aspect ratio and pixel format."""
    data = video(pix_fmt, "nut")
    assert listing(through(data), tmp_path) == listing(data, tmp_path)
    assert NutReader(io.BytesIO(through(data))).pix_fmt.name == pix_fmt


@pytest.mark.parametrize("pix_fmt", ["nv12", "nv21", "rgb24", "bgr24", "rgb48le", "yuv420p10be", "gray16be"])
def test_nut_in_other_formats(tmp_path: Path, pix_fmt: str) -> None:
    data = video(pix_fmt, "nut")
    assert listing(through(data), tmp_path) == listing(data, tmp_path)


def test_nut_keeps_times_and_aspect(tmp_path: Path) -> None:
    data = video("yuv420p", "nut")
    flipped = through(data, Flip().stream)
    (tmp_path / "a.nut").write_bytes(data)
    (tmp_path / "b.nut").write_bytes(flipped)
    assert times(tmp_path / "b.nut") == times(tmp_path / "a.nut")
    assert (
        len({b - a for a, b in zip(times(tmp_path / "a.nut"), times(tmp_path / "a.nut")[1:], strict=False)})
        > 2
    )
    with av.open(io.BytesIO(flipped)) as container:
        stream = container.streams.video[0]
        assert stream.sample_aspect_ratio == Fraction(8, 9)
        assert stream.time_base == NutReader(io.BytesIO(data)).time_base
        planes = [frame.to_ndarray() for frame in container.decode(stream)]
    with av.open(io.BytesIO(data)) as container:
        assert all(
            np.array_equal(a ^ 1, b.to_ndarray())
            for a, b in zip(planes, container.decode(video=0), strict=True)
        )


@pytest.mark.parametrize(
    "pix_fmt", ["yuv420p", "yuv411p", "yuv422p", "yuv444p", "gray", "yuv420p10le", "yuv444p16le", "gray12le"]
)
def test_y4m(pix_fmt: str) -> None:
    """The header comes back letter by letter: rate, aspect ratio, chroma location, range."""
    data = video(pix_fmt, "yuv4mpegpipe", "-strict", "-1", "-color_range", "pc")
    assert b"XCOLORRANGE=FULL" in data.partition(b"\n")[0]
    assert b" A8:9 " in data.partition(b"\n")[0]
    flip = Flip()
    assert through(data) == data
    flipped = through(data, flip.stream)
    assert flipped != data
    assert through(flipped, Flip().stream) == data
    assert {color.range for color in flip.colors} == {"full"}


def test_y4m_frame_parameters_stay_with_their_frames() -> None:
    frames = [b"FRAME\n" + bytes([1] * 4), b"FRAME Ip\n" + bytes([2] * 4), b"FRAME X=3\n" + bytes([3] * 4)]
    data = b"YUV4MPEG2 W2 H2 F25:1 Cmono\n" + b"".join(frames)
    assert through(data, Flip().stream) == data.translate(bytes.maketrans(b"\1\2\3", b"\0\3\2"))


@pytest.mark.parametrize(
    ("name", "pix_fmt"),
    [("420jpeg", "yuv420p"), ("420paldv", "yuv420p"), ("420", "yuv420p"), ("mono", "gray"),
     ("mono16", "gray16le"), ("422p10", "yuv422p10le"), ("444alpha", "yuva444p")],
)  # fmt: skip
def test_y4m_colour_spaces(name: str, pix_fmt: str) -> None:
    assert pix_fmt_of(name) == pix_fmt


@pytest.mark.parametrize("layout", ["side-by-side", "split"])
@pytest.mark.parametrize("container", ["yuv4mpegpipe", "nut", "rawvideo"])
def test_layouts(container: str, layout: str) -> None:
    """Read as it says that it is, the stream holds the frames that went in beside those that came out."""
    raw = {"format": "raw", "size": (64, 48), "pix_fmt": "gray"} if container == "rawvideo" else {}
    data = video("gray", container)
    shown = through(data, Flip().stream, layout=layout, **raw)
    if container == "rawvideo":
        before, after = (np.frombuffer(one, np.uint8).reshape(6, 48, -1) for one in (data, shown))
    else:
        words = ("-f", container, "-i", "-", "-f", "rawvideo", "-fps_mode", "passthrough", "-")
        before, after = (
            np.frombuffer(ffmpeg(*words, input=one), np.uint8).reshape(6, 48, -1) for one in (data, shown)
        )
    if layout == "side-by-side":
        assert np.array_equal(after, np.concatenate((before, before ^ 1), axis=2))
    else:
        assert np.array_equal(after[..., :31], before[..., :31])
        assert np.array_equal(after[..., 33:], before[..., 33:] ^ 1)


def test_raw() -> None:
    data = video("p010le", "rawvideo")
    flip = Flip()
    options = {"format": "raw", "size": (64, 48), "pix_fmt": "p010le", "matrix": "bt2020nc", "range": "full"}
    assert through(data, **options) == data
    flipped = np.frombuffer(through(data, flip.stream, **options), np.uint16)
    assert np.array_equal(flipped, np.frombuffer(data, np.uint16) ^ 64)
    assert flip.colors == {ColorSpec("bt2020nc", "full")}


@pytest.mark.parametrize(
    ("container", "options"),
    [
        ("nut", {}),
        ("yuv4mpegpipe", {}),
        ("rawvideo", {"format": "raw", "size": (64, 48), "pix_fmt": "yuv420p"}),
    ],
)
def test_truncated_stream(container: str, options: dict[str, object]) -> None:
    """The whole frames before the break come out, and a sentence tells where it is."""
    data = video("yuv420p", container)
    cut = data[: len(data) - 100]
    out = io.BytesIO()
    with pytest.raises(MediaError, match=r"the stream ends within frame 5, after 45\d\d of 4608 bytes"):
        derain_pipe(io.BytesIO(cut), out, Flip().stream, **options)  # type: ignore[arg-type]
    whole = through(data, Flip().stream, **options)
    assert len(out.getvalue()) >= 5 * 4608
    assert whole.startswith(out.getvalue())


def test_streams_that_are_refused() -> None:
    y4m = b"YUV4MPEG2 W64 H48 F25:1 "
    coded = ffmpeg("-f", "lavfi", "-i", "testsrc2", "-frames:v", "1", "-c:v", "ffv1", "-f", "nut", "-")
    for data, options, error, message in (
        (b"", {}, MediaError, "the stream is empty"),
        (b"RIFF" * 10, {}, MediaError, "neither NUT nor y4m; raw video needs --format raw"),
        (b"RIFF" * 10, {"format": "nut"}, MediaError, "empty or not NUT"),
        (b"RIFF" * 10, {"format": "y4m"}, MediaError, "not y4m"),
        (b"RIFF" * 10, {"format": "raw"}, OptionError, "raw video needs --size"),
        (y4m + b"\n", {"size": (1, 1)}, OptionError, "belong to --format raw; y4m tells them"),
        (y4m + b"It\n", {}, MediaError, "interlaced; deinterlace it first"),
        (y4m + b"C444alpha\n", {}, FormatError, "alpha channel"),
        (y4m + b"Cfoo\n", {}, FormatError, "colour space 'foo' is not supported"),
        (b"YUV4MPEG2 F25:1\n", {}, MediaError, "no width and height"),
        (y4m + b"\nGRAME\n" + bytes(4608), {}, MediaError, "frame 0 of the y4m stream does not begin with"),
        (coded, {}, MediaError, "holds no raw video"),
    ):
        with pytest.raises(error, match=message):
            through(data, **options)  # type: ignore[arg-type]


def test_frames_leave_before_the_next_arrive() -> None:
    """With nothing waiting at the end of a pipe, every frame comes out as soon as it is derained."""
    data = video("yuv420p", "yuv4mpegpipe", frames=2)
    size = data.index(b"FRAME", data.index(b"FRAME") + 1)
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    with open(in_read, "rb", buffering=0) as source, open(out_write, "wb") as target:
        job = threading.Thread(target=derain_pipe, args=(source, target, same))
        job.start()
        os.write(in_write, data[:size])
        received = b""
        while len(received) < size:
            received += os.read(out_read, size - len(received))
        assert received == data[:size]
        os.write(in_write, data[size:])
        os.close(in_write)
        job.join(timeout=10)
        assert not job.is_alive()
    assert os.read(out_read, len(data)) == data[size:]
    os.close(out_read)


def test_closed_output_ends_the_work() -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb", buffering=0) as target, pytest.raises(BrokenPipeError):
        derain_pipe(io.BytesIO(video("yuv420p", "nut", frames=20)), target, same)


def test_memory_stays_constant() -> None:
    """However slow the writer is, the reader is no more than a few frames ahead."""
    ahead = 0
    read = 0

    class Source(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            nonlocal read
            view = memoryview(buffer)  # type: ignore[call-overload]
            if read >= 100 * 3072:
                return 0
            view[:] = bytes(len(view))
            read += len(view)
            return len(view)

    class Sink(io.BytesIO):
        written = 0

        def write(self, data: object) -> int:
            nonlocal ahead
            size = memoryview(data).nbytes  # type: ignore[call-overload]
            self.written += size
            ahead = max(ahead, read - self.written)
            return size

    sink = Sink()
    derain_pipe(Source(), sink, same, format="raw", size=(64, 48), pix_fmt="gray")  # type: ignore[arg-type]
    assert sink.written == 100 * 3072
    assert ahead <= 12 * 3072

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from engine_support import clip

from vsrrg import ColorSpec
from vsrrg.errors import FormatError
from vsrrg.frames.pyav import PYAV
from vsrrg.video.pix_fmts import PIX_FMTS, find_pix_fmt, read_planes

SIZE = (35, 21)


def noise(name, size=SIZE, seed=0):
    """A frame of random samples, and their bytes without padding; what pads the rows is another number."""
    frame, rng, raw = av.VideoFrame(*size, name), np.random.default_rng(seed), b""
    pix_fmt = PIX_FMTS[name]
    for plane, (rows, columns, components) in zip(frame.planes, pix_fmt.pieces(*size), strict=True):
        memory = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        memory[...] = 77
        codes = rng.integers(0, 1 << pix_fmt.format.bits, (rows, columns * components))
        if pix_fmt.format.sample == "float":
            codes = rng.random((rows, columns * components)).astype(pix_fmt.stored)
        samples = (codes << pix_fmt.shift if pix_fmt.shift else codes).astype(pix_fmt.stored)
        memory[:rows, : samples.shape[1] * samples.itemsize] = samples.view(np.uint8)
        raw += samples.tobytes()
    return frame, raw


def planes_of(frame):
    return PYAV.read(frame, None)[0].planes


@pytest.mark.parametrize("name", [name for name in PIX_FMTS if name in av.video.format.names])
def test_every_pixel_format_is_read_and_written(name):
    frame, raw = noise(name)
    expected = read_planes(raw, PIX_FMTS[name], *SIZE)
    (read,) = PYAV.read(frame, None)
    assert read.format == PIX_FMTS[name].format
    written = PYAV.write(frame, [read])
    for planes in (read.planes, planes_of(written)):
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(planes, expected, strict=True))
    assert (written.width, written.height, written.format.name) == (*SIZE, name)


@pytest.mark.parametrize("name", ["yuv420p", "p010le", "bgr24"])
def test_frames_are_derained_in_their_format(derain, name):
    planes = clip([0] * 5, fmt=PIX_FMTS[name].format, width=35, height=21)
    given = [PYAV.write(noise(name)[0], [frame]) for frame in planes]
    for n, frame in enumerate(given):
        frame.colorspace, frame.color_range, frame.pts, frame.time_base = 9, 2, 7 * n, Fraction(1, 90000)
    color = ColorSpec("bt2020nc" if name != "bgr24" else "rgb", "full")
    expected = list(derain([replace(frame, color=color) for frame in planes]))
    got = list(derain(given))
    assert not np.array_equal(planes_of(got[2])[0], planes[2].planes[0])
    for n, (frame, wanted) in enumerate(zip(got, expected, strict=True)):
        assert isinstance(frame, av.VideoFrame) and frame is not given[n]
        assert (frame.pts, frame.time_base, frame.format.name) == (7 * n, Fraction(1, 90000), name)
        assert all(np.array_equal(a, b) for a, b in zip(planes_of(frame), wanted.planes, strict=True))


def test_what_a_frame_says_of_itself_is_kept():
    frame, _ = noise("yuv420p10le")
    (read,) = PYAV.read(frame, None)
    frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc = 9, 1, 9, 16
    frame.pts, frame.dts, frame.duration, frame.time_base = 11, 10, 3, Fraction(1, 24)
    frame.chroma_location, frame.opaque = 3, {"any": "thing"}
    clean = PYAV.write(frame, [read])
    for name in ("colorspace", "color_range", "color_primaries", "color_trc", "pts", "dts", "duration",
                 "time_base", "chroma_location", "opaque"):  # fmt: skip
        assert getattr(clean, name) == getattr(frame, name), name
    (read,) = PYAV.read(clean, None)
    assert (read.color, read.pts) == (ColorSpec("bt2020nc", "limited"), 11)


@pytest.mark.parametrize(
    ("name", "colorspace", "range", "color"),
    [
        ("yuv420p", 2, 0, ColorSpec("smpte170m", "limited")),
        ("yuvj420p", 2, 0, ColorSpec("smpte170m", "full")),
        ("yuv420p", 1, 2, ColorSpec("bt709", "full")),
        ("rgb24", 1, 0, ColorSpec("rgb", "full")),
    ],
)
def test_colours(name, colorspace, range, color):
    frame, _ = noise(name)
    frame.colorspace, frame.color_range = colorspace, range
    assert PYAV.read(frame, None)[0].color == color


def test_rows_may_lie_bottom_up():
    frame, raw = noise("yuv420p")
    graph = av.filter.Graph()
    source = graph.add_buffer(width=SIZE[0], height=SIZE[1], format=frame.format, time_base=Fraction(1))
    graph.link_nodes(source, graph.add("vflip"), graph.add("buffersink")).configure()
    frame.pts = 0
    graph.push(frame)
    flipped = graph.pull()
    assert flipped.planes[0].line_size < 0
    expected = read_planes(raw, find_pix_fmt("yuv420p"), *SIZE)
    assert all(np.array_equal(a, b[::-1]) for a, b in zip(planes_of(flipped), expected, strict=True))


def test_what_is_refused(derain):
    for name, says in (("rgba", "alpha channel"), ("pal8", "'pal8' is not supported")):
        with pytest.raises(FormatError, match=says):
            list(derain([av.VideoFrame(16, 16, name)]))
    graph = av.filter.Graph()
    frame, _ = noise("yuv420p")
    source = graph.add_buffer(width=SIZE[0], height=SIZE[1], format=frame.format, time_base=Fraction(1))
    fields = graph.add("setfield", "tff")
    graph.link_nodes(source, fields, graph.add("buffersink")).configure()
    frame.pts = 0
    graph.push(frame)
    with pytest.raises(FormatError, match="interlaced: deinterlace it first"):
        list(derain([graph.pull()]))

"""What the adapter promises its host and the engine: lazy imports, colours, views instead of copies."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import vapoursynth as vs
from vs_support import MODEL, all_same, noise_clip, pixels

import vsrrg
from vsrrg.hooks.resolve import find_adapter
from vsrrg.vapoursynth.clips import clip_format, shifted
from vsrrg.vapoursynth.frames import read_frame, read_mask, scene_mark


def test_derain_finds_the_adapter(derain):
    clip = noise_clip(vs.YUV420P8)
    assert find_adapter(clip).name == "vapoursynth"
    through_hooks = vsrrg.derain(clip, model=MODEL, device="cpu", precision="fp32", num_streams=2)
    assert all_same(pixels(through_hooks), pixels(derain(clip)))


def test_vapoursynth_is_not_imported_for_others():
    code = """
import sys
from vsrrg.hooks.manager import get_manager
from vsrrg.vapoursynth import vsrrg_adapters
assert "vsrrg.vapoursynth" in get_manager().active()
(adapter,) = vsrrg_adapters()
assert not adapter.accepts(object())
assert not {"vapoursynth", "torch"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("fmt", "props", "matrix", "value_range"),
    [
        (vs.YUV420P8, {"_Matrix": 1, "_Range": 0}, "bt709", "limited"),
        (vs.YUV420P10, {"_Matrix": 9, "_Range": 1}, "bt2020nc", "full"),
        (vs.YUV444P8, {"_Matrix": 5}, "bt470bg", "limited"),
        (vs.YUV444P8, {"_Matrix": 2, "_Range": 1}, "smpte170m", "full"),
        (vs.YUV444P8, {"_Matrix": 0}, "smpte170m", "limited"),
        (vs.YUV444P8, {"_Matrix": 14, "_Range": 7}, "smpte170m", "limited"),
        (vs.YUV444P8, {"_Matrix": [1, 1], "_Range": b"full"}, "smpte170m", "limited"),
        (vs.GRAY8, {"_Range": 1}, "smpte170m", "full"),
        (vs.RGB24, {}, "rgb", "full"),
        (vs.RGB24, {"_Matrix": 0, "_Range": 1}, "rgb", "full"),
    ],
)
def test_colours_of_a_frame(fmt, props, matrix, value_range):
    clip = vs.core.std.BlankClip(format=fmt, width=16, height=16, length=1)
    if props:
        clip = clip.std.SetFrameProps(**props)
    color = read_frame(clip.get_frame(0), clip_format(clip), None).color
    assert (color.matrix, color.range) == (matrix, value_range)


def test_tall_clips_are_taken_for_bt709():
    clip = vs.core.std.BlankClip(format=vs.YUV420P8, width=16, height=720, length=1)
    assert read_frame(clip.get_frame(0), clip_format(clip), None).color.matrix == "bt709"


def test_planes_are_views():
    clip = noise_clip(vs.YUV422P10, width=34, length=1)
    frame = clip.get_frame(0)
    read = read_frame(frame, clip_format(clip), True)
    assert read.cut is True
    assert [plane.shape for plane in read.planes] == [(24, 34), (24, 17), (24, 17)]
    for number, plane in enumerate(read.planes):
        assert np.shares_memory(plane, np.asarray(frame[number]))
        assert not plane.flags.writeable


@pytest.mark.parametrize(
    ("own", "previous", "mark"),
    [
        ({}, {}, None),
        ({"_SceneChangePrev": 1}, {}, True),
        ({"_SceneChangePrev": 0}, {}, False),
        ({}, {"_SceneChangeNext": 1}, True),
        ({}, {"_SceneChangeNext": 0}, False),
        ({"_SceneChangePrev": 0}, {"_SceneChangeNext": 1}, True),
        ({"_SceneChangePrev": 0}, {"_SceneChangeNext": 0}, False),
        ({"_SceneChangeNext": 1}, {"_SceneChangePrev": 1}, None),
    ],
)
def test_scene_marks(own, previous, mark):
    def frame(props):
        clip = vs.core.std.BlankClip(length=1)
        return (clip.std.SetFrameProps(**props) if props else clip).get_frame(0)

    assert scene_mark(frame(own), frame(previous)) is mark


@pytest.mark.parametrize("length", [1, 2, 3, 9])
@pytest.mark.parametrize("distance", [-4, -1, 0, 1, 3])
def test_shifts_stop_at_the_ends(length, distance):
    clip = vs.core.std.BlankClip(format=vs.GRAY8, width=4, height=4, length=length)
    numbers = vs.core.std.Splice([clip[n].std.BlankClip(color=n) for n in range(length)])
    found = [frame[0][0, 0] for frame in shifted(numbers, distance).frames()]
    assert found == [min(max(n + distance, 0), length - 1) for n in range(length)]


@pytest.mark.parametrize(("fmt", "peak"), [(vs.GRAY8, 255), (vs.GRAY12, 4095), (vs.GRAY32, 2**32 - 1)])
def test_mask_values(fmt, peak):
    frame = vs.core.std.BlankClip(format=fmt, width=4, height=1, length=1).get_frame(0).copy()
    np.asarray(frame[0])[0] = [0, peak, peak // 2, peak // 5]
    mask = read_mask(frame)
    assert mask.dtype == np.float32
    assert mask[0, :2].tolist() == [0.0, 1.0]
    np.testing.assert_allclose(mask[0, 2:], [0.5, 0.2], atol=0.5 / peak + 1e-7)

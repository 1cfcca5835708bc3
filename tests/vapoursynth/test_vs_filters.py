"""Filters through the VapourSynth adapter."""

from dataclasses import replace

import numpy as np
import pytest
import vapoursynth as vs
from vs_support import all_same, noise_clip, pixels, same

from vsrrg.engine import FrameFilter

HALF = FrameFilter(rain=lambda layer, view: layer / 2)


def numbered(clean, view):
    """Says in the corner how far the window's frames differ from its middle."""
    luma = clean.planes[0].copy()
    middle = view.source.planes[0].astype(int)
    for i, frame in enumerate(view.frames):
        luma[0, i] = np.abs(frame.planes[0] - middle).max().clip(0, 255)
    return replace(clean, planes=(luma, *clean.planes[1:]))


@pytest.mark.parametrize("streams", [1, 3])
@pytest.mark.parametrize("fmt", [vs.YUV420P8, vs.RGB24, vs.GRAYS])
def test_half_the_rain(derain, fmt, streams):
    clip = noise_clip(fmt)
    filtered = pixels(derain(clip, filters=[HALF], num_streams=streams))
    assert all_same(filtered, pixels(derain(clip, strength=0.5)))
    assert not all_same(filtered, pixels(derain(clip)))


def test_any_order_gives_the_same_frames(derain):
    clip = noise_clip(vs.YUV420P8, length=9)
    options = {"filters": [HALF, FrameFilter(after=numbered)], "num_streams": 4}
    filtered, expected = derain(clip, **options), pixels(derain(clip, **options))
    assert all(frame[0][0, 2] == 0 and frame[0][0, 1] > 0 for frame in expected)
    for n in (7, 0, 8, 3, 4, 1):
        frame = filtered.get_frame(n)
        assert same([np.array(frame[plane]) for plane in range(3)], expected[n])


def test_mistakes_are_errors_of_vapoursynth(derain):
    clip = noise_clip(vs.GRAY8, length=3)
    with pytest.raises(vs.Error, match="derain: there is no filter named 'mask'"):
        derain(clip, filters=["mask:x=1"])
    with pytest.raises(vs.Error, match="derain: filters must be a list of names"):
        derain(clip, filters="mask")
    broken = derain(clip, filters=[FrameFilter(name="snow", rain=lambda layer, view: layer[:1])])
    with pytest.raises(vs.Error, match="derain: snow returned from rain a layer that is"):
        broken.get_frame(1)

"""Windows do not cross cuts: those that the host marks, and those that only the picture shows."""

from __future__ import annotations

import pytest
import vapoursynth as vs
from vs_support import all_same, noise_clip, pixels


def _marked(clip: vs.VideoNode, frame: int, **props: int) -> vs.VideoNode:
    """`clip` with properties on one frame alone."""
    marked = clip.std.SetFrameProps(**props)
    return clip.std.FrameEval(lambda n: marked if n == frame else clip, clip_src=[marked, clip])


@pytest.fixture
def shots() -> tuple[vs.VideoNode, vs.VideoNode]:
    """Two shots that look alike: one picture under other noise."""
    return noise_clip(vs.YUV420P8, length=5, seed=1), noise_clip(vs.YUV420P8, length=5, seed=2)


@pytest.fixture
def apart(derain, shots):
    return pixels(derain(shots[0], scene_cuts=False)) + pixels(derain(shots[1], scene_cuts=False))


@pytest.fixture
def joined(derain, shots):
    return pixels(derain(shots[0] + shots[1], scene_cuts=False))


def test_shots_differ_where_windows_cross(apart, joined):
    assert not all_same(apart[3:7], joined[3:7])
    assert all_same(apart[:3] + apart[7:], joined[:3] + joined[7:])


def test_mark_on_the_first_frame_of_a_shot(derain, shots, apart):
    assert all_same(pixels(derain(_marked(shots[0] + shots[1], 5, _SceneChangePrev=1))), apart)


def test_mark_on_the_last_frame_of_a_shot(derain, shots, apart):
    assert all_same(pixels(derain(_marked(shots[0] + shots[1], 4, _SceneChangeNext=1))), apart)


@pytest.mark.parametrize("order", [range(9, -1, -1), (6, 5, 4, 3, 9, 0), (4, 3, 5, 6)])
def test_marks_hold_in_any_order(derain, shots, apart, order):
    clean = derain(_marked(shots[0] + shots[1], 4, _SceneChangeNext=1))
    for n in order:
        assert all_same(pixels(clean[n]), [apart[n]]), n


def test_marks_do_nothing_without_scene_cuts(derain, shots, joined):
    marked = _marked(shots[0] + shots[1], 5, _SceneChangePrev=1)
    assert all_same(pixels(derain(marked, scene_cuts=False)), joined)


def test_cut_that_only_the_picture_shows(derain):
    first, second = noise_clip(vs.YUV420P8, length=5), noise_clip(vs.YUV420P8, length=5, scene=1)
    apart = pixels(derain(first)) + pixels(derain(second))
    crossed = pixels(derain(first + second, scene_cuts=False))
    assert not all_same(apart, crossed)
    assert all_same(pixels(derain(first + second)), apart)
    denied = (first + second).std.SetFrameProps(_SceneChangePrev=0)
    assert all_same(pixels(derain(denied)), crossed)


def test_marks_of_one_shot_leave_the_others_to_the_picture(derain):
    first, second = noise_clip(vs.YUV420P8, length=5), noise_clip(vs.YUV420P8, length=5, scene=1)
    apart = pixels(derain(first)) + pixels(derain(second))
    assert all_same(pixels(derain(first.std.SetFrameProps(_SceneChangePrev=0) + second)), apart)


def test_either_mark_is_enough(derain, shots, apart):
    clip = _marked((shots[0] + shots[1]).std.SetFrameProps(_SceneChangePrev=0), 4, _SceneChangeNext=1)
    assert all_same(pixels(derain(clip)), apart)

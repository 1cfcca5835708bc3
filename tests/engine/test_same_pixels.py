"""Streaming, random access and the plain network give the same pixels."""

import random
from dataclasses import replace

import numpy as np
import pytest
from engine_support import YUV420P8, all_same, blend, clip, open_session, plain, windows
from hypothesis import given, settings
from hypothesis import strategies as st

from vsrrg.engine import Derainer
from vsrrg.video import ColorSpec, PixelFormat

SESSIONS = {radius: open_session(blend(radius)) for radius in (0, 1, 2, 3)}
ONE_SHOT, CUT, TWO_CUTS = [0] * 9, [0] * 4 + [1] * 5, [0, 0, 0, 1, 1, 2, 2, 2, 2]


def scattered(derainer, frames, seed=1):
    order = list(range(len(frames)))
    random.Random(seed).shuffle(order)
    found = {n: derainer.frame(n, frames.__getitem__, len(frames)) for n in order}
    return [found[n] for n in range(len(frames))]


@pytest.mark.parametrize("radius", SESSIONS)
@pytest.mark.parametrize("shots", [ONE_SHOT, CUT, TWO_CUTS, [0], [0, 0], [0, 1], [0, 1, 2]], ids=str)
def test_stream_random_access_and_forward_agree(radius, shots):
    session, frames = SESSIONS[radius], clip(shots)
    expected = plain(session, frames, windows(shots, radius))
    assert not all_same(expected, frames)
    assert all_same(list(Derainer(session).stream(frames)), expected)
    assert all_same(scattered(Derainer(session), frames), expected)


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.sampled_from([1, 2]),
    st.sampled_from(
        [
            YUV420P8,
            PixelFormat("yuv", 10, sub_w=1),
            PixelFormat("yuv", 16),
            PixelFormat("gray", 12),
            PixelFormat("rgb", 8),
            PixelFormat("rgb", 32, "float"),
            PixelFormat("yuv", 16, "float", 1, 1),
        ]
    ),
    st.integers(0, 99),
)
def test_any_length_cuts_and_format(lengths, radius, fmt, seed):
    shots = [scene for scene, length in enumerate(lengths) for _ in range(length)]
    color = ColorSpec.guess(fmt, 48, 32)
    frames = [
        replace(frame, cut=n > 0 and shots[n] != shots[n - 1])
        for n, frame in enumerate(clip(shots, fmt=fmt, color=color, width=48, height=32, seed=seed))
    ]
    session = SESSIONS[radius]
    expected = plain(session, frames, windows(shots, radius))
    assert all_same(list(Derainer(session).stream(frames)), expected)
    assert all_same(scattered(Derainer(session), frames, seed), expected)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 1), (5, 7), (17, 9), (63, 47)])
@pytest.mark.parametrize("multiple", [2, 8])
def test_any_size(size, multiple):
    session = open_session(blend(1, multiple=multiple))
    frames = clip([0] * 4, width=size[0], height=size[1])
    expected = plain(session, frames, windows([0] * 4, 1))
    assert all_same(list(Derainer(session, scene_cuts=False).stream(frames)), expected)
    assert all_same(scattered(Derainer(session, scene_cuts=False), frames), expected)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_is_within_one_code_value(precision):
    session = open_session(blend(2), precision)
    frames = clip(CUT)
    expected = plain(session, frames, windows(CUT, 2))
    for got in (list(Derainer(session).stream(frames)), scattered(Derainer(session), frames)):
        for a, b in zip(got, expected, strict=True):
            for x, y in zip(a.planes, b.planes, strict=True):
                assert np.abs(x.astype(int) - y.astype(int)).max() <= 1

"""Every format comes out as it went in: bit for bit where nothing is removed."""

from __future__ import annotations

import numpy as np
import pytest
import vapoursynth as vs
from vs_support import all_same, noise_clip, pixels, planes, same

INTEGER_BITS = (8, 9, 10, 12, 14, 16)
SUBSAMPLINGS = ((0, 0), (1, 0), (1, 1), (0, 1), (2, 0))


def _formats() -> list[tuple[str, int]]:
    query = vs.core.query_video_format
    samples = [(vs.INTEGER, bits) for bits in INTEGER_BITS] + [(vs.FLOAT, 16), (vs.FLOAT, 32)]
    found = [query(family, sample, bits) for family in (vs.GRAY, vs.RGB) for sample, bits in samples]
    found += [query(vs.YUV, sample, bits, w, h) for sample, bits in samples for w, h in SUBSAMPLINGS]
    return [(fmt.name, fmt.id) for fmt in found]


FORMATS = _formats()
every_format = pytest.mark.parametrize("fmt", [fmt for _, fmt in FORMATS], ids=[name for name, _ in FORMATS])


@every_format
def test_no_strength_is_the_clip_itself(derain, fmt):
    clip = noise_clip(fmt, length=2)
    assert derain(clip, strength=0) is clip


@every_format
def test_black_mask_changes_no_bit(derain, fmt):
    clip = noise_clip(fmt, length=3, low=-0.1 if fmt in (vs.GRAYS, vs.RGBS) else 0, high=1.0)
    mask = vs.core.std.BlankClip(format=vs.GRAY8, length=3, width=clip.width, height=clip.height, color=0)
    assert all_same(pixels(derain(clip, strength=mask)), pixels(clip))


@every_format
def test_rain_goes_and_the_format_stays(derain, fmt):
    clip = noise_clip(fmt, length=4)
    clean = derain(clip)
    assert (clean.format.id, clean.width, clean.height) == (clip.format.id, clip.width, clip.height)
    assert (clean.num_frames, clean.fps) == (clip.num_frames, clip.fps)
    for n in (0, 2):
        before, after = planes(clip.get_frame(n)), planes(clean.get_frame(n))
        assert [p.dtype for p in before] == [p.dtype for p in after]
        # The model takes everything above the window's minimum, so the picture can only get darker, and does.
        lower = after[0].astype(np.float64).mean() - before[0].astype(np.float64).mean()
        assert lower < -0.03 * (1 if clip.format.sample_type == vs.FLOAT else 2**clip.format.bits_per_sample)


def test_luma_is_the_minimum_of_the_window(derain):
    clip = noise_clip(vs.YUV420P10, length=7)
    luma = [planes(clip.get_frame(n))[0] for n in range(7)]
    clean = pixels(derain(clip))
    for n in range(7):
        window = luma[max(0, n - 2) : n + 3]
        assert np.array_equal(clean[n][0], np.minimum.reduce(window)), n


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 1), (33, 25), (7, 64)])
@pytest.mark.parametrize("fmt", [vs.GRAY8, vs.YUV444P16, vs.RGBS])
def test_odd_sizes(derain, fmt, width, height):
    clip = vs.core.std.BlankClip(format=fmt, length=3, width=width, height=height)
    assert all_same(pixels(derain(clip)), pixels(clip))


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_clips_shorter_than_the_window(derain, length):
    clip = noise_clip(vs.GRAY8, length=length)
    sources = [planes(clip.get_frame(n))[0] for n in range(length)]
    for n, (luma,) in enumerate(pixels(derain(clip))):
        assert np.array_equal(luma, np.minimum.reduce(sources[max(0, n - 2) : n + 3]))


def test_the_removed_layer(derain):
    clip = noise_clip(vs.GRAYS, length=5)
    rain = planes(derain(clip, output="rain").get_frame(2))[0]
    removed = planes(clip.get_frame(2))[0] - planes(derain(clip).get_frame(2))[0]
    assert rain.max() > 0.1
    np.testing.assert_allclose(rain, removed, atol=1e-6)


def _number(n: int, f: vs.VideoFrame) -> vs.VideoFrame:
    numbered = f.copy()
    numbered.props["number"] = n
    return numbered


def test_properties_are_kept(derain):
    clip = noise_clip(vs.YUV420P8, length=3)
    clip = clip.std.SetFrameProps(
        _Matrix=1, _Range=0, _SARNum=4, text="wörter", data=b"\0\xff", many=[1, 2], one=1.5
    )
    clip = clip.std.ModifyFrame(clip, _number)
    clean = derain(clip)
    for n in (2, 0, 1):
        before, after = dict(clip.get_frame(n).props), dict(clean.get_frame(n).props)
        assert after == before
        assert after["number"] == n


def test_range_is_read_from_the_properties(derain):
    """A black limited-range pixel stays at 16 however much rain is found; in full range it may go lower."""
    clip = noise_clip(vs.GRAY8, length=3, low=0.3).std.SetFrameProps(_Range=0)
    rain = [
        planes(derain(c, output="rain").get_frame(1))[0].min()
        for c in (clip, clip.std.SetFrameProps(_Range=1))
    ]
    assert rain == [16, 0]


def test_variable_frame_rate_stays_variable(derain):
    clip = noise_clip(vs.GRAY8, length=3)
    clip = clip + clip.std.AssumeFPS(fpsnum=50)
    assert derain(clip).fps == clip.fps == 0


@pytest.mark.parametrize("num_streams", [1, 3])
@pytest.mark.parametrize("fmt", [vs.GRAY8, vs.GRAY10, vs.GRAY16, vs.GRAY32, vs.GRAYH, vs.GRAYS])
def test_mask_says_how_much_where(derain, fmt, num_streams):
    clip = noise_clip(vs.GRAY8, length=5)
    full = [p[0] for p in pixels(derain(clip))]
    blank = vs.core.std.BlankClip(format=fmt, length=5, width=32, height=24, keep=True)
    peak = 1.0 if blank.format.sample_type == vs.FLOAT else (1 << blank.format.bits_per_sample) - 1

    def draw(n, f):
        frame = f.copy()
        samples = np.asarray(frame[0])
        samples[:] = 0
        samples[: 4 * n] = peak
        samples[:, :8] = peak / 2
        return frame

    masked = derain(clip, strength=blank.std.ModifyFrame(blank, draw), num_streams=num_streams)
    for n in (4, 0, 2):
        (before,), (after,) = planes(clip.get_frame(n)), planes(masked.get_frame(n))
        assert np.array_equal(after[: 4 * n, 8:], full[n][: 4 * n, 8:])
        assert np.array_equal(after[4 * n :, 8:], before[4 * n :, 8:])
        half = (before[:, :8].astype(float) + full[n][:, :8]) / 2
        assert np.abs(after[:, :8] - half).max() <= 1


@pytest.mark.parametrize(("color", "strength"), [(7.0, 1.0), (-7.0, 0.0), (float("nan"), 0.0)])
def test_float_mask_outside_its_range_is_clamped(derain, color, strength):
    clip = noise_clip(vs.GRAY8, length=3)
    blank = vs.core.std.BlankClip(format=vs.GRAYS, length=3, width=32, height=24)

    def fill(n, f):
        frame = f.copy()
        np.asarray(frame[0])[...] = color
        return frame

    masked = derain(clip, strength=blank.std.ModifyFrame(blank, fill))
    assert all_same(pixels(masked), pixels(derain(clip, strength=strength)))


def test_half_strength_takes_half(derain):
    clip = noise_clip(vs.GRAY16, length=3)
    (before,), (full,) = planes(clip.get_frame(1)), planes(derain(clip).get_frame(1))
    (after,) = planes(derain(clip, strength=0.5).get_frame(1))
    assert np.abs(after - (before.astype(float) + full) / 2).max() <= 1
    assert not same([after], [before])

"""What cannot be derained is refused with a sentence that says what to do."""

from __future__ import annotations

import pytest
import vapoursynth as vs
from vs_support import noise_clip

import vsrrg
from vsrrg.errors import OptionError
from vsrrg.vapoursynth import derain as plain_derain
from vsrrg.vapoursynth.clips import on_cpu


@pytest.fixture
def clip() -> vs.VideoNode:
    return noise_clip(vs.YUV420P8, length=3)


def refusal(derain, *args, **options) -> str:
    with pytest.raises(vs.Error) as caught:
        derain(*args, **options)
    message = str(caught.value)
    assert message.startswith("derain: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("bad", [None, 3, "rain.mkv"])
def test_not_a_clip(derain, bad):
    assert "VideoNode" in refusal(derain, bad)


def test_a_frame_is_not_a_clip(derain, clip):
    assert "VideoFrame" in refusal(derain, clip.get_frame(0))


def test_variable_format(derain, clip):
    gray = noise_clip(vs.GRAY8, length=3)
    message = refusal(derain, vs.core.std.Splice([clip, gray], mismatch=True))
    assert "format" in message and "resize" in message


def test_variable_size(derain, clip):
    small = clip.std.Crop(right=8)
    message = refusal(derain, vs.core.std.Splice([clip, small], mismatch=True))
    assert "size" in message and "resize" in message


@pytest.mark.parametrize(
    ("bits", "sub_w", "sub_h"),
    [(24, 0, 0), (32, 1, 1), (8, 3, 0), (8, 4, 4)],
)
def test_unsupported_formats(derain, bits, sub_w, sub_h):
    fmt = vs.core.query_video_format(vs.YUV, vs.INTEGER, bits, sub_w, sub_h)
    message = refusal(derain, vs.core.std.BlankClip(format=fmt.id, width=64, height=48, length=1))
    assert fmt.name in message and "resize" in message


@pytest.mark.parametrize("field", [1, 2])
def test_interlaced(derain, clip, field):
    marked = derain(clip.std.SetFieldBased(field))
    with pytest.raises(
        vs.Error, match=rf"derain: frame 1 .*_FieldBased={field}.*deinterlace.*SetFieldBased\(0\)"
    ):
        marked.get_frame(1)
    assert derain(clip.std.SetFieldBased(field).std.SetFieldBased(0)).get_frame(1)


def test_interlaced_frames_in_a_progressive_clip(derain, clip):
    mixed = derain(clip + clip.std.SetFieldBased(2), num_streams=2)
    assert mixed.get_frame(1)
    with pytest.raises(vs.Error, match=r"frame 3 .*interlaced"):
        mixed.get_frame(3)


@pytest.mark.parametrize(
    "options",
    [
        {"strength": -0.5},
        {"strength": "much"},
        {"strength": float("nan")},
        {"strength": None},
        {"model": "no-such-model"},
        {"model": "missing.safetensors"},
        {"backend": "no-such-backend"},
        {"device": "no-such-device"},
        {"device": "cuda:99"},
        {"precision": "fp7"},
        {"output": "dirt"},
        {"num_streams": 0},
        {"num_streams": 1.5},
        {"num_streams": True},
    ],
    ids=lambda options: "-".join(f"{key}={value}" for key, value in options.items()),
)
def test_bad_options_are_refused_at_once(derain, clip, options):
    ((name, value),) = options.items()
    message = refusal(derain, clip, **options)
    assert (value if isinstance(value, str) else name) in message


def test_bad_options_are_refused_even_where_nothing_would_be_done(derain, clip):
    refusal(derain, clip, strength=0, output="dirt")


@pytest.mark.parametrize(
    ("fmt", "width", "height", "length", "hint"),
    [
        (vs.YUV444P8, 32, 24, 3, "ShufflePlanes"),
        (vs.GRAY8, 16, 24, 3, "scale"),
        (vs.GRAY8, 32, 25, 3, "scale"),
        (vs.GRAY8, 32, 24, 1, "Loop"),
    ],
)
def test_masks_that_do_not_fit(derain, clip, fmt, width, height, length, hint):
    mask = vs.core.std.BlankClip(format=fmt, width=width, height=height, length=length)
    message = refusal(derain, clip, strength=mask)
    assert "mask" in message and hint in message


def test_variable_mask(derain, clip):
    mask = noise_clip(vs.GRAY8, length=3)
    assert "mask" in refusal(derain, clip, strength=vs.core.std.Splice([mask, clip], mismatch=True))


@pytest.mark.parametrize(
    ("given", "meant"), [({"strenght": 1}, "strength"), ({"num_stream": 2}, "num_streams")]
)
def test_options_that_do_not_exist(clip, given, meant):
    for derain in (vsrrg.derain, plain_derain):
        with pytest.raises(OptionError, match=rf"no option '.*': did you mean '{meant}'\?") as caught:
            derain(clip, **given)
        assert caught.value.code == "unknown-option"


def test_clips_in_gpu_memory_are_downloaded():
    """Without a GPU the core has no such clips, so a stand-in shows what is asked of one."""

    class Resident:
        gpu_resident = True
        std = property(lambda self: self)

        def GPUDownload(self) -> str:
            return "downloaded"

    assert on_cpu(Resident()) == "downloaded"

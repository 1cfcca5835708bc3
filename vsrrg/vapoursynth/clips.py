"""What can be said of a clip before its first frame: whether it is accepted, and its shifted copies."""

from __future__ import annotations

import vapoursynth as vs

from vsrrg.errors import FormatError, OptionError
from vsrrg.video.format import PixelFormat
from vsrrg.video.vapoursynth_formats import from_vapoursynth


def clip_format(clip: object) -> PixelFormat:
    """The pixel format of a clip that can be derained; FormatError for anything else."""
    if not isinstance(clip, vs.VideoNode):
        raise FormatError(
            "unknown-source",
            f"the first argument is a {type(clip).__name__}, not a video clip: pass a vs.VideoNode",
        )
    _refuse_variable(clip, "the clip")
    return _pixel_format(clip)


def check_mask(mask: vs.VideoNode, clip: vs.VideoNode) -> None:
    """FormatError unless `mask` is a GRAY clip with the size and length of `clip`."""
    _refuse_variable(mask, "the strength mask")
    if mask.format.color_family != vs.GRAY:
        raise FormatError(
            "invalid-mask",
            f"the strength mask is {mask.format.name}, not GRAY: take one plane of it, "
            "for example with std.ShufflePlanes(mask, 0, vs.GRAY)",
        )
    if (mask.width, mask.height) != (clip.width, clip.height):
        raise FormatError(
            "invalid-mask",
            f"the strength mask is {mask.width}x{mask.height}, the clip {clip.width}x{clip.height}: "
            "scale the mask to the clip's size",
        )
    if mask.num_frames != clip.num_frames:
        raise FormatError(
            "invalid-mask",
            f"the strength mask has {mask.num_frames} frames, the clip {clip.num_frames}: "
            "trim it, or repeat a still mask with std.Loop",
        )


def check_num_streams(num_streams: object) -> None:
    """OptionError for what is no number of streams; None stands for what suits the device."""
    if num_streams is None:
        return
    if isinstance(num_streams, bool) or not isinstance(num_streams, int) or not 1 <= num_streams <= 64:
        raise OptionError(
            "invalid-streams",
            f"num_streams is {num_streams!r}: give a whole number from 1 to 64, or leave it out",
        )


def on_cpu(clip: vs.VideoNode) -> vs.VideoNode:
    """The clip with its frames in main memory, where selectors can read them."""
    return clip.std.GPUDownload() if getattr(clip, "gpu_resident", False) else clip


def shifted(clip: vs.VideoNode, distance: int) -> vs.VideoNode:
    """As long as `clip`, with its frame n + distance as frame n; beyond the ends, the first or last."""
    length = clip.num_frames
    if distance < 0:
        return clip.std.DuplicateFrames([0] * -distance)[:length]
    if distance > 0:
        return clip.std.DuplicateFrames([length - 1] * distance)[distance:]
    return clip


def _refuse_variable(clip: vs.VideoNode, what: str) -> None:
    if clip.format is None or clip.format.color_family == vs.UNDEFINED:
        raise FormatError(
            "variable-clip",
            f"{what} changes its format from frame to frame: convert it to one format first, "
            "for example with resize.Bicubic(format=vs.YUV420P8)",
        )
    if clip.width == 0 or clip.height == 0:
        raise FormatError(
            "variable-clip",
            f"{what} changes its size from frame to frame: scale it to one size first, "
            "for example with resize.Bicubic(width=1920, height=1080)",
        )


def _pixel_format(clip: vs.VideoNode) -> PixelFormat:
    fmt = clip.format
    try:
        return from_vapoursynth(
            int(fmt.color_family),
            int(fmt.sample_type),
            fmt.bits_per_sample,
            fmt.subsampling_w,
            fmt.subsampling_h,
        )
    except FormatError as error:
        near = {vs.GRAY: "GRAY16", vs.RGB: "RGB48"}.get(fmt.color_family, "YUV444P16")
        raise FormatError(
            "unsupported-format",
            f"the clip is {fmt.name}: {error}, for example with resize.Bicubic(format=vs.{near})",
        ) from error

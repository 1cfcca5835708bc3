"""Which encoder and which quality a file gets if its user does not say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.binary import encoder_pix_fmts

BY_SUFFIX = {
    ".mp4": ("libx264", "libx265"),
    ".m4v": ("libx264", "libx265"),
    ".mov": ("libx264", "libx265", "ffv1"),
    ".mkv": ("libx264", "libx265", "ffv1"),
    ".avi": ("libx264", "ffv1"),
    ".flv": ("libx264",),
    ".ts": ("libx264", "libx265"),
    ".m2ts": ("libx264", "libx265"),
    ".webm": ("libvpx-vp9",),
    ".nut": ("ffv1",),
}
"""Encoders to try for a file's suffix, best first."""

_LOSSLESS = {
    "ffv1", "ffvhuff", "huffyuv", "utvideo", "magicyuv", "rawvideo", "v210", "lagarith", "png",
    "qtrle", "hymt",
}  # fmt: skip
"""Codecs whose users expect to lose nothing."""

_SAME = {"gbrp": {"gbrp", "bgr0", "rgb24", "bgr24"}}
"""Pixel formats into which ffmpeg reorders the samples of one, for encoders that lack that one."""

_QUALITY: dict[str, dict[str, Any]] = {
    "libx264": {"crf": 16, "preset": "fast"},
    "libx265": {"crf": 17, "preset": "fast"},
    "libvpx-vp9": {"crf": 20, "b:v": 0, "row-mt": 1, "cpu-used": 4},
    "libsvtav1": {"crf": 20, "preset": 8},
    "ffv1": {"level": 3, "slices": 4, "slicecrc": 1},
}


def choose_encoder(target: Path, pix_fmt: str, source_codec: str, binary: str) -> str:
    """The encoder for a file: lossless for lossless sources where the container allows, else H.264, or H.265
    above 8 bits; always one that takes the pixel format as it is.

    Raises:
        MediaError: there is none.
    """
    candidates = BY_SUFFIX.get(target.suffix.lower())
    if candidates is None:
        raise MediaError(
            "no-default-encoder",
            f"there is no default encoder for {target.suffix} files; name one with --encoder",
        )
    if source_codec in _LOSSLESS and "ffv1" in candidates:
        candidates = ("ffv1",)
    elif pix_fmt.endswith("le"):
        # Few players decode H.264 above 8 bits, and HDR is at home in H.265.
        candidates = tuple(name for name in candidates if name != "libx264")
    for name in candidates:
        accepted = encoder_pix_fmts(binary, name)
        if accepted is not None and (not accepted or accepted & _SAME.get(pix_fmt, {pix_fmt})):
            return name
    raise MediaError(
        "no-default-encoder",
        f"no default encoder for {target.suffix} files takes {pix_fmt}; "
        "choose a pixel format with --pix-fmt, an encoder with --encoder, or write .mkv",
    )


def check_encoder(name: str, binary: str) -> None:
    """Raises MediaError unless this ffmpeg has the encoder."""
    if encoder_pix_fmts(binary, name) is None:
        raise MediaError(
            "unknown-encoder", f"this ffmpeg has no encoder {name!r}; 'ffmpeg -encoders' lists those it has"
        )


def quality_options(
    encoder: str, target: Path, chosen: Mapping[str, Any], given: Collection[str]
) -> dict[str, Any]:
    """Output options for an encoder: those that were chosen, and defaults for what was left open.

    `given` names options that are set elsewhere. A crf, qp, cq, q:v or b:v replaces the default quality.
    """
    options = dict(_QUALITY.get(encoder, {}))
    named = {*chosen, *given}
    if named & {"crf", "qp", "cq", "b:v", "q:v", "qscale:v"}:
        options.pop("crf", None)
        if "crf" not in named:
            options.pop("b:v", None)
    if encoder == "libx265":
        if "x265-params" not in named:
            # libx265 reports to stderr on its own, whatever ffmpeg's log level is.
            options["x265-params"] = "log-level=error"
        if target.suffix.lower() in (".mp4", ".m4v", ".mov"):
            options["tag:v"] = "hvc1"  # Apple's players want it
    return {**options, **chosen}

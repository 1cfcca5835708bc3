"""Which encoder and which quality a file gets if its user does not say."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from vsrrg.errors import MediaError, OptionError
from vsrrg.ffmpeg.binary import encoder_pix_fmts, video_encoders

log = logging.getLogger(__name__)

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

type Quality = Literal["draft", "good", "visually-lossless", "lossless"]
QUALITIES: tuple[Quality, ...] = get_args(Quality.__value__)

_VP9 = {"b:v": 0, "row-mt": 1}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "libx264": {"crf": 16, "preset": "fast"},
    "libx265": {"crf": 17, "preset": "fast"},
    "libvpx-vp9": {"crf": 20, **_VP9, "cpu-used": 4},
    "libsvtav1": {"crf": 20, "preset": 8},
    "prores_ks": {"vendor": "apl0"},  # Apple's own, which some editors look for
    "dnxhd": {},
    "ffv1": {"level": 3, "slicecrc": 1},
}
"""Options of each encoder where nobody says how good the output shall be."""

PRESETS: dict[str, dict[Quality, dict[str, Any]]] = {
    "libx264": {
        "draft": {"crf": 28, "preset": "veryfast"},
        "good": {"crf": 20, "preset": "medium"},
        "visually-lossless": {"crf": 14, "preset": "slow"},
        "lossless": {"qp": 0, "preset": "medium"},
    },
    "libx265": {
        "draft": {"crf": 30, "preset": "veryfast"},
        "good": {"crf": 21, "preset": "medium"},
        "visually-lossless": {"crf": 14, "preset": "slow"},
        "lossless": {"x265-params": "lossless=1", "preset": "medium"},
    },
    "libvpx-vp9": {
        "draft": {"crf": 40, **_VP9, "cpu-used": 6},
        "good": {"crf": 28, **_VP9, "cpu-used": 3},
        "visually-lossless": {"crf": 14, **_VP9, "cpu-used": 2},
        "lossless": {"lossless": 1, **_VP9, "cpu-used": 4},
    },
    "libsvtav1": {
        "draft": {"crf": 45, "preset": 10},
        "good": {"crf": 28, "preset": 6},
        "visually-lossless": {"crf": 14, "preset": 4},
    },
    "prores_ks": {"visually-lossless": _DEFAULTS["prores_ks"]},
    "dnxhd": {"visually-lossless": _DEFAULTS["dnxhd"]},
    "ffv1": {quality: _DEFAULTS["ffv1"] for quality in QUALITIES},
}
"""Options of each encoder for `--quality`."""
_DNXHR = {"yuv422p": "dnxhr_hq", "yuv422p10le": "dnxhr_hqx", "yuv444p10le": "dnxhr_444"}
"""Profiles of dnxhd for pixel formats: the one that it takes by itself is for broadcast sizes only."""

_FAMILIES = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp9": "libvpx-vp9",
    "libvpx-vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "libdav1d": "libsvtav1",
    "libaom-av1": "libsvtav1",
    "prores": "prores_ks",
    "dnxhd": "dnxhd",
}
"""Encoders for the codec that a source has, and its output too."""
_TAKES = {
    ".mp4": {"libvpx-vp9", "libsvtav1"},
    ".mkv": {"libvpx-vp9", "libsvtav1", "prores_ks", "dnxhd"},
    ".mov": {"prores_ks", "dnxhd"},
    ".webm": {"libsvtav1"},
}
"""More encoders for a suffix, where the source is of their codec."""
_ANY_SIZE = ("libvpx-vp9", "ffv1")
"""Those that take pictures with half a chroma sample at an edge, best first."""


def choose_encoder(
    target: Path,
    pix_fmt: str,
    source_codec: str,
    binary: str,
    quality: Quality | None = None,
    *,
    whole: bool = True,
) -> str:
    """The encoder for a file: one of the source's own codec where the container allows, else H.264, or H.265
    above 8 bits; always one that takes the pixel format as it is.

    FFV1 where the output shall be lossless: as `quality` says, or without that the source is. Where chroma
    samples reach beyond the pictures, which then are not `whole`, it is VP9 or FFV1.

    Raises:
        MediaError: there is none.
    """
    suffix = target.suffix.lower()
    candidates = BY_SUFFIX.get(suffix)
    if candidates is None:
        raise MediaError(
            "no-default-encoder",
            f"there is no default encoder for {target.suffix} files; write .mkv or .mp4, or name an encoder "
            "with --encoder",
        )
    lossless = source_codec in _LOSSLESS if quality is None else quality == "lossless"
    if lossless and "ffv1" in candidates:
        candidates = ("ffv1",)
    else:
        own = _FAMILIES.get(source_codec)
        if own is not None and own in {*candidates, *_TAKES.get(suffix, ())}:
            candidates = (own, *candidates)
        if pix_fmt.endswith("le"):
            # Few players decode H.264 above 8 bits, and HDR is at home in H.265.
            candidates = tuple(name for name in candidates if name != "libx264")
        if quality is not None:
            candidates = tuple(name for name in candidates if quality in PRESETS[name])
    if not whole and candidates != ("ffv1",):
        possible = {*candidates, *_TAKES.get(suffix, ())}
        candidates = tuple(name for name in _ANY_SIZE if name in possible)
        if not candidates:
            raise MediaError(
                "no-default-encoder",
                f"no default encoder for {target.suffix} files takes pictures of an odd size in {pix_fmt}; "
                "write .mkv, or cut a row or column off with --filter-in 'crop=trunc(iw/2)*2:trunc(ih/2)*2'",
            )
    for name in candidates:
        accepted = encoder_pix_fmts(binary, name)
        if accepted is not None and (not accepted or accepted & _SAME.get(pix_fmt, {pix_fmt})):
            log.info("encoder %s: the first of %s that takes %s", name, ", ".join(candidates), pix_fmt)
            return name
    elsewhere = "" if suffix == ".mkv" else ", or write .mkv"
    raise MediaError(
        "no-default-encoder",
        f"no default encoder for {target.suffix} files takes {pix_fmt}; choose a pixel format with "
        f"--pix-fmt, or an encoder with --encoder{elsewhere}",
    )


def check_quality(quality: str) -> None:
    """Raises OptionError unless there is such a quality."""
    if quality not in QUALITIES:
        raise OptionError(
            "unknown-quality", f"quality {quality!r} does not exist; choose {', '.join(QUALITIES)}"
        )


def _preset(encoder: str, quality: Quality) -> dict[str, Any]:
    check_quality(quality)
    found = PRESETS.get(encoder, {}).get(quality)
    if found is None:
        raise OptionError(
            "quality-of-encoder",
            f"vsrrg knows no {quality} options for {encoder!r}; give its own with --crf, --preset and "
            "--ffmpeg-args",
        )
    return found


def check_encoder(name: str, binary: str) -> None:
    """Raises OptionError unless this ffmpeg has the encoder."""
    if encoder_pix_fmts(binary, name) is None:
        near = difflib.get_close_matches(name, (one for one, _ in video_encoders(binary)), n=1, cutoff=0.7)
        hint = f"did you mean {near[0]!r}?" if near else "'ffmpeg -encoders' lists those it has"
        raise OptionError("unknown-encoder", f"this ffmpeg has no encoder {name!r}: {hint}")


def check_pix_fmt(name: str) -> None:
    """Raises OptionError unless ffmpeg knows the pixel format."""
    from av.video.format import names

    if name not in names:
        near = difflib.get_close_matches(name, sorted(names), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'ffmpeg -pix_fmts' lists those there are"
        raise OptionError("unknown-pix-fmt", f"there is no pixel format {name!r}: {hint}")


def quality_options(
    encoder: str,
    target: Path,
    chosen: Mapping[str, Any],
    given: Collection[str],
    quality: Quality | None = None,
    pix_fmt: str = "",
) -> dict[str, Any]:
    """Output options for an encoder: those that were chosen, and for what was left open those of a quality,
    or defaults, with a profile for the pixel format where the encoder finds none itself.

    `given` names options that are set elsewhere. A crf, qp, cq, q:v or b:v replaces the default quality.

    Raises:
        OptionError: there is no such quality for the encoder.
    """
    options = dict(_DEFAULTS.get(encoder, {}) if quality is None else _preset(encoder, quality))
    named = {*chosen, *given}
    if named & {"crf", "qp", "cq", "b:v", "q:v", "qscale:v"}:
        for name in ("crf", "qp", "lossless"):
            options.pop(name, None)
        if options.get("x265-params") == "lossless=1":
            del options["x265-params"]
        if "crf" not in named:
            options.pop("b:v", None)
    if encoder == "dnxhd" and "profile:v" not in named and pix_fmt in _DNXHR:
        options["profile:v"] = _DNXHR[pix_fmt]
    if encoder == "libx265":
        options["a53cc"] = 1  # closed captions, which libx264 keeps by itself
        if "x265-params" not in named:
            # libx265 reports to stderr on its own, whatever ffmpeg's log level is.
            own = options.get("x265-params")
            options["x265-params"] = ":".join(filter(None, ("log-level=error", own)))
        if target.suffix.lower() in (".mp4", ".m4v", ".mov"):
            options["tag:v"] = "hvc1"  # Apple's players want it
    return {**options, **chosen}

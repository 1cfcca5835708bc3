"""Which ffmpeg program runs, and what its encoders accept."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache

from vsrrg.errors import MediaError

MINIMUM = (7, 1)
"""Oldest system ffmpeg that is used.

`-enc_time_base filter` came with 6.1, HDR10 side data in libx265 with 7.1."""


def find_ffmpeg() -> str:
    """Path of the ffmpeg to run: `VSRRG_FFMPEG` if set, else the system's if recent, else the bundled one.

    Raises:
        MediaError: `VSRRG_FFMPEG` names no program, or there is no ffmpeg at all.
    """
    return _find(os.environ.get("VSRRG_FFMPEG"), os.environ.get("PATH"))


@cache
def _find(chosen: str | None, path: str | None) -> str:
    if chosen:
        found = shutil.which(chosen, path=path)
        if found is None:
            raise MediaError(
                "ffmpeg-setting",
                f"VSRRG_FFMPEG is {chosen!r}, which is not a program; set it to an ffmpeg, or unset it",
            )
        return found
    system = shutil.which("ffmpeg", path=path)
    if system is not None and (version(system) or (0, 0)) >= MINIMUM:
        return system
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        wanted = ".".join(map(str, MINIMUM))
        raise MediaError(
            "no-ffmpeg",
            f"no ffmpeg was found; install ffmpeg {wanted} or later, or the package imageio-ffmpeg",
        ) from error


def version(binary: str) -> tuple[int, int] | None:
    """(major, minor) of an ffmpeg; nightly builds count as (999, 0); None if it does not run."""
    try:
        text = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(text)


def parse_version(text: str) -> tuple[int, int] | None:
    """(major, minor) from what `ffmpeg -version` prints; nightly builds count as (999, 0)."""
    if re.match(r"ffmpeg version (N-|git-|20\d\d-)", text):
        return (999, 0)
    match = re.match(r"ffmpeg version n?(\d{1,9})\.(\d{1,9})", text)
    return (int(match[1]), int(match[2])) if match else None


def video_encoders(binary: str) -> list[tuple[str, str]]:
    """The video encoders of an ffmpeg, each with ffmpeg's own description."""
    words = [binary, "-hide_banner", "-encoders"]
    text = subprocess.run(words, capture_output=True, text=True, timeout=30).stdout
    return re.findall(r"^ V[A-Z.]{5} (\w\S*) +(.+)$", text, re.MULTILINE)


@cache
def encoder_pix_fmts(binary: str, encoder: str) -> frozenset[str] | None:
    """Pixel formats an encoder takes (empty where it takes any); None if this ffmpeg lacks the encoder."""
    run = subprocess.run(
        [binary, "-hide_banner", "-h", f"encoder={encoder}"], capture_output=True, text=True, timeout=30
    )
    text = run.stdout + run.stderr
    if f"Encoder {encoder} " not in text:
        return None
    match = re.search(r"Supported pixel formats: (.*)", text)
    return frozenset(match[1].split()) if match else frozenset()

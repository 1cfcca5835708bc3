"""Which containers take which sound as it is, and what it becomes in the others."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

_EXACT = {"flac", "alac", "wavpack", "tta", "ape", "truehd", "mlp", "tak"}
"""Codecs that lose nothing, beside PCM."""
_BITRATES = {"aac": "256k", "libmp3lame": "256k", "libopus": "192k"}


@dataclass(frozen=True, kw_only=True)
class _Box:
    """A container, and what becomes of sound that it does not take."""

    takes: Set[str] | None = None
    """The only codecs that it takes; None: all but those of `refuses`."""
    refuses: Set[str] = frozenset()
    lossy: str
    """The encoder for sound that has lost something before."""
    exact: str | None = None
    """The encoder for sound that has lost nothing, where there is one that loses nothing either."""


_NO_MOVIE = frozenset({"wavpack", "tta", "ape", "tak", "mlp", "truehd"})
_MOV = _Box(refuses=_NO_MOVIE | {"flac", "opus"}, lossy="aac", exact="alac")
_MP4 = _Box(refuses=_NO_MOVIE | {"pcm_u8"}, lossy="aac", exact="alac")
# ffmpeg stores other codecs, too, but as data that nobody can play.
_TS = _Box(takes={"mp1", "mp2", "mp3", "aac", "aac_latm", "ac3", "eac3", "dca", "opus", "s302m"}, lossy="aac")
_AVI = _Box(
    refuses={"opus", "wavpack", "tta", "alac", "truehd", "mlp", "ape", "tak", "pcm_s16be", "pcm_s24be"},
    lossy="libmp3lame",
    exact="flac",
)
_BOXES = {
    ".webm": _Box(takes={"opus", "vorbis"}, lossy="libopus"),
    ".mov": _MOV,
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".ts": _TS,
    ".m2ts": _TS,
    ".mts": _TS,
    ".avi": _AVI,
    ".nut": _Box(refuses={"truehd", "mlp", "tta", "alac", "ape", "tak"}, lossy="flac", exact="flac"),
    ".flv": _Box(takes={"aac", "mp3", "nellymoser", "speex", "pcm_s16le"}, lossy="aac"),
}


@dataclass(frozen=True)
class Sound:
    """How sound enters a container."""

    encoder: str
    """ffmpeg's name; "copy" where it goes in as it is."""
    bitrate: str | None = None
    loses: str | None = None
    """What is lost, in words; None if nothing is."""


def sound_for(codec: str, suffix: str) -> Sound:
    """How sound of this codec, by the name of ffmpeg's decoder, enters files of this suffix."""
    plain = codec.removeprefix("lib").removesuffix("float").removesuffix("_fixed")
    box = _BOXES.get(suffix)
    if box is None or (plain in box.takes if box.takes is not None else plain not in box.refuses):
        return Sound("copy")
    if box.exact and (plain in _EXACT or plain.startswith("pcm_")):
        return Sound(box.exact)
    loses = f"{plain} sound (it is {box.lossy.removeprefix('lib')} now)"
    return Sound(box.lossy, _BITRATES.get(box.lossy), loses)

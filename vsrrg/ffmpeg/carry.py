"""What goes along with the video into the new file: sound, subtitles, attachments, covers and tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vsrrg.ffmpeg.probe import Media, StreamInfo, first_packet
from vsrrg.ffmpeg.sound import sound_for

_TEXT = {
    "subrip",
    "srt",
    "ass",
    "ssa",
    "webvtt",
    "mov_text",
    "text",
    "ttml",
    "microdvd",
    "subviewer",
    "eia_608",
    "cc_dec",
}

_MP4 = frozenset({".mp4", ".m4v", ".mov"})
_MATROSKA = frozenset({".mkv", ".mks"})

_OWN_TAGS = {
    "encoder",
    "vendor_id",
    "duration",
    "bps",
    "number_of_frames",
    "number_of_bytes",
    "creation_time",
}
"""Tags of a video stream that describe the old encoding, or that ffmpeg writes itself."""


@dataclass
class Carried:
    """How the other streams of a file enter the output."""

    maps: list[str] = field(default_factory=list)
    """Stream specifiers of the source, in the order of the output's streams after the video."""
    options: dict[str, Any] = field(default_factory=dict)
    """ffmpeg's output options for them, and for the container."""
    tags: list[str] = field(default_factory=list)
    """More of those options, word by word: one -metadata for each tag."""
    covers: list[StreamInfo] = field(default_factory=list)
    """Pictures to attach as files, after the attachments among `maps`."""
    dropped: list[str] = field(default_factory=list)
    """What the container cannot hold, in words."""


def carry(media: Media, target: Path) -> Carried:
    """Plan which streams go into the target and whether they are copied or must be converted.

    Everything is copied if the container takes it; text subtitles become the container's own kind of text.
    What it cannot hold at all is listed in `dropped`.
    """
    suffix = target.suffix.lower()
    # Without bitexact Matroska gets random numbers, and the same job never gives the same file twice.
    plan = Carried(options={"map_metadata": 0, "map_chapters": 0, "fflags": "+bitexact"})
    _carry_sound(plan, media, suffix)
    _carry_subtitles(plan, media, suffix)
    _carry_attachments(plan, media, suffix)
    _carry_tags(plan, media, suffix)
    return plan


def _carry_sound(plan: Carried, media: Media, suffix: str) -> None:
    for n, stream in enumerate(media.of_kind("audio")):
        sound = sound_for(stream.codec, suffix)
        plan.maps.append(str(stream.index))
        plan.options[f"c:a:{n}"] = sound.encoder
        if sound.bitrate:
            plan.options[f"b:a:{n}"] = sound.bitrate
        if sound.loses:
            plan.dropped.append(sound.loses)


def _carry_subtitles(plan: Carried, media: Media, suffix: str) -> None:
    kept = 0
    for stream in media.of_kind("subtitle"):
        codec = _subtitle_codec(stream.codec, suffix)
        if codec is None:
            plan.dropped.append(f"subtitles {_name(stream)}")
            continue
        plan.maps.append(str(stream.index))
        plan.options[f"c:s:{kept}"] = codec
        kept += 1


def _subtitle_codec(codec: str, suffix: str) -> str | None:
    """The encoder for subtitles: "copy" where they fit as they are, None where they do not fit at all."""
    text = codec in _TEXT
    if suffix in _MATROSKA:
        return "srt" if codec in ("mov_text", "eia_608", "cc_dec", "ttml") else "copy"
    if suffix in _MP4:
        return "copy" if codec in ("mov_text", "dvdsub", "dvd_subtitle") else "mov_text" if text else None
    if suffix == ".webm":
        return "copy" if codec == "webvtt" else "webvtt" if text else None
    if suffix in (".ts", ".m2ts", ".mts"):
        return "copy" if codec.startswith(("dvb", "dvd", "pgssub", "hdmv")) else None
    if suffix == ".nut":
        return "copy" if codec.startswith(("dvb", "dvd")) else "ass" if text else None
    return None


def _carry_attachments(plan: Carried, media: Media, suffix: str) -> None:
    """Attachments and cover pictures."""
    attachments = media.of_kind("attachment")
    if suffix in _MATROSKA:
        plan.maps += [str(stream.index) for stream in attachments]
    else:
        plan.dropped += [f"attachment {_name(stream)}" for stream in attachments]
    for n, cover in enumerate(media.covers, start=1):
        if suffix in _MATROSKA:
            # Copied as a stream it would become a second video.
            plan.covers.append(cover)
        elif suffix in _MP4:
            plan.maps.append(str(cover.index))
            plan.options[f"c:v:{n}"] = "copy"
            plan.options[f"disposition:v:{n}"] = "attached_pic"
        else:
            plan.dropped.append(f"cover picture {_name(cover)}")
    for stream in media.of_kind("video"):
        plan.dropped.append(f"second video stream {_name(stream)}")


def attach_covers(plan: Carried, media: Media, folder: Path) -> list[str]:
    """Write the covers into a folder; returns ffmpeg's options that attach them from there, word by word."""
    words: list[str] = []
    count = len(media.of_kind("attachment"))
    for n, cover in enumerate(plan.covers):
        tags = {key.lower(): value for key, value in cover.metadata}
        kind = {"mjpeg": "jpeg"}.get(cover.codec, cover.codec)
        path = folder / f"{n}.{kind}"
        path.write_bytes(first_packet(media.path, cover.index))
        words += ["-attach", str(path)]
        for tag in (
            f"mimetype={tags.get('mimetype', f'image/{kind}')}",
            f"filename={tags.get('filename', f'cover.{kind}')}",
        ):
            words += [f"-metadata:s:t:{count + n}", tag]
    return words


def _carry_tags(plan: Carried, media: Media, suffix: str) -> None:
    """The video passes through filters, so ffmpeg does not know whose tags it should have."""
    plan.options["disposition:v:0"] = "+".join(media.video.disposition) or "0"
    for key, value in media.video.metadata:
        if not _is_own(key):
            plan.tags += ["-metadata:s:v:0", f"{key}={value}"]
    for key, _ in media.metadata:
        if key.lower() in ("major_brand", "minor_version", "compatible_brands") and suffix not in _MP4:
            plan.tags += ["-metadata", f"{key}="]


def _is_own(key: str) -> bool:
    return key.lower().partition("-")[0] in _OWN_TAGS or key.startswith("_STATISTICS")


def _name(stream: StreamInfo) -> str:
    tags = {key.lower(): value for key, value in stream.metadata}
    label = tags.get("title") or tags.get("filename") or tags.get("language")
    return f"#{stream.index} ({', '.join(filter(None, (label, stream.codec)))})"

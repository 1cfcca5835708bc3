"""What goes along with the video into the new file: sound, subtitles, attachments, covers and tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vsrrg.ffmpeg.probe import Media, StreamInfo, first_packet
from vsrrg.ffmpeg.sound import Sound, sound_for

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

_MATROSKA_SUBTITLES = {
    "subrip", "srt", "ass", "ssa", "webvtt", "text", "dvbsub", "dvb_subtitle", "dvdsub", "dvd_subtitle",
    "pgssub", "hdmv_pgs_subtitle", "hdmv_text_subtitle",
}  # fmt: skip

_MP4 = frozenset({".mp4", ".m4v", ".mov"})
_MATROSKA = frozenset({".mkv", ".mks"})
_TS_DATA = frozenset({"klv", "timed_id3"})
"""Data that ffmpeg writes into transport streams as what it is."""

_TS = frozenset({".ts", ".m2ts", ".mts"})
_MOVIE = "mov,mp4,m4a,3gp,3g2,mj2"
"""ffmpeg's name of the demuxer of MP4 and MOV."""
_FAMILIES = {_MOVIE: _MP4, "matroska,webm": _MATROSKA, "mpegts": _TS}
"""Demuxers that know the times of all packets, and the suffixes of files that they read."""

_QUICKTIME = {
    "deu": "ger", "ell": "gre", "fas": "iri", "hrv": "hr ", "hye": "arm", "isl": "ice",
    "kat": "geo", "mkd": "mac", "nld": "dut", "nob": "nor", "nno": "nor", "sqi": "alb",
    "srp": "sr ", "swe": "sve", "zho": "chi",
}  # fmt: skip
"""Languages that QuickTime knows by another code than ISO 639-2/T."""

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
    notes: list[str] = field(default_factory=list)
    """What else there is to know, each a sentence without its subject, the target."""


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
    _carry_videos(plan, media, suffix)
    _carry_data(plan, media, suffix)
    _carry_tags(plan, media, suffix)
    return plan


def _carry_sound(plan: Carried, media: Media, suffix: str) -> None:
    kept = 0
    for stream in media.of_kind("audio"):
        if not (stream.codec or suffix in _FAMILIES.get(media.container, ())):
            plan.dropped.append(f"sound {_name(stream)}")
            continue
        sound = sound_for(stream.codec, suffix) if stream.codec else Sound("copy")
        plan.maps.append(str(stream.index))
        plan.options[f"c:a:{kept}"] = sound.encoder
        if sound.bitrate:
            plan.options[f"b:a:{kept}"] = sound.bitrate
        kept += 1
        if sound.loses:
            plan.dropped.append(sound.loses)


def _carry_subtitles(plan: Carried, media: Media, suffix: str) -> None:
    kept = 0
    for stream in media.of_kind("subtitle"):
        codec = _subtitle_codec(stream.codec, suffix)
        if not stream.codec and suffix in _TS and media.container == "mpegts":
            codec = "copy"  # teletext
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
        return "copy" if codec in _MATROSKA_SUBTITLES else "srt" if text else None
    if suffix in _MP4:
        return "copy" if codec in ("mov_text", "dvdsub", "dvd_subtitle") else "mov_text" if text else None
    if suffix == ".webm":
        return "copy" if codec == "webvtt" else "webvtt" if text else None
    if suffix in _TS:
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


def _carry_videos(plan: Carried, media: Media, suffix: str) -> None:
    """Other videos, as they are, into the container that takes all codecs."""
    for n, stream in enumerate(media.of_kind("video"), start=1):
        if suffix in _MATROSKA and stream.codec and media.container in _FAMILIES:
            plan.maps.append(str(stream.index))
            plan.options[f"c:v:{n}"] = "copy"
            plan.notes.append(f"has the second video stream {_name(stream)} as it was, with its rain")
        else:
            plan.dropped.append(f"second video stream {_name(stream)}")


def _carry_data(plan: Carried, media: Media, suffix: str) -> None:
    """Data goes from one transport stream into another; a timecode track is a tag of the video, too."""
    for stream in media.of_kind("data"):
        if suffix in _TS and stream.codec in _TS_DATA and media.container == "mpegts":
            plan.maps.append(str(stream.index))
            plan.options["c:d"] = "copy"
        elif "timecode" not in dict(stream.metadata):
            plan.dropped.append(f"data stream {_name(stream)}")


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
        if not is_own_tag(key):
            plan.tags += ["-metadata:s:v:0", f"{key}={value}"]
    for number, stream in enumerate(carried_streams(plan, media)):
        plan.tags += _stream_tags(stream, number, media, suffix)
    if suffix == ".mov" and any(key.lower().startswith("com.") for key, _ in media.metadata):
        # QuickTime's own keys, as cameras write them, which ffmpeg leaves out by itself.
        plan.options["movflags"] = "+use_metadata_tags"
    for key, value in media.metadata:
        if key.lower() == "creation_time" and ";" in value:  # twice there, as ffmpeg reads such keys
            plan.tags += ["-metadata", f"creation_time={value.partition(';')[0]}"]
        if key.lower() in ("major_brand", "minor_version", "compatible_brands") and suffix not in _MP4:
            plan.tags += ["-metadata", f"{key}="]


def carried_streams(plan: Carried, media: Media) -> list[StreamInfo]:
    """The source's streams in the order of the output's: the derained video, and those mapped."""
    found = {str(stream.index): stream for stream in media.streams}
    return [media.video, *(found[index] for index in plan.maps)]


def _stream_tags(stream: StreamInfo, number: int, media: Media, suffix: str) -> list[str]:
    """ffmpeg's options for tags of the output's stream `number` that it would call otherwise, or lose."""
    tags, words = dict(stream.metadata), []
    if media.container == _MOVIE and "name" in tags and "title" not in tags:
        words += [f"-metadata:s:{number}", f"title={tags['name']}", f"-metadata:s:{number}", "name="]
    if suffix == ".mov" and tags.get("language") in _QUICKTIME:
        words += [f"-metadata:s:{number}", f"language={_QUICKTIME[tags['language']]}"]
    return words


def is_own_tag(key: str) -> bool:
    """Whether a tag describes an encoding or a file as such, and is not to be kept."""
    return key.lower().partition("-")[0] in _OWN_TAGS or key.startswith("_STATISTICS")


def _name(stream: StreamInfo) -> str:
    tags = {key.lower(): value for key, value in stream.metadata}
    label = tags.get("title") or tags.get("filename") or tags.get("language")
    return f"#{stream.index} ({', '.join(filter(None, (label, stream.codec or 'unknown codec')))})"

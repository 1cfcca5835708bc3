"""What of a source its target lacks, found by looking into both: containers and encoders do not say."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.carry import Carried, carried_streams, is_own_tag
from vsrrg.ffmpeg.probe import Media, StreamInfo, open_media, probe

_LOOK = 12
"""Frames at the beginning whose side data is looked at."""
_SIDE_DATA = {
    "A53_CC": "closed captions",
    "AFD": "active format",
    "AMBIENT_VIEWING_ENVIRONMENT": "ambient viewing environment",
    "CONTENT_LIGHT_LEVEL": "content light level",
    "DISPLAYMATRIX": "rotation",
    "DOVI_METADATA": "Dolby Vision metadata",
    "DOVI_RPU_BUFFER": "Dolby Vision metadata",
    "DYNAMIC_HDR_PLUS": "HDR10+ metadata",
    "DYNAMIC_HDR_VIVID": "HDR Vivid metadata",
    "FILM_GRAIN_PARAMS": "film grain parameters",
    "ICC_PROFILE": "ICC profile",
    "MASTERING_DISPLAY_METADATA": "mastering display metadata",
    "S12M_TIMECODE": "timecodes of the pictures",
    "SPHERICAL": "spherical mapping",
    "STEREO3D": "stereo 3D layout",
    "THREE_D_REFERENCE_DISPLAYS": "stereo 3D layout",
}
"""Side data of frames that is worth keeping, by PyAV's names, in words."""
_COLORS = ("color_primaries", "color_trc", "colorspace")
_UNSAID = (0, 2)
"""Values of these where nothing is said: in RGB, and unspecified."""
_HANDLERS = {"VideoHandler", "SoundHandler", "SubtitleHandler", "DataHandler"}
_MADE_ANEW = {
    "major_brand",
    "minor_version",
    "compatible_brands",
    "handler_name",
    "name",
    "mimetype",
    "software",
}
"""Tags that containers have for themselves, or by another name."""
_DERIVED = {"attached_pic", "captions", "descriptions", "still_image", "timed_thumbnails"}
"""Flags that follow from others, or from what a container is."""


@dataclass(frozen=True)
class Losses:
    """What a target lacks."""

    dropped: tuple[str, ...]
    """What its container does not hold, in words."""
    notes: tuple[str, ...]
    """What its encoder does not write, each a sentence without its subject, the target."""


def find_losses(source: Media, target: Path, carried: Carried, encoder: str) -> Losses:
    """Compare a file that was made with its source; what was `carried` says which streams correspond."""
    with contextlib.suppress(MediaError):
        made = probe(target)
        dropped = (
            *_lost_streams(source, made, carried),
            *_lost_chapters(source, made),
            *_lost_tags(source, made),
        )
        lost = _lost_of_pictures(source, made)
        notes = (f"lacks {', '.join(lost)} of the input: {encoder} or {target.suffix} does not carry that",)
        return Losses((*carried.dropped, *dropped), (*carried.notes, *(notes if lost else ())))
    return Losses(tuple(carried.dropped), tuple(carried.notes))


def _lost_chapters(source: Media, made: Media) -> Iterable[str]:
    if len(made.chapters) < len(source.chapters):
        yield "chapters"


def _lost_tags(source: Media, made: Media) -> Iterable[str]:
    lost = _keys(source.metadata) - _keys(made.metadata) - _keys(made.video.metadata)
    if lost:
        yield f"tags {', '.join(sorted(lost))}"


def _lost_streams(source: Media, made: Media, carried: Carried) -> Iterable[str]:
    """Titles, languages, flags and other tags of streams that were carried."""
    before = carried_streams(carried, source)
    after = made.streams[: len(before)]
    if [stream.kind for stream in before] != [stream.kind for stream in after]:
        return  # the user's own options had others
    has_default = any("default" in stream.disposition for stream in after)
    lost: dict[str, list[str]] = {}
    for old, new in zip(before, after, strict=True):
        for flag in {*old.disposition} - {*new.disposition} - _DERIVED:
            if flag != "default" or has_default:
                lost.setdefault(f"flag {flag}", []).append(f"#{old.index}")
        for key in _stream_keys(old) - _stream_keys(new):
            lost.setdefault(key, []).append(f"#{old.index}")
    for what, where in sorted(lost.items()):
        yield f"{what} of {', '.join(where)}"


def _stream_keys(stream: StreamInfo) -> set[str]:
    tags = {key.lower(): value for key, value in stream.metadata}
    keys = _keys(stream.metadata) - {"timecode", "filename"}
    if tags.get("language") == "und":
        keys.discard("language")
    if "name" in tags:
        keys.add("title")
    if tags.get("handler_name", "VideoHandler") not in _HANDLERS:
        keys.add("handler_name")
    return keys


def _keys(tags: Iterable[tuple[str, str]]) -> set[str]:
    """The names of tags that should be kept."""
    names = {key.lower().partition("-")[0] for key, value in tags if value and not is_own_tag(key)}
    return names - _MADE_ANEW


def _lost_of_pictures(source: Media, made: Media) -> list[str]:
    before, after = _properties(source), _properties(made)
    return sorted(before - after)


def _properties(media: Media) -> set[str]:
    """What the first frames say of themselves, in words."""
    import av
    from av.sidedata.sidedata import Type as SideData

    said = set()
    with contextlib.suppress(av.FFmpegError, OSError), open_media(media.path) as container:
        stream = container.streams[media.video.index]
        assert isinstance(stream, av.VideoStream)
        for frame in islice(container.decode(stream), _LOOK):
            said |= {
                _SIDE_DATA[kind.name]
                for kind in SideData
                if kind.name in _SIDE_DATA and kind in frame.side_data
            }
            if any(getattr(frame, tag) not in _UNSAID for tag in _COLORS):
                said.add("colour tags")
    return said

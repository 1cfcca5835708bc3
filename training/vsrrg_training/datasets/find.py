"""Footage by what users write for it: a folder, a data set as `NAME` or `NAME:FOLDER`, or a single file.

A path that exists is that folder, read as the data set `plain`, even where a data set has that name too. All
functions raise RecipeError, in one sentence, where nothing is found, and PluginError where the data set of a
plugin fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from vsrrg.errors import VsrrgError
from vsrrg.hooks.manager import Offer, blame, blaming
from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import STILL_SUFFIXES, VIDEO_SUFFIXES, check_still
from vsrrg_training.datasets.clips import Footage, PairedClip, read_pairs
from vsrrg_training.datasets.dataset import KINDS, DataSet, Kind
from vsrrg_training.datasets.registry import data_sets

_WRITTEN = re.compile(r"(?P<name>\w[\w-]*)(?::(?P<folder>.+))?")

_CLIPS = f"videos ({', '.join(sorted(VIDEO_SUFFIXES))}) or folders of frames"
_STILLS = f"pictures ({', '.join(sorted(STILL_SUFFIXES))})"
_LOOKS: Mapping[Kind, str] = {
    "pairs": "rainy/CLIP beside clean/CLIP, folders of frames or videos",
    "clean": _CLIPS,
    "rain": _CLIPS,
    "stills": _STILLS,
    "rainy_stills": _STILLS,
}


class Absent(RecipeError):
    """Footage of the wanted kind is not there."""


def paired_clips(given: Path, *, bare: str = "plain") -> list[PairedClip]:
    """Clips with and without rain; of their frames only the first of each pair is read, to compare sizes.

    `bare` is the data set that a folder without a name is read as.
    """
    found = _clips(given, "pairs", bare)
    _distinct((clip.name for clip in found), given)
    for clip in found:
        next(read_pairs(clip))
    return found


def clean_clips(given: Path) -> dict[str, Footage]:
    """Clips without rain by name; what several rainy clips share counts once."""
    if _is_one(given, VIDEO_SUFFIXES):
        return {given.stem: given}
    names: dict[Footage, str] = {}
    for clip in _clips(given, "clean"):
        assert clip.clean
        names.setdefault(clip.clean, clip.name)
    _distinct(names.values(), given)
    return {name: footage for footage, name in names.items()}


def rainy_clips(*given: Path) -> dict[str, Footage]:
    """Clips with rain of all that is given, by name, whether or not there are the same without."""
    found: list[tuple[str, Footage]] = []
    for one in given:
        if _is_one(one, VIDEO_SUFFIXES):
            found.append((one.stem, one))
        else:
            found += [(clip.name, clip.rainy) for clip in _clips(one, "rain") if clip.rainy]
    _distinct((name for name, _ in found), *given)
    return dict(found)


def clean_stills(given: Path) -> list[Path]:
    """Photographs without rain, sorted by name."""
    return _stills(given, "stills")


def rainy_stills(given: Path) -> list[Path]:
    """Photographs with rain, sorted by name."""
    return _stills(given, "rainy_stills")


def clean_footage(given: Path) -> dict[str, Footage]:
    """Clean clips by name; where there are none, clean stills, each as a clip of one frame."""
    try:
        return clean_clips(given)
    except Absent:
        try:
            stills = clean_stills(given)
        except Absent:
            stills = []
        if not stills:
            raise
    _distinct((path.stem for path in stills), given)
    return {path.stem: (path,) for path in stills}


def dataset_of(given: Path, kind: Kind, *, bare: str = "plain") -> tuple[Offer[DataSet], Path]:
    """The data set that is meant, and its folder."""
    known, words = data_sets(), KINDS[kind]
    if given.exists():
        if not given.is_dir():
            raise Absent("training-no-footage", f"file {given} holds no {words}: these are {_LOOKS[kind]}")
        return known[bare], given
    written = _WRITTEN.fullmatch(str(given))
    if written is None:
        raise RecipeError("training-no-footage", f"{given} for {words} does not exist: give {_choice(kind)}")
    name, place = written["name"].lower(), written["folder"]
    if name not in known:
        nothing = "data set" if place else "folder and no data set"
        raise RecipeError(
            "training-no-footage",
            f"there is no {nothing} {written['name']} for {words}: give {_choice(kind)}",
        )
    offer = known[name]
    if kind not in offer.item.gives:
        gives = ", ".join(KINDS[other] for other in offer.item.gives)
        raise Absent(
            "training-no-footage", f"data set {name} gives {gives}, not {words}: give {_choice(kind)}"
        )
    if not place:
        return offer, _own_folder(offer)
    if not Path(place).is_dir():
        raise RecipeError(
            "training-no-footage",
            f"folder {place} for data set {name} does not exist: give the one that it lies in",
        )
    return offer, Path(place)


def _choice(kind: Kind) -> str:
    names = [offer.item.written for offer in data_sets().values() if kind in offer.item.gives]
    return f"a folder, or one of {', '.join(names)}"


def _is_one(given: Path, suffixes: frozenset[str]) -> bool:
    return given.suffix.lower() in suffixes and given.is_file()


def _own_folder(offer: Offer[DataSet]) -> Path:
    known = offer.item
    if known.folder is None:
        raise RecipeError(
            "training-no-footage",
            f"data set {known.name} does not come by itself: get it ({known.origin}) and write "
            f"{known.name}:FOLDER",
        )
    with blaming(offer.plugin, f"to give the folder of data set {known.name!r}", VsrrgError):
        folder = known.folder()
    if not isinstance(folder, Path) or not folder.is_dir():
        raise blame(
            offer.plugin, f"gives for the folder of data set {known.name!r} {folder!r}, which is none"
        )
    return folder


def _clips(given: Path, kind: Kind, bare: str = "plain") -> list[PairedClip]:
    """The clips that have the halves of their kind."""
    offer, folder = dataset_of(given, kind, bare=bare)
    clips = []
    for clip in _asked(offer, kind, folder):
        if not isinstance(clip, PairedClip):
            raise _rubbish(offer, kind, f"a {type(clip).__name__}, not a PairedClip")
        if not clip.name or "/" in clip.name:
            raise _rubbish(offer, kind, f"a clip named {clip.name!r}, after which no file can be named")
        halves = _halves(clip, kind)
        for half in halves:
            for file in (half,) if isinstance(half, Path) else half or ():
                if not file.is_file():
                    raise _rubbish(offer, kind, f"{file}, which is no file")
        if all(halves):
            clips.append(clip)
    if not clips:
        raise _nothing(offer, kind, folder)
    return clips


def _halves(clip: PairedClip, kind: Kind) -> list[Footage | None]:
    """The halves that a clip of this kind must have."""
    return {"pairs": [clip.rainy, clip.clean], "clean": [clip.clean], "rain": [clip.rainy]}[kind]


def _stills(given: Path, kind: Kind) -> list[Path]:
    if _is_one(given, STILL_SUFFIXES):
        return [given]
    offer, folder = dataset_of(given, kind)
    stills = []
    for path in _asked(offer, kind, folder):
        if not isinstance(path, Path) or not path.is_file():
            raise _rubbish(offer, kind, f"{path!r}, which is no file")
        stills.append(path)
    if not stills:
        raise _nothing(offer, kind, folder)
    for path in stills:
        check_still(path)
    return sorted(stills)


def _asked(offer: Offer[DataSet], kind: Kind, folder: Path) -> list[object]:
    """What the data set's own function finds, whatever that is."""
    with blaming(offer.plugin, f"to find the {KINDS[kind]} of data set {offer.item.name!r}", VsrrgError):
        return list(getattr(offer.item, kind)(folder))


def _nothing(offer: Offer[DataSet], kind: Kind, folder: Path) -> Absent:
    known = offer.item
    looks = f"{known.name} is {known.layout}" if known.layout else f"these are {_LOOKS[kind]}"
    return Absent("training-no-footage", f"folder {folder} holds no {KINDS[kind]}: {looks}")


def _rubbish(offer: Offer[DataSet], kind: Kind, what: str) -> Exception:
    return blame(offer.plugin, f"gives for the {KINDS[kind]} of data set {offer.item.name!r} {what}")


def _distinct(names: Iterable[str], *given: Path) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            places = ", ".join(map(str, given))
            raise RecipeError(
                "training-same-name", f"two clips of {places} are called {name!r}: rename one of them"
            )
        seen.add(name)

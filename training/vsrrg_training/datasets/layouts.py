"""The ways in which the published data sets lie on disk; docs/datasets.md says which one comes from where.

A layout takes a folder and gives its clips, or none where the folder is laid out otherwise. It raises
RecipeError where the folder is of its kind, but a half of a pair is missing or empty.
"""

import re
from collections.abc import Callable
from pathlib import Path

from vsrrg_training.config import RecipeError
from vsrrg_training.datasets.clips import CLEAN_WORDS, RAINY_WORDS, Footage, PairedClip, by_key, pair
from vsrrg_training.datasets.folders import children, clips, footage, frames_of, images, named

type Layout = Callable[[Path], list[PairedClip]]

_LABELS = frozenset({"label", "labels"})
"""Clean pictures in sets of stills; in sets of videos these are the labels of a segmentation."""
_ROLES = "|".join(sorted(RAINY_WORDS | CLEAN_WORDS))
_SUFFIX = re.compile(rf"(?P<name>.+?)[_-](?P<role>{_ROLES})(?P<take>[_-]\d+)?", re.IGNORECASE)
_PREFIXES = (("rfc", "gtc"), ("rf", "gt"))


def suffixed(folder: Path) -> list[PairedClip]:
    """`a1_Rain` beside `a1_GT`, folders of frames or videos; `t1_Rain_01`, `t1_Rain_02` share `t1_GT`.

    Where there is no clean clip at all, the rain is real.
    """
    rainy: dict[Path, tuple[str, str]] = {}
    clean: dict[str, Path] = {}
    for path in children(folder):
        match = _SUFFIX.fullmatch(path.stem if path.is_file() else path.name)
        if match is None or (path.is_file() and footage(path) is None):
            continue
        name, take = match["name"], match["take"] or ""
        if match["role"].lower() in RAINY_WORDS:
            rainy[path] = name, name + take
        else:
            clean[name.lower()] = path
    if not any(footage(path) for path in rainy):
        return []
    if not clean:
        return [PairedClip(name, frames_of(path), None) for path, (_, name) in rainy.items()]
    scenes = {scene.lower() for scene, _ in rainy.values()}
    alone = [path for path, (scene, _) in rainy.items() if scene.lower() not in clean]
    alone += [path for scene, path in clean.items() if scene not in scenes]
    if alone:
        raise RecipeError(
            "training-no-pair", f"{alone[0]} has no partner in {folder}: a pair is NAME_Rain beside NAME_GT"
        )
    return [
        pair(name, frames_of(path), frames_of(clean[scene.lower()])) for path, (scene, name) in rainy.items()
    ]


def halves(folder: Path) -> list[PairedClip]:
    """`rainy/CLIP` beside `clean/CLIP`, folders of frames or videos; or one clip's frames in the halves."""
    found = _halves(folder, CLEAN_WORDS - _LABELS)
    if found is None:
        return []
    rainy, clean = found
    if images(rainy) and images(clean):
        return [pair(folder.absolute().name, images(rainy), images(clean))]
    wet, dry = (
        by_key(path for path in children(half) if path.is_dir() or footage(path)) for half in (rainy, clean)
    )
    for ours, theirs, other in ((wet, dry, clean), (dry, wet, rainy)):
        alone = next((path for key, path in ours.items() if key not in theirs), None)
        if alone:
            raise RecipeError(
                "training-no-pair",
                f"{alone} has no partner in {other}: every clip needs one of the same name",
            )
    return [pair(path.stem, frames_of(path), frames_of(dry[key])) for key, path in wet.items()]


def halves_in_clips(folder: Path) -> list[PairedClip]:
    """`CLIP/rainy` beside `CLIP/clean`, folders of frames."""
    found = []
    for path in children(folder):
        inside = _halves(path, CLEAN_WORDS - _LABELS) if path.is_dir() else None
        if inside and images(inside[0]) and images(inside[1]):
            found.append(pair(path.name, images(inside[0]), images(inside[1])))
    return found


def prefixed(folder: Path) -> list[PairedClip]:
    """`CLIP/rfc-1.jpg` beside `CLIP/gtc-1.jpg`; `rf` and `gt` where there are no such."""
    found = []
    for path in children(folder):
        for wet, dry in _PREFIXES:
            rainy, clean = (
                tuple(image for image in images(path) if re.fullmatch(rf"{prefix}-\d+", image.stem))
                for prefix in (wet, dry)
            )
            if rainy and clean:
                found.append(pair(path.name, rainy, clean))
                break
    return found


def stills(folder: Path) -> list[PairedClip]:
    """`input/input1.png` beside `label/norain1.png`: every pair of pictures is a clip of one frame."""
    found = _halves(folder, CLEAN_WORDS)
    if found is None or not (images(found[0]) and images(found[1])):
        return []
    whole = pair(folder.name, images(found[0]), images(found[1]))
    assert isinstance(whole.rainy, tuple) and isinstance(whole.clean, tuple)
    return [
        PairedClip(rainy.stem, (rainy,), (clean,))
        for rainy, clean in zip(whole.rainy, whole.clean, strict=True)
    ]


def rainy(folder: Path) -> list[PairedClip]:
    """Folders of frames and videos, all of rain; or the frames of one clip."""
    found = [PairedClip(_name(path), here, None) for path, here in clips(folder).items()]
    if not found and images(folder):
        return [PairedClip(folder.absolute().name, images(folder), None)]
    return found


def clean(folder: Path) -> list[PairedClip]:
    """Clean footage: the clean halves of pairs, or else folders of frames and videos."""
    paired = [clip for layout in (suffixed, halves, halves_in_clips) for clip in layout(folder)]
    names: dict[Footage, str] = {}
    for clip in paired:
        if clip.clean:
            names.setdefault(clip.clean, clip.name)
    if names:
        return [PairedClip(name, None, found) for found, name in names.items()]
    return [
        PairedClip(_name(path), None, found)
        for path, found in clips(folder).items()
        if path.name.lower() not in RAINY_WORDS | CLEAN_WORDS
    ]


def _name(path: Path) -> str:
    return path.stem if path.is_file() else path.name


def _halves(folder: Path, clean_words: frozenset[str]) -> tuple[Path, Path] | None:
    wet, dry = named(folder, RAINY_WORDS), named(folder, clean_words)
    if not wet or not dry:
        return None
    for found in (wet, dry):
        if len(found) > 1:
            raise RecipeError(
                "training-same-name",
                f"{found[0]} and {found[1]} both look like one half of the pairs: move the one not meant "
                "away",
            )
    return wet[0], dry[0]

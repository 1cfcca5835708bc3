"""What lies in a folder: frames in their order, and clips, which are folders of frames or videos."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import STILL_SUFFIXES, VIDEO_SUFFIXES
from vsrrg_training.datasets.clips import Footage


def children(folder: Path) -> list[Path]:
    """Everything in a folder that is not hidden, 2 before 10; nothing where it cannot be read."""
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    return sorted(found, key=lambda path: natural(path.name))


def images(folder: Path) -> tuple[Path, ...]:
    """The image files of a folder in the order of their numbers."""
    return tuple(path for path in children(folder) if path.suffix.lower() in STILL_SUFFIXES)


def footage(path: Path) -> Footage | None:
    """A video, or the frames of a folder or of the only folder in it, as some archives unpack; else None."""
    if path.is_file():
        return path if path.suffix.lower() in VIDEO_SUFFIXES else None
    found = images(path)
    if not found:
        folders = [child for child in children(path) if child.is_dir()]
        found = images(folders[0]) if len(folders) == 1 else ()
    return found or None


def clips(folder: Path) -> dict[Path, Footage]:
    """The clips of a folder: videos, and folders that directly hold frames."""
    found: dict[Path, Footage] = {}
    for path in children(folder):
        here = images(path) if path.is_dir() else footage(path)
        if here:
            found[path] = here
    return found


def frames_of(path: Path) -> Footage:
    """The footage at a path. Raises RecipeError where there is none."""
    found = footage(path)
    if found is None:
        raise RecipeError(
            "training-no-footage",
            f"clip {path} is empty: it holds no frames ({', '.join(sorted(STILL_SUFFIXES))})",
        )
    return found


def named(folder: Path, names: Iterable[str]) -> list[Path]:
    """The folders in a folder that bear one of the names, without regard to case."""
    wanted = frozenset(names)
    return [path for path in children(folder) if path.is_dir() and path.name.lower() in wanted]


def places(folder: Path, inner: Sequence[str]) -> Iterator[Path]:
    """The folder, then those within it, and within these, that bear one of the names, first names first."""
    yield folder
    for name in inner:
        for path in named(folder, (name,)):
            yield from places(path, inner)


def natural(name: str) -> tuple[str | int, ...]:
    """A key that sorts numbers in names by their value."""
    return tuple(int(t) if t.isdecimal() else t.lower() for t in re.split(r"(\d+)", name))

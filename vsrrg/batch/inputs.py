"""What people mean by the files, folders and patterns that they name: videos, and what each becomes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vsrrg.errors import MediaError, OptionError

VIDEO_SUFFIXES = frozenset({
    ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".h264", ".h265", ".hevc", ".ivf", ".m1v",
    ".m2ts", ".m2v", ".m4v", ".mj2", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".nut", ".obu",
    ".ogm", ".ogv", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv", ".y4m",
})  # fmt: skip
"""Files of other suffixes in a folder are left out."""


@dataclass(frozen=True)
class Input:
    """A file to derain."""

    path: Path
    below: Path
    """Where it lies below what was named: its place in a folder of outputs."""


@dataclass(frozen=True)
class Found:
    """What the words of a command mean."""

    inputs: tuple[Input, ...]
    """In the order of the words, and by name within one."""
    many: bool
    """Whether the outputs go into a folder whatever its name looks like: several words, a folder or a
    pattern.
    """
    roots: tuple[Path, ...] = ()
    """Folders that were searched with all that is in them."""
    left_out: int = 0
    """Files in them that are no videos, by their suffix."""


@dataclass(frozen=True)
class Pair:
    """An input and its output."""

    source: Path
    target: Path


def find_inputs(words: Sequence[str]) -> Found:
    """The videos behind words, each a file, a folder or a pattern with `*`, `?`, `[...]` and `**`.

    What exists under the name that a word is, is that, whatever it looks like. Hidden files and folders are
    left out where they are not named themselves. A word that is neither there nor a pattern is an input that
    will fail.

    Raises:
        MediaError: a pattern matches nothing, or all that was named holds no video.
    """
    inputs: list[Input] = []
    roots: list[Path] = []
    left_out, many = 0, len(words) > 1
    for word in words:
        path = Path(word)
        if path.is_dir():
            root, found, judged = path, list(_files_below(path)), True
        elif os.path.lexists(path) or not glob.has_magic(word):
            inputs.append(Input(path, Path(path.name)))
            continue
        else:
            root, found, judged = _match(word)
        many = True
        if judged:
            videos = [file for file in found if file.suffix.lower() in VIDEO_SUFFIXES]
            left_out += len(found) - len(videos)
            found = videos
        if path.is_dir() or "**" in word:
            roots.append(root)
        inputs += (Input(file, file.relative_to(root)) for file in found)
    if not inputs:
        raise MediaError(
            "no-video-found",
            f"there is no video in {', '.join(map(repr, words))}: {left_out} files have other suffixes",
        )
    return Found(tuple(inputs), many, tuple(roots), left_out)


def _files_below(folder: Path) -> Iterator[Path]:
    """All files in a folder and those in it, hidden ones left out, in the order of their names."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(place, name)


def _match(pattern: str) -> tuple[Path, list[Path], bool]:
    """The folder that a pattern starts from, the files that match, and whether suffixes shall judge them:
    not where the pattern names one.
    """
    fixed: list[str] = []
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        fixed.append(part)
    found = sorted(path for path in map(Path, glob.glob(pattern, recursive=True)) if path.is_file())
    if not found:
        raise MediaError("no-video-found", f"no file matches {pattern!r}")
    suffix = Path(pattern).suffix
    return Path(*fixed), found, not suffix or glob.has_magic(suffix)


def name_targets(found: Found, out: str, suffix: str | None = None) -> list[Pair]:
    """What each input becomes.

    One file becomes `out`, unless that is a folder or ends in a slash: then, and wherever there may be
    several, each lies in `out` as it lay below what was named, if wished with another suffix.

    Raises:
        OptionError: two inputs would become one file, an input lies in `out`, an output is an input, `out`
            is a file where it must be a folder, or there are no such suffixes.
    """
    if not found.many and not out.endswith(os.sep) and not Path(out).is_dir():
        if suffix is not None:
            raise OptionError(
                "suffix-of-file",
                f"a suffix goes with a folder of outputs, but {out!r} is a file: its own suffix counts",
            )
        return [Pair(found.inputs[0].path, Path(out))]
    if Path(out).exists() and not Path(out).is_dir():
        raise OptionError(
            "target-is-file",
            f"{out!r} is a file, but {len(found.inputs)} inputs need a folder; name one at the end",
        )
    if suffix is not None and not re.fullmatch(r"\.?\w+", suffix):
        raise OptionError("wrong-suffix", f"a suffix is letters and digits, such as mkv, not {suffix!r}")
    pairs = []
    for one in found.inputs:
        target = Path(out, one.below)
        if suffix is not None:
            target = target.with_suffix(f".{suffix.removeprefix('.')}")
        pairs.append(Pair(one.path, target))
    _check(found, pairs, Path(out))
    return pairs


def _check(found: Found, pairs: Sequence[Pair], out: Path) -> None:
    place = out.resolve()
    for root in found.roots:
        if place == root.resolve():
            raise OptionError(
                "target-among-sources",
                f"{str(out)!r} holds the inputs, and the next job would take outputs for such; name a folder "
                "elsewhere",
            )
        if place.is_relative_to(root.resolve()):
            raise OptionError(
                "target-among-sources",
                f"{str(out)!r} lies in {str(root)!r}, where the next job would take outputs for inputs; "
                "name a folder elsewhere",
            )
    taken: dict[Path, Path] = {}
    sources = {pair.source.resolve(): pair.source for pair in pairs}
    for pair in pairs:
        target = pair.target.resolve()
        if target in taken:
            raise OptionError(
                "same-target",
                f"{str(taken[target])!r} and {str(pair.source)!r} would both become {str(pair.target)!r}; "
                "rename one of them, or give them folders of their own",
            )
        taken[target] = pair.source
        if target in sources:
            raise OptionError(
                "target-among-sources",
                f"{str(sources[target])!r} is an input, and would be what {str(pair.source)!r} becomes; "
                "name another folder",
            )
        if found.many and pair.source.resolve().is_relative_to(place):
            raise OptionError(
                "target-among-sources",
                f"{str(pair.source)!r} lies in {str(out)!r}, where the outputs go; name another folder",
            )


def make_folder_of(target: Path) -> None:
    """Makes the folder that an output goes into, if needed; raises MediaError if that cannot be."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(
            "target-unwritable", f"the folder {str(target.parent)!r} cannot be made: {error.strerror}"
        ) from error

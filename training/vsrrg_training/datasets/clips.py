"""A clip of a data set: where its rainy and its clean frames lie, and the frames, read one at a time."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import Pixels, read_still, video_frames

type Footage = Path | tuple[Path, ...]
"""A video file, or the image files of a clip in their order."""
type Key = tuple[str | int, ...]

RAINY_WORDS = frozenset({"rain", "rainy", "input", "inputs", "lq", "rf", "rfc"})
CLEAN_WORDS = frozenset(
    {"gt", "gtc", "groundtruth", "clean", "norain", "target", "processed", "label", "labels"}
)
"""What the two halves of a pair are called in names of folders and files, without regard to case."""


@dataclass(frozen=True)
class PairedClip:
    """A clip with rain and the same clip without, or the half of it that exists."""

    name: str
    rainy: Footage | None
    """None for clean footage, on which rain has yet to fall."""
    clean: Footage | None
    """None for real rain, which nobody has seen without."""


def pair(name: str, rainy: Footage, clean: Footage) -> PairedClip:
    """A pair whose frames are matched by name, which may differ in case, suffix, zeros and words for rain.

    Raises RecipeError where a frame has no partner. Videos are matched as they are read.
    """
    if isinstance(rainy, Path) or isinstance(clean, Path):
        if not (isinstance(rainy, Path) and isinstance(clean, Path)):
            raise RecipeError(
                "training-no-pair",
                f"clip {name} is a video in one half and frames in the other; both must be the same: "
                f"{place(rainy)}, {place(clean)}",
            )
        return PairedClip(name, rainy, clean)
    wet, dry = by_key(rainy), by_key(clean)
    for ours, theirs, other in ((wet, dry, clean), (dry, wet, rainy)):
        alone = next((path for key, path in ours.items() if key not in theirs), None)
        if alone:
            raise RecipeError(
                "training-no-pair",
                f"clip {name} is not a pair: {alone} has no partner in {place(other)} "
                f"({len(rainy)} rainy and {len(clean)} clean frames); every frame needs one of the same name",
            )
    return PairedClip(name, rainy, tuple(dry[key] for key in wet))


def by_key(paths: Iterable[Path]) -> dict[Key, Path]:
    """Files and folders by what their names say beside rainy or clean, zeros and case.

    Raises RecipeError for two that say the same.
    """
    found: dict[Key, Path] = {}
    for path in paths:
        tokens = re.findall(r"\d+|[^\W\d_]+", path.stem.lower())
        key = tuple(
            int(t) if t.isdecimal() else t for t in tokens if t not in RAINY_WORDS and t not in CLEAN_WORDS
        )
        if key in found:
            raise RecipeError(
                "training-same-name",
                f"{found[key]} and {path} are called alike: which is meant cannot be told",
            )
        found[key] = path
    return found


def read(footage: Footage) -> Iterator[Pixels]:
    """The frames, (H, W, 3) R'G'B' uint8, each read when asked for; videos are taken for BT.709.

    Raises RecipeError for a frame that cannot be read and for one that differs in size from the first.
    """
    if isinstance(footage, Path):
        yield from video_frames(footage)
        return
    shape: tuple[int, ...] | None = None
    for path in footage:
        frame = read_still(path)
        shape = shape or frame.shape
        if frame.shape != shape:
            raise RecipeError(
                "size-changes",
                f"frame {path} is {_size(frame.shape)}, but the frames before it are {_size(shape)}: "
                "all frames of a clip must be alike",
            )
        yield frame


def read_pairs(clip: PairedClip) -> Iterator[tuple[Pixels, Pixels]]:
    """Rainy and clean frames side by side, each read when asked for.

    Raises RecipeError for a missing half, halves of different size or length, and as `read` does.
    """
    if clip.rainy is None or clip.clean is None:
        raise RecipeError(
            "training-no-pair", f"clip {clip.name} has no {'rainy' if clip.rainy is None else 'clean'} frames"
        )
    for n, (rainy, clean) in enumerate(itertools.zip_longest(read(clip.rainy), read(clip.clean))):
        if rainy is None or clean is None:
            short, long = (clip.rainy, clip.clean) if rainy is None else (clip.clean, clip.rainy)
            raise RecipeError(
                "training-no-pair",
                f"clip {clip.name} is not a pair: {place(short)} ends after {n} frames, {place(long)} goes "
                "on",
            )
        if rainy.shape != clean.shape:
            raise RecipeError(
                "training-no-pair",
                f"clip {clip.name} is not a pair: frame {n} is {_size(rainy.shape)} in {place(clip.rainy)}, "
                f"but {_size(clean.shape)} in {place(clip.clean)}; both must be of one size",
            )
        yield rainy, clean


def place(footage: Footage) -> Path:
    """The video, or the folder of the frames."""
    return footage if isinstance(footage, Path) else footage[0].parent


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"

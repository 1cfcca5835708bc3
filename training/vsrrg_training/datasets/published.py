"""The published data sets by name: what their folders are called and how their clips lie in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vsrrg_training.config import RecipeError
from vsrrg_training.datasets import layouts
from vsrrg_training.datasets.clips import Footage, PairedClip, read_pairs
from vsrrg_training.datasets.folders import places
from vsrrg_training.datasets.layouts import Layout

_VIDEO_PAIRS = (layouts.suffixed, layouts.halves, layouts.halves_in_clips, layouts.prefixed)
_DAVIS = ("davis", "jpegimages", "480p")


@dataclass(frozen=True)
class DataSet:
    """A data set, and where its clips may lie below the folder that it was unpacked to."""

    title: str
    layouts: tuple[Layout, ...]
    """Tried in this order."""
    expected: str
    """The usual layout, for messages."""
    inner: tuple[str, ...] = ()
    """Folders, in lower case, that may lie between; the first found is taken, the test set by default."""


_NTURAIN = DataSet(
    "NTURain",
    _VIDEO_PAIRS,
    "Dataset_Testing_Synthetic with a1_Rain beside a1_GT and so on, folders of frames",
    ("nturain", "synthetic_nturain", "dataset_testing_synthetic", "test"),
)
_LIGHT = DataSet(
    "RainSynLight25",
    _VIDEO_PAIRS,
    "video_rain_light/test with input/1 beside processed/1, or frames_light_test_JPEG with 1/rfc-1.jpg "
    "beside 1/gtc-1.jpg",
    ("rainsynlight25", "video_rain_light", "frames_light_test_jpeg", "light", "test"),
)
_HEAVY = DataSet(
    "RainSynComplex25, also called RainSynHeavy25",
    _VIDEO_PAIRS,
    "video_rain_heavy/test with input/1 beside processed/1, or frames_heavy_test_JPEG with 1/rfc-1.jpg "
    "beside 1/gtc-1.jpg",
    ("rainsyncomplex25", "rainsynheavy25", "video_rain_heavy", "frames_heavy_test_jpeg", "heavy", "test"),
)

DATA_SETS: dict[str, DataSet] = {
    "nturain": _NTURAIN,
    "rainsynlight25": _LIGHT,
    "rainsyncomplex25": _HEAVY,
    "rainsynheavy25": _HEAVY,
    "rainvidss": DataSet(
        "RainVID&SS",
        _VIDEO_PAIRS,
        "val with rainy/seq_001 beside gt/seq_001, folders of frames",
        ("rainvidss", "dataset_rainvidss", "val", "test"),
    ),
    "plain": DataSet(
        "pairs",
        _VIDEO_PAIRS,
        "rainy/CLIP beside clean/CLIP, folders of frames or videos",
    ),
    "stills": DataSet("paired pictures", (layouts.stills,), "input/input1.png beside label/norain1.png"),
    "real": DataSet("real rain", (layouts.real,), "folders of frames, or videos"),
    "davis": DataSet("DAVIS", (layouts.clean,), "JPEGImages/480p with folders of frames", _DAVIS),
}


def load(name: str, path: Path) -> list[PairedClip]:
    """The clips of a data set; of their frames only the first of each pair is read, to compare sizes.

    Raises RecipeError for an unknown name, a folder laid out otherwise, and halves that do not match.
    """
    known = DATA_SETS.get(name.lower())
    if known is None:
        raise RecipeError(f"there is no data set {name!r}; choose from {', '.join(DATA_SETS)}")
    if not path.is_dir():
        raise RecipeError(f"folder {path} for {known.title} does not exist")
    found = next(_found(path, known), None)
    if found is None:
        raise RecipeError(f"folder {path} does not hold {known.title}: expected is {known.expected}")
    for clip in found:
        if clip.rainy and clip.clean:
            next(read_pairs(clip))
    return found


def clean_clips(folder: Path) -> dict[str, Footage]:
    """Clean footage by name: videos, folders of frames as in DAVIS, or the clean halves of pairs."""
    found = next(_found(folder, DATA_SETS["davis"]), [])
    return {clip.name: clip.clean for clip in found if clip.clean is not None}


def _found(folder: Path, known: DataSet) -> Iterator[list[PairedClip]]:
    for place in places(folder, known.inner):
        for layout in known.layouts:
            found = layout(place)
            if found:
                yield found

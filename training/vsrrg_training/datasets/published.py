"""The data sets that this package knows: what their folders are called, and how clips lie in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vsrrg_training.datasets import layouts
from vsrrg_training.datasets.clips import PairedClip
from vsrrg_training.datasets.dataset import DataSet, FindClips
from vsrrg_training.datasets.folders import images, places
from vsrrg_training.datasets.layouts import Layout


def _laid(ways: tuple[Layout, ...], *inner: str) -> FindClips:
    """Finds clips that lie in one of several ways, tried in this order.

    `inner` are folders, in lower case, that may lie between; the first found is taken.
    """

    def find(folder: Path) -> list[PairedClip]:
        tried = (layout(place) for place in places(folder, inner) for layout in ways)
        return next(filter(None, tried), [])

    return find


def _pairs(name: str, description: str, origin: str, inner: tuple[str, ...], layout: str) -> DataSet:
    laid = _laid(_VIDEO_PAIRS, *inner)
    return DataSet(
        name=name,
        description=description,
        origin=origin,
        licence=_UNSTATED,
        layout=layout,
        pairs=laid,
        clean=laid,
        rain=laid,
    )


_VIDEO_PAIRS = (layouts.suffixed, layouts.halves, layouts.halves_in_clips, layouts.prefixed)
_CLEAN = _laid((layouts.clean,), "davis", "jpegimages", "480p")
_J4RNET = "https://github.com/flyywh/J4RNet-Deep-Video-Deraining-CVPR-2018"
_UNSTATED = "none stated"

_COMPLEX = _pairs(
    "rainsyncomplex25",
    "RainSynComplex25 (Liu et al., CVPR 2018), also called RainSynHeavy25",
    _J4RNET,
    ("rainsyncomplex25", "rainsynheavy25", "video_rain_heavy", "frames_heavy_test_jpeg", "heavy", "test"),
    "video_rain_heavy/test with input/1 beside processed/1, or frames_heavy_test_JPEG with 1/rfc-1.jpg "
    "beside 1/gtc-1.jpg",
)

DATA_SETS = (
    _pairs(
        "nturain",
        "NTURain (Chen et al., CVPR 2018)",
        "https://github.com/hotndy/SPAC-SupplementaryMaterials",
        ("nturain", "synthetic_nturain", "dataset_testing_synthetic", "test"),
        "Dataset_Testing_Synthetic with a1_Rain beside a1_GT and so on, folders of frames",
    ),
    _pairs(
        "rainsynlight25",
        "RainSynLight25 (Liu et al., CVPR 2018)",
        _J4RNET,
        ("rainsynlight25", "video_rain_light", "frames_light_test_jpeg", "light", "test"),
        "video_rain_light/test with input/1 beside processed/1, or frames_light_test_JPEG with 1/rfc-1.jpg "
        "beside 1/gtc-1.jpg",
    ),
    _COMPLEX,
    replace(_COMPLEX, name="rainsynheavy25"),
    _pairs(
        "rainvidss",
        "RainVID&SS (Sun et al., TIP 2023)",
        "https://github.com/sunsean21/Event-Aware-Video-Deraining",
        ("rainvidss", "dataset_rainvidss", "val", "test"),
        "val with rainy/seq_001 beside gt/seq_001, folders of frames",
    ),
    DataSet(
        name="stills",
        description="pairs of single pictures, each a clip of one frame, as in Semi-supervised-IRR",
        origin="https://github.com/wwzjer/Semi-supervised-IRR",
        licence=_UNSTATED,
        layout="input/input1.png beside label/norain1.png",
        pairs=layouts.stills,
    ),
    DataSet(
        name="davis",
        description="DAVIS (Perazzi et al., CVPR 2016)",
        origin="https://davischallenge.org",
        licence="see there",
        layout="JPEGImages/480p with folders of frames",
        clean=_CLEAN,
    ),
    DataSet(
        name="plain",
        description="your own footage: what a folder without a name is read as",
        origin="yours",
        licence="yours",
        pairs=_laid(_VIDEO_PAIRS),
        clean=_CLEAN,
        stills=images,
        rain=layouts.rainy,
        rainy_stills=images,
    ),
)

"""Every published layout, made small: which clips it gives, and which frames belong together."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.data.yuv import planes_from_rgb
from vsrrg_training.datasets.clips import PairedClip, read, read_pairs
from vsrrg_training.datasets.find import clean_clips, paired_clips, rainy_clips
from vsrrg_training.datasets.published import DATA_SETS
from vsrrg_training.synth import write_video

from .conftest import LayOut


def numbered(rainy: str, clean: str, first: int = 1, count: int = 3) -> dict[str, int]:
    """Frames of a pair, named by patterns of their number; rain is 100 and a frame number brighter."""
    files = {}
    for n in range(first, first + count):
        files[rainy.format(n)] = 140 + n
        files[clean.format(n)] = 40 + n
    return files


def load(name: str, path: Path) -> list[PairedClip]:
    return paired_clips(Path(f"{name}:{path}"))


def codes(name: str, path: Path) -> dict[str, list[tuple[int, int]]]:
    """The rainy and clean code of every frame by clip."""
    return {
        clip.name: [(int(rainy[0, 0, 0]), int(clean[0, 0, 0])) for rainy, clean in read_pairs(clip)]
        for clip in load(name, path)
    }


PAIR = [(141, 41), (142, 42), (143, 43)]
LAYOUTS: list[tuple[str, dict[str, int], list[str]]] = [
    (
        "nturain",
        numbered("Dataset_Testing_Synthetic/a1_Rain/{:05}.jpg", "Dataset_Testing_Synthetic/a1_GT/{:05}.jpg")
        | numbered("Dataset_Testing_Synthetic/b2_Rain/{:05}.jpg", "Dataset_Testing_Synthetic/b2_GT/{:05}.jpg")
        | {"Dataset_Testing_Synthetic/a1_spacCNN/00001.jpg": 7, "Dataset_Testing_RealRain/ra1_Rain/1.jpg": 9},
        ["a1", "b2"],
    ),
    (
        "nturain",
        numbered("t1_Rain_01/{:05}.jpg", "t1_GT/{:05}.jpg")
        | numbered("t1_Rain_02/{:05}.jpg", "t1_GT/{:05}.jpg"),
        ["t1_01", "t1_02"],
    ),
    ("nturain", numbered("a1_Rain/a1_Rain/{:05}.png", "a1_gt/{}.jpg"), ["a1"]),
    ("nturain", numbered("test/rainy/seq001/{:04}.jpg", "test/gt/seq001/{:04}.jpg"), ["seq001"]),
    (
        "rainsynlight25",
        numbered("video_rain_light/test/input/2/{}.png", "video_rain_light/test/processed/2/{}.png")
        | numbered("video_rain_light/test/input/10/{}.png", "video_rain_light/test/processed/10/{}.png")
        | numbered("video_rain_light/train/input/3/{}.png", "video_rain_light/train/processed/3/{}.png"),
        ["2", "10"],
    ),
    (
        "rainsynheavy25",
        numbered("frames_heavy_test_JPEG/1/rfc-{}.jpg", "frames_heavy_test_JPEG/1/gtc-{}.jpg")
        | numbered("frames_heavy_test_JPEG/1/rf-{}.jpg", "frames_heavy_test_JPEG/1/gt-{}.jpg", 7),
        ["1"],
    ),
    ("rainsyncomplex25", numbered("Heavy/Input/4/{:03}.png", "Heavy/GT/4/{:03}.png"), ["4"]),
    (
        "rainvidss",
        numbered("val/rainy/seq_long_1/{}.jpg", "val/gt/seq_long_1/{}.jpg")
        | {"val/label/seq_long_1/1.png": 3},
        ["seq_long_1"],
    ),
    ("plain", numbered("rainy/walk/{}.png", "clean/walk/{}.png"), ["walk"]),
    ("plain", numbered("walk/rain/x{}_rain.png", "walk/norain/x{}_clean.png"), ["walk"]),
]


@pytest.mark.parametrize(("name", "files", "clips"), LAYOUTS)
def test_published_layouts_give_their_clips(
    name: str, files: Mapping[str, int], clips: list[str], lay_out: LayOut
) -> None:
    assert codes(name, lay_out(files)) == dict.fromkeys(clips, PAIR)


def test_frames_stand_in_the_order_of_their_numbers(lay_out: LayOut) -> None:
    path = lay_out(numbered("rainy/a/{}.png", "clean/a/{}.png", count=11))
    assert [rainy for rainy, _ in codes("plain", path)["a"]] == list(range(141, 152))


def test_one_clip_may_lie_in_the_halves_themselves(lay_out: LayOut) -> None:
    path = lay_out(numbered("here/rainy/{}.png", "here/clean/{}.png"))
    assert codes("plain", path / "here") == {"here": PAIR}


def test_videos_pair_by_name(lay_out: LayOut) -> None:
    (clip,) = load("plain", lay_out({"rainy/a.mp4": 150, "clean/a.mp4": 60}))
    frames = list(read_pairs(clip))
    assert clip.name == "a" and len(frames) == 3
    assert np.allclose([[half.mean() for half in pair] for pair in frames], [[150, 60]] * 3, atol=2)


def test_stills_are_clips_of_one_frame(lay_out: LayOut) -> None:
    path = lay_out(numbered("input/input{}.png", "label/norain{}.png"))
    assert codes("stills", path) == {f"input{n}": [(140 + n, 40 + n)] for n in (1, 2, 3)}


def test_real_rain_has_no_clean_half(lay_out: LayOut) -> None:
    path = lay_out({"ra1_Rain/1.jpg": 5, "rb3_Rain/1.jpg": 6})
    assert list(rainy_clips(Path(f"nturain:{path}"))) == ["ra1", "rb3"]
    assert list(rainy_clips(path)) == ["ra1_Rain", "rb3_Rain"]
    assert list(rainy_clips(path / "ra1_Rain")) == ["ra1_Rain"]
    with pytest.raises(
        RecipeError, match="holds no pairs: nturain is Dataset_Testing_Synthetic with a1_Rain"
    ):
        load("nturain", path)


def test_davis_is_clean_footage(lay_out: LayOut) -> None:
    files = {f"DAVIS/JPEGImages/480p/{name}/{n:05}.jpg": 50 + n for name in ("bear", "bus") for n in range(3)}
    path = lay_out(files | {"DAVIS/Annotations/480p/bear/00000.png": 1})
    found = clean_clips(Path(f"davis:{path}"))
    assert list(found) == ["bear", "bus"] and found == clean_clips(path)
    assert [int(frame[0, 0, 0]) for frame in read(found["bear"])] == [50, 51, 52]


def test_clean_clips_leave_the_rain_behind(lay_out: LayOut) -> None:
    path = lay_out(
        numbered("t1_Rain_01/{}.png", "t1_GT/{}.png") | numbered("t1_Rain_02/{}.png", "t1_GT/{}.png")
    )
    (footage,) = clean_clips(path).values()
    assert isinstance(footage, tuple) and [file.parent.name for file in footage] == ["t1_GT"] * 3


def test_frames_are_read_only_when_asked_for(lay_out: LayOut, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lay_out(numbered("rainy/a/{}.png", "clean/a/{}.png"))
    asked: list[str] = []
    whole = cv2.imdecode
    monkeypatch.setattr(cv2, "imdecode", lambda data, flags: asked.append("") or whole(data, flags))
    (clip,) = load("plain", path)
    assert len(asked) == 2
    pairs = read_pairs(clip)
    next(pairs)
    assert len(asked) == 4


A, A1 = numbered("rainy/a/{}.png", "clean/a/{}.png"), numbered("a1_Rain/{}.jpg", "a1_GT/{}.jpg")


@pytest.mark.parametrize(
    ("name", "files", "message"),
    [
        ("plain", {"rainy/a/1.png": 1}, "holds no pairs: these are rainy/CLIP beside clean/CLIP"),
        ("nturain", {"bear/1.png": 1}, "holds no pairs: nturain is Dataset_Testing_Synthetic"),
        ("kitti", {}, "no data set kitti for pairs: give a folder, or one of nturain:FOLDER, "),
        ("plain", A | {"rainy/b/1.png": 1}, "b has no partner in"),
        ("plain", A | {"clean/b/1.png": 1}, "b has no partner in"),
        (
            "nturain",
            A1 | {"a2_Rain/1.jpg": 1},
            "a2_Rain has no partner",
        ),
        ("nturain", A1 | {"a2_GT/1.jpg": 1}, "a2_GT has no partner"),
        (
            "nturain",
            A1 | {"a1_Rain/4.jpg": 1},
            r"a1_Rain/4.jpg has no partner in .*a1_GT \(4 rainy and 3 clean frames\)",
        ),
        (
            "nturain",
            numbered("a1_Rain/{}.jpg", "a1_GT/x{}.jpg"),
            r"a1_Rain/1.jpg has no partner in .*a1_GT",
        ),
        ("plain", A | {"rainy/a/01.png": 1}, "are called alike"),
        (
            "plain",
            A | {"gt/a/1.png": 1},
            "both look like one half",
        ),
        ("plain", {"rainy/a.mp4": 1, "clean/a/1.png": 1}, "a video in one half and frames in the other"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    name: str, files: Mapping[str, int], message: str, lay_out: LayOut
) -> None:
    with pytest.raises(RecipeError, match=message):
        load(name, lay_out(files))


def test_a_wrong_path_is_named(tmp_path: Path) -> None:
    for name in (known.name for known in DATA_SETS if known.pairs):
        with pytest.raises(RecipeError, match=rf"nowhere for data set {name} does not exist"):
            load(name, tmp_path / "nowhere")


def test_empty_clips_are_named(lay_out: LayOut) -> None:
    path = lay_out(A | numbered("c1_Rain/{}.png", "c1_GT/{}.png"))
    for empty in ("c2_Rain", "c2_GT", "rainy/b", "clean/b"):
        (path / empty).mkdir()
    with pytest.raises(RecipeError, match=r"c2_Rain is empty: it holds no frames \(.bmp, .jpeg"):
        load("nturain", path)
    for half in ("c1_Rain", "c1_GT", "c2_Rain", "c2_GT"):
        (path / half).rename(path / half.replace("_", ""))
    with pytest.raises(RecipeError, match=r"rainy/b is empty"):
        load("plain", path)


def test_damaged_and_unlike_frames_are_named(lay_out: LayOut) -> None:
    path = lay_out(numbered("rainy/a/{}.jpg", "clean/a/{}.jpg"))
    (clip,) = load("plain", path)
    third = path / "clean/a/3.jpg"
    whole = third.read_bytes()
    for damage, message in ((whole[: len(whole) // 2], "cut off"), (b"nonsense", "damaged or not an image")):
        third.write_bytes(damage)
        with pytest.raises(RecipeError, match=rf"3\.jpg cannot be read: .*{message}"):
            list(read_pairs(clip))
    assert cv2.imwrite(str(third), np.zeros((12, 20, 3), np.uint8))
    with pytest.raises(RecipeError, match=r"3\.jpg is 20x12, but the frames before it are 16x12"):
        list(read_pairs(clip))
    for n in (1, 2, 3):
        cv2.imwrite(str(path / f"clean/a/{n}.jpg"), np.zeros((12, 20, 3), np.uint8))
    with pytest.raises(RecipeError, match=r"clip a is not a pair: frame 0 is 16x12 in .*rainy.*, but 20x12"):
        load("plain", path)


def test_a_shorter_and_a_damaged_video_are_named(lay_out: LayOut) -> None:
    path = lay_out({"rainy/a.mp4": 150, "clean/a.mp4": 60})
    (clip,) = load("plain", path)
    write_video(planes_from_rgb(torch.zeros(2, 3, 12, 16)), path / "clean/a.mp4", 25)
    with pytest.raises(RecipeError, match=r"clean/a\.mp4 ends after 2 frames, .*rainy/a\.mp4 goes on"):
        list(read_pairs(clip))
    (path / "clean/a.mp4").write_bytes(b"no video")
    with pytest.raises(RecipeError, match=r"clean/a\.mp4 cannot be decoded"):
        list(read_pairs(clip))

"""What users may write for footage, and what becomes of it where a plugin brings it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vsrrg.errors import MediaError, PluginError
from vsrrg.testing.discovery import isolated, plugin_of
from vsrrg_training.config import RecipeError
from vsrrg_training.datasets import DataSet, PairedClip, layouts
from vsrrg_training.datasets.find import (
    clean_clips,
    clean_footage,
    clean_stills,
    paired_clips,
    rainy_clips,
    rainy_stills,
)
from vsrrg_training.datasets.published import DATA_SETS
from vsrrg_training.datasets.registry import data_sets

from .conftest import LayOut

Install = Callable[..., None]
PAIRS = {"rainy/a/1.png": 150, "clean/a/1.png": 50}


def snow(name: str = "snow", **changes: Any) -> DataSet:
    texts = {"description": "for tests", "origin": "comes with it", "licence": "CC0"}
    return DataSet(name=name, **{**texts, "pairs": layouts.halves, **changes})


def test_plugins_data_sets_come_after_the_own(install: Install) -> None:
    install(ice={"vsrrg_datasets": [snow("ice")]}, snow={"vsrrg_datasets": [snow()]})
    assert list(data_sets()) == [*(known.name for known in DATA_SETS), "ice", "snow"]
    assert [offer.plugin for offer in data_sets().values()][-3:] == ["vsrrg_training.builtin", "ice", "snow"]


def test_plugins_that_come_later_are_seen() -> None:
    with isolated() as register:
        before = set(data_sets())
        register(plugin_of(vsrrg_datasets=[snow()]), "late")
        assert set(data_sets()) == before | {"snow"} and data_sets()["snow"].plugin == "late"


def test_a_name_stands_for_the_folder_that_the_plugin_gives(install: Install, lay_out: LayOut) -> None:
    path = lay_out(PAIRS | {"dry/b.mp4": 60, "still.png": 1})
    install(
        snow={
            "vsrrg_datasets": [
                snow(
                    folder=lambda: path,
                    clean=lambda folder: layouts.clean(folder / "dry"),
                    rain=layouts.halves,
                    rainy_stills=lambda folder: [folder / "still.png"],
                )
            ]
        }
    )
    (clip,) = paired_clips(Path("snow"))
    assert (clip.name, clip.rainy, clip.clean) == ("a", (path / "rainy/a/1.png",), (path / "clean/a/1.png",))
    assert clean_clips(Path("SNOW")) == clean_footage(Path("snow")) == {"b": path / "dry/b.mp4"}
    assert rainy_clips(Path("snow")) == {"a": (path / "rainy/a/1.png",)}
    assert rainy_stills(Path("snow")) == [path / "still.png"]
    with pytest.raises(
        RecipeError, match="snow gives pairs, clean clips, rainy clips, rainy stills, not clean s"
    ):
        clean_stills(Path("snow"))


def test_a_folder_after_the_name_is_taken_instead(install: Install, lay_out: LayOut) -> None:
    path = lay_out({f"mine/{name}": code for name, code in PAIRS.items()})
    install(snow={"vsrrg_datasets": [snow(), snow("own", folder=lambda: path)]})
    for name in ("snow", "own"):
        assert [clip.name for clip in paired_clips(Path(f"{name}:{path / 'mine'}"))] == ["a"]
    with pytest.raises(
        RecipeError, match=r"snow does not come by itself: get it \(comes with it\) and write snow:FOLDER"
    ):
        paired_clips(Path("snow"))
    with pytest.raises(RecipeError, match=r"folder /nowhere for data set snow does not exist"):
        paired_clips(Path("snow:/nowhere"))


def test_a_folder_that_exists_comes_before_a_name(
    install: Install, lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lay_out({"snow/b.mp4": 60}))
    install(snow={"vsrrg_datasets": [snow(clean=lambda folder: [], folder=lambda: Path("/"))]})
    assert clean_clips(Path("snow")) == {"b": Path("snow/b.mp4")}


def test_single_files_are_footage_too(lay_out: LayOut) -> None:
    path = lay_out({"a.mp4": 60, "stills/b.png": 60, "stills/c.png": 60})
    assert clean_clips(path / "a.mp4") == rainy_clips(path / "a.mp4") == {"a": path / "a.mp4"}
    assert clean_stills(path / "stills/b.png") == [path / "stills/b.png"]
    assert clean_footage(path / "stills/b.png") == {"b": (path / "stills/b.png",)}
    assert list(clean_footage(path / "stills")) == ["b", "c"]


def test_what_is_no_footage_is_one_sentence(lay_out: LayOut) -> None:
    path = lay_out({"stills/a.png": 1, "video/a.mp4": 1, "other/a.mp4": 1})
    (path / "words.txt").write_text("none")
    (path / "empty").mkdir()
    (path / "video/a.mkv").write_bytes(b"")
    for given, find, message in (
        (
            "empty",
            clean_footage,
            r"empty holds no clean clips: these are videos \(.avi.*\) or folders of frames",
        ),
        ("words.txt", clean_footage, r"file .*words.txt holds no clean clips: these are videos"),
        ("words.txt", clean_stills, r"file .*words.txt holds no clean stills: these are pictures \(.bmp"),
        (
            "gone",
            clean_clips,
            r"gone for clean clips does not exist: give a folder, or one of .*davis:FOLDER",
        ),
        ("video", clean_stills, r"video holds no clean stills: these are pictures"),
        ("video", clean_clips, r"two clips of .*video are called 'a': rename one of them"),
        ("video", paired_clips, r"video holds no pairs: these are rainy/CLIP beside clean/CLIP"),
    ):
        with pytest.raises(RecipeError, match=message) as caught:
            find(path / given)
        assert "\n" not in str(caught.value)
    with pytest.raises(RecipeError, match=r"two clips of .*video/a.mp4, .*other are called 'a'"):
        rainy_clips(path / "video/a.mp4", path / "other")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            lambda: [snow("plain")],
            "plugin snow offers a data set 'plain', a name that vsrrg_training.builtin has",
        ),
        (lambda: [snow(), snow()], "plugin snow offers a data set 'snow', a name that snow has"),
        (lambda: ["snow"], "plugin snow returned from vsrrg_datasets something other than a list of DataSet"),
        (lambda: [snow("Big Snow")], "plugin snow failed .* 'Big Snow' is no name for a data set"),
        (lambda: [snow(licence="")], "plugin snow failed .* licence is ''; it must be one line"),
        (lambda: [snow(pairs=None)], "plugin snow failed .* 'snow' gives nothing: set one of pairs, clean"),
        (lambda: [snow(stills="here")], "plugin snow failed .* stills is 'here'; it must be callable"),
    ],
)
def test_bad_data_sets_are_one_sentence_with_the_plugins_name(
    install: Install, made: Callable[[], object], message: str
) -> None:
    install(snow={"vsrrg_datasets": made})
    with pytest.raises(PluginError, match=message) as caught:
        data_sets()
    assert "\n" not in str(caught.value)


def raises(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


HERE = Path(__file__)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"folder": raises(KeyError("home"))},
            "failed to give the folder of data set 'snow': KeyError: 'home'",
        ),
        ({"folder": lambda: Path("/nowhere")}, r"the folder of data set 'snow' .*nowhere.*, which is none"),
        ({"folder": lambda: "/"}, "gives for the folder of data set 'snow' '/', which is none"),
        (
            {"rain": raises(OSError("disk\nfull"))},
            "failed to find the rainy clips .*: OSError: disk full; update",
        ),
        ({"rain": lambda folder: None}, "failed to find the rainy clips of data set 'snow': TypeError"),
        ({"rain": lambda folder: [folder]}, "gives for the rainy clips .* a PosixPath, not a PairedClip"),
        ({"rain": lambda folder: [PairedClip("a/b", HERE, None)]}, "a clip named 'a/b', after which no file"),
        (
            {"rain": lambda folder: [PairedClip("a", folder, None)]},
            "gives for the rainy clips .*, which is no fi",
        ),
    ],
)
def test_a_failing_data_set_is_named(
    install: Install, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    install(
        snow={"vsrrg_datasets": [snow(**{"folder": lambda: tmp_path, **changes, "pairs": layouts.halves})]}
    )
    find = rainy_clips if "rain" in changes else paired_clips
    with pytest.raises(PluginError, match=f"plugin snow .*{message}"):
        find(Path("snow"))


def test_what_users_must_put_right_they_read_as_it_is(install: Install, tmp_path: Path) -> None:
    install(
        snow={
            "vsrrg_datasets": [
                snow(pairs=raises(MediaError("source-missing", "unpack the second archive, too")))
            ]
        }
    )
    with pytest.raises(MediaError, match=r"^unpack the second archive, too$"):
        paired_clips(Path(f"snow:{tmp_path}"))

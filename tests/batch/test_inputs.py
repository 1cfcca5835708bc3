"""What words mean, and what each input becomes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vsrrg.batch.inputs import Found, Pair, find_inputs, name_targets
from vsrrg.errors import MediaError, OptionError

TREE = (
    "one.mp4",
    "deep/two.MKV",
    "deep/er/three.mov",
    "deep/notes.txt",
    ".hidden.mp4",
    ".dark/four.mp4",
    "five[1].mp4",
)


@pytest.fixture
def rain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files and folders, and the working directory beside it."""
    monkeypatch.chdir(tmp_path)
    for name in TREE:
        path = tmp_path / "rain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "rain"


def targets(words: Sequence[str], out: str, suffix: str | None = None) -> dict[str, str]:
    return {str(pair.source): str(pair.target) for pair in name_targets(find_inputs(words), out, suffix)}


@pytest.mark.usefixtures("rain")
def test_a_folder_is_mirrored_without_what_is_no_video_or_hidden() -> None:
    assert targets(["rain"], "clean") == {
        "rain/five[1].mp4": "clean/five[1].mp4",
        "rain/one.mp4": "clean/one.mp4",
        "rain/deep/two.MKV": "clean/deep/two.MKV",
        "rain/deep/er/three.mov": "clean/deep/er/three.mov",
    }
    assert find_inputs(["rain"]).left_out == 1
    assert targets(["rain/"], "clean", "mkv")["rain/deep/two.MKV"] == "clean/deep/two.mkv"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("rain/*.mp4", {"five[1].mp4", "one.mp4"}),
        ("rain/*", {"five[1].mp4", "one.mp4"}),
        ("rain/**/*.m*", {"five[1].mp4", "one.mp4", "deep/er/three.mov"}),
        ("rain/**", {"five[1].mp4", "one.mp4", "deep/two.MKV", "deep/er/three.mov"}),
        ("rain/deep/*.txt", {"notes.txt"}),
        ("rain/?ne.mp4", {"one.mp4"}),
    ],
)
@pytest.mark.usefixtures("rain")
def test_patterns_are_mirrored_below_what_is_no_pattern(pattern: str, expected: set[str]) -> None:
    assert set(targets([pattern], "clean").values()) == {f"clean/{name}" for name in expected}


def test_names_that_exist_are_no_patterns(rain: Path) -> None:
    assert find_inputs(["rain/five[1].mp4"]) == Found(find_inputs(["rain/five[1].mp4"]).inputs, False)
    assert targets(["rain/five[1].mp4"], "x.mkv") == {"rain/five[1].mp4": "x.mkv"}
    rain.joinpath("five1.mp4").touch()
    assert targets(["rain/five[1].mp4"], "x.mkv") == {"rain/five[1].mp4": "x.mkv"}
    rain.joinpath("five[1].mp4").unlink()
    assert targets(["rain/five[1].mp4"], "clean") == {"rain/five1.mp4": "clean/five1.mp4"}
    rain.joinpath("*").mkdir()
    rain.joinpath("*/six.mp4").touch()
    assert targets(["rain/*"], "clean") == {"rain/*/six.mp4": "clean/six.mp4"}


def test_one_file_becomes_a_file_or_goes_into_a_folder(rain: Path) -> None:
    assert targets(["rain/one.mp4"], "clean.mkv") == {"rain/one.mp4": "clean.mkv"}
    assert targets(["rain/one.mp4"], "clean/") == {"rain/one.mp4": "clean/one.mp4"}
    (rain.parent / "there").mkdir()
    assert targets(["rain/one.mp4"], "there", ".mkv") == {"rain/one.mp4": "there/one.mkv"}
    assert targets(["rain/one.mp4", "rain/deep/two.MKV"], "new") == {
        "rain/one.mp4": "new/one.mp4", "rain/deep/two.MKV": "new/two.MKV",
    }  # fmt: skip
    assert targets(["gone.mp4", "rain/one.mp4"], "new")["gone.mp4"] == "new/gone.mp4"
    with pytest.raises(OptionError, match="its own suffix counts"):
        targets(["rain/one.mp4"], "clean.mkv", "mkv")
    for suffix in ("", ".", "a/b"):
        with pytest.raises(OptionError, match="such as mkv, not"):
            targets(["rain/one.mp4"], "clean/", suffix)


@pytest.mark.parametrize(
    ("words", "out", "suffix", "sentence"),
    [
        (["rain/one.mp4", "rain/deep/../one.mp4"], "clean", None, "would both become 'clean/one.mp4'"),
        (["rain", "rain/**/three.*"], "clean", None, "would both become"),
        (
            ["rain/one.mp4", "rain/one.mov"],
            "clean",
            "mkv",
            "would both become 'clean/one.mkv'",
        ),
        (["rain"], "rain", None, "'rain' holds the inputs, and the next job would take outputs for such"),
        (["rain"], "rain/clean", "mkv", "'rain/clean' lies in 'rain'"),
        (["rain/**/*.mp4"], "rain/clean", None, "'rain/clean' lies in 'rain'"),
        (["rain/*.mp4"], "rain", "mkv", "lies in 'rain', where the outputs go"),
        (["rain/deep"], "rain", None, "lies in 'rain', where the outputs go"),
        (["rain/one.mp4"], "rain", None, "'rain/one.mp4' is an input, and would be"),
        (["rain/deep", "rain/one.mp4"], "rain/five[1].mp4", None, "is a file, but 3 inputs need a folder"),
    ],
)
@pytest.mark.usefixtures("rain")
def test_outputs_that_would_be_lost_are_refused(
    words: list[str], out: str, suffix: str | None, sentence: str
) -> None:
    with pytest.raises(OptionError) as refused:
        name_targets(find_inputs(words), out, suffix)
    assert sentence in str(refused.value)


def test_links_do_not_hide_that_a_folder_is_the_same(rain: Path) -> None:
    (rain.parent / "link").symlink_to(rain)
    with pytest.raises(OptionError, match="lies in"):
        name_targets(find_inputs(["rain"]), "link/clean")


@pytest.mark.usefixtures("rain")
def test_nothing_found_is_said() -> None:
    with pytest.raises(MediaError, match=r"^no file matches 'rain/\*\.webm'$"):
        find_inputs(["rain/*.webm"])
    Path("empty").mkdir()
    Path("empty/a.txt").touch()
    with pytest.raises(MediaError, match=r"^there is no video in 'empty': 1 files have other suffixes$"):
        find_inputs(["empty"])


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "b", ".c"]), min_size=1, max_size=3).map(lambda parts: "/".join(parts)),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(NAMES, st.sampled_from([None, "mkv"]))
def test_every_visible_video_has_one_place_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], suffix: str | None
) -> None:
    root = tmp_path_factory.mktemp("tree") / "in"
    for name in names:
        path = root / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    visible = {name for name in names if "." not in name}
    if not visible:
        with pytest.raises(MediaError):
            find_inputs([str(root)])
        return
    pairs = name_targets(find_inputs([str(root)]), str(root.parent / "out"), suffix)
    expected = {Pair(root / f"{n}.mp4", root.parent / "out" / f"{n}.{suffix or 'mp4'}") for n in visible}
    assert set(pairs) == expected and len(pairs) == len(visible)
    by_pattern = find_inputs([f"{root}/**/*.mp4"])
    assert {one.path for one in by_pattern.inputs} == {pair.source for pair in pairs}

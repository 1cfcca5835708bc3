"""What a new user may get wrong: every mistake is one sentence and a failure, and leaves nothing behind."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from vsrrg.errors.catalogue import CODES
from vsrrg_training.cli.main import main
from vsrrg_training.plugin import ERRORS

TINY = """
name = "tiny"
steps = 1
threads = 1
workers = 0
[model]
radius = 1
half = 8
quarter = 8
eighth = 8
eighth_blocks = 1
refine_blocks = 1
[data]
videos = "{footage}/videos"
crop = 32
frames = 4
[optim]
batch = 1
precision = "fp32"
"""
SEQUENCE = TINY.replace("steps = 1", 'steps = 1\ntasks = ["heavy", "night"]')
TRANSFER = (
    TINY.replace("frames = 4", "frames = 4\npool = 2")
    + """
[real]
rainy_stills = "{footage}/stills"
clean_stills = "{footage}/stills"
"""
)


def call(words: str, **names: object) -> Result:
    return CliRunner().invoke(main, [word.format(**names) for word in words.split()])


@pytest.fixture(scope="module")
def made(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recipes, a run of one step, and files of which nothing can be made."""
    folder = tmp_path_factory.mktemp("made")
    for name, text in (("tiny", TINY), ("sequence", SEQUENCE), ("transfer", TRANSFER)):
        (folder / f"{name}.toml").write_text(text.format(footage=footage))
    for name in ("empty", "broken", "cut", "small/clip"):
        (folder / name).mkdir(parents=True)
    (folder / "words.txt").write_text("just words")
    (folder / "words.bin").write_bytes(b"\xa0\x00\x01")
    (folder / "broken" / "a.mp4").write_text("no video")
    (folder / "broken" / "a.png").write_text("no picture")
    for number in range(6):
        cv2.imwrite(str(folder / "small" / "clip" / f"{number}.png"), np.full((8, 8, 3), 90, np.uint8))
    picture = cv2.imencode(".png", np.random.default_rng(0).integers(0, 255, (64, 64, 3)))[1].tobytes()
    (folder / "cut" / "a.png").write_bytes(picture[: len(picture) // 2])
    (folder / "report.json").write_text(json.dumps([]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vsrrg_training.data.footage.default_cache", lambda: footage / "cache")
        done = call("train --config {made}/tiny.toml --to {made}/run", made=folder)
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def refuse(
    made: Path, footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], None]:
    """Runs a command in an empty folder, and sees that it fails with these words alone."""
    monkeypatch.setattr("vsrrg_training.data.footage.default_cache", lambda: footage / "cache")
    monkeypatch.chdir(tmp_path)

    def refused(words: str, message: str) -> None:
        done = call(words, made=made, footage=footage)
        assert done.exit_code in (1, 2), done.output
        assert isinstance(done.exception, SystemExit), repr(done.exception)
        *_, last = done.output.strip().splitlines()
        assert last.startswith("Error: ") and message in last, done.output
        if done.exit_code == 1:  # Else the words are wrong, as click says.
            assert last.rpartition("[")[2].removesuffix("]") in {**CODES, **ERRORS} and last.endswith("]")
        assert "Traceback" not in done.output and list(tmp_path.iterdir()) == []

    return refused


SYNTH = "--to out --types light --frames 2"
TRAIN = "train --config {made}/tiny.toml --to out"
SET = TRAIN + " --set "
EVALUATE = "evaluate --videos {footage}/videos --types light --quick"
EXPORT = "export {made}/run --to out"
GAP = "gap --videos {footage}/videos --types light --clips 1 --frames 6"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            f"synth nowhere {SYNTH}",
            "there is no folder and no data set nowhere for clean clips: give a folder",
        ),
        (
            f"synth nowhere.mp4 {SYNTH}",
            "nowhere.mp4 for clean clips does not exist: give a folder, or one of",
        ),
        (f"synth {{made}}/empty {SYNTH}", "empty holds no clean clips: these are videos (.avi"),
        (f"synth {{made}}/words.txt {SYNTH}", "words.txt holds no clean clips: these are videos (.avi"),
        (
            f"synth {{made}}/broken {SYNTH}",
            "a.mp4 cannot be decoded: it is damaged or not a video (Invalid data",
        ),
        (f"synth {{made}}/cut/a.png {SYNTH}", "a.png cannot be read: the file is cut off; copy it again"),
        (f"synth davis {SYNTH}", "get it (https://davischallenge.org) and write davis:FOLDER"),
        ("synth {footage}/videos --to {made}/words.txt", "words.txt' is a file"),
        (
            f"synth {{footage}}/videos {SYNTH.replace('out', '{made}/words.txt/x')}",
            "x cannot be read or written: ",
        ),
        (
            "synth {footage}/videos --to {footage}/videos --types light",
            "videos is what rain falls on: give another",
        ),
        ("synth {footage}/videos --to out --types light,", "unknown rain type '': choose one of light,"),
        ("synth {footage}/videos --to out --types ligth", "unknown rain type 'ligth': choose one of light,"),
        ("sinth {footage}/videos --to out", "No such command 'sinth'"),
    ],
)
def test_of_synth(words: str, message: str, refuse: Callable[[str, str], None]) -> None:
    refuse(words, message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("train --config nowhere.toml --to out", "recipe nowhere.toml cannot be read: No such file"),
        ("train --config {made} --to out", "cannot be read: Is a directory"),
        (
            "train --config {made}/words.bin --to out",
            "words.bin is not valid TOML: 'utf-8' codec can't decode",
        ),
        ("train --config {made}/transfer.toml --to out", "real: recipes of this command have no such entry"),
        (f"{TRAIN.replace('out', '{made}/words.txt')}", "words.txt' is a file"),
        (f"{TRAIN} --resume", "there is no checkpoint at out: give the folder of a run"),
        (f"{TRAIN} --init {{made}}/words.txt", "words.txt is damaged or not the checkpoint of a run"),
        (f"{TRAIN} --steps 0", "steps is 0: it should be greater than or equal to 1"),
        (f"{SET}data.vidoes=x", "data.vidoes: recipes of this command have no such entry"),
        (f"{SET}data.videos=nowhere", "no folder and no data set nowhere for clean clips"),
        (f"{SET}data.stills={{made}}/cut", "a.png cannot be read: the file is cut off"),
        (f"{SET}data.stills={{made}}/broken", "a.png cannot be read: it is damaged or not an image"),
        (
            f"{SET}data.scale=[2,1]",
            "data.scale is [2, 1]: it must be [low, high] with 0.1 <= low <= high <= 4",
        ),
        (
            f"{SET}data.rain_weights.light=-1",
            "data.rain_weights.light is -1: it should be greater than or equal",
        ),
        (f"{SET}data.other_rain=0", "leave no type of rain a weight above zero"),
        (f"{SET}data.frames=2", "data.frames is 2: the model looks at 3 frames at once"),
        (f"{SET}model.half=0", "model.half is 0: it must be at least 1"),
        (f"{SET}model.hlaf=8", "model.hlaf: a model has no such entry; it has arch, radius, half"),
        (f"{SET}model.radius=two", "model.radius is 'two': it must be a whole number, as 2"),
        (f"{SET}optim.betas=[2,2]", "optim.betas is [2, 2]: each must be at least 0 and less than 1"),
        (f"{SET}optim.lr=inf", "optim.lr is inf: it should be a finite number"),
        (f"{SET}seed=99999999999", "seed is 99999999999: it should be less than 4294967296"),
        (f"{SET}threads=100000", "threads is 100000: it should be less than or equal to 1024"),
    ],
)
def test_of_train(words: str, message: str, refuse: Callable[[str, str], None]) -> None:
    refuse(words, message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("evaluate {made}/run", "give one of: clean footage (--videos FOLDER"),
        (
            "evaluate --videos {made}/small --types light",
            "scene clip is 8x8: SSIM needs frames of at least 11x11",
        ),
        (f"{EVALUATE} --stills {{made}}/broken", "a.png cannot be read: it is damaged or not an image"),
        (f"{EVALUATE} --out report.txt", "a report is a .json or .md file, and report.txt is none of them"),
        (f"{EVALUATE} --out {{made}}/words.txt/a.md", "a.md cannot be written: "),
        (f"{EVALUATE} --types light,,night", "unknown rain type ''"),
        (f"{EVALUATE} --threads 0", "0 is not in the range 1<=x<=1024"),
        (f"{EVALUATE} --device gpu", "device 'gpu' does not exist; choose 'cpu', 'cuda'"),
        (f"{EVALUATE} --precision fp8", "precision 'fp8' does not exist"),
        (f"{EVALUATE} {{made}}/empty", "there is no checkpoint at"),
        (f"{EVALUATE} generl", "there is no model named 'generl': choose one of"),
        (
            "evaluate --real {made}/small",
            "a clip of 8x8 is too small to be judged without truth: give 16x16 or more",
        ),
        ("evaluate --dataset nturain {made}", "write nturain:FOLDER"),
        ("gate {made}/run", "give --videos FOLDER for the gate of video, or --stills FOLDER"),
        ("gate {made}/empty --videos {footage}/videos", "there is no checkpoint at"),
        ("gate {made}/run --videos {footage}/videos", "this model does not say whether it rains"),
        (
            f"{GAP} --real-videos {{made}}/small --frames 7",
            "clip clip has 6 frames, and 7 are wanted: ask for fewer",
        ),
        (
            f"{GAP} --stills {{made}}/broken --real-stills {{footage}}/stills",
            "a.png cannot be read: it is damaged",
        ),
        (f"{GAP} --out report.txt", "a report is a .html or .json or .md file, and report.txt is none"),
        (f"{GAP} --out {{made}}/words.txt/a.md", "a.md cannot be written: "),
        (f"{GAP} --device gpu", "device 'gpu' does not exist"),
    ],
)
def test_of_what_measures(words: str, message: str, refuse: Callable[[str, str], None]) -> None:
    refuse(words, message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("export {made}/run", "Missing option '--to'"),
        ("export {made}/empty --to out", "there is no checkpoint at"),
        (f"{EXPORT} --report {{made}}/words.txt", "words.txt is not a report of an evaluation"),
        (f"{EXPORT} --failures {{made}}/words.bin", "words.bin cannot be read as text"),
        (f"{EXPORT} --failures {{made}}", "is a directory"),
        (f"{EXPORT} --name a/b", "'a/b' cannot name a weight file: take letters, digits"),
        (f"{EXPORT} --version=", "version is '': give one line of text"),
        (f"{EXPORT} --gate 0.6 0.5", "0 <= dry < wet <= 1"),
        (f"{EXPORT} --share 0.3", "--share is that of the run in --blend: give both"),
        (f"{EXPORT} --picture {{made}}/run", "no part for them"),
        (f"{EXPORT} --picture-gate 0.5 0.6", "this model has no part for pictures"),
    ],
)
def test_of_export(words: str, message: str, refuse: Callable[[str, str], None]) -> None:
    refuse(words, message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("tasks=['heavy','hail']", "unknown rain type 'hail': choose one of light"),
        ("data.frames=2", "data.frames is 2: the model looks at 3"),
        ("review.memory_mb=1e-9", "review.memory_mb leaves 0.000 MB for each of 1 types"),
        ("method=bth", "method is 'bth': it should be 'fine-tuning', "),
        ("table.seeds=[]", "table.seeds is []: it should have at least 1 item"),
        ("table.crop=[3,3]", "table.crop is [3, 3]: width and height must be even and at least 16"),
        ("table.videos={made}/small --table", "scene clip is 8x8: SSIM needs frames"),
    ],
)
def test_of_sequence(words: str, message: str, refuse: Callable[[str, str], None]) -> None:
    refuse(f"sequence --config {{made}}/sequence.toml --to out --set {words}", message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("data.videos=nowhere", "no folder and no data set nowhere for clean clips"),
        ("data.rain_weights.hail=1", "data.rain_weights names ['hail']"),
        ("data.frames=2", "data.frames is 2: the model looks at 3"),
        ("real.rainy_stills={made}/empty", "empty holds no rainy stills: these are pictures"),
        ("real.rainy_stills={footage}/stills", "leaves no picture"),
        ("real.jpeg=[95,60]", "real.jpeg is [95, 60]: it must be [low, high]"),
        ("scatter.width=[-1,1]", "scatter.width is [-1, 1]: it must be [low, high] with 0.1 <= low"),
        ("recognise.steps=0", "recognise.steps is 0: it should be"),
        ("name=x --table", "the recipe has no [table] section"),
        ("name=x --table --check-measures", "--table and --check-measures are two things to do: give one"),
    ],
)
def test_of_ttl(words: str, message: str, refuse: Callable[[str, str], None]) -> None:
    refuse(f"ttl --config {{made}}/transfer.toml --to out --set {words}", message)


def test_an_error_that_nobody_foresaw_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("vsrrg_training.datasets.registry.data_sets", fail)
    done = call("datasets")
    assert (done.exit_code, done.output) == (
        1,
        "Error: unexpected ZeroDivisionError: a bug (vsrrg-train --debug COMMAND shows where) [unexpected]\n",
    )
    assert isinstance(call("--debug datasets").exception, ZeroDivisionError)

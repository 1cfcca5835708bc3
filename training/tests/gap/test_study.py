"""The study from footage to report, through the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vsrrg.files import UNFINISHED
from vsrrg_training.cli.main import main
from vsrrg_training.gap.figures import FIGURES


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["gap", *(str(argument) for argument in arguments)])


@pytest.fixture(autouse=True)
def _cache(footage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vsrrg_training.data.footage.default_cache", lambda: footage / "cache")


def test_from_footage_to_a_report(footage: Path, tmp_path: Path) -> None:
    page, data = tmp_path / "gap.html", tmp_path / "gap.json"
    result = call(
        *(
            "--videos",
            footage / "videos",
            "--stills",
            footage / "stills",
            "--real-stills",
            footage / "stills",
        ),
        *("--real-videos", footage / "videos", "--against", footage / "videos" / "pan.mp4"),
        *("--types", "light,heavy", "--clips", 5, "--pictures", 4, "--frames", 6),
        *("--out", page, "--out", data),
    )
    assert result.exit_code == 0, result.output
    assert "### Real clips against the generator's range" in result.output
    assert "| NTURain |" in result.output and "| heavy |" in result.output
    html = page.read_text()
    assert "<svg" in html and "data:image/jpeg;base64," in html and "--types light,heavy" in html
    assert not any(link in html for link in ("<script", "<link", 'src="http'))
    report = json.loads(data.read_text())
    assert {row["medium"] for row in report["coverage"]} == {"still", "clip"}
    assert all(row["figure"] in FIGURES and 0 <= row["inside"] <= 1 for row in report["coverage"])
    groups = [sample["group"] for sample in report["samples"]]
    assert groups.count("light") == groups.count("heavy") == 9
    assert {source["role"] for source in report["sources"]} >= {
        "rain generator",
        "clean videos",
        "real stills",
    }
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))


def test_the_generator_alone_is_a_table(footage: Path, tmp_path: Path) -> None:
    result = call(
        *("--videos", footage / "videos", "--types", "light", "--clips", 1, "--frames", 6),
        *("--model", "consensus", "--out", tmp_path / "gap.md", "--out", tmp_path / "gap.html"),
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "gap.md").read_text() in result.output
    assert "against the neighbouring frames" not in result.output
    assert "No real rain was given" in (tmp_path / "gap.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--types", "hail"), "unknown rain type 'hail'"),
        (("--out", "a.txt"), "a.txt is none of them"),
        (
            ("--against", "conftest.py"),
            "conftest.py for rainy clips does not exist: give a folder, or one of nturain:FOLDER",
        ),
        (("--against", __file__), "test_study.py holds no rainy clips: these are videos (.avi"),
        (("--real-stills", "."), "give --stills, too"),
        (("--skip", "17"), "'17', to be skipped, is not among"),
        (("--real-videos", "nowhere"), "no folder and no data set nowhere for rainy clips"),
    ],
)
def test_mistakes_are_one_sentence(footage: Path, arguments: tuple[str, ...], words: str) -> None:
    result = call("--videos", footage / "videos", *arguments)
    assert result.exit_code == 1
    assert words in result.output and "Traceback" not in result.output

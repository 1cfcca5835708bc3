"""The whole way through the command line: train, evaluate, export, and look at rain."""

import json
from pathlib import Path

import cv2
import pytest
import torch
from click.testing import CliRunner, Result

from vsrrg.models.registry import descriptor_from_file
from vsrrg.models.weights import load_weights
from vsrrg_training.cli.main import main
from vsrrg_training.data.sources import decode_video
from vsrrg_training.run.checkpoint import load_checkpoint


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _cache(footage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vsrrg_training.data.footage.default_cache", lambda: footage / "cache")


def test_from_footage_to_a_weight_file(footage: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(
        f"steps = 3\nlog_every = 1\nthreads = 1\n"
        f"[model]\nradius = 1\nhalf = 8\nquarter = 8\neighth = 8\n"
        f"[data]\nvideos = '{footage / 'videos'}'\nstills = '{footage / 'stills'}'\ncrop = 32\nframes = 4\n"
    )
    run = tmp_path / "run"
    trained = call("train", "--config", recipe, "--to", run, "--steps", 2, "--set", "optim.batch=1")
    assert trained.exit_code == 0, trained.output
    assert load_checkpoint(run).step == 2

    report, page = tmp_path / "report.json", tmp_path / "report.md"
    options = ("--frames", 4, "--types", "light", "--out", report, "--out", page, "--precision", "fp32")
    judged = call("evaluate", run, "--videos", footage / "videos", *options)
    assert judged.exit_code == 0, judged.output
    assert {entry["contestant"] for entry in json.loads(report.read_text())} == {
        "rainy input",
        "min, median of 3",
        "the same, aligned",
        "run",
    }
    assert "| run |" in page.read_text()

    failures = tmp_path / "failures.md"
    failures.write_text("Leaves of grass are mown.")
    written = call(
        "export",
        run,
        *("--name", "tiny", "--version", "7", "--report", report, "--to", tmp_path / "weights"),
        *("--history", "from the tiny weights of yesterday"),
        *("--failures", failures, "--gate", 0.2, 0.6),
    )
    assert written.exit_code == 0, written.output
    file = tmp_path / "weights" / "tiny.safetensors"
    weights = load_weights(file)
    assert (weights.name, weights.version, weights.card["steps"], weights.card["seed"]) == ("tiny", "7", 2, 0)
    assert {"moving_gain_over_input_db", "still_rain_free_psnr_db"} <= set(weights.card["figures"])
    assert "yesterday" in weights.card["history"]
    assert (weights.config["dry"], weights.config["wet"]) == (0.2, 0.6)
    assert "- Before: from the tiny weights" in (tmp_path / "weights" / "tiny.md").read_text()
    assert "## Known failures\n\nLeaves of grass" in (tmp_path / "weights" / "tiny.md").read_text()
    assert str(footage) not in json.dumps(dict(weights.card))
    averaged = load_checkpoint(run).ema
    loaded = descriptor_from_file(file).load().state_dict()
    assert all(torch.equal(averaged[name], loaded[name]) for name in averaged)
    assert weights.sha256 in (tmp_path / "weights" / "tiny.md").read_text()

    half = tmp_path / "half"
    assert call("export", run, "--name", "tiny", "--to", half, "--blend", run, "--share", 0.5).exit_code == 0
    same = descriptor_from_file(half / "tiny.safetensors").load().state_dict()
    assert all(torch.allclose(averaged[name], same[name]) for name in averaged)

    pictures, both = tmp_path / "pictures", tmp_path / "both"
    settings = ("model.picture=8", "data.frames=1", "optim.batch=1")
    overrides = [word for setting in settings for word in ("--set", setting)]
    seen = call("train", "--config", recipe, "--to", pictures, "--init", run, "--steps", 2, *overrides)
    assert seen.exit_code == 0, seen.output
    written = call(
        "export", run, "--name", "tiny", "--to", both, "--picture", pictures, "--picture-gate", 0.3, 0.7
    )
    assert written.exit_code == 0, written.output
    whole = load_weights(both / "tiny.safetensors")
    assert (whole.config["picture"], whole.config["picture_dry"], whole.config["picture_wet"]) == (
        8,
        0.3,
        0.7,
    )
    joined = descriptor_from_file(both / "tiny.safetensors").load().state_dict()
    part = load_checkpoint(pictures).ema
    for name, value in joined.items():
        assert torch.equal(value, (part if name.startswith("picture.") else averaged)[name])
    none = call("export", run, "--name", "tiny", "--to", both, "--picture", run)
    assert none.exit_code == 1 and "no part for them" in none.output

    again = call("evaluate", file, "--videos", footage / "videos", "--frames", 4, "--types", "light")
    assert again.exit_code == 0 and "| tiny |" in again.output
    other = call("export", file.parent, "--report", report, "--to", tmp_path)
    assert other.exit_code == 1 and "no checkpoint" in other.output


def test_rain_to_look_at(footage: Path, tmp_path: Path) -> None:
    for source in (footage / "videos" / "pan.mp4", footage / "stills" / "a.png"):
        made = call("synth", source, "--to", tmp_path, "--frames", 4, "--types", "light,night")
        assert made.exit_code == 0, made.output
        sheet = cv2.imread(str(tmp_path / f"{source.stem}-rain.png"))
        clip = decode_video(tmp_path / f"{source.stem}-night.mp4")
        assert len(clip) == 4
        assert sheet.shape == (2 * clip.shape[1], 3 * clip.shape[2], 3)
    assert call("synth", footage / "stills" / "a.png", "--to", tmp_path, "--types", "hail").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--config", "missing.toml", "--to", "run"), "missing.toml cannot be read"),
        (("evaluate", "--videos", "nowhere"), "no folder and no data set nowhere for clean clips"),
        (
            ("evaluate", "--videos", "nowhere", "--out", "report.txt"),
            "a report is a .json or .md file, and report.txt is none of them",
        ),
        (("evaluate", "nowhere.pt", "--videos", "nowhere"), "no checkpoint at nowhere.pt"),
    ],
)
def test_mistakes_are_one_sentence(arguments: tuple[str, ...], message: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 1
    assert message in result.output and "Traceback" not in result.output

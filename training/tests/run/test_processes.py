"""Runs as processes of their own: killed in the middle, and shared by two processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from vsrrg_training.config import Recipe, load_recipe
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.run.checkpoint import FILE_NAME, load_checkpoint
from vsrrg_training.train import train

QUICK = ["--set", "threads=1", "--set", "workers=0"]


@pytest.fixture
def config(tmp_path: Path, footage: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(
        f"""
seed = 5
steps = 24
log_every = 1
checkpoint_minutes = 0.001
[model]
radius = 1
half = 8
quarter = 8
eighth = 8
eighth_blocks = 1
refine_blocks = 1
[data]
videos = {str(footage / "videos")!r}
crop = 32
frames = 4
[optim]
batch = 2
warmup = 2
precision = "fp32"
"""
    )
    return path


def command(config: Path, run: Path, *more: str) -> list[str]:
    arguments = ["train", "--config", str(config), "--to", str(run), *QUICK, *more]
    return ["-m", "vsrrg_training", *arguments]


def environment(footage: Path) -> dict[str, str]:
    return os.environ | {"XDG_CACHE_HOME": str(footage / "home"), "OMP_NUM_THREADS": "1"}


def whole(config: Path, run: Path, footage: Path, *, steps: int = 24, resume: bool = False) -> None:
    """Train in this process, to the end."""
    recipe = load_recipe(config, [f"steps={steps}", "workers=0"], Recipe)
    dataset = ClipDataset(recipe.data, recipe.seed, cache=footage / "cache")
    train(recipe, run, resume=resume, dataset=dataset)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def test_a_killed_run_resumes_to_the_same_weights(config: Path, tmp_path: Path, footage: Path) -> None:
    env = environment(footage)
    whole(config, tmp_path / "whole", footage)
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, *command(config, killed)], env=env)
    deadline = time.monotonic() + 60
    while not (killed / FILE_NAME).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < load_checkpoint(killed).step < 24
    whole(config, killed, footage, resume=True)
    expected, found = load_checkpoint(tmp_path / "whole"), load_checkpoint(killed)
    assert found.step == 24
    assert same(expected.model, found.model)
    assert same(expected.ema, found.ema)


def test_two_processes_equal_one(config: Path, tmp_path: Path, footage: Path) -> None:
    env = environment(footage)
    whole(config, tmp_path / "one", footage, steps=6)
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    two = [sys.executable, *torchrun, *command(config, tmp_path / "two", "--steps", "6")]
    subprocess.run(two, env=env, check=True)
    expected, found = load_checkpoint(tmp_path / "one"), load_checkpoint(tmp_path / "two")
    assert found.step == 6
    for name, value in expected.model.items():
        # The mean over two halves of a batch rounds differently from the mean over the whole.
        torch.testing.assert_close(found.model[name], value, rtol=1e-3, atol=2e-5)
    assert not same(expected.model, {name: torch.zeros_like(v) for name, v in expected.model.items()})

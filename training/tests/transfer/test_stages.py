import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.run.checkpoint import load_checkpoint
from vsrrg_training.train import train
from vsrrg_training.transfer import figures
from vsrrg_training.transfer.config import TransferRecipe
from vsrrg_training.transfer.crops import RealCrops
from vsrrg_training.transfer.stages import Workshop, finetune, transfer
from vsrrg_training.weights import read_state

Make = Callable[..., TransferRecipe]
STAGES = ("recognise", "restore", "encoder", "finetune")


@pytest.fixture(autouse=True)
def few_crops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "CROPS", 8)
    monkeypatch.setattr(figures, "_BATCH", 4)


@pytest.fixture
def workshop(footage: Path, rain: Any) -> Callable[..., Workshop]:
    def make(recipe: TransferRecipe, *, resume: bool = False) -> Workshop:
        return Workshop(recipe, resume=resume, report=lambda _: None, cache=footage / "cache", rain=rain)

    return make


def test_a_killed_transfer_goes_on_to_the_same_weights(
    transfer_recipe: Make, workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = transfer_recipe(checkpoint_minutes=1e-6)
    transfer(workshop(recipe), tmp_path / "whole")
    original, left = RealCrops.__getitem__, [3 * 4 + 8 + 8 + 4 + 4]

    def failing(self: RealCrops, index: int) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return original(self, index)

    with monkeypatch.context() as patch:
        patch.setattr(RealCrops, "__getitem__", failing)
        with pytest.raises(KeyboardInterrupt):
            transfer(workshop(recipe), tmp_path / "killed")
    stages = [path.name for path in sorted((tmp_path / "killed").iterdir())]
    assert stages != list(STAGES)
    transfer(workshop(recipe, resume=True), tmp_path / "killed")
    for stage in STAGES:
        expected, found = (load_checkpoint(tmp_path / run / stage) for run in ("whole", "killed"))
        assert found.step == 3
        for one, other in ((expected.model, found.model), (expected.beside, found.beside)):
            assert one.keys() == other.keys()
            assert all(torch.equal(one[name], other[name]) for name in one), stage


def test_a_run_tells_what_it_was_and_finished_stages_are_left_alone(
    transfer_recipe: Make, workshop: Any, tmp_path: Path
) -> None:
    transfer(workshop(transfer_recipe()), tmp_path, until="encoder")
    assert not (tmp_path / "finetune").exists()
    for stage in STAGES[:3]:
        origin = json.loads((tmp_path / stage / "origin.json").read_text())
        assert origin["seed"] == 0 and len(origin["starts"]) == 1
        assert sum(name.endswith("0.png") for name in origin["data"]) >= 2
        assert tomllib.loads((tmp_path / stage / "recipe.toml").read_text())["name"] == f"ttl-{stage}"
        assert list((tmp_path / stage / "curves").iterdir())
    assert list((tmp_path / "restore" / "samples").glob("*.png"))
    assert {"accuracy", "auc", "psnr_before", "psnr_after"} == set(
        json.loads((tmp_path / "encoder" / "figures.json").read_text())
    )
    with pytest.raises(RecipeError, match="--resume"):
        transfer(workshop(transfer_recipe()), tmp_path)
    stamps = {stage: (tmp_path / stage / "checkpoint.pt").stat().st_mtime_ns for stage in STAGES[:3]}
    transfer(workshop(transfer_recipe(), resume=True), tmp_path, until="encoder")
    assert stamps == {s: (tmp_path / s / "checkpoint.pt").stat().st_mtime_ns for s in STAGES[:3]}
    with pytest.raises(RecipeError, match=r"real\.jitter"):
        transfer(workshop(transfer_recipe(real={"jitter": 0.1}), resume=True), tmp_path, until="encoder")


def test_the_encoder_starts_supervised_training(
    transfer_recipe: Make, workshop: Any, recipe: Any, dataset: Any, tmp_path: Path
) -> None:
    transfer(workshop(transfer_recipe()), tmp_path, until="encoder")
    start = read_state(tmp_path / "encoder").state
    lines: list[str] = []
    plain = recipe(steps=1, optim={"lr": 1e-9})
    done = train(plain, tmp_path / "run", init=start, dataset=dataset(plain), report=lines.append)
    assert lines[0] == f"took {len(start)} tensors from the initial weights"
    torch.testing.assert_close(done.network.state_dict()["encoder.stem.weight"], start["encoder.stem.weight"])


def test_fine_tuning_takes_the_encoder_and_the_first_pairs(
    transfer_recipe: Make, workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[int] = set()
    original = ClipDataset._make

    def make(self: ClipDataset, index: int) -> Any:
        asked.add(index)
        return original(self, index)

    monkeypatch.setattr(ClipDataset, "_make", make)
    here = transfer_recipe(optim={"lr": 1e-9}, weak={"share": 0.0})
    transfer(workshop(here), tmp_path, until="encoder")
    finetune(workshop(here), tmp_path / "with", pairs=2, encoder=tmp_path / "encoder", weak=False)
    finetune(workshop(here), tmp_path / "without", pairs=2, encoder=None, weak=True)
    assert asked == {0, 1}
    start = read_state(tmp_path / "encoder").state["encoder.stem.weight"]
    taken = read_state(tmp_path / "with").state["encoder.stem.weight"]
    factor = taken.norm() / start.norm()  # as loud as a fresh one
    torch.testing.assert_close(taken, factor * start, atol=1e-5, rtol=1e-4)
    other = read_state(tmp_path / "without").state["encoder.stem.weight"]
    assert not torch.allclose(other / other.norm(), start / start.norm(), atol=1e-2)

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vsrrg_training.config import RecipeError, parse_recipe
from vsrrg_training.continual import sequence as module
from vsrrg_training.continual.config import SequenceRecipe
from vsrrg_training.continual.dataset import ReviewDataset
from vsrrg_training.continual.memory import ReviewMemory
from vsrrg_training.continual.sequence import run_sequence
from vsrrg_training.continual.table import Outcome, run_table
from vsrrg_training.data import footage as footage_module
from vsrrg_training.run.checkpoint import load_checkpoint

Make = Callable[..., SequenceRecipe]


@pytest.fixture
def recipe(footage: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr(footage_module, "default_cache", lambda: footage / "cache")

    def make(**changes: Any) -> SequenceRecipe:
        table: dict[str, Any] = {
            "tasks": ["heavy", "defocus"],
            "steps": 3,
            "workers": 0,
            "threads": 1,
            "model": {
                "radius": 1,
                "half": 8,
                "quarter": 8,
                "eighth": 8,
                "eighth_blocks": 1,
                "refine_blocks": 1,
            },
            "data": {"videos": str(footage / "videos"), "crop": 32, "frames": 4, "pool": 4},
            "optim": {"batch": 2, "warmup": 1, "precision": "fp32"},
            "review": {"candidates": 4},
            "table": {
                "videos": str(footage / "videos"),
                "seeds": [1],
                "frames": 3,
                "crop": [64, 48],
                "methods": ["fine-tuning", "both"],
            },
        }
        return parse_recipe(table | changes, SequenceRecipe)

    return make


def state(folder: Path) -> dict[str, torch.Tensor]:
    return load_checkpoint(folder).ema


def test_tasks_follow_each_other_and_finished_ones_are_kept(recipe: Make, tmp_path: Path) -> None:
    stages = run_sequence(recipe(), tmp_path / "a")
    assert [stage.name for stage in stages] == ["1-heavy", "2-defocus"]
    assert (tmp_path / "a" / "memory-1-heavy.safetensors").exists()
    second = (stages[1] / "checkpoint.pt").stat().st_mtime_ns
    assert run_sequence(recipe(), tmp_path / "a", resume=True) == stages
    assert (stages[1] / "checkpoint.pt").stat().st_mtime_ns == second
    with pytest.raises(RecipeError, match="--resume"):
        run_sequence(recipe(), tmp_path / "a")


def test_a_broken_sequence_resumes_to_the_same_weights(
    recipe: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_sequence(recipe(), tmp_path / "whole")
    original = module.Loop.run
    monkeypatch.setattr(module.Loop, "run", lambda self, **more: original(self, stop_at=2, **more))
    assert run_sequence(recipe(), tmp_path / "broken") == []
    monkeypatch.setattr(module.Loop, "run", original)
    broken = run_sequence(recipe(), tmp_path / "broken", resume=True)
    one, other = state(whole[-1]), state(broken[-1])
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_teacher_is_the_model_of_the_task_before_and_stays_as_it_is(recipe: Make, tmp_path: Path) -> None:
    seen: list[tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]] = []
    original = module.Loop.run

    def watch(self: Any, **more: Any) -> bool:
        ended = original(self, **more)
        if self.objective.teacher:
            seen.append((self.objective.teacher.state_dict(), self.network.state_dict()))
        return ended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.Loop, "run", watch)
        stages = run_sequence(recipe(method="distillation"), tmp_path)
    ((teacher, student),) = seen
    before = state(stages[0])
    assert all(torch.equal(teacher[name], before[name]) for name in before)
    assert any(not torch.equal(student[name], before[name]) for name in before)


def test_old_rain_falls_again_as_often_as_asked(recipe: Make, tmp_path: Path) -> None:
    run_sequence(recipe(), tmp_path)
    memory = ReviewMemory.load(tmp_path / "memory-1-heavy.safetensors")
    clips = ReviewDataset(module._clips(recipe(), 1), memory, 0.25)
    items = [clips[index] for index in range(60)]
    played = [item for item in items if item.review]
    assert 6 <= len(played) <= 26
    assert {int(item.kind) for item in played} == {1} and {int(i.kind) for i in items if not i.review} <= {
        5,
        -1,
    }
    assert all(item.rain.abs().max() > 0 for item in played)
    again = clips[next(i for i, item in enumerate(items) if item.review)]
    assert torch.equal(again.packed, played[0].packed)


def test_bad_sequences_are_refused(recipe: Make) -> None:
    with pytest.raises(RecipeError, match="occurs twice"):
        recipe(tasks=["heavy", "heavy"])
    with pytest.raises(RecipeError, match="counts steps"):
        recipe(minutes=3)
    with pytest.raises(RecipeError, match="tasks"):
        recipe(tasks=[])


def test_the_table_compares_methods_and_resumes(recipe: Make, tmp_path: Path) -> None:
    text = run_table(recipe(), tmp_path)
    assert "| fine-tuning |" in text and "| both |" in text and "backward transfer" in text
    figures = json.loads((tmp_path / "table.json").read_text())
    first, second = (outcome["just_learned"]["heavy"] for outcome in figures["outcomes"])
    assert first == second  # the first task is shared
    assert run_table(recipe(), tmp_path, resume=True) == text
    assert (tmp_path / "table.md").read_text() == text


def test_backward_transfer_is_what_old_types_lost() -> None:
    outcome = Outcome("both", 1, {"a": 30.0, "b": 31.0, "c": 33.0}, {}, {"a": 32.0, "b": 31.5, "c": 33.0})
    assert outcome.backward_transfer == pytest.approx(-1.25)
    assert outcome.old == pytest.approx(30.5)
    assert Outcome("joint", 1, {"a": 30.0}, {}, {}).backward_transfer is None

"""One model through a sequence of rain types.

Our reading of RRGNet (arXiv 2308.05346): at each task but the first the student starts as the model of the
task before, which stays beside it, frozen, as the teacher. On clips of the new rain the teacher's rain
layers and its residual features (rainy minus clean) guide the student (`distill.py`), so that it keeps
what it knew while it learns; the rain review module (`memory.py`) lets old rain fall again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vsrrg_training.config import RecipeError
from vsrrg_training.continual.config import SequenceRecipe
from vsrrg_training.continual.dataset import ReviewDataset, remember
from vsrrg_training.continual.memory import ReviewMemory
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.derain import DerainObjective, build_model, check_length
from vsrrg_training.rain.registry import find_type
from vsrrg_training.run.checkpoint import FILE_NAME, load_checkpoint
from vsrrg_training.run.loop import Loop
from vsrrg_training.run.seed import seeded
from vsrrg_training.weights import load_network

Report = Callable[[str], None]


def stage_names(recipe: SequenceRecipe) -> list[str]:
    """The folders of a sequence's stages: one for each task, or a single one for joint training."""
    if recipe.method == "joint":
        return ["joint"]
    return [f"{number}-{task}" for number, task in enumerate(recipe.tasks, 1)]


def run_sequence(
    recipe: SequenceRecipe,
    folder: Path,
    *,
    resume: bool = False,
    first: Path | None = None,
    report: Report = print,
) -> list[Path]:
    """Train through all tasks; returns the run folder of each stage, the last of which holds the result.

    With `resume`, finished stages are kept and a broken one goes on. `first` is a finished run of the first
    task (without a teacher or memory all methods begin alike); it is trained here by default. Stops early,
    with fewer folders, when a signal asked to. Raises RecipeError.
    """
    if folder.exists() and any(folder.iterdir()) and not resume:
        raise RecipeError(
            "training-folder-taken",
            f"{folder} already holds files; add --resume to go on, or choose another folder",
        )
    _check(recipe)
    stages: list[Path] = []
    memory = ReviewMemory(round(recipe.review.memory_mb * 1e6))
    for number, name in enumerate(stage_names(recipe)):
        stage = first if first and number == 0 and recipe.method != "joint" else folder / name
        report(f"{recipe.method}, {name}")
        if not _train_stage(recipe, stage, number, stages, memory, report):
            return stages
        stages.append(stage)
        if recipe.method in ("review", "both") and number + 1 < len(recipe.tasks):
            memory = _remembered(recipe, number, memory, folder / f"memory-{name}.safetensors")
    return stages


def _check(recipe: SequenceRecipe) -> None:
    """Find what later tasks need, so that what they lack is known before the first one is trained.

    Raises RecipeError.
    """
    for task in recipe.tasks:
        find_type(task)
    network, _ = build_model(recipe.model)
    check_length(recipe.data.frames, network)
    if recipe.method in ("review", "both"):
        memory = ReviewMemory(round(recipe.review.memory_mb * 1e6))
        for number, task in enumerate(recipe.tasks[:-1]):
            remember(memory, task, _clips(recipe, number), 1)


def _train_stage(
    recipe: SequenceRecipe, stage: Path, number: int, before: list[Path], memory: ReviewMemory, report: Report
) -> bool:
    """Train one stage from where it is; returns whether it is finished."""
    joint = recipe.method == "joint"
    steps = recipe.steps * (len(recipe.tasks) if joint else 1)
    settings = recipe.model_copy(update={"steps": steps, "name": f"{recipe.name} {stage.name}"})
    started = (stage / FILE_NAME).exists()
    if started and load_checkpoint(stage).step >= steps:
        return True
    with seeded(recipe.seed):
        model, model_config = build_model(recipe.model)
        if before:
            model.load_state_dict(load_network(before[-1]).state_dict())
        guided = before and recipe.method in ("distillation", "both")
        teacher = load_network(before[-1]) if guided else None
        objective = DerainObjective(model, recipe.loss, teacher=teacher, distill=recipe.distill)
    new = _clips(recipe, number)
    reviewed = before and recipe.method in ("review", "both")
    loop = Loop(
        settings,
        objective,
        ReviewDataset(new, memory, recipe.review.share) if reviewed else new,
        stage,
        # The first task is the same whatever the method, and its run can serve them all.
        recipe=recipe.model_dump(mode="json", exclude={"table"} | ({"method"} if not before else set()))
        | {"task": recipe.tasks if joint else recipe.tasks[number]},
        model_config=model_config,
        sources=new.sources,
        resume=started,
    )
    return loop.run(report=report)


def _clips(recipe: SequenceRecipe, number: int) -> ClipDataset:
    """The clips of a task; of all tasks for joint training, as many of each."""
    tasks = recipe.tasks if recipe.method == "joint" else recipe.tasks[number : number + 1]
    data = recipe.data.model_copy(
        update={
            "rain_weights": {task: recipe.data.rain_weights.get(task, 1.0) for task in tasks},
            "other_rain": 0.0,
            "pool": recipe.data.pool * len(tasks),
        }
    )
    return ClipDataset(data, recipe.seed * 1000 + number)


def _remembered(recipe: SequenceRecipe, number: int, memory: ReviewMemory, path: Path) -> ReviewMemory:
    """The memory after a task, kept in a file so that a resumed sequence reviews the same rain."""
    if not path.exists():
        remember(memory, recipe.tasks[number], _clips(recipe, number), recipe.review.candidates)
        memory.save(path)
    return ReviewMemory.load(path)

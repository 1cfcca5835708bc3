"""Supervised training of an RRGNet, from nothing, from other weights or beside a teacher."""

from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor

from vsrrg.models.rrgnet import RRGNet
from vsrrg_training.config import Recipe, RecipeError
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.derain import (
    DerainObjective,
    PictureObjective,
    build_model,
    check_length,
    take_fitting,
)
from vsrrg_training.run.loop import Loop
from vsrrg_training.run.seed import seeded
from vsrrg_training.weights import load_network
from vsrrg_training.widen import widened


def train(
    recipe: Recipe,
    folder: Path,
    *,
    resume: bool = False,
    init: Mapping[str, Tensor] | None = None,
    dataset: ClipDataset | None = None,
    stop_at: int | None = None,
    report: Callable[[str], None] = print,
) -> Loop:
    """Train a recipe in a run folder, with `resume` from its checkpoint.

    Raises RecipeError before any work is lost.
    """
    with seeded(recipe.seed):
        model, model_config = build_model(recipe.model)
        objective = _objective(model, recipe)
    if init is not None and not resume:
        report(f"took {take_fitting(model, widened(model, init))} tensors from the initial weights")
    dataset = dataset or ClipDataset(recipe.data, recipe.seed)
    loop = Loop(
        recipe,
        objective,
        dataset,
        folder,
        recipe=recipe.model_dump(mode="json"),
        model_config=model_config,
        sources=dataset.sources,
        resume=resume,
    )
    loop.run(stop_at=stop_at, report=report)
    return loop


def _objective(model: RRGNet, recipe: Recipe) -> DerainObjective:
    if recipe.data.frames == 1:
        if recipe.distill.teacher:
            raise RecipeError(
                "training-recipe", "clips of one frame are not taught: leave distill.teacher out"
            )
        return PictureObjective(model, recipe.loss)
    teacher = load_network(recipe.distill.teacher) if recipe.distill.teacher else None
    check_length(recipe.data.frames, model, teacher)
    return DerainObjective(model, recipe.loss, teacher=teacher, distill=recipe.distill)

"""The stages of task transfer: two teachers, one student, and fine-tuning on synthetic pairs."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from vsrrg.files import write_whole
from vsrrg_training.config import RunSettings
from vsrrg_training.data.dataset import ClipDataset, RainModel
from vsrrg_training.derain import DerainObjective, build_model, check_length, take_fitting
from vsrrg_training.run.checkpoint import FILE_NAME, check_same_recipe, load_checkpoint
from vsrrg_training.run.loop import Loop
from vsrrg_training.run.objective import Objective
from vsrrg_training.run.seed import seeded
from vsrrg_training.transfer import figures
from vsrrg_training.transfer.config import TransferRecipe
from vsrrg_training.transfer.crops import RealCrops
from vsrrg_training.transfer.encoder import EncoderObjective, Student
from vsrrg_training.transfer.loudness import settle
from vsrrg_training.transfer.pairs import Pairs
from vsrrg_training.transfer.pictures import RealFootage, open_footage
from vsrrg_training.transfer.teachers import (
    RecogniseObjective,
    RestoreObjective,
    Teacher,
    recogniser,
    restorer,
)
from vsrrg_training.transfer.weak import WeakClips
from vsrrg_training.weights import read_state

RECOGNISE, RESTORE = "recognise", "restore"
TASKS = (RECOGNISE, RESTORE)
FIGURES = "figures.json"

_LISTENED = 16
"""Pairs by which the loudness of an encoder is settled."""


class Stopped(Exception):
    """A stage was asked to stop before its end; its checkpoint is written."""


@dataclass(frozen=True, eq=False)
class Workshop:
    """What the stages share: recipe, footage, and whether unfinished runs go on."""

    recipe: TransferRecipe
    resume: bool = False
    report: Callable[[str], None] = print
    cache: Path | None = None
    rain: RainModel | None = None
    """The generator of the synthetic pairs; the project's own by default."""

    @cached_property
    def footage(self) -> RealFootage:
        return open_footage(self.recipe.real, self.cache)

    @cached_property
    def clips(self) -> ClipDataset:
        """The synthetic pairs, made when first asked for and kept."""
        return ClipDataset(self.recipe.data, self.recipe.seed, rain=self.rain, cache=self.cache)

    @cached_property
    def weak(self) -> WeakClips:
        recipe, data = self.recipe, self.recipe.data
        videos = list(self.footage.rainy_videos)
        return WeakClips(
            videos, recipe.real.learn, recipe.weak, recipe.seed, crop=data.crop, frames=data.frames
        )

    def check(self, *, weak: bool) -> None:
        """Find what fine-tuning needs, so that what it lacks is known before the teachers are trained.

        Raises RecipeError.
        """
        network, _ = build_model(self.recipe.model)
        check_length(self.clips.config.frames, network)
        if weak:
            self.report(f"rainy videos that can teach by themselves: {len(self.weak.pairs)}")

    def crops(self, *, rainy: float, scattered: float, held: bool = False) -> RealCrops:
        """Crops of the real footage, to learn from or of the test."""
        recipe = self.recipe
        return RealCrops(
            self.footage,
            recipe.real,
            recipe.scatter,
            recipe.seed,
            rainy=rainy,
            scattered=scattered,
            split="held" if held else "learn",
        )


def teach(workshop: Workshop, task: str, folder: Path) -> None:
    """Train the teacher of a task, `recognise` or `restore`."""
    recipe = workshop.recipe
    settings = recipe.stage(task, getattr(recipe, task))
    teacher, config = _fresh_teacher(recipe, task, recipe.seed)
    shown = workshop.crops(rainy=0.5, scattered=0.0) if task == RECOGNISE else None
    objective: Objective = RecogniseObjective(teacher) if task == RECOGNISE else RestoreObjective(teacher)
    _run(
        workshop,
        folder,
        settings,
        objective,
        shown or workshop.crops(rainy=0.0, scattered=0.9),
        model_config=config,
        more={"task": task, "model": config}
        | ({"relief": recipe.recognise.relief} if task == RECOGNISE else {}),
        sources=workshop.footage.sources,
        measure=lambda: figures.of_teacher(teacher, workshop),
    )


def distil(workshop: Workshop, teachers: Mapping[str, Path | None], folder: Path) -> None:
    """Distil teachers, by task, into one encoder; None stands for a teacher that never learned."""
    recipe = workshop.recipe
    models, digests = [], {}
    for task, path in teachers.items():
        teacher, _ = _fresh_teacher(recipe, task, recipe.seed)
        if path:
            teacher.load_state_dict(read_state(path).state)
        models.append(teacher)
        digests[task] = _digest(teacher)
    with seeded(recipe.seed + 1):
        network, config = build_model(recipe.model)
        student = Student(network.config)
        objective = EncoderObjective(student, models, recipe.encoder)
    _run(
        workshop,
        folder,
        recipe.stage("encoder", recipe.encoder),
        objective,
        workshop.crops(rainy=0.5, scattered=0.5),
        model_config=config,
        more={"model": config, "taught_by": digests, "encoder": recipe.encoder.model_dump(mode="json")},
        sources=workshop.footage.sources,
        measure=lambda: figures.of_student(objective, workshop),
    )


def finetune(workshop: Workshop, folder: Path, *, pairs: int, encoder: Path | None, weak: bool) -> None:
    """Train an RRGNet on the first `pairs` synthetic pairs, from a distilled encoder or from nothing."""
    recipe = workshop.recipe
    with seeded(recipe.seed + 2):
        model, config = build_model(recipe.model)
    check_length(recipe.data.frames, model)
    start = ""
    if encoder:
        fresh = copy.deepcopy(model.encoder)
        take_fitting(model, read_state(encoder).state)
        shown = [workshop.clips[index].packed[0] for index in range(min(pairs, _LISTENED))]
        settle(model.encoder, fresh, torch.stack(shown))
        start = _digest(model.encoder)
    share = recipe.weak.share if weak else 0.0
    weak_clips = workshop.weak if weak else None
    settings = RunSettings(**{key: getattr(recipe, key) for key in RunSettings.model_fields})
    dataset = Pairs(workshop.clips, pairs, recipe.seed, weak=weak_clips, share=share, still=recipe.stills)
    _run(
        workshop,
        folder,
        settings,
        DerainObjective(model, recipe.loss),
        dataset,
        model_config=config,
        more={
            "model": config,
            "encoder": start,
            "pairs": pairs,
            "weak": recipe.weak.model_dump(mode="json") if weak else None,
            "data": recipe.data.model_dump(mode="json"),
            "loss": recipe.loss.model_dump(mode="json"),
        }
        | ({"stills": True} if recipe.stills else {}),
        sources=workshop.clips.sources + ([v.stored for v in workshop.footage.rainy_videos] if weak else []),
    )


def transfer(workshop: Workshop, folder: Path, *, until: str = "finetune") -> None:
    """All stages in turn, each in a folder of its name; finished ones are left alone.

    `until` is the last stage wanted: recognise, restore, encoder or finetune.
    """
    recipe = workshop.recipe
    weak = until == "finetune" and bool(recipe.weak.share) and recipe.real.rainy_videos is not None
    if until == "finetune":
        workshop.check(weak=weak)
    for task in TASKS:
        teach(workshop, task, folder / task)
        if until == task:
            return
    distil(workshop, {task: folder / task for task in TASKS}, folder / "encoder")
    if until == "finetune":
        finetune(workshop, folder / until, pairs=recipe.data.pool, encoder=folder / "encoder", weak=weak)


def _run(
    workshop: Workshop,
    folder: Path,
    settings: RunSettings,
    objective: Objective,
    dataset: Dataset[Any],
    *,
    model_config: dict[str, Any],
    more: dict[str, Any],
    sources: Iterable[Path],
    measure: Callable[[], dict[str, float]] | None = None,
) -> None:
    """Run a stage to its end, or see that it has ended, and keep its figures. Raises Stopped."""
    recipe = workshop.recipe
    stored = {
        **settings.model_dump(mode="json"),
        "real": recipe.real.model_dump(mode="json"),
        "scatter": recipe.scatter.model_dump(mode="json"),
        **more,
    }
    if workshop.resume and (folder / FIGURES).exists():
        check_same_recipe(load_checkpoint(folder).recipe, stored, type(settings))
        return
    loop = Loop(
        settings,
        objective,
        dataset,
        folder,
        recipe=stored,
        model_config=model_config,
        sources=sources,
        resume=workshop.resume and (folder / FILE_NAME).exists(),
    )
    if not loop.run(report=workshop.report):
        raise Stopped
    if loop.fabric.is_global_zero:
        found = measure() if measure else {}
        write_whole(folder / FIGURES, json.dumps(found, indent=1) + "\n", parents=True)
        if found:
            workshop.report("  ".join(f"{name} {value:.3f}" for name, value in found.items()))


def _fresh_teacher(recipe: TransferRecipe, task: str, seed: int) -> tuple[Teacher, dict[str, Any]]:
    with seeded(seed):
        network, _ = build_model(recipe.model | recipe.teachers)
        if task == RECOGNISE:
            teacher = recogniser(network.config, on_relief=recipe.recognise.relief)
        else:
            teacher = restorer(network.config)
        return teacher, asdict(network.config)


def _digest(module: nn.Module) -> str:
    """A hash of a module's weights: what a later stage was made from."""
    total = hashlib.sha256()
    tensor: Tensor
    for name, tensor in sorted(module.state_dict().items()):
        total.update(name.encode() + tensor.detach().contiguous().cpu().numpy().tobytes())
    return total.hexdigest()[:16]

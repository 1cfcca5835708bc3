"""How well teachers and student do on real pictures that they have never seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from vsrrg_training.config import DataConfig
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.transfer.encoder import EncoderObjective
from vsrrg_training.transfer.heads import RainHead
from vsrrg_training.transfer.teachers import Teacher

if TYPE_CHECKING:
    from vsrrg_training.transfer.stages import Workshop

CROPS = 320
_BATCH = 32
_CAP = 1e-12

Answer = Callable[[Tensor], Tensor]


def of_teacher(teacher: Teacher, workshop: Workshop) -> dict[str, float]:
    """The figures of a teacher's task on held pictures."""

    def answer(packed: Tensor) -> Tensor:
        return teacher(packed)[1]  # type: ignore[no-any-return]

    teacher.eval()
    if isinstance(teacher.head, RainHead):
        return recognition(answer, workshop)
    return restoration(answer, workshop)


def of_student(objective: EncoderObjective, workshop: Workshop) -> dict[str, float]:
    """The same for a student, asked through the heads that it was distilled with."""
    objective.eval()
    found: dict[str, float] = {}
    if any(isinstance(head, RainHead) for head in objective.heads):
        found |= recognition(lambda packed: objective.answers(packed)["rain"], workshop)
    if any(not isinstance(head, RainHead) for head in objective.heads):
        found |= restoration(lambda packed: objective.answers(packed)["change"], workshop)
    return found


def recognition(answer: Answer, workshop: Workshop) -> dict[str, float]:
    """Accuracy and area under the ROC curve on held pictures, and the area on synthetic rain.

    The latter compares frames with the very same frames before the rain fell: nothing but rain can tell
    them apart.
    """
    logits, rainy = [], []
    for batch in _batches(workshop.crops(rainy=0.5, scattered=0.0, held=True)):
        logits.append(_asked(answer, batch.packed))
        rainy.append(batch.rainy)
    real, truth = torch.cat(logits), torch.cat(rainy)
    figures = {"accuracy": float(((real > 0) == (truth > 0.5)).float().mean()), "auc": area(real, truth)}
    if workshop.recipe.table:
        wet, dry = [], []
        for batch in _batches(_synthetic(workshop)):
            wet.append(_asked(answer, batch.packed[:, 1]))
            dry.append(_asked(answer, (batch.packed - batch.rain)[:, 1]))
        logit = torch.cat((*wet, *dry))
        figures["auc_synthetic"] = area(logit, torch.arange(len(logit)) < len(logit) // 2)
    return figures


def restoration(answer: Answer, workshop: Workshop) -> dict[str, float]:
    """PSNR of luma of held pictures before and after restoration, error pooled over all."""
    before = after = 0.0
    for batch in _batches(workshop.crops(rainy=0.0, scattered=1.0, held=True)):
        blurred, sharp = batch.packed[:, :4], batch.sharp[:, :4]
        restored = blurred + _asked(answer, batch.packed)[:, :4]
        before += float((blurred - sharp).square().mean())
        after += float((restored - sharp).square().mean())
    count = CROPS // _BATCH
    return {
        "psnr_before": -10 * math.log10(max(before / count, _CAP)),
        "psnr_after": -10 * math.log10(max(after / count, _CAP)),
    }


def area(scores: Tensor, positive: Tensor) -> float:
    """Area under the ROC curve: how often a positive scores higher than a negative."""
    from torchmetrics.functional.classification import binary_auroc

    return float(binary_auroc(torch.sigmoid(scores), positive.int()))


def _synthetic(workshop: Workshop) -> ClipDataset:
    recipe = workshop.recipe
    assert recipe.table
    data = DataConfig(videos=recipe.table.validation, crop=recipe.real.crop, frames=3, no_rain=0.0)
    return ClipDataset(data, recipe.seed, rain=workshop.rain, cache=workshop.cache)


def _batches(crops: Dataset[Any]) -> Any:
    for start in range(0, CROPS, _BATCH):
        yield default_collate([crops[index] for index in range(start, start + _BATCH)])


@torch.no_grad()
def _asked(answer: Answer, packed: Tensor) -> Tensor:
    return answer(packed).float()

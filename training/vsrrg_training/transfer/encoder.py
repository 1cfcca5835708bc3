"""All teachers distilled into one student: the frame encoder of an RRGNet."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.rrgnet import Features, FrameEncoder, RRGNetConfig
from vsrrg_training.losses import charbonnier
from vsrrg_training.run.objective import Objective
from vsrrg_training.transfer.config import EncoderConfig
from vsrrg_training.transfer.crops import Seen
from vsrrg_training.transfer.heads import RainHead
from vsrrg_training.transfer.teachers import KNEE, LOUDER, Teacher

SCALES = ("half", "quarter", "eighth")

_SILENT = 0.2
"""Least variation that a channel is measured by, relative to the mean over channels."""


class Student(nn.Module):
    """What remains of the distillation; its tensors are named as those of an RRGNet.

    Its first convolution starts blind to light and colour, as the recogniser is.
    """

    def __init__(self, config: RRGNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = FrameEncoder(config)
        with torch.no_grad():
            weight = self.encoder.stem.weight
            weight[:, :4] -= weight[:, :4].mean((1, 2, 3), keepdim=True)
            weight[:, :4] *= LOUDER
            weight[:, 4:] = 0

    def forward(self, packed: Tensor) -> Features:
        features: Features = self.encoder(packed)
        return features


class FeatureBridge(nn.Module):
    """Distance of a student's features, mapped by 1x1 convolutions, to a teacher's, relative to how much
    those vary.
    """

    def __init__(self, student: RRGNetConfig, teacher: RRGNetConfig) -> None:
        super().__init__()
        self.maps = nn.ModuleList(
            nn.Conv2d(getattr(student, scale), getattr(teacher, scale), 1) for scale in SCALES
        )

    def forward(self, found: Features, taught: Features) -> Tensor:
        """Mean over the scales; 1 is as far as a constant is."""
        total = torch.zeros((), device=found.eighth.device)
        for scale, onto in zip(SCALES, self.maps, strict=True):
            wanted = _centred(getattr(taught, scale).float())
            spread = wanted.abs().mean((0, 2, 3), keepdim=True)
            # Channels count alike, however loud the teacher made them; silent ones must not count most.
            spread = spread.clamp(min=_SILENT * float(spread.detach().mean()))
            total = total + ((_centred(onto(getattr(found, scale)).float()) - wanted).abs() / spread).mean()
        return total / len(SCALES)


class EncoderObjective(Objective):
    """Distance of the student to every teacher, in features and in answers.

    No label is used: rainy and rain-free pictures, sharp and blurred ones, are all shown to all teachers.
    """

    network: Student

    def __init__(self, network: Student, teachers: Sequence[Teacher], config: EncoderConfig) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self.teachers = nn.ModuleList(teacher.requires_grad_(False).eval() for teacher in teachers)
        self.bridges = nn.ModuleList(FeatureBridge(network.config, teacher.config) for teacher in teachers)
        self.heads = nn.ModuleList(type(teacher.head)(network.config) for teacher in teachers)

    def train(self, mode: bool = True) -> EncoderObjective:
        super().train(mode)
        self.teachers.eval()
        return self

    def forward(self, batch: Seen) -> tuple[Tensor, dict[str, Tensor]]:
        found = self.network(batch.packed)
        loss = torch.zeros((), device=batch.packed.device)
        sums: dict[str, Tensor] = {}
        for number, (teacher, bridge, head) in enumerate(
            zip(self.teachers, self.bridges, self.heads, strict=True)
        ):
            with torch.no_grad():
                taught, answer = teacher(batch.packed)
            features = bridge(found, taught)
            answers = _disagreement(head(found), answer)
            loss = loss + self.config.feature_weight * features + self.config.answer_weight * answers
            sums |= {f"features_{number}": features.detach(), f"answers_{number}": answers.detach()}
        return loss, sums

    def answers(self, packed: Tensor) -> dict[str, Tensor]:
        """What the student answers to packed pictures on each task: `rain` (N,), `change` (N, 6, h, w)."""
        found = self.network(packed)
        return {("rain" if isinstance(head, RainHead) else "change"): head(found) for head in self.heads}


def _centred(features: Tensor) -> Tensor:
    return features - features.mean((0, 2, 3), keepdim=True)


def _disagreement(found: Tensor, taught: Tensor) -> Tensor:
    """Of logits (N,): what the student's belief costs under the teacher's; of pictures: their distance.

    Relative to what the same answer to everything would cost.
    """
    if found.ndim == 1:
        belief = torch.sigmoid(taught)
        least = F.binary_cross_entropy_with_logits(taught, belief)
        constant = torch.logit(belief.mean(), eps=1e-4).expand_as(belief)
        same = F.binary_cross_entropy_with_logits(constant, belief)
        return (F.binary_cross_entropy_with_logits(found, belief) - least) / (same - least).clamp(min=0.02)
    size = taught.abs().mean() + KNEE
    return charbonnier(found - taught, KNEE) / size

"""What a frozen teacher says about a clip: its rain layers, and its features of rain alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vsrrg.models.rrgnet import Features, RRGNetConfig
from vsrrg_training.config import DistillConfig

SCALES = ("half", "quarter", "eighth")


def output_guidance(
    predicted: Tensor, taught: Tensor, target: Tensor, new: Tensor, config: DistillConfig
) -> Tensor:
    """Charbonnier distance of the student's rain layers (B, T, 6, h, w) to the teacher's, over the clips that
    `new` (B,) picks.

    With `config.trust`, a pixel counts as much as the teacher is right there: exp(-|teacher - truth| /
    trust). A teacher that has never seen this rain says nothing where it stands, and everything about what
    it knows to be clean.
    """
    distance = (predicted.float() - taught.float()).square().add(config.epsilon**2).sqrt() - config.epsilon
    weight = new.view(-1, 1, 1, 1, 1).float()
    if config.trust:
        weight = weight * torch.exp(-(taught.float() - target).abs() / config.trust)
    count = new.sum().clamp(min=1) * distance[0].numel()
    return (distance * weight).sum() / count


class ResidualBridge(nn.Module):
    """Compares what rain changes in the student's features with what it changes in the teacher's.

    The *residual* feature, of the rainy frame minus that of the same frame without rain, carries knowledge of
    rain and none of the background. Where the two have different widths, a 1x1 convolution (thrown away after
    training) maps the student's onto the teacher's.
    """

    def __init__(self, student: RRGNetConfig, teacher: RRGNetConfig) -> None:
        super().__init__()
        self.maps = nn.ModuleDict(
            {
                f"at_{scale}": nn.Identity()
                if getattr(student, scale) == getattr(teacher, scale)
                else nn.Conv2d(getattr(student, scale), getattr(teacher, scale), 1, bias=False)
                for scale in SCALES
            }
        )

    def forward(
        self, rainy: Features, clean: Features, taught_rainy: Features, taught_clean: Features
    ) -> Tensor:
        """Mean distance over the scales for each frame (N,), relative to the teacher's residual."""
        total = torch.zeros(len(rainy.eighth), device=rainy.eighth.device)
        for scale in SCALES:
            wanted = getattr(taught_rainy, scale).float() - getattr(taught_clean, scale).float()
            found = self.maps[f"at_{scale}"](getattr(rainy, scale) - getattr(clean, scale)).float()
            size = wanted.abs().mean() + 1e-3
            total = total + (found - wanted).abs().flatten(1).mean(1) / size
        return total / len(SCALES)

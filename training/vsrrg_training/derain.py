"""Supervised deraining, alone or beside a frozen teacher: clips in, rain layers out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg_training.config import DistillConfig, LossConfig, RecipeError
from vsrrg_training.data.dataset import Clip
from vsrrg_training.data.yuv import rgb_from_packed
from vsrrg_training.distill import ResidualBridge, output_guidance
from vsrrg_training.losses import presence_loss, rain_loss
from vsrrg_training.run.objective import Objective, Picture


def build_model(config: Mapping[str, Any]) -> tuple[RRGNet, dict[str, Any]]:
    """A fresh model from its configuration, and that configuration with all defaults.

    Raises RecipeError for a configuration that no model has.
    """
    known = asdict(RRGNetConfig())
    for key, value in config.items():
        if key not in known:
            raise RecipeError(
                "training-recipe", f"model.{key}: a model has no such entry; it has {', '.join(known)}"
            )
        kind = type(known[key])
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise RecipeError(
                "training-recipe", f"model.{key} is {value!r}: it must be {_KINDS[kind]}, as {known[key]!r}"
            )
        least = 0 if key == "picture" or key.endswith("_blocks") else 1
        if kind is int and value < least:
            raise RecipeError("training-recipe", f"model.{key} is {value}: it must be at least {least}")
    try:
        complete = RRGNetConfig(**config)
    except ValueError as error:
        raise RecipeError("training-recipe", f"model: {error}") from error
    return RRGNet(complete), asdict(complete)


_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def fill(network: nn.Module, state: Mapping[str, Tensor], source: Path) -> None:
    """Give a network weights. Raises RecipeError where they are those of another kind of network."""
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise RecipeError(
            "training-other-run",
            f"{source} does not hold the weights of a model that derains: choose a run of train or sequence, "
            "or ttl's finetune",
        ) from error


def check_length(frames: int, *networks: RRGNet | None) -> None:
    """Raises RecipeError where clips are shorter than what the networks look at."""
    wanted = max(2 * network.config.radius + 1 for network in networks if network)
    if frames < wanted:
        raise RecipeError(
            "training-recipe",
            f"data.frames is {frames}: the model looks at {wanted} frames at once, so clips need that many",
        )


def take_fitting(network: nn.Module, state: Mapping[str, Tensor]) -> int:
    """Take over every tensor that fits by name and shape; returns how many did.

    Raises RecipeError where none does.
    """
    own = network.state_dict()
    fitting = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
    if not fitting:
        raise RecipeError(
            "training-other-run",
            "no tensor of the initial weights fits this model; choose weights of its family",
        )
    network.load_state_dict(fitting, strict=False)
    return len(fitting)


class DerainObjective(Objective):
    """The rain loss of an RRGNet on clips, and what a frozen teacher adds to it."""

    network: RRGNet

    def __init__(
        self,
        network: RRGNet,
        loss: LossConfig,
        *,
        teacher: RRGNet | None = None,
        distill: DistillConfig | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        if network.picture:
            network.picture.requires_grad_(False)
        self.config = loss
        self.distill = distill or DistillConfig()
        self.teacher = teacher.requires_grad_(False).eval() if teacher else None
        self.bridge = None
        if teacher and self.distill.residual_weight:
            self.bridge = ResidualBridge(network.config, teacher.config)

    def train(self, mode: bool = True) -> DerainObjective:
        super().train(mode)
        if self.teacher:
            self.teacher.eval()
        return self

    def forward(self, batch: Clip) -> tuple[Tensor, dict[str, Tensor]]:
        packed = batch.packed
        features = self.network.encode(packed.flatten(0, 1))
        predicted, presence = self.network.predict_clip(features, len(packed))
        target = _middle(batch.rain, predicted.shape[1])
        loss, sums = self._judged(predicted, presence if self.network.config.presence else None, batch)
        if self.teacher:
            guided, parts = self._guidance(batch, features, predicted, target)
            loss = loss + guided
            sums |= parts
        return loss, sums

    def _judged(
        self, predicted: Tensor, presence: Tensor | None, batch: Clip
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of layers and logits against the truth, and what figures are made of."""
        target = _middle(batch.rain, predicted.shape[1])
        loss = self._layer_loss(predicted, target)
        sums = _sums(predicted.detach(), target, self.config.clean_threshold)
        if presence is not None:
            told = presence_loss(presence, batch.packed, batch.rain)
            loss = loss + self.config.presence_weight * told
            sums["presence"] = told.detach()
        return loss, sums

    def _layer_loss(self, predicted: Tensor, target: Tensor) -> Tensor:
        return rain_loss(predicted, target, self.config)

    def _guidance(
        self, batch: Clip, features: Any, predicted: Tensor, target: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What the teacher makes of the clips of the new task: its rain layers and its residual features."""
        assert self.teacher
        config, count = self.distill, len(batch.packed)
        new = ~batch.review if config.new_only else torch.ones_like(batch.review)
        with torch.no_grad():
            taught = self.teacher.encode(batch.packed.flatten(0, 1))
            layers, _ = self.teacher.predict_clip(taught, count)
        total = torch.zeros((), device=predicted.device)
        parts = {}
        if config.output_weight:
            shared = min(layers.shape[1], predicted.shape[1])
            said, taught_layers, truth = (_middle(v, shared) for v in (predicted, layers, target))
            parts["guidance"] = output_guidance(said, taught_layers, truth, new, config)
            total = total + config.output_weight * parts["guidance"]
        if self.bridge:
            clean = (batch.packed - batch.rain).flatten(0, 1)
            with torch.no_grad():
                taught_clean = self.teacher.encode(clean)
            residual = self.bridge(features, self.network.encode(clean), taught, taught_clean)
            weight = new.repeat_interleave(batch.packed.shape[1]).float()
            parts["residual"] = (residual * weight).sum() / weight.sum().clamp(min=1)
            total = total + config.residual_weight * parts["residual"]
        return total, {name: value.detach() for name, value in parts.items()}

    def figures(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Gain over the input on rainy clips (dB), share of rain energy removed on rainy pixels, damage on
        clean ones (8-bit codes), and the means of the other terms.
        """
        steps = max(sums["steps"], 1.0)
        figures = {
            "gain_db": 10 * math.log10(max(sums["rain"], 1e-12) / max(sums["error"], 1e-12)),
            "removed": 1 - sums["wet_error"] / max(sums["wet_rain"], 1e-12),
            "damage": 255 * sums["damage"] / max(sums["clean"], 1.0),
        }
        return figures | {
            name: sums[name] / steps for name in ("presence", "guidance", "residual") if name in sums
        }

    def _layers(self, packed: Tensor) -> Tensor:
        features = self.network.encode(packed.flatten(0, 1))
        predicted, _ = self.network.predict_clip(features, len(packed))
        return predicted

    def picture(self, batch: Clip) -> Picture:
        """A row for each clip, its middle frame: rainy, derained, without rain."""
        predicted = self._layers(batch.packed)
        middle = batch.packed.shape[1] // 2
        rainy = batch.packed[:, middle]
        derained = rainy - predicted[:, predicted.shape[1] // 2]
        columns = [rgb_from_packed(x.cpu()) for x in (rainy, derained, rainy - batch.rain[:, middle])]
        return np.concatenate([np.concatenate(list(column), axis=0) for column in columns], axis=1)


class PictureObjective(DerainObjective):
    """The rain loss on single pictures, of the part of an RRGNet that sees them; the rest stays as it is.

    Raises RecipeError for a network without that part.
    """

    def __init__(self, network: RRGNet, loss: LossConfig) -> None:
        super().__init__(network, loss)
        if not network.picture:
            raise RecipeError(
                "training-recipe",
                "clips of one frame train the part for pictures: give model.picture channels",
            )
        network.requires_grad_(False)
        network.picture.requires_grad_(True)

    def forward(self, batch: Clip) -> tuple[Tensor, dict[str, Tensor]]:
        return self._judged(*self._predict(batch.packed), batch)

    def _layer_loss(self, predicted: Tensor, target: Tensor) -> Tensor:
        """Of rainy pictures alone: whether it rains is for the gate to say, and a layer that doubts it, too,
        is too thin wherever it does.
        """
        rainy = target.flatten(1).any(1)
        # A factor, not a choice: pictures without rain must still give gradients, of zero, to every weight.
        return rain_loss(predicted * rainy.view(-1, 1, 1, 1, 1), target, self.config)

    def _layers(self, packed: Tensor) -> Tensor:
        return self._predict(packed)[0]

    def _predict(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        assert self.network.picture
        rain, logit = self.network.picture(packed.flatten(0, 1))
        return rain[:, None], logit[:, None]


def _middle(clips: Tensor, frames: int) -> Tensor:
    """The middle `frames` frames of clips (B, T, ...): models of different radius see different centres."""
    start = (clips.shape[1] - frames) // 2
    return clips[:, start : start + frames]


@torch.no_grad()
def _sums(predicted: Tensor, target: Tensor, clean_threshold: float) -> dict[str, Tensor]:
    """Energies of rain and error over rainy clips and rainy pixels, and the change of clean pixels."""
    luma, truth = predicted[:, :, :4].float(), target[:, :, :4]
    squared, energy = (luma - truth).square(), truth.square()
    wet = (energy.flatten(1).sum(1) > 0).view(-1, 1, 1, 1, 1)
    clean = truth.abs() < clean_threshold
    return {
        "rain": (energy * wet).sum(),
        "error": (squared * wet).sum(),
        "wet_rain": (energy * ~clean).sum(),
        "wet_error": (squared * ~clean).sum(),
        "damage": (luma.abs() * clean).sum(),
        "clean": clean.sum().float(),
    }

"""What training minimizes."""

import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.config import LossConfig


def charbonnier(error: Tensor, epsilon: float) -> Tensor:
    """Mean of sqrt(error^2 + epsilon^2) - epsilon: quadratic below ``epsilon``, absolute above."""
    return (error.square() + epsilon**2).sqrt().mean() - epsilon


_HARDLY_ANY = 2e-4


def presence_loss(logits: Tensor, packed: Tensor, rain: Tensor) -> Tensor:
    """Cross entropy of the logits (B, T) of there being rain against the rain of clips (B, T', 6, h, w).

    Clips with rain that hardly shows (mean below 2e-4), or with pictures that repeat, teach nothing: what
    hides rain from the network would teach it that clean clips hold some.
    """
    amount = rain[:, :, :4].abs().flatten(1).mean(1)
    alive = ((packed[:, 1:] - packed[:, :-1]).abs().amax((2, 3, 4)) > 0).all(1)
    told = alive & ((amount == 0) | (amount > _HARDLY_ANY))
    truth = (amount > 0).float()[:, None].expand_as(logits)
    loss = F.binary_cross_entropy_with_logits(logits.float(), truth, reduction="none")
    return (loss * told[:, None]).mean()


def rain_loss(predicted: Tensor, target: Tensor, config: LossConfig) -> Tensor:
    """Loss of predicted rain layers (B, ..., 6, h, w) against drawn ones, in fp32.

    Luma and chroma error, an extra price on rain seen where there is none (damage to clean pixels), the
    error's finite differences, which ask for streaks with the right edges, and the logarithm of each clip's
    mean square error, so that a clip of light rain or none counts as much as one of heavy rain.
    """
    predicted = predicted.float()
    error = predicted - target
    luma, chroma = error[..., :4, :, :], error[..., 4:, :, :]
    loss = charbonnier(luma, config.epsilon) + config.chroma_weight * charbonnier(chroma, config.epsilon)
    if config.clean_weight:
        clean = target[..., :4, :, :].abs() < config.clean_threshold
        damage = predicted[..., :4, :, :] * clean
        loss = loss + config.clean_weight * (damage.abs() + config.clean_square * damage.square()).mean()
    if config.gradient_weight:
        across = charbonnier(luma[..., 1:] - luma[..., :-1], config.epsilon)
        down = charbonnier(luma[..., 1:, :] - luma[..., :-1, :], config.epsilon)
        loss = loss + config.gradient_weight * (across + down)
    if config.log_weight:
        by_clip = luma.flatten(1).square().mean(1)
        loss = loss + config.log_weight * (by_clip / config.log_floor + 1).log().mean()
    return loss

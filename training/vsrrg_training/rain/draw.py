"""Draws of single numbers from a generator, so that a clip's rain is a pure function of its seed."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def uniform(generator: torch.Generator, low: float, high: float) -> float:
    """One number, uniform in [low, high)."""
    return low + (high - low) * torch.rand((), generator=generator, device=generator.device).item()


def log_uniform(generator: torch.Generator, low: float, high: float) -> float:
    """One number whose logarithm is uniform; both ends must be positive."""
    return math.exp(uniform(generator, math.log(low), math.log(high)))


def chance(generator: torch.Generator, probability: float) -> bool:
    """True with the given probability."""
    return uniform(generator, 0.0, 1.0) < probability


def normal(generator: torch.Generator, count: int) -> Tensor:
    """A vector of standard normal numbers."""
    return torch.randn(count, generator=generator, device=generator.device)


def rand(generator: torch.Generator, count: int) -> Tensor:
    """A vector of numbers uniform in [0, 1)."""
    return torch.rand(count, generator=generator, device=generator.device)

"""Falling streaks: drops moved from frame to frame and drawn into opacity."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.draw import normal
from vsrrg_training.rain.drops import draw_drops
from vsrrg_training.rain.population import Population
from vsrrg_training.rain.splat import Canvas
from vsrrg_training.rain.strokes import add_strokes


def opacity(
    population: Population, frames: int, height: int, width: int, generator: torch.Generator
) -> Tensor:
    """The share of light that streaks take over: (frames, height, width), 0..1."""
    device = generator.device
    margin = 1.5 * population.length + 8
    box_w, box_h = width + 2 * margin, height + 2 * margin
    sway, level = _gusts(population, frames, generator)
    thickest = max(level)
    fullness = thickest / (1 - population.patches / 2)
    count = max(1, round(population.density * fullness * box_w * box_h / 1e6))
    patches = None
    if population.patches:
        knots = torch.rand(1, 1, 4, 4, generator=generator, device=device)
        patches = (2 * knots - 0.5).clamp(0, 1)
    canvas = Canvas(frames, height, width, device)
    flat = torch.zeros(frames, height, width, device=device) if population.edge is not None else None
    drops = draw_drops(population, count, box_w, box_h, generator)
    fallen_x = fallen_y = torch.zeros_like(drops.x)
    for t in range(frames):
        if t and not population.coherent:
            drops = draw_drops(population, count, box_w, box_h, generator)
        turned = population.drift * t + sway[t]
        angle = drops.angle + turned + population.convergence * (drops.x / box_w - 0.5)
        if t and population.coherent:
            step = drops.length / population.exposure
            fallen_x, fallen_y = fallen_x + step * torch.sin(angle), fallen_y + step * torch.cos(angle)
        x = torch.remainder(drops.x + fallen_x, box_w) - margin
        y = torch.remainder(drops.y + fallen_y, box_h) - margin
        reach = drops.length / 2 + 3 * drops.sigma + 2
        seen = (x > -reach) & (x < width + reach) & (y > -reach) & (y < height + reach)
        if patches is not None:
            thinned = 1 - population.patches * _at(patches, x / width, y / height)
            seen &= drops.rank < level[t] / thickest * thinned
        elif level[t] < thickest:
            seen &= drops.rank < level[t] / thickest
        shown = replace(drops, x=x, y=y, angle=angle).chosen(seen.nonzero().squeeze(1))
        if flat is not None and population.edge is not None:
            add_strokes(flat[t], shown, edge=population.edge, square=population.square, head=population.head)
        else:
            canvas.add(t, shown, fade=population.fade, head=population.head)
    return 1 - torch.exp(-(canvas.total() if flat is None else flat))


def _gusts(
    population: Population, frames: int, generator: torch.Generator
) -> tuple[list[float], list[float]]:
    """By frame, what the wind adds to the angle and the density relative to the population's."""
    if not (population.sway or population.gust):
        return [0.0] * frames, [1.0] * frames
    keep = math.exp(-1 / population.memory)
    state = normal(generator, 2)
    fresh = math.sqrt(1 - keep**2) * normal(generator, 2 * frames).view(frames, 2)
    states = []
    for t in range(frames):
        states.append(state.tolist())
        state = keep * state + fresh[t]
    # A gust leans the rain and thickens it at once.
    return (
        [population.sway * wind for wind, _ in states],
        [math.exp(population.gust * (0.7 * abs(wind) + 0.7 * own)) for wind, own in states],
    )


def _at(field: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """A field (1, 1, rows, columns) at positions 0..1."""
    where = torch.stack((2 * x - 1, 2 * y - 1), -1)[None, None]
    return F.grid_sample(field, where, padding_mode="border", align_corners=True)[0, 0, 0]

"""What looks like rain and is none: wires and railings, glints, specks, flying things, text, flicker.

They belong to the scene, so they lie on a clip before rain falls on it, and on its rain-free twin: a model
is to leave them alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from vsrrg_training.rain.camera import camera_path
from vsrrg_training.rain.captions import captioned
from vsrrg_training.rain.draw import chance, log_uniform, normal, rand, uniform
from vsrrg_training.rain.drops import Drops
from vsrrg_training.rain.splat import add_points
from vsrrg_training.rain.strokes import add_strokes


def make_dry(clean: Tensor, generator: torch.Generator) -> Tensor:
    """Put one or two kinds of distraction on a clip (T, 3, H, W), gamma R'G'B' in 0..1, of the generator's
    device.

    The result depends on the clip and the generator's state alone; the clip itself is left as it is.
    """
    count = 2 if chance(generator, 0.3) else 1
    for _ in range(count):
        clean = DISTRACTIONS[int(uniform(generator, 0, len(DISTRACTIONS)))](clean, generator)
    return clean.clamp(0, 1)


def wires(clip: Tensor, generator: torch.Generator) -> Tensor:
    """Long thin lines that the camera passes."""
    count = 1 + int(uniform(generator, 0, 7))
    width = clip.shape[-1]
    common = math.radians(uniform(generator, -90, 90))
    lines = _scattered(clip, count, generator)
    lines.angle[:] = common + math.radians(uniform(generator, 0, 12)) * normal(generator, count)
    lines.length[:] = width * uniform(generator, 0.5, 2.5)
    return _fixed(clip, lines, generator)


def railings(clip: Tensor, generator: torch.Generator) -> Tensor:
    """A row of short parallel bars, upright or nearly so, as rain is."""
    count = 4 + int(uniform(generator, 0, 28))
    bars = _scattered(clip, count, generator)
    slope = math.radians(uniform(generator, -25, 25))
    gap = log_uniform(generator, 3, 24)
    place = torch.arange(count, device=clip.device) - count / 2
    bars.x[:] = bars.x[0] + gap * place * math.cos(slope)
    bars.y[:] = bars.y[0] + gap * place * math.sin(slope)
    bars.angle[:] = math.radians(uniform(generator, -20, 20))
    bars.length[:] = log_uniform(generator, 8, 90)
    bars.alpha[:] = bars.alpha[0]
    return _fixed(clip, bars, generator)


def scratches(clip: Tensor, generator: torch.Generator) -> Tensor:
    """Short strokes on the scene, all in about one direction, as blades of grass, bark and brickwork have
    them: rain that does not fall.
    """
    area = clip.shape[-1] * clip.shape[-2] / 1e6
    count = max(2, round(log_uniform(generator, 150, 2500) * area))
    strokes = _scattered(clip, count, generator)
    strokes.angle[:] = math.radians(uniform(generator, -30, 30)) + math.radians(
        uniform(generator, 1, 15)
    ) * normal(generator, count)
    strokes.length[:] = log_uniform(generator, 5, 40) * torch.exp(0.3 * normal(generator, count))
    return _fixed(clip, strokes, generator)


def glints(clip: Tensor, generator: torch.Generator) -> Tensor:
    """Points of light on the scene that come and go."""
    frames, _, height, width = clip.shape
    count = max(1, round(log_uniform(generator, 100, 3000) * height * width / 1e6))
    path = camera_path(clip)
    x, y = rand(generator, count) * width, rand(generator, count) * height
    sigma = 0.4 + uniform(generator, 0.0, 0.8) * rand(generator, count)
    bright = uniform(generator, 0.3, 1.0) * rand(generator, count)
    steady = uniform(generator, 0.0, 0.8)
    layer = torch.zeros(frames, height, width, device=clip.device)
    for t in range(frames):
        now = bright * (steady + (1 - steady) * rand(generator, count) ** 3)
        _dots(layer[t], x + path[t, 1], y + path[t, 0], sigma, now)
    return clip + (1 - clip) * layer.clamp(max=1)[:, None]


def specks(clip: Tensor, generator: torch.Generator) -> Tensor:
    """Dust and single bad pixels, light or dark, in other places in every frame."""
    frames, _, height, width = clip.shape
    count = max(1, round(log_uniform(generator, 60, 8000) * height * width / 1e6))
    single = chance(generator, 0.4)
    layer = torch.zeros(frames, height, width, device=clip.device)
    for t in range(frames):
        x, y = rand(generator, count) * width, rand(generator, count) * height
        if single:
            layer[t].view(-1)[(y.long() * width + x.long())] = rand(generator, count)
        else:
            sigma = 0.5 + 1.2 * rand(generator, count) ** 2
            _dots(layer[t], x, y, sigma, 0.9 * rand(generator, count))
    shade = 1.0 if chance(generator, 0.6) else 0.0
    return torch.lerp(clip, torch.full_like(clip, shade), layer.clamp(max=1)[:, None])


def flakes(clip: Tensor, generator: torch.Generator) -> Tensor:
    """Round flakes or insects that wander slowly, each on its own way."""
    frames, _, height, width = clip.shape
    count = max(1, round(log_uniform(generator, 60, 2500) * height * width / 1e6))
    x, y = rand(generator, count) * width, rand(generator, count) * height
    speed = log_uniform(generator, 0.5, 5)
    dx = uniform(generator, -1, 1) * speed + 0.7 * speed * normal(generator, count)
    dy = uniform(generator, -0.3, 1) * speed + 0.5 * speed * normal(generator, count)
    sigma = uniform(generator, 0.6, 2.5) * (0.5 + rand(generator, count))
    bright = uniform(generator, 0.2, 0.8) * (0.3 + 0.7 * rand(generator, count))
    layer = torch.zeros(frames, height, width, device=clip.device)
    for t in range(frames):
        _dots(
            layer[t], torch.remainder(x + t * dx, width), torch.remainder(y + t * dy, height), sigma, bright
        )
    return torch.lerp(clip, torch.full_like(clip, uniform(generator, 0.7, 1.0)), layer.clamp(max=1)[:, None])


def flyers(clip: Tensor, generator: torch.Generator) -> Tensor:
    """One to three small bright things that cross the frame fast, smeared by the exposure."""
    frames, width = clip.shape[0], clip.shape[-1]
    count = 1 + int(uniform(generator, 0, 3))
    things = _scattered(clip, count, generator)
    things.angle[:] = math.radians(90) + math.radians(25) * normal(generator, count)
    speed = width * log_uniform(generator, 0.01, 0.12)
    things.length[:] = (speed * uniform(generator, 0.1, 1.0)) + 2
    things.sigma[:] = log_uniform(generator, 0.6, 3.0)
    way = 1 if chance(generator, 0.5) else -1
    moves = way * speed * (torch.arange(frames, device=clip.device) - frames / 2)
    across, down = torch.sin(things.angle), torch.cos(things.angle)
    paths = [(things.x + move * across, things.y + move * down) for move in moves]
    return _joined(clip, things, paths, generator)


def flicker(clip: Tensor, generator: torch.Generator) -> Tensor:
    """Exposure that changes from frame to frame, by chance or in turns."""
    frames = len(clip)
    amount = log_uniform(generator, 0.01, 0.15)
    if chance(generator, 0.5):
        gain = 1 + amount * normal(generator, frames)
    else:
        period = uniform(generator, 2, 8)
        gain = 1 + amount * torch.sin(2 * math.pi * torch.arange(frames, device=clip.device) / period)
    return clip * gain.view(-1, 1, 1, 1)


DISTRACTIONS: tuple[Callable[[Tensor, torch.Generator], Tensor], ...] = (
    wires,
    railings,
    scratches,
    glints,
    specks,
    flakes,
    flyers,
    captioned,
    flicker,
)
"""Each takes and returns a clip (T, 3, H, W); the result may leave 0..1."""


def _scattered(clip: Tensor, count: int, generator: torch.Generator) -> Drops:
    """Strokes in random places of one thickness and strength, upright, to be changed."""
    height, width = clip.shape[-2:]
    ones = torch.ones(count, device=generator.device)
    return Drops(
        x=rand(generator, count) * width,
        y=rand(generator, count) * height,
        angle=0 * ones,
        length=10 * ones,
        sigma=ones * log_uniform(generator, 0.25, 1.6),
        alpha=(log_uniform(generator, 0.15, 0.95) * (0.7 + 0.3 * rand(generator, count))).clamp(max=0.95),
        beads=0 * ones,
        rank=0 * ones,
    )


def _fixed(clip: Tensor, strokes: Drops, generator: torch.Generator) -> Tensor:
    """The clip with strokes that move as its scene does."""
    path = camera_path(clip)
    return _joined(clip, strokes, [(strokes.x + x, strokes.y + y) for y, x in path], generator)


def _joined(
    clip: Tensor, strokes: Drops, places: list[tuple[Tensor, Tensor]], generator: torch.Generator
) -> Tensor:
    """The clip with strokes at a place (x, y) for each frame, mostly lighter than it."""
    frames, _, height, width = clip.shape
    edge, square = log_uniform(generator, 1.0, 2.0), chance(generator, 0.7)
    canvas = torch.zeros(frames, height, width, device=clip.device)
    for t, (x, y) in enumerate(places):
        moved = Drops(**{**vars(strokes), "x": x, "y": y})
        add_strokes(canvas[t], moved, edge=edge, square=square, head=0.0)
    shade = uniform(generator, 0.6, 1.0) if chance(generator, 0.75) else uniform(generator, 0.0, 0.3)
    tint = 1 + uniform(generator, 0.0, 0.15) * normal(generator, 3).view(3, 1, 1)
    alpha = (1 - torch.exp(-canvas))[:, None]
    return torch.lerp(clip, (shade * tint).clamp(0, 1).expand_as(clip), alpha)


def _dots(canvas: Tensor, x: Tensor, y: Tensor, sigma: Tensor, value: Tensor) -> None:
    """Add round spots of the given value at their middle."""
    add_points(
        canvas, x, y, sigma, value * sigma * math.sqrt(2 * math.pi), 2 + 2 * math.ceil(2.5 * sigma.max())
    )

"""Distractions: on every clip something, fixed to the scene where they belong to it."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.camera import camera_path
from vsrrg_training.rain.captions import captioned
from vsrrg_training.rain.distractions import (
    DISTRACTIONS,
    flicker,
    glints,
    make_dry,
    railings,
    scratches,
    specks,
)

Distract = Callable[[Tensor, torch.Generator], Tensor]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pan(step: tuple[int, int], frames: int = 4) -> Tensor:
    """A textured clip whose scene moves by `step` pixels (down, right) a frame."""
    noise = torch.rand(1, 3, 60, 70, generator=seeded(1))
    still = 0.2 + 0.5 * F.interpolate(noise, scale_factor=3.0, mode="bilinear")[0]
    starts = [(40 - t * step[0], 50 - t * step[1]) for t in range(frames)]
    return torch.stack([still[:, y : y + 64, x : x + 80] for y, x in starts])


@pytest.mark.parametrize("step", [(0, 0), (3, -2), (-1, 7)])
def test_the_camera_path_is_found(step: tuple[int, int]) -> None:
    path = camera_path(pan(step))
    wanted = torch.tensor([[t * step[0], t * step[1]] for t in range(4)], dtype=torch.float32)
    torch.testing.assert_close(path, wanted, atol=0.5, rtol=0)


def test_frames_that_share_nothing_do_not_move() -> None:
    assert not camera_path(torch.rand(3, 3, 64, 64, generator=seeded(0))).any()


@pytest.mark.parametrize("distract", DISTRACTIONS, ids=lambda distract: distract.__name__)
def test_each_is_a_function_of_clip_and_seed_and_leaves_its_input(distract: Distract) -> None:
    clip = pan((1, 1))
    kept = clip.clone()
    changed = 0
    for seed in range(4):
        result = distract(clip, seeded(seed))
        assert result.shape == clip.shape and result.isfinite().all()
        assert torch.equal(result, distract(clip, seeded(seed)))
        changed += int((result - clip).abs().max() > 0.02)
    assert torch.equal(clip, kept)
    assert changed >= 2


@pytest.mark.parametrize("size", [(9, 11), (40, 30)])
def test_dry_clips_are_legal_pictures(size: tuple[int, int]) -> None:
    for seed in range(20):
        result = make_dry(torch.rand(2, 3, *size, generator=seeded(0)), seeded(seed))
        assert result.min() >= 0 and result.max() <= 1


@pytest.mark.parametrize("distract", [railings, scratches])
def test_strokes_go_with_the_scene(distract: Distract) -> None:
    clip = pan((2, 3))
    correlations = []
    for seed in range(6):
        added = (distract(clip, seeded(seed)) - clip).mean(1)
        with_scene = torch.stack((added[0, :58, :71].flatten(), added[3, 6:, 9:].flatten()))
        in_place = torch.stack((added[0].flatten(), added[3].flatten()))
        correlations.append(torch.corrcoef(with_scene)[0, 1] - torch.corrcoef(in_place)[0, 1])
    assert torch.stack(correlations).nanmedian() > 0.3


def test_glints_stay_where_they_are_and_twinkle() -> None:
    clip = pan((0, 0)) * 0.3
    added = (glints(clip, seeded(3)) - clip).mean(1)
    lit = added.amax(0) > 0.05
    assert 0 < lit.float().mean() < 0.5
    assert (added[:, lit].std(0) > 0.05 * added[:, lit].mean(0)).all()
    assert added[:, ~lit].max() <= 0.05


def test_specks_are_elsewhere_in_every_frame() -> None:
    clip = pan((0, 0))
    changed = torch.stack([(specks(clip, seeded(s)) - clip).abs().mean(1) > 0.02 for s in range(6)]).float()
    both = (changed[:, 0] * changed[:, 1]).mean()
    assert changed.mean() > 0.001
    assert both < 0.5 * changed.mean()


def test_text_covers_little_and_stays_or_runs() -> None:
    clip = torch.full((3, 3, 90, 160), 0.2)
    still = 0
    for seed in range(12):
        added = (captioned(clip, seeded(seed)) - clip).abs().amax(1) > 0.05
        assert added.float().mean() < 0.4
        still += int(torch.equal(added[0], added[2]))
    assert 4 <= still < 12


def test_flicker_changes_exposure_alone() -> None:
    clip = pan((0, 0))
    gains = (flicker(clip, seeded(0)) / clip).flatten(1)
    assert gains.std(1).max() < 1e-5
    assert gains.mean(1).std() > 0.003

"""Crowns and spatter on the ground."""

import torch

from vsrrg_training.rain.splashes import Ground, splashes

GROUND = Ground(horizon=0.5, rate=200.0, spatter=0.0, radius=6.0, alpha=0.5)


def test_nothing_splashes_above_the_horizon() -> None:
    layer = splashes(GROUND, 6, 120, 160, torch.Generator().manual_seed(0))
    assert layer.shape == (6, 120, 160)
    assert layer[:, 60:].amax() > 0.2 and layer.max() < 1
    # Crowns rise by at most a few radii above the place where they stand.
    assert not layer[:, :40].any()


def test_a_crown_lives_two_to_four_frames() -> None:
    lives = []
    for seed in range(12):
        lone = Ground(horizon=0.0, rate=0.01, spatter=1e-9, radius=6.0, alpha=0.5)
        layer = splashes(lone, 14, 60, 60, torch.Generator().manual_seed(seed))
        # The one speck of a frame is a point; a crown is much larger.
        frames = [t for t in range(14) if (layer[t] > 0.01).sum() > 30]
        if frames and frames[0] > 0 and frames[-1] < 13:
            assert frames == list(range(frames[0], frames[-1] + 1))
            lives.append(len(frames))
    assert len(lives) >= 4
    assert min(lives) >= 1 and max(lives) <= 4

from random import Random

import numpy as np
import pytest

from vsrrg_training.data import motion
from vsrrg_training.data.motion import MOTIONS, moving_still


def picture(height: int = 120, width: int = 160) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    wave = 128 + 60 * np.sin(x / 5) + 50 * np.cos(y / 7)
    return np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)


def test_a_pan_moves_the_picture_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    path = np.array([[0, 0, 0, 0], [4, -2, 0, 0]], float)
    monkeypatch.setattr(motion, "MOTIONS", (lambda frames, random: path,))
    monkeypatch.setattr(motion, "_shake", lambda frames, random, amplitude: np.zeros((frames, 4)))
    first, second = moving_still(picture(), 2, 48, 1.0, Random(0)).astype(int)
    # The camera goes 4 px right and 2 px up, so the picture goes left and down.
    assert np.abs(second[2:, :-4] - first[:-2, 4:]).max() <= 1
    assert np.abs(second - first).max() > 20


def test_scale_is_output_px_per_source_px(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion, "MOTIONS", (lambda frames, random: np.zeros((frames, 4)),))
    monkeypatch.setattr(motion, "_shake", lambda frames, random, amplitude: np.zeros((frames, 4)))
    ramp = np.repeat(np.tile(np.arange(160, dtype=np.uint8), (120, 1))[..., None], 3, axis=2)
    clip = moving_still(ramp, 1, 48, 0.5, Random(0))[0, 24, :, 0].astype(float)
    assert np.diff(clip).mean() == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("make", MOTIONS, ids=lambda make: make.__name__)
def test_motions_are_smooth_and_slow(make: motion.Callable[..., np.ndarray]) -> None:
    for seed in range(20):
        path = make(12, Random(seed))
        steps = np.abs(np.diff(path, axis=0))
        assert path.shape == (12, 4)
        assert np.isfinite(path).all()
        assert steps[:, :2].max() < 32 and steps[:, 2].max() < 0.1 and steps[:, 3].max() < 0.06


def test_clips_of_small_stills_fill_the_frame() -> None:
    clip = moving_still(picture(40, 50), 5, 64, 0.5, Random(1))
    assert clip.shape == (5, 64, 64, 3) and clip.min() > 10

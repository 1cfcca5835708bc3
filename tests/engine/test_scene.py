"""On synthetic scenes; `vsrrg.engine.scene` says what was measured on real ones."""

import numpy as np
import pytest
import torch

from vsrrg.engine import scene as scene_module
from vsrrg.engine.scene import COLUMNS, ROWS, is_cut, signature

RNG = np.random.default_rng(0)


def scene(seed: int, rows: int = 240, cols: int = 400) -> np.ndarray:
    """Overlapping rectangles of all sizes on a slope of light: edges and corners as in a street."""
    rng = np.random.default_rng(seed)
    picture = np.linspace(rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rows)[:, None] * np.ones(cols)
    for _ in range(60):
        y, x = rng.integers(0, rows), rng.integers(0, cols)
        h, w = rng.integers(8, 90), rng.integers(8, 90)
        picture[y : y + h, x : x + w] = rng.uniform(0.05, 0.95)
    return picture


def seen(picture: np.ndarray) -> np.ndarray:
    luma = torch.from_numpy(np.ascontiguousarray(picture)).float()
    packed = torch.nn.functional.pixel_unshuffle(luma[None], 2)
    return signature(torch.cat([packed, torch.zeros(2, *packed.shape[1:])])).numpy()


def view(picture: np.ndarray, y: int = 0, x: int = 0) -> np.ndarray:
    return picture[y : y + 180, x : x + 320]


def rain(picture: np.ndarray, streaks: int, seed: int) -> np.ndarray:
    rng, wet = np.random.default_rng(seed), picture.copy()
    for _ in range(streaks):
        y, x = rng.integers(0, picture.shape[0]), rng.integers(0, picture.shape[1])
        wet[y : y + rng.integers(5, 40), x : x + 2] += 0.2
    return wet.clip(0, 1)


def test_signature_is_small_and_of_the_luma():
    picture = scene(0, 1080, 1920)
    cells = seen(picture)
    assert cells.shape == (ROWS, COLUMNS)
    assert cells.dtype == np.float32
    assert np.allclose(cells[0, 0], picture[:30, :30].mean(), atol=1e-4)
    assert seen(np.zeros((2, 2))).shape == (1, 1)
    assert seen(np.zeros((20, 300))).shape == (10, COLUMNS)


@pytest.mark.parametrize("seed", range(20))
def test_other_scene_is_a_cut(seed):
    a, b = seen(view(scene(seed))), seen(view(scene(seed + 100)))
    assert is_cut(a, b)
    assert is_cut(b, a)


@pytest.mark.parametrize("seed", range(5))
class TestSameScene:
    def test_repeated_frame(self, seed):
        assert not is_cut(seen(view(scene(seed))), seen(view(scene(seed))))

    @pytest.mark.parametrize("shift", [(0, 30), (12, 0), (10, 25)], ids=str)
    def test_pan(self, seed, shift):
        assert not is_cut(seen(view(scene(seed))), seen(view(scene(seed), *shift)))

    def test_heavy_rain_redrawn(self, seed):
        still = view(scene(seed))
        assert not is_cut(seen(rain(still, 900, 1)), seen(rain(still, 900, 2)))

    @pytest.mark.parametrize(("gain", "offset"), [(1.5, 0.1), (0.5, 0.0), (1.0, 0.25)])
    def test_sudden_light(self, seed, gain, offset):
        still = view(scene(seed))
        assert not is_cut(seen(still), seen((still * gain + offset).clip(0, 1)))

    def test_large_object_runs_through(self, seed):
        still = view(scene(seed))
        runner = [still.copy(), still.copy()]
        for picture, x in zip(runner, (60, 90), strict=True):
            picture[40:170, x : x + 110] = view(scene(seed + 50))[40:170, 60:170]
        assert not is_cut(seen(runner[0]), seen(runner[1]))


@pytest.mark.parametrize("seed", range(8))
def test_the_short_way_says_the_same(monkeypatch, seed):
    wide = scene(seed)
    faint = [0.5 + 0.012 * view(scene(seed + k)) for k in (0, 60)]
    pictures = [view(wide, 0, x) for x in (0, 2, 5, 10, 20, 40, 79)]
    pictures += [view(wide) ** 2, view(scene(seed + 60)), (view(wide) + view(scene(seed + 60))) / 2, *faint]
    cells = [seen(picture) for picture in [*pictures, np.zeros((180, 320))]]
    shortly = [[is_cut(a, b) for a in cells] for b in cells]
    asked = []
    monkeypatch.setattr("vsrrg.engine.scene._surprise_at_rest", lambda *pair: asked.append(pair) or 1.0)
    assert shortly == [[is_cut(a, b) for a in cells] for b in cells]
    assert len(asked) == len(cells) ** 2
    assert {True, False} == {cut for row in shortly for cut in row}


def test_the_long_way_is_seldom_needed_in_a_shot(monkeypatch):
    searched = []
    surprise = scene_module._surprise
    monkeypatch.setattr(scene_module, "_surprise", lambda *pair: searched.append(1) or surprise(*pair))
    still = view(scene(0))
    assert not is_cut(seen(rain(still, 900, 1)), seen(rain(still, 900, 2)))
    assert not is_cut(seen(still), seen(view(scene(0), 0, 4)))
    assert searched == []


def test_frames_without_contrast_are_told_apart_by_level():
    noise = [0.002 * RNG.standard_normal((180, 320)) for _ in range(3)]
    dark, dim, bright = (seen(level + n) for level, n in zip((0.03, 0.06, 0.5), noise, strict=True))
    assert not is_cut(dark, dim)
    assert is_cut(dim, bright)


def test_out_of_black_into_a_scene_is_a_cut():
    black = seen(np.zeros((180, 320)))
    assert all(is_cut(black, seen(view(scene(seed)))) for seed in range(5))


@pytest.mark.parametrize("size", [(2, 2), (4, 6), (10, 64), (64, 10)])
def test_tiny_frames(size):
    noise = RNG.uniform(0, 1, size)
    assert not is_cut(seen(noise), seen(noise))
    assert is_cut(seen(np.zeros(size)), seen(np.ones(size)))

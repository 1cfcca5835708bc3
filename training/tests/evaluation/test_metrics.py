import numpy as np
import pytest

from vsrrg_training.data.yuv import Planes
from vsrrg_training.evaluation.metrics import PSNR_CAP, ClipMeter, psnr, ssim


def planes(luma: np.ndarray) -> Planes:
    chroma = np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8)
    return luma.astype(np.uint8), chroma, chroma


CLEAN = np.full((32, 32), 100)
RAINY = CLEAN.copy()
RAINY[:, 5] = 140


def meter(output: np.ndarray) -> dict[str, float]:
    clip = ClipMeter(ssim_every=1)
    clip.add(planes(RAINY), planes(CLEAN), planes(output))
    return clip.figures()


def test_psnr_of_a_known_error() -> None:
    assert psnr(100.0 * 64, 64) == pytest.approx(28.13, abs=0.01)
    assert psnr(0.0, 64) == PSNR_CAP


def test_the_clean_clip_removes_all_rain_and_does_no_damage() -> None:
    figures = meter(CLEAN)
    assert figures["removed"] == 1 and figures["damage_codes"] == 0
    assert figures["psnr_y"] == figures["psnr_rgb"] == figures["damage_psnr"] == PSNR_CAP
    assert figures["ssim"] == pytest.approx(1)


def test_the_input_removes_nothing() -> None:
    figures = meter(RAINY)
    assert figures["removed"] == 0 and figures["damage_codes"] == 0
    assert figures["psnr_y"] == pytest.approx(psnr(40**2 / 32, 1))
    assert figures["psnr_to_input"] == PSNR_CAP and figures["ssim"] < 0.95


def test_damage_counts_clean_pixels_only() -> None:
    output = CLEAN - 2
    output[:, 5] = 120
    figures = meter(output)
    assert figures["damage_codes"] == pytest.approx(2)
    assert figures["damage_psnr"] == pytest.approx(psnr(4.0, 1))
    assert figures["removed"] == pytest.approx(0.75)


def test_frames_are_pooled_and_ssim_sampled() -> None:
    clip = ClipMeter(ssim_every=2)
    for output in (CLEAN, RAINY, RAINY):
        clip.add(planes(RAINY), planes(CLEAN), planes(output))
    figures = clip.figures()
    assert clip.frames == 3
    assert figures["psnr_y"] == pytest.approx(psnr(2 / 3 * 40**2 / 32, 1))
    assert figures["removed"] == pytest.approx(1 / 3)
    rainy_ssim = ssim(planes(RAINY)[0], planes(CLEAN)[0])
    assert figures["ssim"] == pytest.approx((1 + rainy_ssim) / 2)

"""Camera motion for stills: a photograph becomes a moving clip."""

import math
from collections.abc import Callable
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Path = NDArray[np.float64]
"""(T, 4): x and y of the view's centre relative to its start (output px), log zoom, angle (radians)."""

SUPERSAMPLE = 2


def moving_still(image: Pixels, frames: int, size: int, scale: float, random: Random) -> Pixels:
    """A clip (T, size, size, 3) of a camera that moves over `image` (H, W, 3) uint8.

    `scale` is output px per source px, at the start. Views are drawn at twice the size and averaged down,
    as a sensor's pixels do it: sharpness does not depend on the sub-pixel position.
    """
    height, width = image.shape[:2]
    scale = max(scale, size / min(height, width))
    path = random.choice(MOTIONS)(frames, random)
    if random.random() < 0.3:
        path = path + _shake(frames, random, random.uniform(0.1, 1.0))
    return _views(image, path, (size, size), scale, random)


def slow_pan(image: Pixels, frames: int, size: tuple[int, int], random: Random) -> Pixels:
    """A clip (T, height, width, 3) of a camera that pans slowly (0.3 to 1.5 px a frame) and by hand over
    `image`; `size` is (width, height), at most the image's.
    """
    speed, angle = random.uniform(0.3, 1.5), random.choice((0.0, math.pi)) + random.gauss(0, 0.2)
    still = np.zeros(frames)
    travel = speed * _times(frames)
    path = np.stack((travel * math.cos(angle), travel * math.sin(angle), still, still), axis=1)
    return _views(image, path + _shake(frames, random, 0.3), size, 1.0, random)


def _views(image: Pixels, path: Path, size: tuple[int, int], scale: float, random: Random) -> Pixels:
    """What the camera sees on its path, which stays inside the image where it can."""
    height, width = image.shape[:2]
    columns, rows = size
    centre = (
        _start(path[:, 0] / scale, columns / scale / 2, width, random),
        _start(path[:, 1] / scale, rows / scale / 2, height, random),
    )
    fine = (columns * SUPERSAMPLE, rows * SUPERSAMPLE)
    middle_x, middle_y = (fine[0] - 1) / 2, (fine[1] - 1) / 2
    clip = np.empty((len(path), rows, columns, 3), np.uint8)
    for index, (x, y, zoom, angle) in enumerate(path):
        pitch = 1 / (scale * math.exp(zoom) * SUPERSAMPLE)  # source px per fine px
        cos, sin = pitch * math.cos(angle), pitch * math.sin(angle)
        source_x, source_y = centre[0] + x / scale, centre[1] + y / scale
        matrix = np.array(
            [
                [cos, -sin, source_x - cos * middle_x + sin * middle_y],
                [sin, cos, source_y - sin * middle_x - cos * middle_y],
            ]
        )
        view = cv2.warpAffine(
            image,
            matrix,
            fine,
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        clip[index] = cv2.resize(view, (columns, rows), interpolation=cv2.INTER_AREA)
    return clip


def _start(offsets: NDArray[np.float64], half: float, length: int, random: Random) -> float:
    # A centre from which the whole path stays inside the picture, where there is one.
    low, high = half - offsets.min(), length - 1 - half - offsets.max()
    return random.uniform(low, high) if low < high else (low + high) / 2


def _speed(random: Random, mean: float, limit: float) -> float:
    return min(random.expovariate(1 / mean), limit)


def _times(frames: int) -> NDArray[np.float64]:
    return np.arange(frames, dtype=np.float64)


def _pan(frames: int, random: Random) -> Path:
    speed, angle = _speed(random, 2.5, 12.0), random.uniform(0, 2 * math.pi)
    if random.random() < 0.5:  # most pans are level
        angle = random.choice((0.0, math.pi)) + random.gauss(0, 0.1)
    acceleration = random.uniform(-0.1, 0.1) * speed
    time = _times(frames)
    travel = speed * time + acceleration * time**2 / 2
    still = np.zeros(frames)
    return np.stack((travel * math.cos(angle), travel * math.sin(angle), still, still), axis=1)


def _zoom(frames: int, random: Random) -> Path:
    rate = random.choice((-1, 1)) * _speed(random, 0.006, 0.03)
    path = _pan(frames, random) * 0.3
    path[:, 2] = rate * _times(frames)
    return path


def _roll(frames: int, random: Random) -> Path:
    path = _pan(frames, random) * 0.5
    path[:, 3] = random.gauss(0, 0.008) * _times(frames)
    return path


def _handheld(frames: int, random: Random) -> Path:
    return _pan(frames, random) * 0.2 + _shake(frames, random, random.uniform(0.5, 2.5))


def _drive(frames: int, random: Random) -> Path:
    # A wall that comes nearer: the zoom is one over the distance, so it speeds up.
    approach = _speed(random, 0.012, 0.04)
    path = _shake(frames, random, random.uniform(0.1, 0.8))
    path[:, 1] *= 2  # the road's bumps
    path[:, 2] += -np.log1p(-approach * np.minimum(_times(frames), 20))
    return path


def _shake(frames: int, random: Random, amplitude: float) -> Path:
    noise = np.random.default_rng(random.getrandbits(32)).standard_normal((frames + 8, 4))
    smooth = np.stack(
        [np.convolve(column, (0.1, 0.25, 0.3, 0.25, 0.1), "same") for column in noise.T], axis=1
    )
    path: Path = smooth[4 : 4 + frames] * (amplitude * np.array((2.0, 2.0, 0.001, 0.002)))
    return path - path[:1]


MOTIONS: tuple[Callable[[int, Random], Path], ...] = (_pan, _pan, _zoom, _roll, _handheld, _drive)

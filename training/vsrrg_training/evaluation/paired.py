"""Scores on pairs of rainy and clean clips of 8-bit R'G'B' frames, as the field's papers count them.

Two conventions live side by side. The papers' scripts take the PSNR of every frame and average over the
frames of a clip; this project pools the squared error of a clip first, which a few bad frames lower more.
Y is BT.601 in limited range, rounded to 8 bits, as from MATLAB's rgb2ycbcr of a uint8 picture and in the
script of S2VD (Yue et al., CVPR 2021); the peak is 255 for Y too. docs/datasets.md compares the choices.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import Pixels
from vsrrg_training.data.yuv import Plane, Planes
from vsrrg_training.datasets.clips import PairedClip, read, read_pairs
from vsrrg_training.evaluation.contestants import Contestant
from vsrrg_training.evaluation.metric import Added, measured
from vsrrg_training.evaluation.metrics import SMALLEST, psnr, ssim

PAIR_FIGURES = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb", "pooled_psnr_y", "pooled_psnr_rgb")
"""What `PairMeter` measures."""
_Y_WEIGHTS = np.array((65.481, 128.553, 24.966)) / 255


@dataclass(frozen=True)
class PairedResult:
    """One contestant on one clip."""

    contestant: str
    clip: str
    frames: int
    """Number of frames scored."""
    figures: dict[str, float]
    """psnr_y, ssim_y, psnr_rgb, ssim_rgb: means over frames; pooled_psnr_y, pooled_psnr_rgb: of all error;
    then those of added metrics.
    """


@dataclass(frozen=True)
class PairedReport:
    """All results on a data set, and how they were counted."""

    dataset: str
    skip_ends: int
    results: list[PairedResult]


def luma_601(rgb: Pixels) -> Plane:
    """Y of 8-bit R'G'B' (H, W, 3): BT.601, 16 to 235, rounded."""
    return np.rint(rgb @ _Y_WEIGHTS + 16).astype(np.uint8)


@dataclass
class PairMeter:
    """Compares frames with their truth; PSNR is in dB with peak 255, at most 100 for a perfect frame.

    SSIM of R'G'B' is the mean over the three planes.
    """

    frames: int = 0
    _errors: dict[str, list[float]] = field(default_factory=dict)
    """Mean squared error of each frame; all frames of a clip are of one size."""
    _likeness: dict[str, list[float]] = field(default_factory=dict)
    """SSIM of each frame."""

    def add(self, output: Pixels, truth: Pixels) -> None:
        """Add one frame, (H, W, 3) each."""
        from skimage.metrics import mean_squared_error

        self.frames += 1
        for name, one, other in (("y", luma_601(output), luma_601(truth)), ("rgb", output, truth)):
            self._errors.setdefault(name, []).append(float(mean_squared_error(one, other)))
            self._likeness.setdefault(name, []).append(ssim(one, other))

    def figures(self) -> dict[str, float]:
        """The figures of `PairedResult` over the frames so far."""
        figures = {}
        for name, errors in self._errors.items():
            figures[f"psnr_{name}"] = float(np.mean([psnr(error, 1) for error in errors]))
            figures[f"ssim_{name}"] = float(np.mean(self._likeness[name]))
            figures[f"pooled_psnr_{name}"] = psnr(float(np.mean(errors)), 1)
        return figures


def evaluate_pairs(
    contestants: Sequence[Contestant],
    clips: Sequence[PairedClip],
    *,
    skip_ends: int = 0,
    added: Added = (),
    report: Callable[[str], None] | None = None,
) -> list[PairedResult]:
    """Every contestant, on R'G'B' frames, on every clip; frames are read as they are needed.

    The first and last `skip_ends` frames of a clip are derained, but not scored. Metrics may be `added`; what
    they see is `luma_601`. Raises RecipeError for clips that cannot be scored: without truth, too short or
    too small.
    """
    for clip in clips:
        _check(clip, skip_ends)
    results = []
    for clip in clips:
        for contestant in contestants:
            meter = PairMeter()
            lumas: list[tuple[Plane, Plane, Plane]] = []
            for output, rainy, truth in _inner(_derained(contestant, clip), skip_ends):
                meter.add(output, truth)
                if added:
                    lumas.append((luma_601(output), luma_601(rainy), luma_601(truth)))
            if not meter.frames:
                raise _too_short(clip, skip_ends)
            figures = meter.figures()
            if added:
                figures |= measured(added, f"clip {clip.name}", *zip(*lumas, strict=True))
            results.append(PairedResult(contestant.name, clip.name, meter.frames, figures))
        if report:
            scores = (f"{r.contestant} {r.figures['psnr_y']:.2f}" for r in results[-len(contestants) :])
            report(f"{clip.name}: {'  '.join(scores)}")
    return results


def save_report(report: PairedReport, path: Path) -> None:
    """Write every result as JSON, for later comparisons."""
    write_whole(path, json.dumps(asdict(report), indent=1) + "\n", parents=True)


def _derained(contestant: Contestant, clip: PairedClip) -> Iterator[tuple[Pixels, Pixels, Pixels]]:
    """Restored, rainy and clean frames."""
    assert clip.rainy is not None
    outputs = contestant.stream(_planes(frame) for frame in read(clip.rainy))
    # The rainy half is read once more, to compare its size and length with the clean half's.
    for output, (rainy, truth) in zip(outputs, read_pairs(clip), strict=True):
        yield np.stack(output, axis=-1), rainy, truth


def _inner[T](items: Iterable[T], skip: int) -> Iterator[T]:
    """The items without the first and the last few."""
    held: deque[T] = deque()
    for n, item in enumerate(items):
        if n >= skip:
            held.append(item)
        if len(held) > skip:
            yield held.popleft()


def _check(clip: PairedClip, skip_ends: int) -> None:
    if clip.rainy is None:
        raise RecipeError(
            "training-no-pair",
            f"clip {clip.name} is clean footage without a rainy half: evaluate it with --videos, which lets "
            "rain fall on it",
        )
    if clip.clean is None:
        raise RecipeError(
            "training-no-pair",
            f"clip {clip.name} is rain without a clean half: there is no truth to score against, so give a "
            "data set of pairs",
        )
    if isinstance(clip.rainy, tuple) and len(clip.rainy) <= 2 * skip_ends:
        raise _too_short(clip, skip_ends)
    height, width = next(read(clip.rainy)).shape[:2]
    if min(height, width) < SMALLEST:
        raise RecipeError(
            "training-unfit-footage",
            f"clip {clip.name} is {width}x{height}: SSIM needs frames of at least {SMALLEST}x{SMALLEST}",
        )


def _too_short(clip: PairedClip, skip_ends: int) -> RecipeError:
    return RecipeError(
        "training-unfit-footage",
        f"clip {clip.name} has no more than {2 * skip_ends} frames, so nothing is left to score: lower "
        f"--skip-ends {skip_ends}",
    )


def _planes(frame: Pixels) -> Planes:
    return frame[..., 0], frame[..., 1], frame[..., 2]

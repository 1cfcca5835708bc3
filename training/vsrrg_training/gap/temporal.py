"""Figures of time: how long rain brightens a pixel, and whether frames know of each other."""

import numpy as np
from numpy.typing import NDArray

from vsrrg_training.gap.residual import Residual

_VISIBLE = 10.0


def time_figures(residual: Residual) -> dict[str, float]:
    """The figures of the family `time`; NaN where a clip cannot tell."""
    rain, known = residual.rain, residual.known
    bright = (rain > _VISIBLE) & known
    lengths = _runs(bright)
    both = known[1:] & known[:-1]
    before, again = (bright[:-1] & both).sum(), (bright[1:] & bright[:-1]).sum()
    values = rain[known].astype(np.float64)
    spread = values.std() if values.size else 0.0
    return {
        "duration": float(lengths.mean()) if len(lengths) else np.nan,
        "lasting": float((lengths > 1).mean()) if len(lengths) else np.nan,
        "persistence": float(again / before - bright.sum() / values.size) if before else np.nan,
        "autocorrelation_1": _correlation(residual, 1),
        "autocorrelation_2": _correlation(residual, 2),
        "skewness": float(((values - values.mean()) ** 3).mean() / spread**3) if spread else np.nan,
    }


def _runs(bright: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lengths of the runs of True along the first axis, over all pixels."""
    frames = bright.reshape(len(bright), -1).T.astype(np.int8)
    edges = np.diff(frames, axis=1, prepend=0, append=0)
    starts, ends = np.nonzero(edges == 1)[1], np.nonzero(edges == -1)[1]
    return np.asarray(ends - starts, np.int64)


def _correlation(residual: Residual, lag: int) -> float:
    # What is below the threshold is mostly the camera's noise, which frames do not share.
    rain = (residual.rain - _VISIBLE).clip(0)
    both = residual.known[lag:] & residual.known[:-lag]
    one, other = rain[:-lag][both], rain[lag:][both]
    if one.size < 2 or not one.std() or not other.std():
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])

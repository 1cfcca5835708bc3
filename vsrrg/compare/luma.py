"""The luma of a frame, in one scale for all pixel formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vsrrg.frames.pyav import stored
from vsrrg.video.codes import codes

if TYPE_CHECKING:
    import av

BLACK, WHITE = 16, 235
WEIGHTS = (0.2126, 0.7152, 0.0722)
"""Of R, G and B in the luma of BT.709."""

type Luma = NDArray[np.float32]
"""(rows, columns), 8-bit codes: black at 16, white at 235."""


def luma(frame: av.VideoFrame) -> Luma:
    """The luma of one of PyAV's frames, whatever its format, depth and range; that of RGB is BT.709's.

    Raises:
        FormatError: the frame is interlaced, or its pixel format is not supported.
    """
    one = stored(frame)
    known = codes(one.format, one.color, 0)
    gain = (WHITE - BLACK) / known.scale
    if one.format.family == "rgb":
        pairs = zip(WEIGHTS, one.planes, strict=True)
        grey = sum(np.float32(weight) * plane for weight, plane in pairs)
    else:
        grey = one.planes[0]
    result: Luma = np.asarray(grey, np.float32)
    if (gain, known.zero) != (1, BLACK):
        result = (result - np.float32(known.zero)) * np.float32(gain) + np.float32(BLACK)
    return result

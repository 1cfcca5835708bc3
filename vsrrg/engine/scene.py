"""Scene cuts: does a new shot begin with this frame? Decided on the luma of the two frames alone.

Nothing but the pair counts, so that random access and streaming agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

type Signature = np.ndarray[tuple[int, int], np.dtype[np.float32]]
ROWS, COLUMNS = 36, 64


def signature(packed: Tensor) -> Signature:
    """What `is_cut` needs of a packed frame (6, h, w): its luma in at most 36 x 64 cells."""
    from torch.nn.functional import adaptive_avg_pool2d

    luma = packed[:4].mean(0, keepdim=True)
    cells = (min(ROWS, luma.shape[1]), min(COLUMNS, luma.shape[2]))
    result: np.ndarray[Any, Any] = adaptive_avg_pool2d(luma, cells)[0].float().cpu().numpy()
    return result


def is_cut(before: Signature, after: Signature) -> bool:
    """Whether a new shot begins between two neighbouring frames."""
    a, b = before - before.mean(), after - after.mean()
    change = float(np.abs(a - b).mean())
    texture = float(np.abs(a).mean() + np.abs(b).mean())
    return change > 0.02 and change > 0.6 * texture

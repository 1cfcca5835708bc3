"""A small rainy clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

FRAMES, ROWS, COLUMNS = 9, 48, 64


@pytest.fixture(scope="session")
def rainy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A still gray scene of 9 frames, lossless; a white column stands in frame n at x = 6 n."""
    import av

    path = tmp_path_factory.mktemp("clips") / "rainy.mkv"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = COLUMNS, ROWS, "yuv420p"
        for n in range(FRAMES):
            image = np.full((ROWS, COLUMNS, 3), 90, np.uint8)
            image[:, 6 * n : 6 * n + 2] = 200
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path

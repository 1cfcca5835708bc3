"""What a clip takes does not depend on its length."""

import subprocess
import sys

import pytest

CHILD = """
import sys
import numpy as np
from vsrrg.bench.memory import peak_ram
from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.video import ColorSpec, Frame, PixelFormat
fmt, width, height = PixelFormat("yuv", 8, sub_w=1, sub_h=1), 384, 224
rng = np.random.default_rng(0)
def clip(count):
    for n in range(count):
        planes = [rng.integers(16, 200, fmt.plane_shape(i, width, height), np.uint8) for i in range(3)]
        yield Frame(tuple(planes), fmt, ColorSpec("bt709", "limited"))
derainer = create_derainer(Options(model="fast", device="cpu"))
for count in map(int, sys.argv[1:]):
    for frame in derainer.stream(clip(count)):
        pass
    print(peak_ram())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is told by Linux")
def test_six_times_as_long_takes_no_more():
    run = subprocess.run(
        [sys.executable, "-c", CHILD, "48", "300"], capture_output=True, text=True, check=True
    )
    short, long = map(int, run.stdout.split())
    # The allocator needs some frames to settle; a source frame kept each time would be twice as much.
    assert long - short < (300 - 48) * 384 * 224 * 3 // 2 // 2

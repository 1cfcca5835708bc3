import numpy as np
import torch

from vsrrg.kernels import pack
from vsrrg.video import ColorSpec, PixelFormat
from vsrrg_training.data.yuv import pack_rgb, planes_from_rgb, rgb_from_planes


def test_packing_equals_the_products_kernel() -> None:
    clip = torch.rand(2, 3, 8, 12, generator=torch.Generator().manual_seed(0))
    fmt = PixelFormat("rgb", 32, "float")
    expected = torch.stack([pack(list(frame), fmt, ColorSpec("rgb", "full")) for frame in clip])
    torch.testing.assert_close(pack_rgb(clip), expected, rtol=0, atol=1e-6)


def test_planes_of_pure_colours_are_those_of_bt709() -> None:
    codes = {
        (1, 1, 1): (235, 128, 128),
        (0, 0, 0): (16, 128, 128),
        (1, 0, 0): (63, 102, 240),
        (0, 0, 1): (32, 240, 118),
    }
    for colour, expected in codes.items():
        clip = torch.tensor(colour, dtype=torch.float32).reshape(1, 3, 1, 1).expand(1, 3, 4, 6)
        (planes,) = planes_from_rgb(clip)
        assert planes[0].shape == (4, 6) and planes[1].shape == (2, 3)
        assert tuple(int(plane[0, 0]) for plane in planes) == expected


def test_grey_survives_the_way_there_and_back() -> None:
    ramp = torch.linspace(0, 1, 256).reshape(1, 1, 16, 16).expand(1, 3, 16, 16)
    (planes,) = planes_from_rgb(ramp)
    back = rgb_from_planes(planes)
    assert np.abs(back.astype(int) - np.arange(256).reshape(16, 16, 1)).max() <= 1

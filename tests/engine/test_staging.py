import numpy as np
import pytest
import torch

from vsrrg.engine.staging import ALIGN, Layout

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("dtype", "tensors"),
    [
        (np.uint8, torch.uint8),
        (np.uint16, torch.uint16),
        (np.float16, torch.float16),
        (np.float32, torch.float32),
    ],
)
def test_planes_come_out_as_they_went_in_whatever_their_pitch(dtype, tensors):
    wide = RNG.integers(0, 200, (15, 101)).astype(dtype)
    planes = [wide[:, :99], wide[1::2, ::2], wide[:1, :1]]
    for plane in planes:
        plane.setflags(write=False)
    layout = Layout.of(planes)
    block = torch.empty(layout.size, dtype=torch.uint8)
    layout.write(planes, block)
    views = layout.views(block.clone())
    for plane, view in zip(planes, views, strict=True):
        assert view.dtype == tensors
        assert np.array_equal(view.numpy(), plane)
        assert view.stride(0) * view.element_size() % ALIGN == 0
        assert view.storage_offset() * view.element_size() % ALIGN == 0
        assert view.stride(1) == 1


def test_a_frame_of_common_size_has_no_gaps():
    planes = [np.empty(shape, np.uint8) for shape in ((1080, 1920), (540, 960), (540, 960))]
    layout = Layout.of(planes)
    assert layout.size == sum(plane.nbytes for plane in planes)
    assert layout.offsets == (0, 1080 * 1920, 1080 * 1920 + 540 * 960)

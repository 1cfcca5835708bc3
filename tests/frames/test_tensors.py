import numpy as np
import pytest
import torch
from frames_support import arrays, full_range, tensors

from vsrrg import Frame, PixelFormat
from vsrrg.engine import DeviceFrame
from vsrrg.errors import FormatError
from vsrrg.frames.tensors import TENSORS


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_tensors_are_what_arrays_are(derain, bits):
    given = arrays(full_range([0] * 6, PixelFormat("rgb", bits, "float" if bits == 32 else "integer")))
    expected = list(derain(given))
    for memory in (torch.channels_last, torch.contiguous_format):
        batch = torch.stack(tensors(given)).contiguous(memory_format=memory)
        got = list(derain(batch))
        assert len(got) == 6
        for tensor, array in zip(got, expected, strict=True):
            assert tensor.shape == (3, 48, 64) and tensor.dtype == batch.dtype
            assert torch.equal(tensor, torch.from_numpy(array).permute(2, 0, 1))


@pytest.mark.parametrize("shape", [(48, 64), (1, 48, 64)])
def test_gray(derain, shape):
    given = [array[..., 0].copy() for array in arrays(full_range([0] * 4))]
    got = list(derain([torch.from_numpy(array).reshape(shape) for array in given]))
    for tensor, array in zip(got, derain(given), strict=True):
        assert tensor.shape == shape and np.array_equal(tensor.reshape(48, 64).numpy(), array)


def test_reading_on_the_cpu_copies_nothing():
    tensor = tensors(arrays(full_range([0] * 1)))[0].float().requires_grad_()
    (frame,) = TENSORS.read(tensor, torch.device("cpu"))
    assert type(frame) is Frame
    assert [plane.ctypes.data for plane in frame.planes] == [plane.data_ptr() for plane in tensor.unbind()]


def test_tensors_on_the_device_that_computes_stay_there():
    tensor = torch.empty(3, 8, 6, dtype=torch.uint8, device="meta")
    (frame,) = TENSORS.read(tensor, torch.device("meta"))
    assert isinstance(frame, DeviceFrame) and frame.format.name == "rgb8"
    given = tensors(arrays(full_range([0])))[0]
    clean = DeviceFrame(given.unbind(), frame.format, frame.color)
    assert torch.equal(TENSORS.write(torch.empty_like(given), [clean]), given)


def test_without_rain_all_bits_stay_but_memory_is_new(derain):
    given = tensors(arrays(full_range([0] * 3)))
    for before, after in zip(given, derain(given, strength=0), strict=True):
        assert torch.equal(before, after) and before.data_ptr() != after.data_ptr()
        after += 1  # An ordinary tensor, not one of inference mode.


@pytest.mark.parametrize(
    ("tensor", "says"),
    [
        (torch.zeros(8, 8, 3, dtype=torch.uint8), r"but this one is \(8, 8, 3\): permute it"),
        (torch.zeros(4, 8, 8, dtype=torch.uint8), "drop its alpha"),
        (torch.zeros(2, 3, 8, 8), "split a batch"),
        (torch.zeros(3, 8, 8, dtype=torch.bfloat16), "must hold uint8 .*, not bfloat16"),
    ],
)
def test_what_is_no_frame(derain, tensor, says):
    with pytest.raises(FormatError, match=says):
        list(derain([tensor]))


@pytest.mark.needs_cuda
@pytest.mark.parametrize("filters", [(), "filters"])
def test_on_a_gpu(derain, derainer, filters):
    from vsrrg.engine import FrameFilter

    given = arrays(full_range([0] * 12))
    chosen = [FrameFilter(name="same", after=lambda frame, view: frame)] if filters else ()
    expected = list(derain(given, device="cuda"))
    cuda = [tensor.cuda() for tensor in tensors(given)]
    got = list(derain(cuda, device="cuda", filters=chosen))
    at_random = derainer(device="cuda", filters=chosen)
    got += [at_random.frame(n, cuda.__getitem__, 12) for n in range(12)]
    for tensor, array in zip(got, expected * 2, strict=True):
        assert tensor.device == cuda[0].device
        assert np.array_equal(tensor.permute(1, 2, 0).cpu().numpy(), array)

"""Captured calls give what plain calls give: with graphs that are done again on the CPU, and on a GPU."""

import gc
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from tests.engine.fake_cuda import FakeCuda
from vsrrg.backends.cuda_graph import EAGER, MOST, GraphSession, captured
from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.models import ModelDescriptor
from vsrrg.models.memory import Memory
from vsrrg.models.registry import builtin_models


class Encoding(NamedTuple):
    packed: Tensor
    deep: list[Tensor | None]


class Network(nn.Module):
    """Encodings hold their input itself, and `fuse` looks at all: places, objects, the middle's own part."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(6, 8, 3, padding=1)
        self.back = nn.Conv2d(8, 6, 3, padding=1)

    def encode(self, packed: Tensor) -> Encoding:
        deep = self.conv(packed.to(self.conv.weight.dtype))
        return Encoding(packed, [deep, None, deep[:, ::2].relu()])

    def fuse(self, window: Sequence[Encoding]) -> Tensor:
        middle = window[len(window) // 2]
        total = torch.zeros_like(middle.deep[0])
        for weight, frame in enumerate(window, 1):
            total += weight * frame.deep[0]
        if all(frame is middle for frame in window):
            total = total.neg()
        return self.back(total) + middle.packed.mean() * middle.deep[2].mean()


class Asking(Network):
    """Computes with a number that Python gets from the device, which no graph can hold."""

    def fuse(self, window):
        return super().fuse(window) * (1 if window[0].packed.sum().item() > 0 else -1)


class Growing(Network):
    def encode(self, packed):
        return {"deep": self.conv(packed)}

    def fuse(self, window):
        return self.back(sum(frame["deep"] for frame in window))


def session(network=Network, device="cpu", precision="fp32"):
    descriptor = ModelDescriptor(
        name="tiny", description="", radius=1, multiple=1, halo=1, halves={"fp16"}, load=network
    )
    return TorchBackend().open(descriptor, device=device, precision=precision)


def frames(count, rows=8, device="cpu"):
    torch.manual_seed(1)
    return [torch.rand(1, 6, rows, 10, device=device) for _ in range(count)]


def windows(encoded):
    """Every window of three, at the ends with the neighbour twice."""
    numbers = [1, *range(len(encoded)), len(encoded) - 2]
    return [[encoded[i] for i in numbers[n : n + 3]] for n in range(len(encoded))]


def rains(chosen, packed):
    encoded = [chosen.encode(frame) for frame in packed]
    return [chosen.fuse(window) for window in windows(encoded)]


def equal(a, b):
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_replays_give_the_same_bits_and_results_stay_as_they_are():
    plain, packed = session(), frames(12)
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(plain, cuda=cuda)
        encoded = [graphs.encode(frame) for frame in packed]
        got = [graphs.fuse(window) for window in windows(encoded)]
        again = [graphs.fuse(window) for window in windows(encoded)]
    expected = rains(plain, packed)
    assert equal(got, expected)
    assert equal(again, expected)
    assert equal([frame.packed for frame in encoded], packed)
    # One for frames, one for windows of three frames, and one for those at an end, where two are the same.
    assert [graph.replays for graph in cuda.graphs] == [12 - EAGER, 20 - EAGER, 4 - EAGER]
    assert got[0].is_inference()


def test_held_pictures_are_another_kind_of_window():
    plain, (first, second) = session(), frames(2)
    a, b = plain.encode(first), plain.encode(second)
    held = [[a, a, a], [a, a, b], [b, b, b], [a, b, a], [b, a, a]] * (EAGER + 2)
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(plain, cuda=cuda)
        assert equal([graphs.fuse(window) for window in held], [plain.fuse(window) for window in held])
    assert [graph.replays for graph in cuda.graphs] == [2 * (EAGER + 2) - EAGER, 2, 2, 2]


def test_beside_the_middle_only_what_is_read_goes_in():
    given = []

    class Frugal(Network):
        def fuse(self, window):
            given.append([(frame.packed is None, frame.deep[2] is None) for frame in window])
            return super().fuse(window)

    def beside(encoding):
        return Encoding(None, [encoding.deep[0], None, None])

    plain, packed = session(Frugal), frames(8)
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(plain, beside=beside, cuda=cuda)
        got = rains(graphs, packed)
        inputs = [
            graph._inputs for captures in graphs._streams.values() for graph in captures.graphs.values()
        ]
    assert given[3] == [(True, True), (False, False), (True, True)]
    assert equal(got, rains(plain, packed))
    assert [len(tensors) for tensors in inputs] == [1, 5]


def test_each_stream_has_graphs_of_its_own():
    plain, packed = session(), frames(6)
    expected = [plain.encode(frame).deep[0] for frame in packed]
    with FakeCuda() as cuda:
        graphs = GraphSession(plain, cuda=cuda)
        for stream in (cuda.Stream(), cuda.Stream()):
            with cuda.stream(stream):
                got = [graphs.encode(frame).deep[0] for frame in packed]
            stream.synchronize()
            assert equal(got, expected)
    assert [graph.replays for graph in cuda.graphs] == [6 - EAGER] * 2


def test_other_sizes_have_graphs_of_their_own_up_to_a_number(caplog):
    plain = session()
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()), caplog.at_level(logging.WARNING):
        graphs = GraphSession(plain, cuda=cuda)
        for rows in range(4, 4 + MOST + 3):
            packed = frames(EAGER + 2, rows)
            expected = [plain.encode(frame).deep[0] for frame in packed]
            assert equal([graphs.encode(frame).deep[0] for frame in packed], expected)
    assert len(cuda.graphs) == MOST
    assert len(caplog.records) == 1
    assert f"where shapes and windows are of more than {MOST} kinds" in caplog.text


@pytest.mark.parametrize(
    ("network", "reason"),
    [(Asking, "not permitted when stream is capturing"), (Growing, "features hold more than tensors")],
)
def test_what_cannot_be_captured_runs_as_it_is_after_one_warning(caplog, network, reason):
    plain, packed = session(network), frames(8)
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()), caplog.at_level(logging.WARNING):
        assert equal(rains(GraphSession(plain, cuda=cuda), packed), rains(plain, packed))
    (record,) = caplog.records
    assert record.message.startswith("model 'tiny' runs operation by operation, not as a CUDA graph, where ")
    assert reason in record.message


def test_frames_of_another_device_run_as_they_are():
    plain = session()
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(plain, cuda=cuda)
        graphs._place = torch.device("meta")
        for frame in frames(EAGER + 2):
            graphs.encode(frame)
    assert cuda.graphs == []


def test_out_of_memory_comes_out_as_it_is_and_the_next_call_works():
    plain, packed = session(), frames(6)
    encode = plain.encode

    class Full:
        descriptor, device, dtype = plain.descriptor, plain.device, plain.dtype
        full = False

        def encode(self, frame):
            if self.full:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return encode(frame)

    full = Full()
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(full, cuda=cuda)
        full.full = True
        for frame in packed[: EAGER + 2]:  # As they are, and in a capture.
            with pytest.raises(torch.OutOfMemoryError):
                graphs.encode(frame)
        full.full = False
        assert equal([graphs.encode(f).deep[0] for f in packed], [encode(f).deep[0] for f in packed])


def test_short_of_memory_graphs_go_first(caplog):
    plain, packed = session(), frames(8)
    fuse, failures = plain.fuse, iter([True, False])

    class Full:
        descriptor, device, dtype, encode = plain.descriptor, plain.device, plain.dtype, plain.encode

        def fuse(self, window):
            if next(failures, False):
                raise torch.OutOfMemoryError("CUDA out of memory")
            return fuse(window)

    with FakeCuda() as cuda, cuda.stream(cuda.Stream()), caplog.at_level(logging.WARNING):
        graphs = GraphSession(Full(), cuda=cuda)
        got = rains(graphs, packed)
        (captures,) = graphs._streams.values()
        assert captures.graphs == {}
    assert equal(got, rains(plain, packed))
    assert "where memory is short" in caplog.text
    assert len(cuda.graphs) == 1


class Bounded:
    """Says that frames stay whole from a thousand bytes on."""

    memory = None

    def __init__(self):
        plain = session()
        self.descriptor, self.device, self.dtype = plain.descriptor, plain.device, plain.dtype
        self.encode, self.fuse = plain.encode, plain.fuse

    def least_memory(self, height, width, *, frames, at_once=1):
        return 10 * frames * at_once

    def stays_whole(self, height, width):
        return self.memory is None or self.memory.bytes >= 1000


@pytest.mark.parametrize(("count", "given", "captures"), [(2000, 1000, True), (1999, 1999, False)])
def test_graphs_get_half_of_the_memory_or_are_done_without(count, given, captures):
    plain, packed = Bounded(), frames(8)
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(plain, cuda=cuda)
        graphs.memory = Memory(bytes=count, frames=3)
        assert graphs.least_memory(8, 10, frames=3) == 30
        assert equal(rains(graphs, packed), rains(session(), packed))
    assert graphs.memory.bytes == count and plain.memory.bytes == given
    assert bool(cuda.graphs) == captures
    assert graphs.stays_whole(8, 10)


def test_less_memory_means_new_graphs():
    plain, packed = Bounded(), frames(8)
    expected = rains(session(), packed)
    with FakeCuda() as cuda, cuda.stream(cuda.Stream()):
        graphs = GraphSession(plain, cuda=cuda)
        for count in (9000, 4000, 500, 8000):
            graphs.memory = Memory(bytes=count, frames=3)
            assert all(captures.graphs == {} for captures in graphs._streams.values())
            assert equal(rains(graphs, packed), expected)
            assert plain.memory.bytes == (count // 2 if count > 500 else count)
    # One for frames and one for windows, each of the three times that there is memory for them.
    assert len(cuda.graphs) == 3 * 2


@pytest.mark.parametrize("name", sorted(model.name for model in builtin_models()))
def test_our_models_can_be_captured(caplog, name):
    """No number goes from the device to Python or back, which would also make every frame wait."""
    (descriptor,) = [model for model in builtin_models() if model.name == name]
    plain = TorchBackend().open(descriptor, device="cpu", precision="fp32")
    torch.manual_seed(0)
    size = (1, 6, 8 * descriptor.multiple, 12 * descriptor.multiple)
    packed = [torch.rand(size) for _ in range(2 * descriptor.radius + 1)]
    encoded = [plain.encode(frame) for frame in packed]
    for window in (encoded, [encoded[0]] * len(encoded)):
        with FakeCuda() as cuda, cuda.stream(cuda.Stream()), caplog.at_level(logging.WARNING):
            graphs = GraphSession(plain, cuda=cuda)
            got = [graphs.fuse(window) for _ in range(EAGER + 2)]
        assert caplog.text == ""
        assert cuda.graphs[0].replays == 2
        assert torch.equal(got[-1], plain.fuse(window))


@pytest.mark.needs_cuda
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_graphs_on_a_gpu_give_the_same_bits(precision):
    plain, packed = session(Network, "cuda", precision), frames(12, 64, "cuda")
    graphs = captured(plain)
    assert equal(rains(graphs, packed), rains(plain, packed))
    (captures,) = graphs._streams.values()
    assert len(captures.graphs) == 3


@pytest.mark.needs_cuda
def test_threads_with_streams_of_their_own_on_a_gpu():
    plain, packed = session(Network, "cuda"), frames(12, 64, "cuda")
    expected, graphs = rains(plain, packed), captured(plain)

    def run(_):
        with torch.cuda.stream(torch.cuda.Stream()):
            got = rains(graphs, packed)
            torch.cuda.current_stream().synchronize()
            return equal(got, expected)

    torch.cuda.synchronize()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(32)))


@pytest.mark.needs_cuda
def test_a_failed_capture_on_a_gpu_leaves_torch_as_it_was(caplog):
    plain, packed = session(Asking, "cuda"), frames(8, 64, "cuda")
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream), caplog.at_level(logging.WARNING):
        assert equal(rains(captured(plain), packed), rains(plain, packed))
        assert torch.cuda.current_stream() == stream
    assert len(caplog.records) == 1
    torch.cuda.synchronize()
    gc.collect()
    torch.cuda.empty_cache()

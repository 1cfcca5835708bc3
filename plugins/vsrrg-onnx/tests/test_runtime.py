"""Who computes: providers, threads and streams; and what is said where ONNX Runtime lacks something."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest
import torch
from onnx_support import Small, by_torch, demo, descriptor, packed
from vsrrg_onnx.backend import OnnxBackend, TensorrtBackend
from vsrrg_onnx.model import HERE, onnx_model
from vsrrg_onnx.runtime import Graph, Place

from vsrrg.errors import OptionError
from vsrrg.hooks.resolve import find_backend, find_model
from vsrrg.testing.absence import absent

GPU = torch.device("cuda", 1)


def test_on_a_gpu_the_provider_works_on_the_streams_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: SimpleNamespace(cuda_stream=77))
    place = Place(device=GPU)
    assert place.key() == 77
    (name, options), (last, _) = place.providers(77)
    assert (name, last) == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert (options["device_id"], options["user_compute_stream"]) == ("1", "77")
    assert (options["use_tf32"], options["cudnn_conv_algo_search"]) == ("0", "HEURISTIC")


def test_tensorrt_comes_first_and_keeps_its_engines(tmp_path: Path) -> None:
    names, options = zip(*Place(device=GPU, half=True, engines=tmp_path).providers(0), strict=True)
    assert names == ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider")
    assert options[0]["trt_fp16_enable"] == "1" and options[0]["trt_engine_cache_path"] == str(tmp_path)


@pytest.mark.parametrize(("engines", "what"), [(None, "CUDA"), (Path("engines"), "Tensorrt")])
def test_a_provider_that_is_not_there(
    engines: Path | None, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: SimpleNamespace(cuda_stream=0))
    with pytest.raises(OptionError, match=f"cannot use {what} here: install onnxruntime-gpu"):
        Graph(b"", Place(device=GPU, engines=engines))


def test_backends_choose_by_the_device() -> None:
    assert find_backend("onnxruntime").name == "onnxruntime"
    with pytest.raises(OptionError, match="'onnxruntime-tensorrt' needs a GPU: use 'onnxruntime' on cpu"):
        TensorrtBackend().open(descriptor(), device="cpu", precision="fp32")
    with pytest.raises(OptionError, match="does not compute in fp16 on cpu: choose fp32"):
        OnnxBackend().open(descriptor(), device="cpu", precision="fp16")


@pytest.mark.parametrize("known", [True, False])
def test_tensorrt_is_there_if_onnx_runtime_knows_it(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    providers = ["TensorrtExecutionProvider"] * known + ["CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: providers)
    assert TensorrtBackend().available() == known


def test_without_onnx_runtime() -> None:
    with absent("onnxruntime"):
        assert not TensorrtBackend().available()
        with pytest.raises(OptionError, match="it needs the package onnxruntime, or for NVIDIA's GPUs"):
            find_backend("onnxruntime")
        with pytest.raises(OptionError, match="ONNX Runtime is not installed: install the package"):
            OnnxBackend().open(descriptor(), device="cpu", precision="fp32")


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_at_work_have_sessions_of_their_own_unless_callers_compute(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    graph = Graph(onnx_model(descriptor(), "fp32").parts["encode"], HERE)
    with graph._session() as one, graph._session() as other:
        assert (one is other) == (threads == 1)
        assert one.get_session_options().intra_op_num_threads == threads
    with graph._session() as again:
        assert again is one or again is other


def test_what_fails_in_a_graph_is_a_runtime_error() -> None:
    graph = Graph(onnx_model(descriptor(), "fp32").parts["encode"], HERE)
    frame = torch.zeros(1, 5, 8, 8)
    with pytest.raises(RuntimeError, match=r"ONNX Runtime failed: .*[Ii]nvalid"):
        graph.run({"frame": frame}, {})


def test_half_precision_stays_near() -> None:
    session = onnx_model(descriptor(), "fp16").open(HERE)
    window = torch.rand(1, 3, 6, 16, 24, generator=torch.Generator().manual_seed(2))
    encoded = [session.encode(frame) for frame in window.unbind(1)]
    assert encoded[0]["features.deep.0"].dtype == torch.float16 == session.dtype
    torch.testing.assert_close(session.fuse(encoded), by_torch(Small(), window), atol=5e-3, rtol=0)


@pytest.mark.needs_cuda
@pytest.mark.parametrize("part", ["encode", "fuse"])
def test_on_cuda_nothing_goes_through_main_memory(part: str, tmp_path: Path) -> None:
    import onnxruntime

    place = Place(device=torch.device("cuda", 0))
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    content = onnx_model(find_model("fast"), "fp32").parts[part]
    onnxruntime.InferenceSession(content, options, providers=place.providers(place.key()))
    nodes = {node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node}
    assert "Conv" in nodes or "FusedConv" in nodes
    assert not nodes & {"MemcpyFromHost", "MemcpyToHost"}


@pytest.mark.needs_cuda
def test_each_cuda_stream_has_its_session_and_gives_the_same_bits() -> None:
    session = onnx_model(find_model("fast"), "fp32").open(Place(device=torch.device("cuda", 0)))
    window = packed(demo(3))[:, None].cuda()
    layers = []
    for stream in (torch.cuda.Stream(), torch.cuda.Stream()):
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            layers.append(session.fuse([session.encode(frame) for frame in window]))
        stream.synchronize()
    assert torch.equal(*layers)
    torch.testing.assert_close(
        layers[0].cpu(), by_torch(find_model("fast").load(), window.cpu().transpose(0, 1)), atol=2e-3, rtol=0
    )

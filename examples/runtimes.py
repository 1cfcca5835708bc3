"""Times the convolutions of a model under several runtimes: what decided the one that vsrrg uses.

    pip install openvino onnx onnxscript onnxruntime
    python examples/runtimes.py fast 640x360

Encoder and decoder are run by themselves, on random features of the size that the video gives; alignment,
which is no work for such runtimes, is left out. torch.compile needs a C++ compiler. Runtimes that are not
installed are left out.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vsrrg.engine.memory import keep_freed_memory
from vsrrg.hooks.resolve import find_model

type Run = Callable[[], Any]

ROUNDS = 9


class Encoder(nn.Module):
    """Packed frame to features."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.encoder = network.encoder

    def forward(self, packed: Tensor) -> tuple[Tensor, ...]:
        half = self.encoder.shallow(packed)
        quarter = self.encoder.middle(half)
        return half, quarter, self.encoder.deep(quarter)


class Decoder(nn.Module):
    """Features, order statistics and aligned deep features to the rain layer."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.fusion, self.decoder = network.fusion, network.decoder

    def forward(
        self, half: Tensor, quarter: Tensor, eighth: Tensor, statistics: Tensor, *deep: Tensor
    ) -> Tensor:
        fused = self.fusion(eighth, list(zip(deep[::2], deep[1::2], strict=True)))
        climate = self.decoder.climate(fused)
        rain: Tensor = self.decoder.shallow(
            self.decoder.deep(fused, quarter, climate), half, statistics, climate
        )[1]
        return rain


def main(model: str = "fast", size: str = "640x360") -> None:
    """Prints a line for each runtime."""
    keep_freed_memory()
    width, height = (int(side) // 8 * 4 for side in size.split("x"))
    torch.manual_seed(0)
    with torch.inference_mode():
        network: Any = find_model(model).load().eval()
        packed = torch.rand(1, 6, height, width)
        encode, decode = Encoder(network), Decoder(network)
        half, quarter, eighth = encode(packed)
        order = 0.1 * torch.rand(1, 12 * network.config.radius, height, width)
        sides = [torch.rand_like(eighth) for _ in range(2 * network.config.radius)]
        parts: list[tuple[nn.Module, Sequence[Tensor]]] = [
            (encode, (packed,)),
            (decode, (half, quarter, eighth, order, *sides)),
        ]
    runs: dict[str, list[Run]] = {}
    for name, runtime in RUNTIMES.items():
        try:
            runs[name] = [runtime(part, [value.contiguous() for value in values]) for part, values in parts]
        except (ImportError, RuntimeError) as error:
            print(f"{name}: left out: {str(error).splitlines()[0]}")
    # By turns, since other work on the machine comes and goes.
    times: dict[str, list[list[float]]] = {name: [[], []] for name in runs}
    for _ in range(ROUNDS):
        for name, both in runs.items():
            for run, taken in zip(both, times[name], strict=True):
                taken.append(least_time(run))
    print(f"{'median of rounds, ms':24}encoder  decoder")
    for name, (encoder, decoder) in times.items():
        print(f"{name:24}{statistics.median(encoder):7.2f}  {statistics.median(decoder):7.2f}")


def least_time(run: Run) -> float:
    """The shortest of a few runs, in milliseconds."""
    taken = []
    for _ in range(6):
        start = time.perf_counter()
        run()
        taken.append(1e3 * (time.perf_counter() - start))
    return min(taken)


def torch_eager(part: nn.Module, values: Sequence[Tensor], dtype: torch.dtype = torch.bfloat16) -> Run:
    """As vsrrg does it."""
    part = copied(part).to(dtype).to(memory_format=torch.channels_last)
    given = [value.to(dtype, memory_format=torch.channels_last) for value in values]

    def run() -> None:
        with torch.inference_mode():
            part(*given)

    return run


def torch_compile(part: nn.Module, values: Sequence[Tensor]) -> Run:
    """Inductor with frozen weights."""
    import torch._inductor.config as inductor

    inductor.freezing = True
    part = copied(part).to(torch.bfloat16).to(memory_format=torch.channels_last)
    given = [value.to(torch.bfloat16, memory_format=torch.channels_last).clone() for value in values]
    compiled = torch.compile(part)

    def run() -> None:
        with torch.no_grad():
            compiled(*given)

    return run


def openvino(part: nn.Module, values: Sequence[Tensor]) -> Run:
    """OpenVINO in bf16."""
    import openvino as ov

    values = [value.clone() for value in values]
    model = ov.convert_model(
        copied(part), example_input=tuple(values), input=[value.shape for value in values]
    )
    hints = {
        "INFERENCE_PRECISION_HINT": "bf16",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": 1,
    }
    request = ov.Core().compile_model(model, "CPU", hints).create_infer_request()
    for i, value in enumerate(values):
        request.set_input_tensor(i, ov.Tensor(value.numpy(), shared_memory=True))
    return lambda: request.infer()


def onnxruntime(part: nn.Module, values: Sequence[Tensor]) -> Run:
    """ONNX Runtime in fp32: its CPU provider has no convolutions in bf16."""
    import tempfile

    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        torch.onnx.export(copied(part), tuple(value.clone() for value in values), file.name, dynamo=False)
        session = ort.InferenceSession(file.name, options, providers=["CPUExecutionProvider"])
    given = {slot.name: value.numpy() for slot, value in zip(session.get_inputs(), values, strict=True)}
    return lambda: session.run(None, given)


def copied(part: nn.Module) -> nn.Module:
    """The part with weights of its own."""
    import copy

    with torch.inference_mode(False):
        return copy.deepcopy(part).requires_grad_(False)


RUNTIMES: dict[str, Callable[[nn.Module, Sequence[Tensor]], Run]] = {
    "torch, bf16": torch_eager,
    "torch, fp32": lambda part, values: torch_eager(part, values, torch.float32),
    "torch.compile, bf16": torch_compile,
    "OpenVINO, bf16": openvino,
    "ONNX Runtime, fp32": onnxruntime,
}

if __name__ == "__main__":
    main(*sys.argv[1:])

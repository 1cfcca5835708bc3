"""The part that networks are held against: the reference stack, numpy's baseline, the hardware's limits."""

from __future__ import annotations

from typing import Any

from vsrrg.bench.baselines import min_median
from vsrrg.bench.case import Case, Effort
from vsrrg.bench.choices import parse_format
from vsrrg.bench.engine import use_threads
from vsrrg.bench.footage import footage
from vsrrg.bench.parts import Part
from vsrrg.bench.passes import play
from vsrrg.models.descriptor import Precision


def yardsticks_part(case: Case, effort: Effort, *, device: str, precision: Precision, frames: int) -> Part:
    """Turns give seconds of the "reference" stack, and seconds a frame of "min_median" over so many frames.

    The command "limits" measures those of the device in this precision, and counts the network's arithmetic.
    """
    import torch

    from vsrrg.bench.ceilings import measure_limits
    from vsrrg.bench.flops import frame_flops
    from vsrrg.bench.plain import plain
    from vsrrg.bench.reference import reference_stack
    from vsrrg.hooks.resolve import find_model

    use_threads(case)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    clip = footage(effort.video, case.width, case.height, parse_format(case.format), frames)
    play(min_median, clip)
    stack = reference_stack(device, dtype)

    def turn() -> dict[str, Any]:
        return {"reference": stack(), "min_median": play(min_median, clip).seconds}

    def limits() -> dict[str, Any]:
        flops = frame_flops(find_model(case.model), case.width, case.height)
        return {"limits": plain(measure_limits(device, dtype)), "flops": flops}

    return Part({}, {"turn": turn, "limits": limits})

"""Where the time goes: the ranges named "vsrrg.STAGE" that engine and networks mark for torch's profiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vsrrg.bench.passes import play
from vsrrg.video.frame import Frame, Work

if TYPE_CHECKING:
    from torch.autograd.profiler_util import FunctionEvent

PREFIX = "vsrrg."
ORDER = ("upload", "pack", "scene", "encode", "fuse", "decode", "composite", "download")
"""The pipeline; other stages that a model marks follow."""
REST = "rest"


def measure_stages(work: Work, frames: Sequence[Frame], device: str, seconds: float) -> dict[str, float]:
    """Seconds a frame by stage, from one more pass that is profiled.

    Profiling slows a pass down, so stages are given as their shares of it times `seconds`, the time of a
    frame without. On CUDA a stage's time is that of the device, and the rest is when it waits for the host.
    """
    import torch
    from torch.profiler import ProfilerActivity, profile

    cuda = device.startswith("cuda")
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * cuda
    if cuda:  # the first use of its tracing takes seconds
        with profile(activities=activities):
            torch.ones(1, device=device)
    with profile(activities=activities, experimental_config=_all_threads()) as profiler:
        profiled = play(work, frames).seconds * len(frames)
    spent = by_stage(profiler.events() or [], cuda=cuda)
    return split(spent, profiled, seconds)


def _all_threads() -> Any:
    """Has the profiler look at every thread, where this torch can; else it looks at the calling one."""
    from torch.profiler import _ExperimentalConfig  # type: ignore[attr-defined]

    try:
        return _ExperimentalConfig(profile_all_threads=True)
    except TypeError:
        return None


def split(spent: Mapping[str, float], total: float, seconds: float) -> dict[str, float]:
    """`seconds` a frame, divided as the `total` of a pass was; in the order of the pipeline, the rest last.

    Stages may overlap on a device and so exceed the total; there is no rest then.
    """
    if not spent:
        return {}
    stages = {name: spent[name] / total * seconds for name in in_order(spent)}
    return {**stages, REST: max(0.0, seconds - sum(stages.values()))}


def in_order(names: Iterable[str]) -> list[str]:
    """Each of these stages once, in the order of the pipeline, the rest last."""
    found = set(names)
    known = [name for name in ORDER if name in found]
    return known + sorted(found - {*ORDER, REST}) + [REST] * (REST in found)


def by_stage(events: Sequence[FunctionEvent], *, cuda: bool) -> dict[str, float]:
    """Seconds by stage; what a stage spends in another one counts there only."""
    from torch.profiler import DeviceType

    spent: dict[str, float] = {}
    for event in events:
        if not event.name.startswith(PREFIX) or event.device_type != DeviceType.CPU:
            continue
        time = (event.device_time_total if cuda else event.cpu_time_total) / 1e6
        stage = event.name.removeprefix(PREFIX)
        spent[stage] = spent.get(stage, 0.0) + time
        outer = _outer(event)
        if outer is not None:
            spent[outer] = spent.get(outer, 0.0) - time
    return spent


def _outer(event: Any) -> str | None:
    """The stage that an event lies in, if any."""
    parent = event.cpu_parent
    while parent is not None and not parent.name.startswith(PREFIX):
        parent = parent.cpu_parent
    return None if parent is None else parent.name.removeprefix(PREFIX)

"""The machine that a run was made on."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

BUSY = 0.25
"""Load per core from which other work disturbs the figures."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What figures depend on, apart from vsrrg itself."""

    cpu: str
    cores: int
    """CPU cores that this process may use."""
    system: str
    python: str
    torch: str
    device: str
    """What networks ran on: "cpu", "cuda" or "cuda:1"."""
    accelerator: str = ""
    """Name of the GPU, where one was used."""
    load: float | None = None
    """Processes that wanted to run in the minute before, on average; None where the system does not tell."""

    @property
    def busy(self) -> bool:
        """Whether other work disturbed the figures."""
        return self.load is not None and self.load > max(0.5, BUSY * self.cores)

    @property
    def hardware(self) -> tuple[str, int, str]:
        """What must be equal for figures to compare."""
        return self.cpu, self.cores, self.accelerator


def describe(device: str | None) -> Machine:
    """This machine; OptionError for a device that is not there."""
    import torch

    from vsrrg.engine.device import choose_device

    chosen = choose_device(device)
    return Machine(
        cpu=_cpu(),
        cores=cores(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        torch=str(torch.__version__),
        device=chosen,
        accelerator=torch.cuda.get_device_name(chosen) if chosen.startswith("cuda") else "",
        load=load(),
    )


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float | None:
    """The load average of the last minute, where the system has one."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def _cpu() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()

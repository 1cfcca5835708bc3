"""How much memory a process took at its peak."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def peak_ram(pid: int | None = None) -> int:
    """Bytes of main memory of a process (this one by default) at its peak; 0 where the system does not tell.

    `VmHWM` of Linux, not `ru_maxrss`: that keeps the peak of the process that started this one.
    """
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text()
    except OSError:
        return _peak_elsewhere() if pid is None else 0
    match = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def _peak_elsewhere() -> int:
    try:
        import resource
    except ImportError:
        return 0
    # Linux counts kibibytes, macOS bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def peak_vram(device: str) -> int | None:
    """Bytes of the accelerator's memory that torch held at its peak, the driver's own aside; None on CPUs."""
    if not device.startswith("cuda"):
        return None
    import torch

    return torch.cuda.max_memory_reserved(device)

"""What NVIDIA's driver says of itself, asked without torch."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

VERSION = Path("/proc/driver/nvidia/version")
LIBRARY = "libcuda.so.1"


def driver_version() -> str | None:
    """Version of the kernel module, such as "570.86.15"; None where there is none."""
    try:
        found = re.search(r"Kernel Module(?: for \S+)?\s+([\d.]+)", VERSION.read_text())
    except OSError:
        return None
    return found[1] if found else None


def newest_cuda() -> str | None:
    """The newest CUDA that the driver's library knows, such as "13.0"; None where there is no library."""
    try:
        library = ctypes.CDLL(LIBRARY)
        version = ctypes.c_int()
        failed = library.cuDriverGetVersion(ctypes.byref(version))
    except (OSError, AttributeError):
        return None
    return None if failed else f"{version.value // 1000}.{version.value % 1000 // 10}"

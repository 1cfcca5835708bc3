"""Keeps freed activations in the process instead of handing them back to the system after every
operation.

glibc takes blocks above 32 MiB from the kernel with mmap and returns them at once, so that each
operation of a network on large frames pays for fresh, zeroed pages.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
"""From glibc's malloc.h."""


@cache
def keep_freed_memory() -> bool:
    """Tell glibc's allocator, once per process, to reuse large blocks; True if it agreed, False on other
    systems.
    """
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = ((M_MMAP_THRESHOLD, 2**31 - 1), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 << 20))
    return all([mallopt(key, value) == 1 for key, value in settings])

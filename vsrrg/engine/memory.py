"""Keeps freed activations in the process instead of handing them back to the system after every operation.

glibc takes blocks above 32 MiB from the kernel and returns them at once, so on large frames every operation
of a network pays for fresh, zeroed pages: more time than the arithmetic takes. docs/decisions.md has figures.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -2, -3, -4, -8
"""Options of mallopt, from glibc's malloc.h."""
MOST = 2**31 - 1
NEVER = -1
"""Trim at no threshold: the largest number of bytes that mallopt takes is less than an 8K frame needs."""


@cache
def keep_freed_memory() -> bool:
    """Make glibc's allocator reuse large blocks, once per process; True if it agreed, False on other systems.

    The memory in use grows to what the largest frame needs, and stays there. Threads share one arena from
    then on, because only the main one can hold blocks above 64 MiB; hosts call from threads of their own.
    The earlier the better: arenas that threads have by then are shared out, too.
    """
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # Older versions refuse thresholds above 32 MiB; they can do without mmap altogether.
    from_heap = mallopt(MMAP_THRESHOLD, MOST) or mallopt(MMAP_MAX, 0)
    kept = mallopt(TRIM_THRESHOLD, NEVER)
    padded = mallopt(TOP_PAD, 64 << 20)
    shared = mallopt(ARENA_MAX, 1)
    return bool(from_heap and kept and padded and shared)

import subprocess
import sys

import pytest

from vsrrg.engine.memory import keep_freed_memory

CHILD = """
import ctypes, resource, sys, threading
from vsrrg.engine.memory import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def use():
    block = libc.malloc(100 << 20)
    ctypes.memset(block, 1, 100 << 20)
    libc.free(block)
def measure():
    use()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(3):
        use()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
if sys.argv[2] == "main":
    measure()
else:
    thread = threading.Thread(target=measure)
    thread.start()
    thread.join()
"""


@pytest.mark.skipif(not keep_freed_memory(), reason="the C library is not glibc")
@pytest.mark.parametrize("where", ["main", "thread"])
def test_a_freed_block_is_used_again_without_page_faults(where):
    faults = {}
    for mode in ("kept", "plain"):
        run = subprocess.run(
            [sys.executable, "-c", CHILD, mode, where], capture_output=True, text=True, check=True
        )
        faults[mode] = int(run.stdout)
    assert faults["kept"] < 200
    assert faults["plain"] > 1000

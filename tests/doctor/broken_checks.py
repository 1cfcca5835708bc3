"""Checks that go wrong in every way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from vsrrg.doctor.check import Finding, ok
from vsrrg.errors import ModelError


def works() -> Finding:
    return ok("fine", process=os.getpid())


def raises() -> Finding:
    raise ModelError("missing-weights", "the weights are gone")


def lacks_a_library() -> Finding:
    import no_such_library  # type: ignore[import-not-found]

    return ok(no_such_library.name)


def exits() -> Finding:
    sys.exit(3)


def crashes() -> Finding:
    os.abort()


def ends() -> Finding:
    os._exit(7)


def prints() -> Finding:
    print("from Python", flush=True)
    subprocess.run(["sh", "-c", "echo from a child; echo from a child >&2; cat"], check=True)
    return ok("printed")


def hangs() -> Finding:
    """Holds the interpreter's lock for ever, as a broken library may, with a child of its own."""
    import ctypes

    child = subprocess.Popen(["sleep", "300"])
    Path(os.environ["VSRRG_TEST_PID"]).write_text(str(child.pid))
    ctypes.PyDLL(None).sleep(300)
    time.sleep(300)
    return ok("late")

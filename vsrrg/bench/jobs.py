"""Has jobs done by processes of their own, which `worker` runs in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from vsrrg.bench.case import AdapterResult, Case, Effort, Failure, Result
from vsrrg.bench.machine import Machine
from vsrrg.bench.record import adapter_from, plain, result_from
from vsrrg.errors import OptionError

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def machine(device: str | None) -> Machine:
    """This machine, with the device chosen; OptionError for a device that is not there."""
    said = _ask({"task": "machine", "device": device}, None)
    if "reason" in said:
        raise OptionError(said["reason"])
    return Machine(**said["outcome"])


def measured(case: Case, effort: Effort) -> Result | Failure:
    """What came of measuring a case; never raises on its account."""
    said = _ask({"task": "case", "case": plain(case), "effort": _plain(effort)}, case.threads)
    if "reason" in said:
        return Failure(case=case, reason=said["reason"])
    return result_from(said["outcome"])


def adapters_measured(case: Case, effort: Effort) -> AdapterResult | Failure:
    """What came of measuring the adapters with a case; never raises on its account."""
    said = _ask({"task": "adapters", "case": plain(case), "effort": _plain(effort)}, case.threads)
    if "reason" in said:
        return Failure(case=case, reason=said["reason"])
    return adapter_from(said["outcome"])


def _plain(effort: Effort) -> dict[str, Any]:
    return {**plain(effort), "video": None if effort.video is None else str(effort.video.absolute())}


def _ask(job: Mapping[str, Any], threads: int | None) -> dict[str, Any]:
    """The worker's answer: {"outcome": ...}, or {"reason": ...} also where it could give none."""
    with tempfile.TemporaryDirectory(prefix="vsrrg-bench-") as folder:
        environment = {
            **os.environ,
            # It imports what this process would, and leaves no file behind if it is killed.
            "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
            "TMPDIR": folder,
        }
        if threads is not None:
            environment |= dict.fromkeys(THREADS, str(threads))
        done = subprocess.run(
            [sys.executable, "-P", "-m", "vsrrg.bench.worker"],
            input=json.dumps(job),
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
        )
    try:
        said: dict[str, Any] = json.loads(done.stdout)
        return said
    except ValueError:
        return {"reason": _ending(done.returncode, done.stderr)}


def _ending(code: int, stderr: str) -> str:
    """Why a process gave no answer."""
    if code == -signal.SIGKILL:
        return "its process was killed, as the system does when memory runs out: choose a smaller size"
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    lines = stderr.strip().splitlines()
    return f"its process ended without an answer ({lines[-1] if lines else f'exit code {code}'})"

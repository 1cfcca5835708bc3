"""Runs the shell program as users do, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def python(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python without third-party plugins, unless VSRRG_PLUGINS says otherwise."""
    variables = {**os.environ, "VSRRG_PLUGINS": "off", "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    return subprocess.run([sys.executable, *words], env=variables, capture_output=True, text=True)


def vsrrg(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs ``vsrrg`` with these words."""
    return python("-m", "vsrrg", *words, **environment)

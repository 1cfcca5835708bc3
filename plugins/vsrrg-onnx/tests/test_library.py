"""ONNX Runtime reports to nobody; what it would keep for that in the user's cache does not appear."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from vsrrg_onnx.backend import TensorrtBackend
TensorrtBackend().available()
assert "onnxruntime" in sys.modules
"""


def test_it_keeps_to_itself(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    environment |= {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", CODE], env=environment, check=True)
    assert not [*tmp_path.rglob("*")]

"""Graphs are made once for all tests, in a cache of their own; CUDA tests are skipped where there is no
device, unless one is required.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

pytest_plugins = ["vsrrg.testing"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))  # Whichever test comes first makes the graphs.


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_cuda") is None:
        return
    import torch

    if torch.cuda.is_available():
        return
    if os.environ.get("VSRRG_REQUIRE_CUDA") == "1":
        pytest.fail("VSRRG_REQUIRE_CUDA=1, but there is no CUDA device", pytrace=False)
    pytest.skip("needs a CUDA device")


@pytest.fixture(scope="session", autouse=True)
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache of all tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "vsrrg" / "onnx"

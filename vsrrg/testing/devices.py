"""Tests of what only a GPU can show."""

from __future__ import annotations

import os

import pytest

NEEDS_CUDA = (
    "needs_cuda: the test needs a CUDA device; skipped without one, failed instead where VSRRG_REQUIRE_CUDA=1"
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", NEEDS_CUDA)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_cuda") is None:
        return
    import torch

    if torch.cuda.is_available():
        return
    if os.environ.get("VSRRG_REQUIRE_CUDA") == "1":
        pytest.fail("VSRRG_REQUIRE_CUDA=1, but there is no CUDA device", pytrace=False)
    pytest.skip("needs a CUDA device")

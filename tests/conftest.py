"""What all tests share: CUDA tests are skipped where there is no device, unless one is required."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["vsrrg.testing"]

settings.register_profile("vsrrg", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("vsrrg")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_cuda") is None:
        return
    import torch

    if torch.cuda.is_available():
        return
    if os.environ.get("VSRRG_REQUIRE_CUDA") == "1":
        pytest.fail("VSRRG_REQUIRE_CUDA=1, but there is no CUDA device", pytrace=False)
    pytest.skip("needs a CUDA device")

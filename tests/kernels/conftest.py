import shutil

import pytest

from tests.kernels.shim import Shim


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Shim:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("needs g++, which runs the CUDA kernels on the CPU")
    return Shim(compiler, tmp_path_factory.mktemp("shim"))

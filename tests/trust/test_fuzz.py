"""The fuzzers' targets take seeds, damaged seeds and all that was found, without a fuzzer.

`python -m tests.trust.fuzz.run TARGET` searches for more.
"""

from __future__ import annotations

import resource
from importlib import import_module
from pathlib import Path

import pytest

from tests.trust.fuzz.run import MEMORY, TARGETS
from tests.trust.mutations import mutate

DAMAGED = 40
"""Damaged files from each seed."""
FOUND = Path(__file__).parent / "fuzz" / "found"
"""Inputs that went wrong once, in a folder for each target."""


@pytest.mark.parametrize("name", TARGETS)
def test_only_what_is_allowed_comes_out(name: str) -> None:
    if name == "recipe":
        pytest.importorskip("vsrrg_training")
    module = import_module(f"tests.trust.fuzz.{name}")
    for path in sorted((FOUND / name).glob("*")):
        module.target(path.read_bytes())
    for seed in module.seeds():
        module.target(seed)
        for number in range(DAMAGED):
            module.target(mutate(seed, number)[1] if seed else seed)
    module.target(b"")


def peak() -> int:
    """Kilobytes of memory that this process has taken at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.fixture(scope="module", autouse=True)
def peak_before() -> int:
    """What the tests before had taken."""
    return peak()


def test_headers_do_not_decide_what_memory_is_taken(peak_before: int) -> None:
    """All the promises among the seeds were kept small."""
    assert peak() - peak_before < MEMORY * 1024


def test_every_target_has_seeds_of_its_own() -> None:
    files = {path.stem for path in (Path(__file__).parent / "fuzz").glob("*.py")} - {"run"}
    assert files == set(TARGETS)

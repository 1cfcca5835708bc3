"""How much memory is free, from made-up /proc and cgroup trees."""

from pathlib import Path

import pytest
import torch

from vsrrg.engine.free_memory import free_memory, free_ram

GIB = 1 << 30


def tree(root: Path, cgroup: str, files: dict[str, object], available: int = 8 * GIB) -> tuple[Path, Path]:
    """A machine in these control groups."""
    proc, groups = root / "proc", root / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable:  {available // 1024} kB\n")
    (proc / "self" / "cgroup").write_text(cgroup)
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(f"{text}\n")
    return proc, groups


V2 = {
    "a/memory.max": 3 * GIB,
    "a/memory.current": 2 * GIB,
    "a/b/memory.max": "max",
    "a/b/memory.current": GIB,
}
V1 = {"memory/c/memory.limit_in_bytes": 5 * GIB, "memory/c/memory.usage_in_bytes": GIB}


@pytest.mark.parametrize(
    ("cgroup", "files", "free"),
    [
        ("", {}, 8 * GIB),
        ("0::/a/b\n", {}, 8 * GIB),
        ("0::/a/b\n", V2, GIB),
        ("0::/a/b\n", {**V2, "a/memory.stat": f"file 9\ninactive_file {GIB // 2}"}, 3 * GIB // 2),
        ("0::/elsewhere\n", {"memory.max": 2 * GIB, "memory.current": GIB}, GIB),
        ("5:cpu:/c\n4:memory:/c\n", V1, 4 * GIB),
        ("0::/a\n", {"a/memory.max": GIB, "a/memory.current": 2 * GIB}, 0),
    ],
)
def test_the_tightest_bound_counts(tmp_path: Path, cgroup: str, files: dict[str, object], free: int) -> None:
    assert free_ram(*tree(tmp_path, cgroup, files)) == free


def test_other_systems_do_not_tell(tmp_path: Path) -> None:
    assert free_ram(tmp_path / "proc", tmp_path) is None
    assert free_memory(torch.device("meta")) is None


def test_this_machine_has_some() -> None:
    free = free_memory(torch.device("cpu"))
    assert free is None or 0 < free < 1 << 50

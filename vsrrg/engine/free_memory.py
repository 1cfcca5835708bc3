"""How much memory is free: on the GPU, in the machine, and in the control group that the process is in.

/proc and cgroup files are read here, and not through psutil: that does not know control groups, which are
what bounds a container.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")


def free_memory(device: torch.device) -> int | None:
    """Bytes on a device that nobody uses; None where the system does not tell."""
    if device.type == "cuda":
        import torch

        # What torch's allocator has reserved and does not use is free for us, too.
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + unused
    if device.type != "cpu":
        return None
    return free_ram()


def free_ram(proc: Path = PROC, cgroups: Path = CGROUPS) -> int | None:
    """Bytes of main memory that this process can still have: what is available (Linux), or less where a
    control group (v2, or v1) says so.
    """
    try:
        available = re.search(r"^MemAvailable:\s*(\d+) kB", (proc / "meminfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    if available is None:
        return None
    return max(0, min([1024 * int(available[1]), *_left_in_groups(proc, cgroups)]))


def _left_in_groups(proc: Path, cgroups: Path) -> list[int]:
    """What each control group around this process has left."""
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    left = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            root, limit, used = cgroups, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            root, limit, used = cgroups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        group = root / path.lstrip("/")
        # In a container the path may be the host's, and the container's own group lies at the root.
        for folder in dict.fromkeys([group, *group.parents, root]):
            if folder == root or root in folder.parents:
                bounds = (_number(folder / limit), _number(folder / used))
                if bounds[0] is not None and bounds[1] is not None:
                    left.append(bounds[0] - bounds[1] + _cache(folder))
    return left


def _number(file: Path) -> int | None:
    """The number in a file; None for "max", and where there is no such file."""
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _cache(folder: Path) -> int:
    """Bytes of files that the group has read and that give way."""
    try:
        found = re.search(
            r"^(?:total_)?inactive_file (\d+)$", (folder / "memory.stat").read_text(), re.MULTILINE
        )
    except OSError:
        return 0
    return int(found[1]) if found else 0

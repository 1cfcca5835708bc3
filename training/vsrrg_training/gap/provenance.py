"""What a report was made from, so that it can be made again."""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from vsrrg_training.run.folder import commit

_PACKAGES = (
    "vsrrg",
    "vsrrg-training",
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python-headless",
    "av",
    "matplotlib",
)


@dataclass(frozen=True)
class Source:
    """Files that were read."""

    role: str
    """What they are, as `real stills`."""
    files: int
    sha256: str
    """Of the names and contents of all, in the order of their names."""


def digest(role: str, paths: Sequence[Path]) -> Source:
    """Hash files by name and content."""
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        total.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return Source(role, len(paths), total.hexdigest())


def generator_source() -> Source:
    """The rain generator's own code, which versions alone do not tell apart while it is being worked on."""
    from vsrrg_training import rain

    return digest("rain generator", sorted(Path(rain.__file__).parent.glob("*.py")))


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide the figures, and the commit where there is one."""
    known = {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    return known | ({"commit": here} if (here := commit()) else {})

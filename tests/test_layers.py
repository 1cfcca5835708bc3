"""Imports run one way: testing, cli, doctor, bench, compare and batch, pieces, adapters, hooks, engine,
backends, models, kernels, video, files, guard, errors, printable.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import vsrrg

ROOT = Path(vsrrg.__file__).parent
FLOORS = {
    name: floor
    for floor, names in enumerate(
        (
            ("errors", "guardian", "printable"),
            ("guard",),
            ("files",),
            ("logs",),
            ("video",),
            ("kernels",),
            ("models",),
            ("backends",),
            ("engine",),
            ("hooks",),
            ("vapoursynth", "ffmpeg", "frames"),
            ("pieces",),
            ("bench", "compare", "batch"),
            ("doctor",),
            ("cli",),
            ("testing",),
        )
    )
    for name in names
}


def modules(path: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def imports(path: Path) -> Iterator[str]:
    """The parts of vsrrg that a file imports."""
    return (name.split(".")[1] for name in modules(path) if name.startswith("vsrrg."))


def test_every_part_has_its_floor() -> None:
    parts = {path.stem for path in ROOT.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert parts - {"__init__", "__main__", "__pycache__"} == set(FLOORS)


def test_imports_run_downwards_only() -> None:
    upward = []
    for part, floor in FLOORS.items():
        files = (ROOT / part).rglob("*.py") if (ROOT / part).is_dir() else [ROOT / f"{part}.py"]
        for file in files:
            for name in imports(file):
                # Adapters stand on one floor and know nothing of each other.
                if name != part and FLOORS[name] >= floor:
                    upward.append(f"{file.relative_to(ROOT)} imports {name}")
    assert upward == []


def test_only_the_floor_for_tests_imports_what_tests_need() -> None:
    asked = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in ROOT.rglob("*.py")
        if ROOT / "testing" not in file.parents
        for name in modules(file)
        if name.split(".")[0] in ("pytest", "hypothesis")
    ]
    assert asked == []

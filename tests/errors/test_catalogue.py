"""Every place that raises an error gives it a code that is known; no code is known in vain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vsrrg.errors
from vsrrg.errors.catalogue import CODES
from vsrrg.pieces.tasks import Failed

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "vsrrg", ROOT / "training/vsrrg_training", *sorted(ROOT.glob("plugins/*/vsrrg_*"))]
TREES = {path: ast.parse(path.read_text()) for package in PACKAGES for path in sorted(package.rglob("*.py"))}


def error_classes() -> set[str]:
    """Names of the classes of vsrrg's errors, and of those that packages derive from them."""
    found = {name for name, one in vars(vsrrg.errors).items() if isinstance(one, type)}
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and found & {ast.unparse(base) for base in node.bases}:
                found.add(node.name)
    return found


def raised() -> Iterator[tuple[str, ast.expr | None]]:
    """Where an error is made, and its code as it is written."""
    classes = error_classes()
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in classes:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield where, node.args[0] if len(node.args) == 2 else None


SITES = dict(raised())


def test_every_error_is_made_with_a_code() -> None:
    assert len(SITES) > 200
    without = [
        where
        for where, code in SITES.items()
        # An error that came from another process has the code that it came with.
        if not (
            isinstance(code, ast.Constant) or (code and ast.unparse(code) in {"error.code", "failed.code"})
        )
    ]
    assert without == []


def codes() -> dict[str, list[str]]:
    """Every code that is written somewhere, with these places."""
    found: dict[str, list[str]] = {}
    for where, code in SITES.items():
        if isinstance(code, ast.Constant):
            found.setdefault(code.value, []).append(where)
    return found


def test_every_code_is_raised_somewhere() -> None:
    # The last is what a failed piece of a video has where nothing else is known of it (vsrrg.pieces.tasks).
    assert set(CODES) - set(codes()) == {"wrong-words", "interrupted", "unexpected", "piece-failed"}
    assert Failed("").code == "piece-failed"


def test_every_code_is_known() -> None:
    for code, places in codes().items():
        if code in CODES:
            continue
        for where in places:
            parts = Path(where).parts
            package = next((part for part in parts if part.startswith("vsrrg_")), "vsrrg")
            assert code.startswith(f"{package.removeprefix('vsrrg_')}-"), f"{where}: {code}"
            pages = ROOT.joinpath(*parts[: parts.index(package)], package, "errors")
            assert (pages / f"{code}.md").is_file(), f"{where}: {code}"


@pytest.mark.parametrize("code", CODES)
def test_codes_and_their_lines_are_well_formed(code: str) -> None:
    assert code == code.lower() and code.replace("-", "").isalpha() and len(code) <= 24
    assert CODES[code].endswith(".") and len(CODES[code]) <= 100

"""What no code of the project does: start a shell, run text as code, open pickles, or fetch anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "vsrrg", *sorted(ROOT.glob("plugins/vsrrg-*/vsrrg_*"))]
ALL = [*SHIPPED, ROOT / "training" / "vsrrg_training", ROOT / "examples"]
CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "shelve.open",
    "subprocess.getstatusoutput", "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.loads",
    "yaml.load", "yaml.unsafe_load", "joblib.load", "tempfile.mktemp",
}  # fmt: skip
NETWORK = {
    "urllib.request",
    "http.client",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "huggingface_hub",
    "smtplib",
}
FETCHES = {"training/vsrrg_training/data/footage.py"}
"""Where files are fetched: data sets for training, when they are asked for by name."""


def trees(places: list[Path]) -> Iterator[tuple[str, ast.AST]]:
    for place in places:
        for path in sorted(place.rglob("*.py")):
            yield str(path.relative_to(ROOT)), parsed(path)


@cache
def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Calls by the full name of what is called, through the names that imports gave."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, dot, rest = ast.unparse(node.func).partition(".")
            yield names.get(first, first) + dot + rest, node


def forbidden(tree: ast.AST) -> Iterator[str]:
    for name, node in calls(tree):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if name in CALLS:
            yield name
        if "shell" in given and given["shell"] != "False":
            yield f"{name}(shell=...)"
        if name == "torch.load" and given.get("weights_only") != "True":
            yield "torch.load without weights_only"
        if given.get("allow_pickle", "False") != "False":
            yield f"{name}(allow_pickle=...)"


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_no_shell_no_text_as_code_no_pickles() -> None:
    found = [f"{path}: {what}" for path, tree in trees(ALL) for what in forbidden(tree)]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "from os import system as run\nrun('ls')",
        "import torch as t\nt.load('a.pt')",
        "import numpy as np\nnp.load('a.npy', allow_pickle=True)",
        "from pickle import loads\nloads(b'')",
        "eval('1')",
    ],
)
def test_what_is_forbidden_is_found(code: str) -> None:
    assert list(forbidden(ast.parse(code)))


def test_no_code_that_is_shipped_knows_the_network() -> None:
    knows = {path for path, tree in trees(SHIPPED) for name in imported(tree) if name in NETWORK}
    assert knows == set()


def test_training_fetches_in_one_place() -> None:
    training = trees([ROOT / "training" / "vsrrg_training"])
    assert {path for path, tree in training for name in imported(tree) if name in NETWORK} <= FETCHES


def test_every_process_is_a_list_of_words() -> None:
    """A command that is one string would be split, or handed to a shell, somewhere."""
    strings = [
        f"{path}:{node.lineno}"
        for path, tree in trees(ALL)
        for name, node in calls(tree)
        if name in ("subprocess.run", "subprocess.Popen", "subprocess.check_output", "subprocess.check_call")
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.Constant)
    ]
    assert strings == []


def test_every_media_file_is_opened_in_one_way() -> None:
    """PyAV's own `open` is called for pipes, for buffers and for writing; files are read by `open_media`."""
    opened = [
        f"{path}:{node.lineno}"
        for path, tree in trees(SHIPPED)
        for name, node in calls(tree)
        if name == "av.open" and path != "vsrrg/ffmpeg/probe.py" and "w" not in map(_value, node.args[1:])
    ]
    # A pipe of NUT, which is no name.
    assert [place.split(":")[0] for place in opened] == ["vsrrg/ffmpeg/nut.py"]


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def test_readmes_run_no_text_as_code() -> None:
    pages = [
        path
        for pattern in ("*.md", "docs/**/*.md", "plugins/*/*.md", "examples/*.md")
        for path in ROOT.glob(pattern)
    ]
    assert len(pages) > 10
    assert [str(path) for path in pages if " eval(" in path.read_text() or "[eval(" in path.read_text()] == []

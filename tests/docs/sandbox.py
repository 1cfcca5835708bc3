"""Runs the blocks of one page as a reader would: in one folder, one after the other, beside short clips."""

from __future__ import annotations

import configparser
import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from importlib import invalidate_caches
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import vsrrg
from tests.docs.blocks import ROOT, Block
from tests.docs.shell import check, commands, lines
from vsrrg.hooks import API_VERSION
from vsrrg.hooks.manager import PluginManager, standing_in

MEDIA = ("rain.mp4", "rain.mkv", "dry.mp4", "film.mkv", "scene.mp4")
"""Short clips that are always there."""
FOLDERS = ("examples", "plugins", "training", "tests")
"""What readers have who are in a clone."""
STATEFUL = {"cd", "export", "for", "while"}
"""What makes lines depend on each other; then one shell has them all."""
OWN = ("vsrrg", "vsrrg-train")
MEASURED = re.compile(r"\d+\.\d+")


class Sandbox:
    """A folder, the names that Python knows there, and the plugins that the page installed."""

    def __init__(self, folder: Path, clip: Path, stack: ExitStack) -> None:
        self.folder, self.clip, self.stack = folder, clip, stack
        self.names: dict[str, Any] = {}
        self.plugins = 0
        self.told: list[tuple[str, str]] = []
        """Entry points that the page has shown in TOML, whose modules come next."""
        self.kept = {folder / name for name in MEDIA}
        for path in self.kept:
            shutil.copy(clip.with_suffix(path.suffix), path)
        for name in FOLDERS:
            (folder / name).symlink_to(ROOT / name)

    def run(self, block: Block) -> None:
        """Run a block, or check its syntax; raises whatever goes wrong."""
        if block.where and not WHERE[block.where]():
            return
        for name in block.given:
            self._give(name)
        RUNS[block.language](self, block)

    def _give(self, name: str) -> None:
        path = self.folder / name
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
            for number in (1, 2):
                shutil.copy(self.clip, path / f"clip{number}.mp4")
        elif not path.exists():
            shutil.copy(self.clip.with_suffix(path.suffix), path)
        self.kept.add(path)

    def python(self, block: Block) -> None:
        """Code of a program, of a script for VapourSynth, or of a plugin."""
        code = compile("\n" * (block.line - 1) + block.code, str(ROOT / block.page), "exec")
        if "vsrrg_api" in block.code:
            self._install(block)
            return
        if named := re.match(r"# (\S+\.(?:py|vpy))\n", block.code):
            (self.folder / named[1]).write_text(block.code)
        for name in set(GIVEN) & set(code.co_names) - set(self.names):
            self.names[name] = GIVEN[name]()
        exec(code, self.names)
        self._render()

    def _install(self, block: Block) -> None:
        name, module = self.told.pop() if self.told else (f"page{self.plugins}",) * 2
        self.plugins += 1
        info = self.folder / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[vsrrg]\n{name} = {module}\n")
        (self.folder / f"{module}.py").write_text(block.code)
        invalidate_caches()
        manager = PluginManager(entry_points(group="vsrrg"))
        state = {state.name: state for state in manager.states}[name]
        assert (state.state, state.api) == ("active", API_VERSION), state.reason
        self.stack.enter_context(standing_in(manager))

    def _render(self) -> None:
        vapoursynth = sys.modules.get("vapoursynth")
        for output in vapoursynth.get_outputs().values() if vapoursynth else ():
            assert sum(1 for _ in output.clip.frames()) > 0
        if vapoursynth:
            vapoursynth.clear_outputs()

    def shell(self, block: Block) -> None:
        """Lines that are typed one after the other."""
        typed = lines(block.code)
        todo = [line for line in typed if not line.startswith("pip install ")]
        for line in set(typed) - set(todo):
            check(line)
        if any(commands(line)[0].program in STATEFUL for line in todo if commands(line)):
            self._bash("\n".join(todo))
            return
        for line in todo:
            self._clear(line)
            if _plain(line):
                self._own(line)
            else:
                self._bash(line)

    def _clear(self, line: str) -> None:
        """Removes what earlier lines have derained to the same target, for it would be refused."""
        for command in commands(line):
            for word in command.words if "derain" in command.words else ():
                target = self.folder / word
                if target.is_file() and target not in self.kept:
                    target.unlink()

    def _own(self, line: str) -> str:
        """A command of ours, in this process."""
        from vsrrg.cli.main import cli
        from vsrrg_training.cli.main import main

        (command,) = commands(line)
        done = CliRunner().invoke(cli if command.program == "vsrrg" else main, list(command.words))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return done.output

    def _bash(self, code: str) -> str:
        paths = [str(self.folder), *sys.path]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "80"}
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{code}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{code}\n{done.stderr}"
        return done.stdout + done.stderr

    def console(self, block: Block) -> None:
        """Commands behind $, each with what it prints; figures with a decimal point may be others."""
        parts = re.split(r"^\$ (.*)\n", block.code, flags=re.MULTILINE)
        assert not parts[0], "before the first $ there is nothing"
        for line, shown in zip(parts[1::2], parts[2::2], strict=True):
            printed = self._own(line) if _plain(line) else self._bash(line)
            wanted, got = (MEASURED.sub("0.0", text) for text in (shown, printed))
            same = doctest.OutputChecker().check_output(
                wanted, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            )
            assert same, f"{line} prints\n{printed}and not\n{shown}"

    def toml(self, block: Block) -> None:
        """A file of settings; entry points in it name the module that comes next."""
        told = tomllib.loads(block.code).get("project", {}).get("entry-points", {}).get("vsrrg", {})
        self.told += list(told.items())


def _torchcodec() -> bool:
    """Whether torchcodec is there and finds an FFmpeg."""
    try:
        from torchcodec.decoders import VideoDecoder

        VideoDecoder("rain.mp4")
    except (ImportError, RuntimeError):
        return False
    return True


WHERE: dict[str, Callable[[], bool]] = {"torchcodec": _torchcodec}
"""What some machines lack."""


def _plain(line: str) -> bool:
    """Whether a line is one command of ours, and asks for nothing that only a shell knows."""
    found = commands(line)
    bare = re.sub(r"'[^']*'|\"[^\"$`]*\"|#.*", "", line)
    return len(found) == 1 and line.split()[0] in OWN and not re.search(r"[*?$`~<>{}]", bare)


def _clip() -> Any:
    import vapoursynth as vs

    return vs.core.bs.VideoSource("rain.mkv", showprogress=False)


GIVEN: dict[str, Callable[[], Any]] = {"clip": _clip, "vsrrg": lambda: vsrrg}
"""Names that code may go on from, as a piece of a script does."""


def _text(sandbox: Sandbox, block: Block) -> None:
    """What is shown, and not to be typed."""
    first = {line.split()[0] for line in block.code.splitlines() if line.split()}
    typed = {*OWN, "$", "cd", "pip", "python", "ffmpeg", "vspipe", "make", "ray"}
    assert not first <= typed, "a block of commands is of the language sh or console"


def _json(sandbox: Sandbox, block: Block) -> None:
    json.loads(block.code)


def _ini(sandbox: Sandbox, block: Block) -> None:
    configparser.ConfigParser().read_string(block.code)


RUNS: dict[str, Callable[[Sandbox, Block], None]] = {
    "python": Sandbox.python,
    "sh": Sandbox.shell,
    "console": Sandbox.console,
    "toml": Sandbox.toml,
    "json": _json,
    "ini": _ini,
    "text": _text,
    # Sphinx's directives, which the build of the site runs.
    "{eval-rst}": lambda sandbox, block: None,
}

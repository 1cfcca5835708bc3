"""A short clip under the names that pages use."""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.docs.sandbox import Sandbox
from vsrrg.ffmpeg.binary import find_ffmpeg

FRAMES = 6
SUFFIXES = (".mp4", ".mkv", ".mov")


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six frames of the demo, 96x64, with sound, in all these containers."""
    path = tmp_path_factory.mktemp("media") / "rain.mp4"
    command: list[str | Path] = [find_ffmpeg(), "-v", "error", "-i", ROOT / "examples/rain-demo.mp4"]
    command += ["-f", "lavfi", "-i", "sine", "-vf", "crop=96:64:200:140", "-frames:v", str(FRAMES)]
    command += ["-t", "0.24", "-c:v", "libx264", "-qp", "10", "-c:a", "aac"]
    for suffix in SUFFIXES:
        subprocess.run([*command, path.with_suffix(suffix)], check=True)
    return path


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an ffmpeg, which replaces files without asking."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ffmpeg").write_text(f'#!/bin/sh\nexec "{find_ffmpeg()}" -y -v error "$@"\n')
    (folder / "ffmpeg").chmod(0o755)
    return folder


@pytest.fixture
def sandbox(
    tmp_path: Path, short_clip: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """Where one page runs."""
    folder = tmp_path / "clone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    paths = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(paths))
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setattr(webbrowser, "open", lambda *_: True)
    modules = set(sys.modules)
    with ExitStack() as stack:
        yield Sandbox(folder, short_clip, stack)
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]

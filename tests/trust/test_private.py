"""What is made on the way is the user's alone, and plugins can be kept out."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.ffmpeg.media import clip
from vsrrg.ffmpeg.transcode import derain_file
from vsrrg.hooks import resolve
from vsrrg.pieces.sequence import derain_in_pieces


class Watch:
    """Stands in for the engine: notes who may enter or read what lies about while a job runs."""

    def __init__(self, *places: Path) -> None:
        self.places = places
        self.modes: dict[str, int] = {}

    def stream(self, frames):  # type: ignore[no-untyped-def]
        for frame in frames:
            for place in self.places:
                for path in place.iterdir():
                    kind = "folder" if path.is_dir() else "file"
                    self.modes[f"{kind} {path.name[:6]}"] = stat.S_IMODE(path.stat().st_mode)
            yield frame


@pytest.fixture
def umask() -> None:
    """The usual one, which lets all read."""
    os.umask(0o022)


def test_a_job_s_files_are_private(tmp_path: Path, umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unfinished output, too, which lies in a folder beside the target."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    for name in ("tmp", "out"):
        (tmp_path / name).mkdir()
    source = clip(tmp_path / "rain.mkv", "-c:v", "ffv1", frames=20)
    watch, target = Watch(tmp_path / "tmp", tmp_path / "out"), tmp_path / "out" / "clean.mkv"
    derain_file(source, target, derainer=watch)  # type: ignore[arg-type]
    assert watch.modes == {"folder vsrrg-": 0o700, "folder .vsrrg": 0o700}
    assert list((tmp_path / "tmp").iterdir()) == [] and list((tmp_path / "out").iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_a_job_s_pieces_are_private(tmp_path: Path, umask: None) -> None:
    (tmp_path / "out").mkdir()
    source = clip(tmp_path / "rain.mkv", "-c:v", "ffv1", frames=20)
    watch, target = Watch(tmp_path / "out"), tmp_path / "out" / "clean.mkv"
    derain_in_pieces(source, target, open_engine=lambda: watch)  # type: ignore[arg-type, return-value]
    assert watch.modes == {"folder .vsrrg": 0o700}
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_folders_of_pieces_are_private(tmp_path: Path, umask: None) -> None:
    from vsrrg.pieces import folder
    from vsrrg.pieces.identity import describe

    (tmp_path / "rain.mkv").touch()
    source = describe(tmp_path / "rain.mkv", tmp_path / "clean.mkv")
    folder.begin(source, {})
    assert stat.S_IMODE(source.folder.stat().st_mode) == 0o700


def test_caches_are_private(tmp_path: Path, umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = pytest.importorskip("vsrrg_onnx.cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache.keep("a" * 32, {"encode": b"graph"})
    (kept,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert kept.parent.name == "onnx" and stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_plugins_that_are_off_are_not_imported(tmp_path: Path) -> None:
    """An entry point whose module would leave a mark, installed for one process."""
    package = tmp_path / "evil-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[vsrrg]\nevil = evil_plugin\n")
    (tmp_path / "evil_plugin.py").write_text(
        "import pathlib\npathlib.Path(__file__).with_name('mark').touch()\n"
    )
    code = "from vsrrg.hooks.manager import plugin_states as found\n"
    code += "print([one.state for one in found() if one.name == 'evil'])"
    path = os.pathsep.join([str(tmp_path), *sys.path])
    for setting, marked, state in (("off", False, "off"), ("others", False, "off"), ("", True, "broken")):
        environment = {**os.environ, "PYTHONPATH": path, "VSRRG_PLUGINS": setting}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.stdout.strip() == f"['{state}']"
        assert (tmp_path / "mark").exists() == marked


def test_models_are_files_only_where_their_name_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vsrrg.errors import ModelError

    monkeypatch.chdir(tmp_path)
    for name in ("general.pt", "../general", "http://127.0.0.1/x.safetensors", "general.safetensors\n"):
        with pytest.raises(ModelError):
            resolve.find_model(name)

"""ffmpeg, PyAV and VapourSynth, where something is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import imageio_ffmpeg
import pytest

from vsrrg.doctor import media
from vsrrg.doctor.check import Check
from vsrrg.doctor.process import attempt
from vsrrg.testing.absence import absent

BUNDLED = imageio_ffmpeg.get_ffmpeg_exe()
ALL = ("libx264", "libx265", "ffv1", "libvpx-vp9")


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str, *encoders: str) -> str:
    """An ffmpeg of this version that has these encoders, as VSRRG_FFMPEG."""
    path = folder / f"ffmpeg-{version}-{len(encoders)}"
    cases = "\n".join(f"*encoder={name}) echo 'Encoder {name} [it]:';;" for name in encoders)
    path.write_text(
        f'#!/bin/sh\ncase "$*" in\n-version) echo "ffmpeg version {version} Copyright";;\n{cases}\nesac\n'
    )
    path.chmod(0o755)
    monkeypatch.setenv("VSRRG_FFMPEG", str(path))
    return str(path)


def test_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSRRG_FFMPEG", BUNDLED)
    finding = media.ffmpeg()
    assert finding.state == "ok" and finding.facts["path"] == BUNDLED
    assert sorted(finding.facts["encoders"]) == sorted(ALL) and finding.facts["missing"] == []


def test_no_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSRRG_FFMPEG", "no-such-ffmpeg")
    finding = media.ffmpeg()
    assert finding.state == "problem" and "'no-such-ffmpeg', which is not a program" in finding.found
    assert finding.advice == "Set it to an ffmpeg, or unset it."

    monkeypatch.delenv("VSRRG_FFMPEG")
    monkeypatch.setenv("PATH", str(tmp_path))
    with absent("imageio_ffmpeg"):
        finding = media.ffmpeg()
    assert (finding.state, finding.found) == ("problem", "no ffmpeg was found")
    assert finding.advice == "Install ffmpeg 7.1 or later, or the package imageio-ffmpeg."


def test_an_ffmpeg_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_bytes(b"\x7fELF" + bytes(60))
    broken.chmod(0o755)
    monkeypatch.setenv("VSRRG_FFMPEG", str(broken))
    finding = media.ffmpeg()
    assert finding.state == "problem" and "does not run" in finding.found


def test_missing_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "9.0", "libx265", "ffv1", "libvpx-vp9")
    finding = media.ffmpeg()
    assert finding.state == "note" and finding.facts["missing"] == ["libx264"]
    assert finding.found.endswith("not libx264, so none for .flv") and "--encoder" in finding.advice

    program(tmp_path, monkeypatch, "9.0")
    finding = media.ffmpeg()
    assert finding.state == "problem" and "encoders none" in finding.found


@pytest.mark.parametrize(("version", "state"), [("7.0", "note"), ("7.1", "ok"), ("N-117000-g", "ok")])
def test_age(version: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, version, *ALL)
    finding = media.ffmpeg()
    assert finding.state == state and ("7.1 or later" in finding.advice) == (state == "note")
    assert ("a nightly build" in finding.found) == version.startswith("N-")


def test_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    assert media.pyav().state == "ok" and av.__version__ in media.pyav().found
    monkeypatch.setattr(av, "codecs_available", {"h264", "vp9", "mpeg2video"})
    finding = media.pyav()
    assert finding.state == "note" and "without decoders for hevc, av1" in finding.found


@pytest.mark.parametrize(("library", "examine"), [("av", media.pyav), ("vapoursynth", media.vapoursynth)])
def test_a_missing_library(library: str, examine: Any) -> None:
    with absent(library):
        finding = attempt(Check(name=library, examine=examine, remedy="Install it."))
    assert finding.state == "problem" and f"No module named '{library}'" in finding.found


def test_vapoursynth(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = media.vapoursynth()
    assert finding.state == "ok" and finding.facts["sources"] == ["bs"]

    frame = SimpleNamespace(close=lambda: None)
    std = SimpleNamespace(BlankClip=lambda **_: SimpleNamespace(get_frame=lambda n: frame))
    core = SimpleNamespace(core_version=SimpleNamespace(release_major=81), std=std)
    monkeypatch.setitem(sys.modules, "vapoursynth", SimpleNamespace(core=core))  # type: ignore[arg-type]
    finding = media.vapoursynth()
    assert finding.state == "note" and finding.found == "R81, no plugin that opens files"
    assert "vapoursynth-bestsource" in finding.advice

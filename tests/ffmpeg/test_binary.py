"""Which ffmpeg is chosen."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
import pytest

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.binary import encoder_pix_fmts, find_ffmpeg, parse_version, version


def program(path: Path, first_line: str) -> str:
    path.write_text(f"#!/bin/sh\necho '{first_line}'\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that is searched for programs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VSRRG_FFMPEG", raising=False)
    return tmp_path


def test_a_recent_system_ffmpeg_wins(folder: Path) -> None:
    system = program(folder / "ffmpeg", "ffmpeg version 7.1.2-1ubuntu1 Copyright (c) 2000-2025")
    assert find_ffmpeg() == system


def test_an_old_one_is_passed_over(folder: Path) -> None:
    program(folder / "ffmpeg", "ffmpeg version 5.1.6-0+deb12u1 Copyright (c) 2000-2024")
    assert find_ffmpeg() == imageio_ffmpeg.get_ffmpeg_exe()


def test_none_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_ffmpeg() == imageio_ffmpeg.get_ffmpeg_exe()

    def missing() -> str:
        raise RuntimeError("none")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    monkeypatch.setenv("PATH", str(folder / "other"))
    with pytest.raises(MediaError, match=r"no ffmpeg was found; install ffmpeg 7\.1 or later"):
        find_ffmpeg()


def test_the_environment_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = program(folder / "my-ffmpeg", "ffmpeg version 4.0 old")
    monkeypatch.setenv("VSRRG_FFMPEG", mine)
    assert find_ffmpeg() == mine
    monkeypatch.setenv("VSRRG_FFMPEG", "my-ffmpeg")
    assert find_ffmpeg() == mine
    monkeypatch.setenv("VSRRG_FFMPEG", str(folder / "none"))
    with pytest.raises(MediaError, match="which is not a program"):
        find_ffmpeg()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ffmpeg version 7.1 Copyright", (7, 1)),
        ("ffmpeg version n9.0.2-17-g2a571b6068-20260930 Copyright", (9, 0)),
        ("ffmpeg version N-117000-gabcdef Copyright", (999, 0)),
        ("ffmpeg version 2025-01-02-git-abc", (999, 0)),
        ("ffmpeg version 6.1.1-3ubuntu5", (6, 1)),
        ("avconv version 12", None),
        ("", None),
    ],
)
def test_versions(text: str, expected: tuple[int, int] | None) -> None:
    assert parse_version(text) == expected


def test_version_of_what_does_not_run(tmp_path: Path) -> None:
    assert version(str(tmp_path / "none")) is None


def test_encoders() -> None:
    binary = imageio_ffmpeg.get_ffmpeg_exe()
    accepted = encoder_pix_fmts(binary, "libx264")
    assert accepted is not None and {"yuv420p", "yuv444p10le"} <= accepted
    assert encoder_pix_fmts(binary, "libx999") is None
    assert encoder_pix_fmts(binary, "h264") is None  # a decoder

"""The same input, version, device and options give the same file, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ffmpeg.media import clip, ffmpeg

RAIN = Path(__file__).parents[2] / "examples" / "rain-demo.mp4"
SUFFIXES = [".mkv", ".mp4", ".mov", ".nut", ".avi", ".ts", ".webm"]
DERAIN = """
import sys
from vsrrg.engine import Options
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
for target in sys.argv[2:]:
    derain_file(sys.argv[1], target, Options(model="fast"), EncodeOptions(quality="lossless"))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rain with sound, subtitles, an attachment, chapters and tags."""
    folder = tmp_path_factory.mktemp("reproducible")
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:00,200\nrain\n")
    (folder / "notes.txt").write_text("notes")
    (folder / "tags.txt").write_text(
        ";FFMETADATA1\ntitle=Rain\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=One\n"
    )
    sound = clip(folder / "sound.mkv", "-c:v", "libx264", "-c:a", "flac", frames=5, sound=True)
    path = folder / "in.mkv"
    ffmpeg(
        *("-i", RAIN, "-i", sound, "-i", folder / "words.srt", "-i", folder / "tags.txt"),
        *("-map", "0:v", "-map", "1:a", "-map", "2", "-map_metadata", "3", "-frames:v", "5"),
        *("-vf", "crop=96:64:60:80", "-c:v", "ffv1", "-c:a", "flac", "-c:s", "srt"),
        *("-attach", folder / "notes.txt", "-metadata:s:t", "mimetype=text/plain", path),
    )
    return path


def test_two_processes_give_the_same_files(tmp_path: Path, source: Path) -> None:
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-c", DERAIN, str(source), *(str(folder / f"out{one}") for one in SUFFIXES)],
            check=True,
            capture_output=True,
            timeout=300,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert len(made[0]) == len(SUFFIXES)
    assert [name for name, content in made[0].items() if made[1][name] != content] == []

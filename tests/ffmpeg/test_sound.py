"""Sound in every container: as it is where the container takes it, and never as something nobody can play."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests.ffmpeg.media import ffmpeg
from vsrrg.ffmpeg.carry import carry
from vsrrg.ffmpeg.probe import probe

CODECS = (
    "aac ac3 alac dca eac3 flac libmp3lame libopus libvorbis mp2 pcm_s16be pcm_s24le pcm_u8 truehd wavpack"
)
SUFFIXES = ".mkv .mp4 .mov .avi .ts .nut .webm .flv"
EXACT = {"alac", "flac", "pcm_s16be", "pcm_s24le", "pcm_u8", "truehd", "wavpack"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    sine = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=0.3", "-ac", "2")
    outputs = [
        word
        for codec in CODECS.split()
        for word in (*sine[4:], "-map", "0", "-c:a", codec, "-strict", "-2", folder / f"{codec}.mka")
    ]
    ffmpeg(*sine[:4], *outputs)
    for suffix, encoder in (
        (".mkv", "ffv1"),
        (".webm", "libvpx-vp9"),
        (".ts", "mpeg2video"),
        (".flv", "flv"),
    ):
        ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=0.3", "-c:v", encoder,
               folder / f"picture{suffix}")  # fmt: skip
    return folder


@pytest.mark.parametrize("suffix", SUFFIXES.split())
@pytest.mark.parametrize("codec", CODECS.split())
def test_what_goes_in_can_be_heard(folder: Path, tmp_path: Path, codec: str, suffix: str) -> None:
    picture = folder / f"picture{suffix if suffix in ('.webm', '.ts', '.flv') else '.mkv'}"
    source, target = tmp_path / "source.mkv", tmp_path / f"target{suffix}"
    ffmpeg("-i", picture, "-i", folder / f"{codec}.mka", "-map", "0:v", "-map", "1:a", "-c", "copy", source)
    carried = carry(probe(source), target)
    options = {name: str(value) for name, value in carried.options.items() if ":a:" in name}
    words = [word for name, value in options.items() for word in (f"-{name}", value)]
    video = ("-c:v", "mpeg4" if suffix in (".mp4", ".mov", ".avi") else "copy")
    ffmpeg("-i", source, "-map", "0:v", "-map", "0:a", *video, *words, target)
    heard = samples(target)
    # ffmpeg loses the last packet of ALAC on the way from Matroska to MP4 where it is shorter than others.
    assert abs(len(heard) - len(samples(source))) <= 4 * 4096
    copied = options["c:a:0"] == "copy"
    if codec in EXACT and (copied or not carried.dropped):
        assert samples(source).startswith(heard)
    assert bool(carried.dropped) == (not copied and options["c:a:0"] not in ("alac", "flac"))


def samples(path: Path) -> bytes:
    """All sound of a file, as signed 16 bits; raises if it has none."""
    with av.open(str(path)) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
    return ffmpeg("-i", path, "-map", "0:a", "-f", "s16le", "-")

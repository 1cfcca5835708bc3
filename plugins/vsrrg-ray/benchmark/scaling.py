"""Measures a farm of one worker, of two, and so on, against one process without a farm.

    python plugins/vsrrg-ray/benchmark/scaling.py                      the demo, repeated, on 1 and 2 workers
    python plugins/vsrrg-ray/benchmark/scaling.py --workers 1 --workers 8 --piece 300 --input rain.mp4

Each worker has one core unless --cores says otherwise; with --device cuda, a GPU. The frames per second of a
farm count from when its first worker is ready; what comes before is the column "start". The output is
lossless, so that workers derain and do not encode for most of the time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from vsrrg.ffmpeg.binary import find_ffmpeg

DEMO = Path(__file__).parents[3] / "examples" / "rain-demo.mp4"
ONE = """
import sys, torch
from pathlib import Path
from vsrrg.engine import Options
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
cores, source, target, model, device = int(sys.argv[1]), *sys.argv[2:]
torch.set_num_threads(cores)
options = Options(model=model, device=device)
result = derain_file(source, target, options, EncodeOptions(ffmpeg_args="-c:v ffv1", threads=cores))
print(result.fps)
"""


@click.command(help=__doc__)
@click.option("--input", "source", type=click.Path(path_type=Path, exists=True), default=DEMO)
@click.option("--frames", type=click.IntRange(1), default=600, show_default=True)
@click.option("--workers", type=click.IntRange(1), multiple=True, default=(1, 2), show_default=True)
@click.option("--cores", type=click.IntRange(1), default=1, show_default=True)
@click.option("--piece", type=click.IntRange(1), default=100, show_default=True)
@click.option("--model", default="general", show_default=True)
@click.option("--device", default="cpu", show_default=True)
def main(
    source: Path, frames: int, workers: tuple[int, ...], cores: int, piece: int, model: str, device: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="vsrrg-") as name:
        folder = Path(name)
        clip = make_clip(source, folder / "clip.mkv", frames)
        words = [str(cores), str(clip), str(folder / "one.mkv"), model, device]
        alone = float(run([sys.executable, "-c", ONE, *words]))
        print(f"{'workers':>10} {'start, s':>9} {'pieces':>7} {'fps':>8} {'of derain':>10}")
        print(f"{'derain':>10} {'':>9} {'':>7} {alone:8.2f} {'1.00':>10}")
        for count in workers:
            held = farm(clip, folder, count, cores, piece, model, device)
            pieces = sum(task["task"] == "derain" for task in held["tasks"])
            fps, start = held["fps"], held["seconds_to_first_worker"]
            print(f"{count:10} {start:9.1f} {pieces:7} {fps:8.2f} {fps / alone:10.2f}")


def make_clip(source: Path, clip: Path, frames: int) -> Path:
    """The source over and over, with a key frame every 50 frames."""
    run(
        [
            *(find_ffmpeg(), "-v", "error", "-stream_loop", "-1", "-i", str(source), "-an"),
            *("-frames:v", str(frames), "-c:v", "libx264", "-crf", "16", "-g", "50", str(clip)),
        ]
    )
    return clip


def farm(
    clip: Path, folder: Path, workers: int, cores: int, piece: int, model: str, device: str
) -> dict[str, Any]:
    """The report of a farm."""
    report = folder / f"{workers}.json"
    run(
        [
            *(sys.executable, "-m", "vsrrg", "farm", str(clip), "--out", str(folder / f"{workers}")),
            *("--report", str(report), "--workers", str(workers), "--cores-per-worker", str(cores)),
            *("--piece", str(piece), "--model", model, "--device", device, "--ffmpeg-args", "-c:v ffv1"),
        ]
    )
    held: dict[str, Any] = json.loads(report.read_text())
    return held


def run(command: list[str]) -> str:
    """What a command prints; ends the program where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"failed: {' '.join(command)}")
    return done.stdout


if __name__ == "__main__":
    main()

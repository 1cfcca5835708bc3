"""``vsrrg demo``: a first look, on the demo clip or on a video of one's own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from vsrrg.bench.footage import DEMO_CLIP
from vsrrg.cli import words
from vsrrg.cli.memory import max_memory_option
from vsrrg.cli.say import say
from vsrrg.errors import MediaError

EPILOG = """\b
Examples:
  vsrrg demo                           the demo clip, into ./vsrrg-demo
  vsrrg demo rain.mp4 --out looks      your own video, into ./looks
  vsrrg demo rain.mp4 --model consensus
"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="[INPUT]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("vsrrg-demo"),
    show_default=True,
    help="Folder for the results; made if need be, results of an earlier run are replaced.",
)
@click.option(
    "--model",
    default="general",
    show_default=True,
    shell_complete=words.model_names,
    help="A name from 'vsrrg models', or a weight file.",
)
@click.option(
    "--device",
    shell_complete=words.device_names,
    help="cpu, cuda or cuda:N; by default CUDA if there is any.",
)
@max_memory_option
def demo(source: Path | None, folder: Path, model: str, device: str | None, max_memory: int | None) -> None:
    """Derain the demo clip, or INPUT, and show before and after.

    Writes a clean copy of the video, and a picture of its middle frame: the left half rainy, the right
    half clean.
    """
    from vsrrg.cli.derain import ending_on_sigterm
    from vsrrg.cli.picture import before_after
    from vsrrg.cli.progress import ProgressBar
    from vsrrg.engine import Options
    from vsrrg.engine.memory import keep_freed_memory
    from vsrrg.ffmpeg.transcode import derain_file
    from vsrrg.hooks import Job
    from vsrrg.hooks.observers import observed

    keep_freed_memory()
    if source is None:
        source = DEMO_CLIP
        if not source.exists():
            raise MediaError(
                "no-demo-clip",
                "the demo clip comes with the source code, not with the installed package: "
                "give a video of your own, as in 'vsrrg demo rain.mp4'",
            )
    clean = folder / f"{source.stem}-clean{'.mp4' if source.suffix.lower() == '.mp4' else '.mkv'}"
    picture = folder / f"{source.stem}-before-after.png"
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(
            "target-unwritable", f"cannot make the folder {str(folder)!r}: {error.strerror}"
        ) from error
    options = Options(model=model, device=device, max_memory=max_memory)
    try:
        job = Job(kind="demo", source=str(source), target=str(clean), options=options)
        with ending_on_sigterm(), observed(job, ProgressBar()) as progress:
            result = derain_file(source, clean, options, overwrite=True, progress=progress)
        before_after(source, clean, result.frames // 2, picture)
    finally:
        if made:
            with suppress(OSError):  # there is something in it
                folder.rmdir()
    say(f"clean video:    {clean}")
    say(f"before | after: {picture}")
    say(f"{result.frames} frames in {result.seconds:.1f} s: {result.fps:.1f} fps")
    for lost in result.dropped:
        say(f"not kept: {lost}")
    for note in result.notes:
        say(f"{clean} {note}")

"""``vsrrg export``: a model as a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vsrrg.cli.say import say
from vsrrg.cli.words import model_names

EPILOG = """\b
Examples:
  vsrrg export general general.onnx --format onnx
  vsrrg export fast step.onnx --graph step           one frame in, the rain of one out
  vsrrg export my.safetensors my.onnx --precision fp16 --opset 20

The README of vsrrg-onnx explains what goes into the graphs and what comes out of them.
"""


@click.command(epilog=EPILOG, short_help="Write a model as a file for other programs.")
@click.argument("model", shell_complete=model_names)
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT")
@click.option(
    "--format", "kind", type=click.Choice(["onnx"]), default="onnx", show_default=True, help="Kind of file."
)
@click.option(
    "--graph",
    type=click.Choice(["window", "step"]),
    default="window",
    show_default=True,
    help="A window of frames at once, or the step from one frame of a stream to the next.",
)
@click.option(
    "--opset",
    type=click.IntRange(18, 23),
    default=18,
    show_default=True,
    help="Version of ONNX's operations.",
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "fp16"]),
    default="fp32",
    show_default=True,
    help="What the network computes in; frames and rain are float32 in any case.",
)
@click.option("--overwrite", "-y", is_flag=True, help="Replace OUT if it exists.")
def export(
    model: str, target: Path, kind: str, graph: Any, opset: int, precision: Any, overwrite: bool
) -> None:
    """Write MODEL, a model's name or a weight file, as the file OUT.

    OUT appears once it was run and gave what MODEL gives in torch. It says from which model and which weights
    it was made.
    """
    from vsrrg.errors import OptionError
    from vsrrg.hooks.resolve import find_model
    from vsrrg_onnx.export import export_model

    if target.exists() and not overwrite:
        raise OptionError(
            "target-exists", f"{target} exists; overwrite it with --overwrite, or name another file"
        )
    export_model(find_model(model), target, graph=graph, opset=opset, precision=precision)
    say(f"{target}: the {graph} of {model}, opset {opset}, {precision}, {target.stat().st_size} bytes")

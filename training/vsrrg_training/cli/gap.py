"""``vsrrg-train gap``."""

import shlex
from pathlib import Path

import click
from click.core import ParameterSource

from vsrrg.cli.say import say
from vsrrg_training.cli.options import FOOTAGE, reports_option, types_option


@click.command()
@click.option("--videos", type=FOOTAGE, required=True, help="Clean clips.")
@click.option("--stills", type=FOOTAGE, help="Clean stills.")
@click.option("--real-videos", type=FOOTAGE, help="Filmed rain.")
@click.option("--real-stills", type=FOOTAGE, help="Photographs of rain.")
@click.option(
    "--against",
    type=FOOTAGE,
    multiple=True,
    help="Other rainy clips, shown beside; repeatable.",
)
@click.option("--skip", default="", help="Real stills to leave out: names without suffix, by commas.")
@click.option("--model", help="Name or weight file of a model, whose response is measured too.")
@types_option
@click.option("--clips", type=click.IntRange(min=1), default=6, show_default=True, help="Clips of each type.")
@click.option(
    "--pictures", type=click.IntRange(min=1), default=16, show_default=True, help="Stills of each type."
)
@click.option(
    "--frames", type=click.IntRange(min=6), default=10, show_default=True, help="Frames of each clip."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the rain.")
@click.option("--device", help="cpu or cuda, for the model; chosen by what there is.")
@reports_option(".html", ".json", ".md")
@click.pass_context
def gap(
    context: click.Context,
    videos: Path,
    stills: Path | None,
    real_videos: Path | None,
    real_stills: Path | None,
    against: tuple[Path, ...],
    skip: str,
    model: str | None,
    types: tuple[str, ...] | None,
    clips: int,
    pictures: int,
    frames: int,
    seed: int,
    device: str | None,
    out: tuple[Path, ...],
) -> None:
    """Compare the generator's rain with real rain, figure by figure: where does it miss?

    FOOTAGE is a folder, or a data set that `vsrrg-train datasets` lists.
    """
    from vsrrg.engine.device import choose_device
    from vsrrg_training.gap.report import html, write
    from vsrrg_training.gap.study import Plan, run_study
    from vsrrg_training.gap.tables import markdown, save_json

    choose_device(device)
    plan = Plan(
        videos=videos,
        stills=stills,
        real_videos=real_videos,
        real_stills=real_stills,
        against=against,
        skip=frozenset(filter(None, skip.split(","))),
        model=model,
        types=types or (),
        clips=clips,
        pictures=pictures,
        frames=frames,
        seed=seed,
        device=device,
    )
    study = run_study(plan, note=lambda line: say(line, err=True))
    command, text = _command(context), markdown(study)
    made = {
        ".html": lambda: html(study, command),
        ".json": lambda: save_json(study, command),
        ".md": lambda: text,
    }
    for path in out:
        write(made[path.suffix](), path)
    say(*text.splitlines())


def _command(context: click.Context) -> str:
    """The command as it could be given again."""
    words = ["vsrrg-train", "gap"]
    for parameter in context.command.params:
        name = str(parameter.name)
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            value = context.params[name]
            if isinstance(value, tuple) and not parameter.multiple:
                value = ",".join(value)
            for one in value if isinstance(value, tuple) else (value,):
                words += [parameter.opts[0], str(one)]
    return shlex.join(words)

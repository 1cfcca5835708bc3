"""``vsrrg doctor``: whether vsrrg can derain here, and what to do where it cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from vsrrg.cli.say import say

if TYPE_CHECKING:
    from vsrrg.doctor.check import Report

EPILOG = """\b
Examples:
  vsrrg doctor            a table; takes some seconds
  vsrrg doctor --json     the same for programs, and to report a mistake with

Exit code 0: videos can be derained here; 1: not. The checks are explained in docs/doctor.md.
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check what vsrrg needs, and say what to do about what is not right.

    Looks at Python, torch, GPUs, plugins, weights, ffmpeg and VapourSynth, and derains for a second. Every
    check runs beside this process, so that nothing broken can stop it.
    """
    from vsrrg.cli.derain import ending_on_sigterm
    from vsrrg.cli.progress import status
    from vsrrg.doctor.checks import CHECKS
    from vsrrg.doctor.examination import examine

    with ending_on_sigterm(), status("starting") as tell:
        report = examine(CHECKS, tell)
    if as_json:
        click.echo(json.dumps(facts(report), indent=2))
    else:
        _print(report)
    ctx.exit(0 if report.derains else 1)


def facts(report: Report) -> dict[str, Any]:
    """The report as docs/doctor.md lays it out."""
    from vsrrg import __version__

    return {
        "vsrrg": __version__,
        "derains": report.derains,
        "checks": [
            {"name": check.name, "needed": check.needed, **vars(report.findings[check.name])}
            for check in report.checks
        ],
    }


def verdict(report: Report) -> str:
    """The report in a sentence."""
    can = "vsrrg can derain here" if report.derains else "vsrrg cannot derain here"
    return f"{can}; problems: {', '.join(report.failed)}." if report.failed else f"{can}."


def _print(report: Report) -> None:
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    colours = {"ok": "green", "note": "yellow", "problem": "red"}
    rows = [
        (
            name,
            f"[{colours[finding.state]}]{finding.state}[/]",
            escape("\n".join(filter(None, (finding.found, finding.advice)))),
        )
        for name, finding in report.findings.items()
    ]
    print_table(("check", "state", "what was found, and what to do"), rows)
    say(verdict(report))

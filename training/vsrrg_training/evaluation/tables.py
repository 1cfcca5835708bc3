"""An evaluation as Markdown tables."""

from collections.abc import Iterable, Sequence

from vsrrg_training.evaluation.contestants import CONSENSUS, INPUT
from vsrrg_training.evaluation.evaluate import Result, mean
from vsrrg_training.evaluation.metric import Added, cells, labels, legend
from vsrrg_training.evaluation.scenes import MOTIONS, NO_RAIN

_SUMMARY: tuple[tuple[str, str, str], ...] = (
    ("PSNR-Y", "psnr_y", "{:.2f}"),
    ("PSNR-RGB", "psnr_rgb", "{:.2f}"),
    ("SSIM", "ssim", "{:.4f}"),
    ("rain removed", "removed", "{:.0%}"),
    ("damage, codes", "damage_codes", "{:.3f}"),
    ("damage, dB", "damage_psnr", "{:.1f}"),
)


def markdown(results: Sequence[Result], added: Added = ()) -> str:
    """Averages, then figures by rain type, moving and still scenes apart; clips without rain; speed.

    Metrics that were `added` have columns of their own.
    """
    names = list(dict.fromkeys(result.contestant for result in results))
    parts = []
    for motion in MOTIONS:
        wet = [r for r in results if r.motion == motion and r.rain != NO_RAIN]
        if wet:
            parts += [_summary(f"{motion.capitalize()} scenes, mean over rain types", names, wet, added)]
            parts += [
                _by_type(f"{motion.capitalize()} scenes, PSNR-Y by rain type", names, wet, "psnr_y", "{:.2f}")
            ]
            parts += [
                _by_type(f"{motion.capitalize()} scenes, rain removed", names, wet, "removed", "{:.0%}")
            ]
    wet = [r for r in results if r.rain != NO_RAIN]
    if wet:
        parts.append(_summary("All rainy scenes", names, wet, added))
    dry = [r for r in results if r.rain == NO_RAIN and r.contestant != INPUT]
    if dry:
        parts.append(_dry(names, dry, added))
    parts += legend(added)
    parts.append(_speed(names, results))
    return "\n\n".join(parts) + "\n"


def _summary(title: str, names: Sequence[str], results: Sequence[Result], added: Added) -> str:
    reference = {name: mean(_of(results, name), "psnr_y") for name in (INPUT, CONSENSUS)}
    header = ["", *(label for label, _, _ in _SUMMARY), "over input, dB", "over consensus, dB"]
    header += labels(added)
    rows = []
    for name in names:
        own = _of(results, name)
        row = [name, *(_format(mean(own, figure), pattern) for _, figure, pattern in _SUMMARY)]
        score = mean(own, "psnr_y")
        for base in reference.values():
            row.append(_format(None if score is None or base is None else score - base, "{:+.2f}"))
        rows.append(row + cells(added, [result.figures for result in own]))
    return table(title, header, rows)


def _by_type(title: str, names: Sequence[str], results: Sequence[Result], figure: str, pattern: str) -> str:
    types = list(dict.fromkeys(result.rain for result in results))
    rows = []
    for name in names:
        own = _of(results, name)
        rows.append([name, *(_format(mean((r for r in own if r.rain == t), figure), pattern) for t in types)])
    return table(title, ["", *types], rows)


def _dry(names: Sequence[str], results: Sequence[Result], added: Added) -> str:
    rows = []
    for name in names:
        own = _of(results, name)
        if own:
            worst = min(result.figures["psnr_to_input"] for result in own)
            by_motion = [mean((r for r in own if r.motion == motion), "psnr_to_input") for motion in MOTIONS]
            damage = mean(own, "damage_codes")
            rows.append(
                [
                    name,
                    *(_format(cell, "{:.1f}") for cell in by_motion),
                    f"{worst:.1f}",
                    _format(damage, "{:.3f}"),
                    *cells(added, [result.figures for result in own]),
                ]
            )
    header = ["", *(f"{motion}, dB" for motion in MOTIONS), "worst clip, dB", "mean change, codes"]
    header += labels(added)
    return table("Clips without rain: PSNR-Y of the output against the input", header, rows)


def _speed(names: Sequence[str], results: Sequence[Result]) -> str:
    rows = []
    for name in names:
        seconds = [result.seconds_per_frame for result in _of(results, name)]
        rows.append([name, f"{1000 * sum(seconds) / len(seconds):.1f}"])
    return table("Time", ["", "ms/frame"], [row for row in rows if row[0] != INPUT])


def _of(results: Iterable[Result], name: str) -> list[Result]:
    return [result for result in results if result.contestant == name]


def _format(value: float | None, pattern: str) -> str:
    return "" if value is None else pattern.format(value)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with a title."""
    return f"### {title}\n\n{grid(header, rows)}"


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

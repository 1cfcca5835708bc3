"""Scores on a published data set as Markdown tables, to be laid beside the papers'."""

from collections.abc import Sequence

import numpy as np

from vsrrg_training.datasets.registry import data_sets
from vsrrg_training.evaluation.metric import Added, cells, labels, legend
from vsrrg_training.evaluation.paired import PairedReport, PairedResult
from vsrrg_training.evaluation.tables import table

_LABELS = {
    "psnr_y": "PSNR-Y",
    "ssim_y": "SSIM-Y",
    "psnr_rgb": "PSNR-RGB",
    "ssim_rgb": "SSIM-RGB",
    "pooled_psnr_y": "pooled PSNR-Y",
    "pooled_psnr_rgb": "pooled PSNR-RGB",
}
_PAIRS = (("psnr_y", "ssim_y"), ("psnr_rgb", "ssim_rgb"), ("pooled_psnr_y", "pooled_psnr_rgb"))


def paired_markdown(report: PairedReport, added: Added = ()) -> str:
    """What was scored and how; means over clips and over frames; then every clip by itself.

    Metrics that were `added` are in the means over clips and by clip.
    """
    names = list(dict.fromkeys(result.contestant for result in report.results))
    by_name = {name: [r for r in report.results if r.contestant == name] for name in names}
    parts = [
        f"## {data_sets()[report.dataset].item.description}",
        _conditions(report, by_name[names[0]]),
        _means("Mean over clips", by_name, added, weighted=False),
        _means("Mean over all frames of all clips", by_name, weighted=True),
        *(_by_clip(by_name, pair) for pair in _PAIRS),
        *(_added_by_clip(by_name, [offer]) for offer in added),
        *legend(added),
    ]
    return "\n\n".join(parts) + "\n"


def _conditions(report: PairedReport, results: Sequence[PairedResult]) -> str:
    frames, clips, skip = sum(result.frames for result in results), len(results), report.skip_ends
    left_out = f"all but the first and last {skip}" if skip else "all"
    return "\n".join(
        (
            f"- Scored: {left_out} frames of each clip; {frames} frames of {clips} clips.",
            "- PSNR and SSIM: of each frame, then the mean over a clip's frames; pooled PSNR: of the squared "
            "error of a whole clip.",
            "- Y: BT.601, limited range, rounded to 8 bits, as MATLAB's rgb2ycbcr of uint8; peak 255.",
            "- SSIM: Gaussian window 11x11, sigma 1.5, inside the frame; on R'G'B' the mean over the planes.",
        )
    )


def _means(title: str, by_name: dict[str, list[PairedResult]], added: Added = (), *, weighted: bool) -> str:
    figures = [figure for figure in _LABELS if not (weighted and figure.startswith("pooled"))]
    rows = []
    for name, results in by_name.items():
        weights = [result.frames if weighted else 1 for result in results]
        means = (np.average([r.figures[figure] for r in results], weights=weights) for figure in figures)
        own = [_format(figure, mean) for figure, mean in zip(figures, means, strict=True)]
        rows.append([name, *own, *cells(added, [result.figures for result in results])])
    return table(title, ["", *(_LABELS[figure] for figure in figures), *labels(added)], rows)


def _by_clip(by_name: dict[str, list[PairedResult]], pair: tuple[str, str]) -> str:
    rows = []
    for results in zip(*by_name.values(), strict=True):
        cells = (" / ".join(_format(figure, r.figures[figure]) for figure in pair) for r in results)
        rows.append([results[0].clip, *cells])
    return table(f"By clip: {' / '.join(_LABELS[figure] for figure in pair)}", ["", *by_name], rows)


def _added_by_clip(by_name: dict[str, list[PairedResult]], one: Added) -> str:
    rows = []
    for results in zip(*by_name.values(), strict=True):
        rows.append([results[0].clip, *("".join(cells(one, [result.figures])) for result in results)])
    return table(f"By clip: {labels(one)[0]}", ["", *by_name], rows)


def _format(figure: str, value: float) -> str:
    return f"{value:.2f}" if "psnr" in figure else f"{value:.4f}"

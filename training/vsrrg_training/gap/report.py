"""The study as one self-contained HTML page."""

import base64
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import cv2

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.gap import plots
from vsrrg_training.gap.checks import TRUSTED
from vsrrg_training.gap.coverage import HIGH, INSIDE, LOW, PARTLY, Coverage
from vsrrg_training.gap.distance import FEWEST, NEIGHBOURS
from vsrrg_training.gap.figures import FIGURES
from vsrrg_training.gap.provenance import versions
from vsrrg_training.gap.samples import Sample
from vsrrg_training.gap.statistics import markdown as residual_rows
from vsrrg_training.gap.study import MEDIA, Study
from vsrrg_training.gap.tables import exact_averages, guessed_averages, written

_CROPS = 6
_PAIRS = 8


def html(study: Study, command: str) -> str:
    """The page: headline tables, plots, crops, checks of the estimators, and what it was made from."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": written}
    template = environment.from_string(files(__package__).joinpath("report.html.j2").read_text())
    return template.render(
        study=study,
        command=command,
        figures=FIGURES,
        media=[_medium(study, medium) for medium in MEDIA if any(r.medium == medium for r in study.coverage)],
        tests={(row.medium, row.against): row for row in study.tests},
        pairs=study.pairs[:_PAIRS],
        scatters=plots.scatters(study, study.pairs),
        crops=_crops(study),
        exact=_cells(residual_rows(exact_averages(study))),
        guessed=_cells(residual_rows(guessed_averages(study))),
        colours=plots.colours(study),
        palette={"real": plots.REAL, "synthetic": plots.SYNTHETIC, "dry": plots.DRY},
        limits={
            "low": LOW,
            "high": HIGH,
            "inside": INSIDE,
            "partly": PARTLY,
            "trusted": TRUSTED,
            "neighbours": NEIGHBOURS,
            "fewest": FEWEST,
        },
        versions=versions(),
    )


def write(text: str, path: Path) -> None:
    """Write a report whole or not at all. Raises RecipeError where that is impossible."""
    try:
        write_whole(path, text, parents=True)
    except OSError as error:
        raise RecipeError("target-unwritable", f"{path} cannot be written: {error.strerror}") from error


def _medium(study: Study, medium: str) -> dict[str, object]:
    """What the page shows of stills or of clips."""
    rows = [row for row in study.coverage if row.medium == medium]
    checks = {row.figure: row for row in study.checks if row.medium == medium}
    chosen = [sample for sample in study.samples if sample.medium == medium]
    kind = rows[0].medium
    return {
        "name": f"{medium}s",
        "counts": {o: sum(s.origin == o for s in chosen) for o in ("real", "synthetic", "rain-free")},
        "verdicts": {v: sum(row.verdict == v for row in rows) for v in ("inside", "partly", "outside")},
        "rows": [(row, checks.get(row.figure), _glyph(row)) for row in rows],
        "percentiles": _percentiles(chosen, rows) if medium == "clip" else {},
        "looks": plots.densities(study, kind, ("streaks", "gradients")),
        "times": plots.densities(study, kind, ("residual", "time")),
        "responses": plots.densities(study, kind, ("network",)),
        "gradients": plots.gradients(study, kind),
        "checks": plots.checks(study, kind),
    }


def _percentiles(samples: Sequence[Sample], rows: Sequence[Coverage]) -> dict[str, list[float | None]]:
    """By filmed clip, the mean percentile of its parts in every figure."""
    found: dict[str, list[float | None]] = {}
    for group in dict.fromkeys(s.group for s in samples if s.origin in ("real", "other")):
        names = [sample.name for sample in samples if sample.group == group]
        found[group] = []
        for row in rows:
            everyone = row.percentiles | row.others
            known = [everyone[name] for name in names if name in everyone]
            found[group].append(sum(known) / len(known) if known else None)
    return found


def _glyph(row: Coverage) -> dict[str, float]:
    """Where the real samples' middle 96 % lie on a scale on which the generator's take the middle half."""
    low, _, high = row.synthetic
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return min(100.0, max(0.0, 25 + 50 * (value - low) / span))

    left, middle, right = (place(value) for value in row.real)
    return {
        "left": left,
        "width": max(right - left, 0.8),
        "middle": middle,
        "typical": place(row.synthetic[1]),
    }


def _crops(study: Study) -> list[tuple[str, list[str]]]:
    """Rows of pictures: real ones, every type, without rain."""
    groups = dict.fromkeys(sample.group for sample in study.samples)
    order = {"real": 0, "other": 1, "synthetic": 2, "rain-free": 3}
    rows = []
    for group in groups:
        own = [sample for sample in study.samples if sample.group == group]
        rows.append((order[own[0].origin], group, [_uri(sample) for sample in _spread(own)]))
    return [(group, pictures) for _, group, pictures in sorted(rows, key=lambda row: row[0])]


def _spread(samples: Sequence[Sample]) -> list[Sample]:
    step = max(1, len(samples) // _CROPS)
    return list(samples[::step][:_CROPS])


def _uri(sample: Sample) -> str:
    picture = cv2.cvtColor(sample.crop, cv2.COLOR_RGB2BGR)
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()
    return f"data:image/jpeg;base64,{base64.b64encode(coded).decode()}"


def _cells(table: str) -> list[list[str]]:
    """Cells of a Markdown table, without the line below the header."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [line for k, line in enumerate(lines) if k != 1]

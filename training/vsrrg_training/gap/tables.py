"""The study as Markdown and as JSON."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from vsrrg_training.gap.coverage import Coverage
from vsrrg_training.gap.distance import Distance
from vsrrg_training.gap.figures import FIGURES
from vsrrg_training.gap.provenance import versions
from vsrrg_training.gap.samples import Sample
from vsrrg_training.gap.statistics import NTURAIN, RainStatistics, average
from vsrrg_training.gap.statistics import markdown as residual_rows
from vsrrg_training.gap.study import MEDIA, Study

_WORST_PAIRS = 6


def markdown(study: Study) -> str:
    """Headline, distances and the generator beside published rain, for the terminal."""
    parts = []
    for medium in MEDIA:
        rows = [row for row in study.coverage if row.medium == medium]
        if rows:
            parts.append(f"### Real {medium}s against the generator's range\n\n{_coverage(study, rows)}")
    if study.tests:
        parts.append(f"### All figures together\n\n{_together(study)}")
    if study.pairs:
        lines = [
            [*(FIGURES[key].title for key in pair.figures), f"{pair.coverage:.2f}"]
            for pair in study.pairs[:_WORST_PAIRS]
        ]
        parts.append(f"### Pairs of figures, the least covered\n\n{_table(['', '', 'coverage'], lines)}")
    parts.append(f"### Residual against the clean clip\n\n{residual_rows(exact_averages(study))}")
    guessed = guessed_averages(study)
    if guessed:
        parts.append(f"### Residual against the neighbouring frames\n\n{residual_rows(guessed)}")
    return "\n".join(parts)


def exact_averages(study: Study) -> dict[str, RainStatistics]:
    """NTURain's published pairs, and the mean of each rain type's exact residuals."""
    rows = {"NTURain": NTURAIN}
    for kind in study.types:
        known = [s.exact for s in study.samples if s.group == kind and s.exact]
        rows |= {kind: average(known)} if known else {}
    return rows


def guessed_averages(study: Study) -> dict[str, RainStatistics]:
    """The means, by group, of what clips tell without truth; nothing where no filmed clip was given."""
    rows: dict[str, RainStatistics] = {}
    for group in _groups(study.samples):
        known = [s.residual for s in study.samples if s.group == group and s.residual]
        rows |= {group: average(known)} if known else {}
    filmed = {s.group for s in study.samples if s.medium == "clip" and s.origin in ("real", "other")}
    return rows if filmed else {}


def save_json(study: Study, command: str) -> str:
    """Every sample's figures and everything derived from them; unknown values are null."""
    samples = [
        {
            "name": s.name,
            "group": s.group,
            "origin": s.origin,
            "medium": s.medium,
            "source": s.source,
            "figures": s.figures,
            "truth": s.truth,
        }
        for s in study.samples
    ]
    checks = [
        {key: value for key, value in asdict(row).items() if key != "pairs"} | {"samples": len(row.pairs)}
        for row in study.checks
    ]
    content = {
        "command": command,
        "seed": study.plan.seed,
        "versions": versions(),
        "sources": [asdict(source) for source in study.sources],
        "coverage": [asdict(row) | {"verdict": row.verdict, "widen": row.widen} for row in study.coverage],
        "two_sample": [asdict(row) for row in study.tests],
        "distances": [asdict(row) for row in study.distances],
        "pairs": [asdict(row) for row in study.pairs],
        "checks": checks,
        "samples": samples,
    }
    return json.dumps(_known(content), indent=1, allow_nan=False) + "\n"


def written(key: str, value: float) -> str:
    """A figure's value as reports show it; nothing where it is unknown."""
    return "" if math.isnan(value) else FIGURES[key].pattern.format(value)


def _coverage(study: Study, rows: Sequence[Coverage]) -> str:
    checks = {(row.figure, row.medium): row for row in study.checks}
    lines = []
    for row in rows:
        tested = checks.get((row.figure, row.medium))
        unit = FIGURES[row.figure].unit
        lines.append(
            [
                f"{FIGURES[row.figure].title}{f', {unit}' if unit else ''}",
                *(_range(row.figure, three) for three in (row.synthetic, row.real)),
                written(row.figure, row.rain_free),
                f"{row.inside:.0%}",
                f"{row.greater:.2f}",
                " ".join(filter(None, (row.verdict, row.widen))),
                f"{tested.correlation:.2f}" if tested else "",
            ]
        )
    header = ["", "synthetic, 2 % to 98 %", "real", "rain-free", "inside", "P(real > synthetic)", "verdict"]
    return _table([*header, "estimator"], lines)


def _together(study: Study) -> str:
    distances = {(row.medium, row.against): row for row in study.distances}
    lines = []
    for row in study.distances:
        if row.against == "real":
            lines.append([f"{row.medium}s: real, halved", "", *_coverages(row), ""])
    for test in study.tests:
        apart = distances[test.medium, test.against]
        telling = ", ".join(f"{FIGURES[key].title} {weight:+.1f}" for key, weight in test.telling[:3])
        lines.append(
            [
                f"{test.medium}s: {test.against}",
                f"{test.auc:.2f}",
                *_coverages(apart),
                telling,
            ]
        )
    return _table(["real against", "AUC", "coverage", "by 15", "Fréchet", "telling"], lines)


def _range(key: str, three: tuple[float, float, float]) -> str:
    low, middle, high = (written(key, value) for value in three)
    return f"{middle} [{low}, {high}]"


def _coverages(row: Distance) -> list[str]:
    frechet = "" if math.isnan(row.frechet) else f"{row.frechet:.4f}"
    return [f"{row.coverage:.2f}", f"{row.coverage_few:.2f}", frechet]


def _groups(samples: Iterable[Sample]) -> list[str]:
    return list(dict.fromkeys(sample.group for sample in samples))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _known(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return value

"""The table: with and without task transfer, from few synthetic pairs to all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.data.footage import load_videos
from vsrrg_training.data.sources import Pixels
from vsrrg_training.data.yuv import Planes, planes_from_rgb
from vsrrg_training.datasets.clips import read_pairs
from vsrrg_training.datasets.find import paired_clips, rainy_clips
from vsrrg_training.evaluation.contestants import INPUT, model_contestant
from vsrrg_training.evaluation.metrics import ClipMeter
from vsrrg_training.evaluation.noreference import Observed, judge, last_frames, observe
from vsrrg_training.evaluation.scenes import NO_RAIN, Look, Scene, scenes
from vsrrg_training.run.folder import commit, hardware
from vsrrg_training.transfer.config import TransferRecipe, wanted_table
from vsrrg_training.transfer.stages import (
    FIGURES,
    RECOGNISE,
    RESTORE,
    TASKS,
    Workshop,
    distil,
    finetune,
    teach,
)

MEASURED = "measured.json"

Derain = Callable[[Sequence[Planes]], list[Planes]]


@dataclass(frozen=True)
class Method:
    """A way to train on a number of synthetic pairs."""

    name: str
    teachers: tuple[str, ...] = ()
    learned: bool = True
    """Whether its teachers learned anything before they taught."""
    weak: bool = False
    everywhere: bool = True
    """Whether it is tried with every number of pairs, or with that of the ablation only."""


METHODS = (
    Method("scratch"),
    Method("transfer", TASKS),
    Method("scratch, weak video", weak=True, everywhere=False),
    Method("transfer, weak video", TASKS, weak=True, everywhere=False),
    Method("only recognition", (RECOGNISE,), everywhere=False),
    Method("only restoration", (RESTORE,), everywhere=False),
    Method("untrained teachers", TASKS, learned=False, everywhere=False),
)


@dataclass(frozen=True)
class Cell:
    """One method with one number of pairs and one seed, and what came of it."""

    method: str
    pairs: int
    seed: int
    figures: Mapping[str, float]


class StillPair(NamedTuple):
    """A picture with rain and its twin without."""

    rainy: Planes
    clean: Planes


@dataclass(frozen=True, eq=False)
class Judges:
    """All clips that cells are judged on, made when first wanted."""

    recipe: TransferRecipe
    cache: Path | None = None

    @cached_property
    def scenes(self) -> list[Scene]:
        table = wanted_table(self.recipe)
        look = Look(table.frames, self.recipe.seed, table.crop)
        return list(scenes(load_videos(table.validation, self.cache), look))

    @cached_property
    def rainy(self) -> list[tuple[str, list[Planes], Observed]]:
        table = wanted_table(self.recipe)
        size = table.rainy_frames, table.rainy_crop
        clips = [(name, last_frames(clip, *size)) for name, clip in rainy_clips(*table.rainy).items()]
        return [(name, clip, observe(clip)) for name, clip in clips]

    @cached_property
    def stills(self) -> list[StillPair]:
        folder = wanted_table(self.recipe).stills
        pairs = [next(read_pairs(clip)) for clip in paired_clips(folder, bare="stills")] if folder else []
        return [StillPair(_planes(rainy), _planes(clean)) for rainy, clean in pairs]

    def judge(self, derain: Derain) -> dict[str, float]:
        """Means over the scenes with rain (PSNR of luma, share removed, damage), PSNR against the input of
        those without, PSNR of paired pictures, and the three measures of every real clip.
        """
        if self.recipe.stills:
            derain = partial(frame_by_frame, derain)
        sums: dict[str, list[float]] = {}
        for pair in self.stills:
            meter = ClipMeter(ssim_every=0)
            meter.add(pair.rainy, pair.clean, derain([pair.rainy] * 3)[1])
            sums.setdefault("psnr_stills", []).append(meter.figures()["psnr_y"])
        for scene in self.scenes:
            meter = ClipMeter(ssim_every=0)
            for frames in zip(scene.rainy, scene.clean, derain(scene.rainy), strict=True):
                meter.add(*frames)
            found = meter.figures()
            wanted = ("psnr_to_input",) if scene.rain == NO_RAIN else ("psnr_y", "removed", "damage_codes")
            for name in wanted:
                if name in found:
                    sums.setdefault(name, []).append(found[name])
        figures = {name: float(np.mean(values)) for name, values in sums.items()}
        for clip, rainy, observed in self.rainy:
            figures |= {f"{clip}:{name}": value for name, value in judge(observed, derain(rainy)).items()}
        return figures


def make_table(
    recipe: TransferRecipe,
    folder: Path,
    *,
    resume: bool = False,
    report: Callable[[str], None] = print,
    cache: Path | None = None,
) -> str:
    """Run every cell that is not finished; table.md and table.json grow with each. Returns the former.

    Every seed has teachers, synthetic pairs and initial weights of its own. Raises RecipeError for a folder
    that holds a table already, unless `resume`, and Stopped where a run was asked to stop.
    """
    table = wanted_table(recipe)
    if not resume and any(folder.glob("seed-*")):
        raise RecipeError(
            "training-folder-taken",
            f"{folder} already holds runs; add --resume to go on, or choose another folder",
        )
    weak = any(method.weak for method, _ in _plan(recipe))
    Workshop(recipe, report=report, cache=cache).check(weak=weak)
    judges = Judges(recipe, cache)
    cells = [Cell(INPUT, 0, recipe.seed, _judged(folder / "input", judges, None))]
    learned: dict[int, dict[str, dict[str, float]]] = {}
    text = ""
    for seed in range(recipe.seed, recipe.seed + table.seeds):
        workshop = Workshop(recipe.model_copy(update={"seed": seed}), resume=True, report=report, cache=cache)
        here = folder / f"seed-{seed}"
        for method, pairs in _plan(recipe):
            encoder = _encoder(workshop, here, method) if method.teachers else None
            run = here / "cells" / f"{method.name.replace(', ', '-').replace(' ', '-')}-{pairs}"
            report(f"{run.name}, seed {seed}")
            finetune(workshop, run, pairs=pairs, encoder=encoder, weak=method.weak)
            cells.append(Cell(method.name, pairs, seed, _judged(run, judges, run)))
            learned[seed] = {
                path.parent.name: json.loads(path.read_text()) for path in sorted(here.glob(f"*/{FIGURES}"))
            }
            text = _write(recipe, folder, cells, learned)
    return text


def _write(
    recipe: TransferRecipe,
    folder: Path,
    cells: Sequence[Cell],
    learned: Mapping[int, Mapping[str, Mapping[str, float]]],
) -> str:
    """The report so far, as table.json and table.md; returns the latter."""
    text = markdown(recipe, cells, learned)
    stored = {
        "recipe": recipe.model_dump(mode="json"),
        "commit": commit(),
        "hardware": hardware(),
        "learned": learned,
        "cells": [asdict(cell) for cell in cells],
    }
    write_whole(folder / "table.json", json.dumps(stored, indent=1) + "\n", parents=True)
    write_whole(folder / "table.md", text, parents=True)
    return text


def _plan(recipe: TransferRecipe) -> Iterator[tuple[Method, int]]:
    table = wanted_table(recipe)
    for method in METHODS:
        if method.weak and not recipe.real.rainy_videos:
            continue
        for share in table.shares:
            if method.everywhere or share == table.ablation:
                yield method, max(1, round(share * recipe.data.pool))


def _encoder(workshop: Workshop, folder: Path, method: Method) -> Path:
    """The encoder that a method starts from; methods with the same teachers share it."""
    name = "encoder" if method.teachers == TASKS else f"encoder-{method.teachers[0]}"
    path = folder / (name if method.learned else f"{name}-untrained")
    if method.learned:
        for task in method.teachers:
            teach(workshop, task, folder / task)
    distil(workshop, {t: folder / t if method.learned else None for t in method.teachers}, path)
    return path


def _judged(folder: Path, judges: Judges, run: Path | None) -> dict[str, float]:
    """The figures of a run, or of the input itself, measured once and kept in its folder."""
    kept = folder / MEASURED
    shown = wanted_table(judges.recipe).model_dump(mode="json", exclude={"shares", "seeds", "ablation"})
    if kept.exists():
        stored = json.loads(kept.read_text())
        if stored["shown"] == shown:
            found: dict[str, float] = stored["figures"]
            return found
    found = judges.judge(model_contestant(str(run), device="cpu", precision="fp32").derain if run else list)
    write_whole(kept, json.dumps({"shown": shown, "figures": found}, indent=1) + "\n", parents=True)
    return found


def frame_by_frame(derain: Derain, clip: Sequence[Planes]) -> list[Planes]:
    """Every frame of a clip as a picture that stands still."""
    return [derain([frame] * 3)[1] for frame in clip]


def _planes(rgb: Pixels) -> Planes:
    height, width = (size // 2 * 2 for size in rgb.shape[:2])
    picture = torch.from_numpy(rgb[:height, :width].copy()).permute(2, 0, 1)
    return planes_from_rgb(picture[None].float() / 255)[0]


_COLUMNS = (
    ("PSNR-Y, dB", "psnr_y", "{:.2f}"),
    ("removed", "removed", "{:.1%}"),
    ("damage, codes", "damage_codes", "{:.3f}"),
    ("no rain: to input, dB", "psnr_to_input", "{:.1f}"),
    ("paired pictures, dB", "psnr_stills", "{:.2f}"),
)


def markdown(
    recipe: TransferRecipe,
    cells: Sequence[Cell],
    learned: Mapping[int, Mapping[str, Mapping[str, float]]],
) -> str:
    """Synthetic validation and one table for each real clip: means over the seeds, with half their range."""
    table = wanted_table(recipe)
    clips = [path.stem for path in table.rainy]
    parts = [_rows("Synthetic validation rain", cells, _COLUMNS)]
    for clip in clips:
        columns = (
            ("streaks left", f"{clip}:streaks", "{:.3f}"),
            ("detail kept", f"{clip}:detail", "{:.4f}"),
            ("flicker, codes", f"{clip}:flicker", "{:.3f}"),
        )
        parts.append(_rows(f"Real rain: {clip}", cells, columns))
    parts.append(_learned(learned))
    return "\n".join(parts)


def _rows(title: str, cells: Sequence[Cell], columns: Sequence[tuple[str, str, str]]) -> str:
    columns = [column for column in columns if any(column[1] in cell.figures for cell in cells)]
    lines = [f"### {title}", "", "| method | pairs | " + " | ".join(name for name, _, _ in columns) + " |"]
    lines.append("|---" * (2 + len(columns)) + "|")
    for method, pairs in sorted({(c.method, c.pairs): None for c in cells}, key=lambda key: key[1]):
        here = [cell.figures for cell in cells if (cell.method, cell.pairs) == (method, pairs)]
        row = [_spread([f[key] for f in here if key in f], pattern) for _, key, pattern in columns]
        lines.append(f"| {method} | {pairs or ''} | " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def _spread(values: Sequence[float], pattern: str) -> str:
    if not values:
        return ""
    mean = pattern.format(float(np.mean(values)))
    if len(values) == 1:
        return mean
    return f"{mean} ± {pattern.format((max(values) - min(values)) / 2)}"


def _learned(learned: Mapping[int, Mapping[str, Mapping[str, float]]]) -> str:
    names = ("accuracy", "auc", "auc_synthetic", "psnr_before", "psnr_after")
    lines = ["### Teachers and students on held real pictures", ""]
    lines += ["| | " + " | ".join(names) + " |", "|---" * (1 + len(names)) + "|"]
    for stage in dict.fromkeys(stage for stages in learned.values() for stage in stages):
        found = [stages[stage] for stages in learned.values() if stage in stages]
        row = [_spread([f[name] for f in found if name in f], "{:.3f}") for name in names]
        lines.append(f"| {stage} | " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"

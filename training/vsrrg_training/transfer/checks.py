"""The check of the no-reference measures, as a command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from vsrrg.files import write_whole
from vsrrg_training.data.footage import load_videos
from vsrrg_training.evaluation.noreference_check import agreement_table, agreements
from vsrrg_training.evaluation.scenes import Look, scenes
from vsrrg_training.run.folder import commit
from vsrrg_training.transfer.config import TransferRecipe, wanted_table


def check(
    recipe: TransferRecipe,
    folder: Path,
    *,
    report: Callable[[str], None] | None = None,
    cache: Path | None = None,
) -> str:
    """Check the measures on the scenes of the recipe's validation; writes measures.md and measures.json."""
    table = wanted_table(recipe)
    videos = load_videos(table.validation, cache)
    shown = scenes(videos, Look(table.frames, recipe.seed, table.crop))
    found = list(agreements(shown, report))
    text = agreement_table(found)
    entries = {"commit": commit(), "seed": recipe.seed, "scenes": [asdict(one) for one in found]}
    write_whole(folder / "measures.md", text, parents=True)
    write_whole(folder / "measures.json", json.dumps(entries, indent=1) + "\n", parents=True)
    return text

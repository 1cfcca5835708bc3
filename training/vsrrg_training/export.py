"""From a training run to a weight file of the product, with its card."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, lerp

from vsrrg.files import write_whole
from vsrrg.models.weights import save_weights
from vsrrg_training.config import RecipeError
from vsrrg_training.derain import build_model, fill
from vsrrg_training.evaluation.contestants import CONSENSUS, INPUT
from vsrrg_training.evaluation.evaluate import Result, load_json, mean
from vsrrg_training.evaluation.scenes import MOTIONS, NO_RAIN
from vsrrg_training.evaluation.tables import markdown
from vsrrg_training.run.checkpoint import Checkpoint, load_checkpoint
from vsrrg_training.run.folder import ORIGIN, commit

_PICTURE = "picture."
"""What the names of the tensors of an RRGNet's part for single pictures begin with."""


@dataclass(frozen=True)
class Exported:
    """What an export wrote."""

    weights: Path
    card: Path
    sha256: str


def export(
    source: Path,
    folder: Path,
    *,
    name: str,
    version: str,
    description: str,
    report: Path | None = None,
    history: str = "",
    failures: str = "",
    gate: tuple[float, float] | None = None,
    blend: Path | None = None,
    share: float = 0.5,
    picture: Path | None = None,
    picture_gate: tuple[float, float] | None = None,
    data: str = "",
    limits: str = "",
) -> Exported:
    """Write NAME.safetensors and NAME.md from a run's averaged weights.

    `report` is the JSON of an evaluation of this run; its figures go onto the card. `history` tells what the
    run started from, where it had initial weights; `data` what it was trained on, by default how many files;
    `limits` what it is not made for; `failures` is Markdown about what the weights do badly.
    `gate` replaces the model's `dry` and `wet` probabilities. With `blend`, the weights lie between this
    run's and that other's, which it must have started from: `share` (0..1) of the other's. With `picture`,
    the part for single pictures is that run's; `picture_gate` is its gate. Raises RecipeError where a run,
    the report or a text is unusable.
    """
    _check_texts(name, version=version, description=description, history=history, data=data, limits=limits)
    checkpoint = load_checkpoint(source)
    config = dict(checkpoint.model_config)
    state = _blended(checkpoint, load_checkpoint(blend), share) if blend else checkpoint.ema
    if picture:
        state, config["picture"] = _with_pictures(state, load_checkpoint(picture))
    if gate:
        config |= {"dry": gate[0], "wet": gate[1]}
    if picture_gate:
        if not config.get("picture"):
            raise RecipeError(
                "training-no-part",
                "this model has no part for pictures: leave their gate out, or give --picture",
            )
        config |= {"picture_dry": picture_gate[0], "picture_wet": picture_gate[1]}
    model, config = build_model(config)
    fill(model, state, source)
    results = load_json(report) if report else []
    judged = _judged(results, (source.name, name))
    card: dict[str, Any] = {
        "description": description,
        "data": data or _counted(source),
        "recipe": _public_recipe(checkpoint.recipe),
        "commit": commit(),
        "seed": checkpoint.recipe["seed"],
        "steps": checkpoint.step,
        "training_minutes": round(checkpoint.elapsed / 60, 1),
        "history": history,
        "figures": _figures(results, judged) if judged else {},
        "limits": limits,
    }
    folder.mkdir(parents=True, exist_ok=True)
    weights, page = folder / f"{name}.safetensors", folder / f"{name}.md"
    sha256 = save_weights(weights, model.state_dict(), config=config, name=name, version=version, card=card)
    parameters = sum(p.numel() for p in model.parameters())
    write_whole(page, _page(name, version, sha256, parameters, card, results, failures))
    return Exported(weights, page, sha256)


def _check_texts(name: str, **lines: str) -> None:
    """Raises RecipeError for what cannot stand in a file's name, or not in a line of the card."""
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise RecipeError(
            "training-options", f"{name!r} cannot name a weight file: take letters, digits, '-', '_' and '.'"
        )
    for key, text in lines.items():
        if "\n" in text or (key in ("version", "description") and not text.strip()):
            raise RecipeError("training-options", f"{key} is {text!r}: give one line of text")


def _counted(source: Path) -> str:
    """What is known of the footage of a run: how many files, and where their hashes are."""
    folder = source if source.is_dir() else source.parent
    try:
        files = json.loads((folder / ORIGIN).read_text())["data"]
    except (OSError, ValueError, KeyError):
        return "not stated"
    return f"{len(files)} files, listed with their SHA-256 in the run's {ORIGIN}"


def _blended(own: Checkpoint, other: Checkpoint, share: float) -> dict[str, Tensor]:
    if own.model_config != other.model_config:
        raise RecipeError(
            "training-other-run",
            "only runs of the same model can be blended; these differ in their configuration",
        )
    return {name: lerp(value, other.ema[name], share) for name, value in own.ema.items()}


def _with_pictures(state: Mapping[str, Tensor], other: Checkpoint) -> tuple[dict[str, Tensor], int]:
    """The tensors of a model with another run's part for single pictures, and that part's width."""
    width = other.model_config.get("picture", 0)
    if not width:
        raise RecipeError(
            "training-no-part",
            "the run given for pictures has no part for them: train it with model.picture set",
        )
    kept = {name: value for name, value in state.items() if not name.startswith(_PICTURE)}
    taken = {name: value for name, value in other.ema.items() if name.startswith(_PICTURE)}
    return kept | taken, width


def _judged(results: Sequence[Result], own: tuple[str, str]) -> str | None:
    """The contestant that is exported: the run, or the weight file of an earlier export of it."""
    names = list(dict.fromkeys(result.contestant for result in results))
    if not names:
        return None
    candidates = [name for name in names if name in own]
    if not candidates:
        raise RecipeError(
            "training-other-run",
            f"the report measures {', '.join(names)}, not {own[0]} or {own[1]}: evaluate what is exported",
        )
    return candidates[0]


def _figures(results: Sequence[Result], judged: str) -> dict[str, float]:
    figures: dict[str, float] = {}
    for motion in MOTIONS:
        wet = {
            name: [r for r in results if (r.contestant, r.motion) == (name, motion) and r.rain != NO_RAIN]
            for name in (judged, INPUT, CONSENSUS)
        }
        score = mean(wet[judged], "psnr_y")
        for label, base in (("gain_over_input_db", INPUT), ("gain_over_consensus_db", CONSENSUS)):
            reference = mean(wet[base], "psnr_y")
            if score is not None and reference is not None:
                figures[f"{motion}_{label}"] = round(score - reference, 2)
        removed = mean(wet[judged], "removed")
        if removed is not None:
            figures[f"{motion}_rain_removed"] = round(removed, 3)
        dry = [r for r in results if (r.contestant, r.motion, r.rain) == (judged, motion, NO_RAIN)]
        unharmed = mean(dry, "psnr_to_input")
        if unharmed is not None:
            figures[f"{motion}_rain_free_psnr_db"] = round(unharmed, 1)
    return figures


def _public_recipe(recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe without folders, which mean nothing elsewhere."""
    data = {key: value for key, value in recipe["data"].items() if key not in ("videos", "stills")}
    return {**recipe, "data": data}


def _page(
    name: str,
    version: str,
    sha256: str,
    parameters: int,
    card: dict[str, Any],
    results: Sequence[Result],
    failures: str,
) -> str:
    lines = [
        f"# {name} {version}",
        "",
        f"{card['description']}.",
        "",
        f"- Parameters: {parameters / 1e6:.2f} M; sha256 {sha256}",
        f"- Training: {card['steps']} steps in {card['training_minutes']} minutes, seed {card['seed']}",
        *([f"- Before: {card['history']}."] if card["history"] else []),
        f"- Code: commit {card['commit']}",
        f"- Data: {card['data']}.",
        *([f"- Limits: {card['limits']}."] if card["limits"] else []),
        "",
        "## Figures",
        "",
        markdown(results) if results else "Not measured.\n",
        *(["## Known failures", "", failures.strip(), ""] if failures else []),
        "## Recipe",
        "",
        "```json",
        json.dumps(card["recipe"], indent=1),
        "```",
    ]
    return "\n".join(lines) + "\n"

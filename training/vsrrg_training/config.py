"""The training recipe as data: one TOML file, checked before anything runs."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from vsrrg.errors import VsrrgError


class RecipeError(VsrrgError, ValueError):
    """Training cannot be done as it was asked for; codes of its own are in `vsrrg_training.plugin`."""


class Section(BaseModel):
    """A part of a recipe: frozen, and closed to unknown entries."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def within(least: float, most: float) -> AfterValidator:
    """Holds a (low, high) to limits."""

    def check[T: tuple[float, float]](ends: T) -> T:
        if not least <= ends[0] <= ends[1] <= most:
            raise ValueError(f"it must be [low, high] with {least:g} <= low <= high <= {most:g}")
        return ends

    return AfterValidator(check)


def _below_one(betas: tuple[float, float]) -> tuple[float, float]:
    if not all(0 <= beta < 1 for beta in betas):
        raise ValueError("each must be at least 0 and less than 1")
    return betas


def _even(size: tuple[int, int]) -> tuple[int, int]:
    if any(length < SMALLEST_CROP or length % 2 for length in size):
        raise ValueError(f"width and height must be even and at least {SMALLEST_CROP}")
    return size


SMALLEST_CROP = 16
"""Sides in px below which a model or measure has too little to look at."""
Size = Annotated[tuple[int, int], AfterValidator(_even)]
"""Width and height of a part of a frame of 4:2:0, px."""
Weight = Annotated[float, Field(ge=0)]


class SourceWeights(Section):
    """How often a clip is drawn from each kind of footage (relative; a kind without files is left out)."""

    moving: float = Field(default=0.4, ge=0)
    static: float = Field(default=0.12, ge=0)
    stills: float = Field(default=0.38, ge=0)
    held: float = Field(default=0.1, ge=0)


class DataConfig(Section):
    """Clean footage and how clips are cut from it.

    `videos` and `stills` are folders, relative to the working directory, or data sets by name
    (docs/datasets.md).
    """

    videos: Path | None = None
    stills: Path | None = None
    sources: SourceWeights = SourceWeights()
    crop: int = Field(default=128, ge=32, multiple_of=8, description="side of a clip, luma px")
    frames: int = Field(default=10, ge=1, description="frames of a clip")
    scale: Annotated[tuple[float, float], within(0.1, 4)] = Field(
        default=(0.5, 1.2), description="range of the spatial rescale"
    )
    jitter: float = Field(default=1.0, ge=0, le=2, description="strength of the colour jitter")
    no_rain: float = Field(default=0.08, ge=0, le=1, description="share of clips that get no rain at all")
    repeats: float = Field(
        default=0.0, ge=0, le=1, description="share of clips whose pictures repeat: a still, pulldown"
    )
    ends: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of clips with an end as the product shows it",
    )
    distractions: float = Field(
        default=0.0, ge=0, le=1, description="share of clips, rainy or not, with what looks like rain"
    )
    pool: int = Field(default=0, ge=0, description="number of different clips, kept in memory; 0: endless")
    rain_weights: dict[str, Weight] = Field(
        default_factory=dict, description="relative weight by type; the others have other_rain"
    )
    other_rain: float = Field(default=1.0, ge=0, description="weight of types that rain_weights leaves out")


class LossConfig(Section):
    """Weights of the terms of ``losses.rain_loss``."""

    epsilon: float = Field(default=2e-3, gt=0, description="Charbonnier's knee")
    chroma_weight: float = Field(default=0.5, ge=0)
    clean_weight: float = Field(default=0.5, ge=0, description="extra L1 where there is no rain")
    clean_square: float = Field(
        default=0.0, ge=0, description="how much dearer big errors are there: |e| + clean_square * e^2"
    )
    clean_threshold: float = Field(
        default=1 / 255, gt=0, description="|rain layer| below which a pixel counts as clean"
    )
    gradient_weight: float = Field(default=0.25, ge=0)
    log_weight: float = Field(
        default=0.0, ge=0, description="of the logarithm of each clip's mean square error, which is its PSNR"
    )
    log_floor: float = Field(default=2e-6, gt=0, description="mean square error that is as good as none")
    presence_weight: float = Field(default=0.01, ge=0, description="of telling rainy clips from dry ones")


class OptimConfig(Section):
    """Optimizer and schedule."""

    batch: int = Field(default=4, ge=1, description="clips in a step")
    lr: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    betas: Annotated[tuple[float, float], AfterValidator(_below_one)] = (0.9, 0.99)
    warmup: int = Field(default=200, ge=0, description="steps of linear warm-up")
    grad_clip: float = Field(default=1.0, gt=0)
    ema: float = Field(default=0.999, ge=0, lt=1)
    precision: Literal["fp32", "bf16"] = "bf16"
    channels_last: bool = True


class DistillConfig(Section):
    """What a frozen teacher adds to the loss (`distill.py`)."""

    teacher: Path | None = Field(default=None, description="weight file or run folder; none: no teacher")
    output_weight: float = Field(default=0.5, ge=0, description="of the distance to its rain layers")
    residual_weight: float = Field(default=0.02, ge=0, description="of the distance of residual features")
    trust: float = Field(
        default=0.02,
        ge=0,
        description="error of the teacher (packed units) at which it counts 1/e; 0 trusts it everywhere",
    )
    epsilon: float = Field(default=2e-3, gt=0, description="Charbonnier's knee")
    new_only: bool = Field(
        default=False, description="only clips of the new task are guided, not those that review plays back"
    )


class RunSettings(Section):
    """What every run has: length, place and optimizer."""

    name: str = Field(default="general", min_length=1)
    seed: int = Field(default=0, ge=0, lt=2**32)
    steps: int = Field(default=20000, ge=1)
    minutes: float | None = Field(default=None, gt=0, description="length of the schedule in time")
    device: str = "cpu"
    threads: int = Field(
        default=0, ge=0, le=1024, description="torch threads of the training process; 0: torch's choice"
    )
    workers: int = Field(
        default=1, ge=0, le=1024, description="processes that make clips; 0: the training process"
    )
    prefetch: int = Field(default=4, ge=1, description="batches that each of them makes ahead")
    log_every: int = Field(default=50, ge=1)
    checkpoint_minutes: float = Field(default=10.0, gt=0)
    optim: OptimConfig = OptimConfig()


class Recipe(RunSettings):
    """Everything that decides what a run of supervised training computes."""

    model: dict[str, Any] = Field(default_factory=dict)
    data: DataConfig = DataConfig()
    loss: LossConfig = LossConfig()
    distill: DistillConfig = DistillConfig()


def load_recipe[T: RunSettings](path: Path, overrides: Iterable[str], kind: type[T]) -> T:
    """Read a recipe from TOML and apply `section.key=value` overrides (TOML values, else strings).

    Raises RecipeError where the file or an override is unusable.
    """
    try:
        table = tomllib.loads(path.read_text())
    except OSError as error:
        raise RecipeError("training-recipe", f"recipe {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecipeError("training-recipe", f"recipe {path} is not valid TOML: {error}") from error
    for override in overrides:
        _override(table, override)
    return parse_recipe(table, kind)


def parse_recipe[T: RunSettings](table: Mapping[str, Any], kind: type[T]) -> T:
    """Validate a recipe's table; raises RecipeError naming the first bad entry."""
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise RecipeError("training-recipe", _said(error.errors()[0])) from error


def _said(error: ErrorDetails) -> str:
    """One of pydantic's findings as a sentence."""
    where, given = ".".join(str(part) for part in error["loc"]), error["input"]
    if error["type"] == "extra_forbidden":
        return f"{where}: recipes of this command have no such entry; correct its name or take it out"
    if error["type"] == "missing":
        return f"{where}: recipes of this command need this entry; add it"
    said = error["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    said = said.replace("Tuple should", "it should").replace(" after validation, not 0", "")
    return said if isinstance(given, Mapping) else f"{where} is {given!r}: {said}"


def _override(table: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise RecipeError("training-recipe", f"override {override!r} must look like section.key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        value = text
    *sections, last = key.strip().split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise RecipeError(
                "training-recipe", f"override {override!r}: {section} is a value, not a section"
            )
    table[last] = value

"""The recipe of task transfer: footage, stages and table."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from vsrrg_training.config import DataConfig, LossConfig, RecipeError, RunSettings, Section, Size, within


class RealConfig(Section):
    """Real footage with rain and without: folders, relative to the working directory, or data sets."""

    rainy_stills: Path
    rainy_videos: Path | None = None
    clean_stills: Path
    clean_videos: Path | None = None
    video_share: float = Field(
        default=0.15, ge=0, le=1, description="share of pictures that are frames of videos"
    )
    learn: float = Field(
        default=0.6, gt=0, le=1, description="share of a rainy video, from its start, to learn from"
    )
    held: float = Field(default=0.2, gt=0, lt=1, description="share of pictures kept for the test")
    alike: float = Field(
        default=0.85, gt=0, le=1, description="correlation of thumbnails from which pictures count as one"
    )
    crop: int = Field(default=96, ge=32, multiple_of=8, description="side of a crop, luma px")
    scale: Annotated[tuple[float, float], within(0.1, 4)] = Field(
        default=(0.8, 1.2), description="range of the spatial rescale"
    )
    jpeg: Annotated[tuple[int, int], within(1, 100)] = Field(
        default=(60, 95), description="range of the JPEG quality"
    )
    jitter: float = Field(default=0.6, ge=0, description="strength of the changes of light and colour")


class ScatterConfig(Section):
    """Ranges of the scattering model (`scatter.py`)."""

    depth: Annotated[tuple[float, float], within(0, 20)] = Field(
        default=(0.2, 1.8), description="optical thickness beta * Z of the farthest scene"
    )
    forward: Annotated[tuple[float, float], within(0, 1)] = Field(
        default=(0.6, 1.0), description="share of the scattered light that goes on forward"
    )
    width: Annotated[tuple[float, float], within(0.1, 100)] = Field(
        default=(0.8, 4.0), description="scale of the point spread function, px"
    )
    tail: Annotated[tuple[float, float], within(0.1, 10)] = Field(
        default=(0.6, 1.4), description="exponent of its tail; 1 is exponential, 2 Gaussian"
    )
    stretch: Annotated[tuple[float, float], within(0.1, 100)] = Field(
        default=(1.0, 4.0), description="length over width along the fall of the rain"
    )
    angle: float = Field(default=25.0, ge=0, le=90, description="largest angle from the vertical, degrees")


class StageConfig(Section):
    """Length and step of one stage; what is not given here is that of the recipe."""

    steps: int = Field(default=2000, ge=1)
    batch: int = Field(default=16, ge=1, description="pictures in a step")
    lr: float = Field(default=2e-3, gt=0)


class RecogniseConfig(StageConfig):
    """The teacher of task 1."""

    relief: bool = Field(
        default=True, description="it sees luma without its local mean, so that light and colour tell nothing"
    )


class EncoderConfig(StageConfig):
    """The distillation of all teachers into one encoder."""

    feature_weight: float = Field(default=1.0, ge=0, description="of the distance of features")
    answer_weight: float = Field(default=1.0, ge=0, description="of the distance of the teachers' answers")


class WeakConfig(Section):
    """Rainy video as its own teacher (`consensus.py`)."""

    share: float = Field(
        default=0.25, ge=0, lt=1, description="share of clips that are cut from rainy videos"
    )
    agreement: float = Field(default=8.0, gt=0, description="codes by which neighbours may differ")
    visible: float = Field(default=6.0, gt=0, description="codes from which an excess counts as rain")


class TableConfig(Section):
    """What the table compares and where it looks."""

    shares: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        default=(0.01, 0.1, 1.0), min_length=1, description="shares of the synthetic pairs"
    )
    seeds: int = Field(default=2, ge=1, description="repetitions, from the recipe's seed on")
    ablation: float = Field(
        default=0.1, description="share of the pairs at which single teachers are compared"
    )
    validation: Path = Field(description="clean videos: a folder or data set")
    rainy: tuple[Path, ...] = Field(default=(), description="rainy videos without truth, files or as above")
    stills: Path | None = Field(default=None, description="paired pictures, input/ and label/")
    frames: int = Field(default=7, ge=5, description="frames of a validation clip")
    crop: Size = Field(default=(192, 128), description="width and height of a validation clip")
    rainy_frames: int = Field(default=16, ge=5, description="last frames of a rainy video that are looked at")
    rainy_crop: Size = Field(default=(384, 288), description="width and height of a rainy clip")


class TransferRecipe(RunSettings):
    """Everything that decides what task transfer computes; length and optimizer are those of fine-tuning."""

    name: str = "ttl"
    model: dict[str, Any] = Field(default_factory=dict)
    teachers: dict[str, Any] = Field(default_factory=dict, description="sizes of the teachers' encoders")
    stills: bool = Field(
        default=False, description="pairs and validation are pictures: time says nothing, only looks do"
    )
    data: DataConfig = Field(description="the synthetic pairs; data.pool is how many there are")
    loss: LossConfig = LossConfig()
    real: RealConfig
    scatter: ScatterConfig = ScatterConfig()
    recognise: RecogniseConfig = RecogniseConfig()
    restore: StageConfig = StageConfig()
    encoder: EncoderConfig = EncoderConfig()
    weak: WeakConfig = WeakConfig()
    table: TableConfig | None = None

    @model_validator(mode="after")
    def _check(self) -> "TransferRecipe":
        if not self.data.pool:
            raise ValueError("data.pool is 0; it must be the number of synthetic pairs, 100 % of the table")
        return self

    def stage(self, name: str, stage: StageConfig) -> RunSettings:
        """Settings of the run of one stage."""
        shared = {key: getattr(self, key) for key in RunSettings.model_fields}
        optim = self.optim.model_copy(update={"batch": stage.batch, "lr": stage.lr})
        return RunSettings(
            **shared | {"name": f"{self.name}-{name}", "steps": stage.steps, "minutes": None, "optim": optim}
        )


def wanted_table(recipe: TransferRecipe) -> TableConfig:
    """The recipe's table. Raises RecipeError where it has none."""
    if recipe.table is None:
        raise RecipeError(
            "training-recipe",
            "the recipe has no [table] section; take training/configs/ttl-small.toml as a model",
        )
    return recipe.table

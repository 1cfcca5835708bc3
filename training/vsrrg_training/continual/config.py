"""The recipe of a sequence of rain types."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from vsrrg_training.config import DataConfig, DistillConfig, LossConfig, RunSettings, Section, Size

Method = Literal["fine-tuning", "distillation", "review", "both", "joint"]


class ReviewConfig(Section):
    """The rain review module: how much old rain is kept, and how often it falls again."""

    memory_mb: float = Field(default=4.0, gt=0, description="budget for all stored layers, in 10^6 bytes")
    candidates: int = Field(default=96, ge=1, description="layers drawn from a task, of which the best stay")
    share: float = Field(default=0.5, gt=0, lt=1, description="share of clips with old rain, from task 2 on")


class TableConfig(Section):
    """What the table of methods measures, and on what."""

    methods: tuple[Method, ...] = Field(
        default=("fine-tuning", "distillation", "review", "both", "joint"), min_length=1
    )
    seeds: tuple[Annotated[int, Field(ge=0, lt=2**32)], ...] = Field(default=(1, 2), min_length=1)
    videos: Path | None = Field(
        default=None, description="clean videos, a folder or data set, that are never trained on"
    )
    frames: int = Field(default=9, ge=3)
    crop: Size = (384, 224)
    rain_seed: int = 1


class SequenceRecipe(RunSettings):
    """Everything that decides what a sequence computes; `steps` are those of each task."""

    method: Method = "both"
    tasks: tuple[str, ...] = Field(min_length=1, description="rain types in the order of learning")
    model: dict[str, Any] = Field(default_factory=dict)
    data: DataConfig = DataConfig()
    loss: LossConfig = LossConfig()
    distill: DistillConfig = DistillConfig()
    review: ReviewConfig = ReviewConfig()
    table: TableConfig = TableConfig()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.tasks)) < len(self.tasks):
            raise ValueError("a rain type occurs twice in tasks; name each once")
        if self.distill.teacher:
            raise ValueError("distill.teacher is the model of the task before; leave it out")
        if self.minutes:
            raise ValueError("a sequence counts steps, not minutes; leave minutes out")
        return self

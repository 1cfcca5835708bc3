"""The training loop: clips in, averaged weights out, resumable at any step."""

import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import cv2
import torch
from torch import Tensor, nn

from vsrrg.engine.memory import keep_freed_memory
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg_training.config import OptimConfig, Recipe, RecipeError
from vsrrg_training.data.dataset import ClipDataset, clip_loader
from vsrrg_training.losses import rain_loss
from vsrrg_training.run.checkpoint import FILE_NAME, Checkpoint, load_checkpoint, save_checkpoint
from vsrrg_training.run.ema import WeightAverage
from vsrrg_training.run.progress import RunningFigures, append_row, describe


def build_model(config: Mapping[str, Any]) -> tuple[RRGNet, dict[str, Any]]:
    """A fresh model from its configuration, and that configuration with all defaults."""
    try:
        complete = RRGNetConfig(**config)
    except (TypeError, ValueError) as error:
        raise RecipeError(f"model: {error}") from error
    return RRGNet(complete), asdict(complete)


def learning_rate(config: OptimConfig, step: int, progress: float) -> float:
    """Linear warm-up times a cosine that reaches zero at progress 1."""
    warm = min(1.0, (step + 1) / config.warmup) if config.warmup else 1.0
    return config.lr * warm * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


class Training:
    """A run: model, optimizer, average and position; ``run`` takes it to the end or to a stop."""

    def __init__(self, recipe: Recipe, folder: Path, dataset: ClipDataset) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.folder = folder
        self.dataset = dataset
        self.device = torch.device(recipe.device)
        model, self.model_config = build_model(recipe.model)
        layout = torch.channels_last if recipe.optim.channels_last else torch.contiguous_format
        self.model: RRGNet = model.to(self.device, memory_format=layout)  # type: ignore[call-overload]
        self.average = WeightAverage(self.model, recipe.optim.ema)
        optim = recipe.optim
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), optim.lr, optim.betas, weight_decay=optim.weight_decay, foreach=True
        )
        self.step = 0
        self.elapsed = 0.0

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            step=self.step,
            elapsed=self.elapsed,
            model=self.model.state_dict(),
            ema=self.average.state,
            optimizer=self.optimizer.state_dict(),
            rng=torch.get_rng_state(),
            model_config=self.model_config,
            recipe=self.recipe.model_dump(mode="json"),
        )

    def save(self) -> None:
        save_checkpoint(self.checkpoint(), self.folder / FILE_NAME)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same model."""
        if checkpoint.model_config != self.model_config:
            raise RecipeError(
                "the checkpoint belongs to another model configuration: resume with the recipe of its run"
            )
        self.model.load_state_dict(checkpoint.model)
        self.average.load(checkpoint.ema)
        self.optimizer.load_state_dict(checkpoint.optimizer)
        torch.set_rng_state(checkpoint.rng)
        self.step, self.elapsed = checkpoint.step, checkpoint.elapsed

    def start_from(self, state: dict[str, Tensor]) -> int:
        """Take over every tensor that fits by name and shape; returns how many did."""
        own = self.model.state_dict()
        fitting = {
            name: value for name, value in state.items() if name in own and own[name].shape == value.shape
        }
        if not fitting:
            raise RecipeError(
                "no tensor of the initial weights fits this model; choose weights of the same family"
            )
        self.model.load_state_dict(fitting, strict=False)
        self.average = WeightAverage(self.model, self.recipe.optim.ema)
        return len(fitting)

    @property
    def progress(self) -> float:
        """Position in the schedule, 0..1: by steps, or by time where the recipe gives minutes."""
        by_time = self.elapsed / (60 * self.recipe.minutes) if self.recipe.minutes else 0.0
        return max(self.step / self.recipe.steps, by_time)

    def run(self, *, stop_at: int | None = None, report: Callable[[str], None] = print) -> bool:
        """Train until the schedule ends, `stop_at` steps are done, or a signal asks to stop, then save.

        Returns whether the schedule has ended.
        """
        last = min(self.recipe.steps, stop_at or self.recipe.steps)
        figures = RunningFigures(self.recipe.loss.clean_threshold)
        self.folder.mkdir(parents=True, exist_ok=True)
        loader = iter(clip_loader(self.dataset, self.recipe.optim.batch, self.step, last))
        saved = reported = time.monotonic()
        with _stop_signals() as stopped:
            while self.step < last and self.progress < 1 and not stopped():
                began = time.monotonic()
                packed, rain, _ = next(loader)
                wait = time.monotonic() - began
                loss, predicted, target = self._step(packed.to(self.device), rain.to(self.device))
                figures.add(loss, predicted, target, wait)
                now = time.monotonic()
                self.elapsed += now - began
                if self.step % self.recipe.log_every == 0:
                    self._report(figures, now - reported, report)
                    reported = now
                if now - saved > 60 * self.recipe.checkpoint_minutes:
                    self.save()
                    saved = now
        self.save()
        return self.step >= self.recipe.steps or self.progress >= 1

    def _step(self, packed: Tensor, rain: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        optim = self.recipe.optim
        lr = learning_rate(optim, self.step, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.model.train()
        with self._autocast():
            predicted = self.model.forward_clip(packed)
        radius = (packed.shape[1] - predicted.shape[1]) // 2
        target = rain[:, radius : radius + predicted.shape[1]]
        loss = rain_loss(predicted, target, self.recipe.loss)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), optim.grad_clip)
        if torch.isfinite(norm):  # one broken batch must not end a run of hours
            self.optimizer.step()
        self.step += 1
        self.average.update(self.model, self.step)
        return loss.detach(), predicted, target

    def _autocast(self) -> AbstractContextManager[object]:
        if self.recipe.optim.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def _report(self, figures: RunningFigures, seconds: float, report: Callable[[str], None]) -> None:
        values = figures.figures(seconds)
        values["progress"] = min(self.progress, 1.0)
        values["lr"] = self.optimizer.param_groups[0]["lr"]
        report(describe(self.step, self.recipe.steps, values))
        append_row(self.folder / "log.csv", {"step": self.step, "elapsed": self.elapsed, **values})
        figures.reset()


def train(
    recipe: Recipe,
    folder: Path,
    *,
    resume: bool = False,
    init: dict[str, Tensor] | None = None,
    dataset: ClipDataset | None = None,
    stop_at: int | None = None,
    report: Callable[[str], None] = print,
) -> Training:
    """Train a recipe in a run folder, with `resume` from its checkpoint.

    Raises RecipeError before any work is lost.
    """
    if not resume and (folder / FILE_NAME).exists():
        raise RecipeError(
            f"{folder} already holds a run; add --resume to go on with it, or choose another folder"
        )
    keep_freed_memory()
    cv2.setNumThreads(0)  # workers are forked, which threads of OpenCV would not survive
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    training = Training(recipe, folder, dataset or ClipDataset(recipe.data, recipe.seed))
    if resume:
        training.restore(load_checkpoint(folder))
        report(f"resumed at step {training.step}, {training.elapsed / 60:.1f} minutes in")
    elif init is not None:
        report(f"took {training.start_from(init)} tensors from the initial weights")
    millions = sum(parameter.numel() for parameter in training.model.parameters()) / 1e6
    shape = f"{recipe.optim.batch} x {recipe.data.frames} frames"
    report(f"{recipe.name}: {millions:.3f} M parameters, batch {shape}")
    ended = training.run(stop_at=stop_at, report=report)
    state = "finished" if ended else "stopped"
    report(f"{state} at step {training.step}, {training.elapsed / 60:.1f} minutes of training")
    return training


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Turn SIGTERM and SIGINT into a question that the loop asks between steps."""
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        asked.append(number)

    previous = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)

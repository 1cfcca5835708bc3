"""The training loop: items in, averaged weights out, resumable at any step, on any number of processes."""

import math
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import cv2
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, default_collate

from vsrrg.engine.memory import keep_freed_memory
from vsrrg_training.config import OptimConfig, RecipeError, RunSettings
from vsrrg_training.run.checkpoint import (
    FILE_NAME,
    Checkpoint,
    check_same_recipe,
    load_checkpoint,
    save_checkpoint,
)
from vsrrg_training.run.ema import WeightAverage
from vsrrg_training.run.fabric import open_fabric
from vsrrg_training.run.folder import RunFolder
from vsrrg_training.run.loader import StepSampler, step_loader
from vsrrg_training.run.objective import Objective
from vsrrg_training.run.progress import describe


def learning_rate(config: OptimConfig, step: int, progress: float) -> float:
    """Linear warm-up times a cosine that reaches zero at progress 1."""
    warm = min(1.0, (step + 1) / config.warmup) if config.warmup else 1.0
    return config.lr * warm * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


class Loop:
    """A run: objective, optimizer, average and position; ``run`` takes it to the end or to a stop.

    Args:
        settings: length, device and optimizer.
        objective: what is trained.
        dataset: item i depends on i alone.
        path: the run's folder.
        recipe: all that decides what the run computes, as JSON values.
        model_config: how to build the network again; empty for networks that are not exported.
        sources: files whose hashes go into the folder.

    Raises RecipeError for a folder that holds a run already, unless `resume`, and for the checkpoint of
    another recipe.
    """

    def __init__(
        self,
        settings: RunSettings,
        objective: Objective,
        dataset: Dataset[Any],
        path: Path,
        *,
        recipe: Mapping[str, Any],
        model_config: Mapping[str, Any] | None = None,
        sources: Iterable[Path] = (),
        resume: bool = False,
    ) -> None:
        if not resume and (path / FILE_NAME).exists():
            raise RecipeError(
                "training-folder-taken",
                f"{path} already holds a run; add --resume to go on with it, or choose another folder",
            )
        keep_freed_memory()
        cv2.setNumThreads(0)  # its threads would fight with torch's
        if settings.threads:
            torch.set_num_threads(settings.threads)
        self.settings, self.dataset, self.recipe = settings, dataset, dict(recipe)
        self.model_config = dict(model_config or {})
        self.folder, self._sources = RunFolder(path), list(sources)
        self.fabric = open_fabric(settings)
        optim = settings.optim
        if optim.channels_last:
            objective = objective.to(memory_format=torch.channels_last)
        self.objective = objective
        trained = [parameter for parameter in objective.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(
            trained, optim.lr, optim.betas, weight_decay=optim.weight_decay, foreach=True
        )
        self._stepper, self.optimizer = self.fabric.setup(objective, optimizer)
        self.average = WeightAverage(self.network, optim.ema)
        self.step, self.elapsed = 0, 0.0
        if resume:
            self._restore(load_checkpoint(path))

    @property
    def network(self) -> nn.Module:
        return self.objective.network

    @property
    def progress(self) -> float:
        """Position in the schedule, 0..1: by steps, or by time where the settings give minutes."""
        minutes = self.settings.minutes
        by_time = self.elapsed / (60 * minutes) if minutes else 0.0
        return max(self.step / self.settings.steps, by_time)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            step=self.step,
            elapsed=self.elapsed,
            model=self.network.state_dict(),
            ema=self.average.state,
            beside=self._beside(),
            optimizer=self.optimizer.state_dict(),
            rng=torch.get_rng_state(),
            model_config=self.model_config,
            recipe=self.recipe,
        )

    def save(self) -> None:
        """Write the checkpoint; only the first process does."""
        if self.fabric.is_global_zero:
            save_checkpoint(self.checkpoint(), self.folder.path / FILE_NAME)
        if self.fabric.world_size > 1:
            self.fabric.barrier()

    def run(self, *, stop_at: int | None = None, report: Callable[[str], None] = print) -> bool:
        """Train until the schedule ends, `stop_at` steps are done, or a signal asks to stop, then save.

        Returns whether the schedule has ended.
        """
        if not self.fabric.is_global_zero:
            report = _silent
        else:
            self.folder.describe(self.recipe, self.settings.seed, self._sources, self.step)
        millions = sum(parameter.numel() for parameter in self.network.parameters()) / 1e6
        report(f"{self.settings.name}: {millions:.3f} M parameters, batch of {self.settings.optim.batch}")
        if self.step:
            report(f"resumed at step {self.step}, {self.elapsed / 60:.1f} minutes in")
        last = min(self.settings.steps, stop_at or self.settings.steps)
        with _stop_signals() as stopped:
            self._steps(last, stopped, report)
        self.save()
        self._sample()
        self.folder.close()
        ended = self.step >= self.settings.steps or self.progress >= 1
        state = "finished" if ended else "stopped"
        report(f"{state} at step {self.step}, {self.elapsed / 60:.1f} minutes of training")
        return ended

    def _steps(self, last: int, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        settings = self.settings
        sampler = StepSampler(
            self.step, last, settings.optim.batch, rank=self.fabric.global_rank, world=self.fabric.world_size
        )
        batches = step_loader(self.dataset, sampler, workers=settings.workers, prefetch=settings.prefetch)
        sums, waited = _Sums(), 0.0
        saved = reported = time.monotonic()
        stop = False
        while self.step < last and self.progress < 1 and not stop:
            began = time.monotonic()
            batch = self.fabric.to_device(next(batches))
            waited += time.monotonic() - began
            sums.add(self._step(batch))
            now = time.monotonic()
            self.elapsed += now - began
            if self.step % settings.log_every == 0:
                self._report(sums.total(self.fabric), now - reported, waited, report)
                sums, waited, reported = _Sums(), 0.0, now
            stop, due = self._agree(stopped(), now - saved > 60 * settings.checkpoint_minutes)
            if due:
                self.save()
                self._sample()
                saved = now

    def _step(self, batch: Any) -> dict[str, Tensor]:
        optim = self.settings.optim
        lr = learning_rate(optim, self.step, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.objective.train()
        loss, sums = self._stepper(batch)
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        trained = [p for p in self.objective.parameters() if p.requires_grad]
        norm = nn.utils.clip_grad_norm_(trained, optim.grad_clip)
        if torch.isfinite(norm):  # one broken batch must not end a run of hours
            self.optimizer.step()
        self.step += 1
        self.average.update(self.network, self.step)
        return {"loss": loss.detach(), **sums}

    def _report(
        self, sums: dict[str, float], seconds: float, waited: float, report: Callable[[str], None]
    ) -> None:
        if not self.fabric.is_global_zero:
            return
        values = {
            "loss": sums.pop("loss") / sums["steps"],
            **self.objective.figures(sums),
            "lr": float(self.optimizer.param_groups[0]["lr"]),
            "steps_per_second": sums["steps"] / self.fabric.world_size / max(seconds, 1e-9),
            "data_wait": waited / max(seconds, 1e-9),
        }
        report(describe(self.step, self.settings.steps, self.progress, values))
        self.folder.curve(self.step, values)

    def _sample(self) -> None:
        if not self.fabric.is_global_zero:
            return
        batch = self.fabric.to_device(default_collate([self.dataset[item] for item in range(4)]))
        self.objective.eval()
        with torch.no_grad(), self.average.applied(self.network):
            picture = self.objective.picture(batch)
        if picture is not None:
            self.folder.sample(self.step, picture)

    def _agree(self, *asked: bool) -> tuple[bool, ...]:
        """What any process asks for is done by all; clocks are set alike, so that all end at the same step.

        A process that did anything by its own clock would wait for others that never come.
        """
        if self.fabric.world_size == 1:
            return asked
        shared = torch.tensor([*asked, self.elapsed], dtype=torch.float64, device=self.fabric.device)
        latest = self.fabric.all_reduce(shared, reduce_op="max")
        assert isinstance(latest, Tensor)
        *answers, self.elapsed = latest.tolist()
        return tuple(map(bool, answers))

    def _beside(self) -> dict[str, Tensor]:
        """The trained parameters that are not the network's."""
        return {
            name: parameter.detach()
            for name, parameter in self.objective.named_parameters()
            if parameter.requires_grad and not name.startswith("network.")
        }

    def _restore(self, checkpoint: Checkpoint) -> None:
        check_same_recipe(checkpoint.recipe, self.recipe, type(self.settings))
        self.network.load_state_dict(checkpoint.model)
        self.average.load(checkpoint.ema)
        with torch.no_grad():
            for name, value in self._beside().items():
                value.copy_(checkpoint.beside[name])
        self.optimizer.load_state_dict(checkpoint.optimizer)
        torch.set_rng_state(checkpoint.rng)
        self.step, self.elapsed = checkpoint.step, checkpoint.elapsed


class _Sums:
    """Sums over steps, then over processes."""

    def __init__(self) -> None:
        self.steps = 0
        self.values: dict[str, Tensor] = {}

    def add(self, sums: Mapping[str, Tensor]) -> None:
        self.steps += 1
        for name, value in sums.items():
            # Kept where they are: reading them would wait for the device at every step.
            self.values[name] = self.values[name] + value if name in self.values else value.clone()

    def total(self, fabric: Any) -> dict[str, float]:
        values = {"steps": float(self.steps)} | {name: float(value) for name, value in self.values.items()}
        if fabric.world_size > 1:
            shared = torch.tensor(list(values.values()), dtype=torch.float64, device=fabric.device)
            values = dict(zip(values, fabric.all_reduce(shared, reduce_op="sum").tolist(), strict=True))
        return values


def _silent(_: str) -> None:
    """The report of every process but the first."""


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

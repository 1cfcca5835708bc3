"""Running figures of a training run: gain, share of rain removed, damage; as console lines and CSV rows."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor


class RunningFigures:
    """Sums over the steps since the last report."""

    def __init__(self, clean_threshold: float) -> None:
        self.clean_threshold = clean_threshold
        self.reset()

    def reset(self) -> None:
        self.steps = 0
        self.loss = 0.0
        self.wait = 0.0
        self.rain_energy = self.error_energy = 0.0
        self.rainy_energy = self.rainy_error = 0.0
        self.clean_sum = self.clean_count = 0.0

    @torch.no_grad()
    def add(self, loss: Tensor, predicted: Tensor, target: Tensor, wait: float) -> None:
        """Add one step: rain layers (B, T, 6, h, w) and the seconds spent waiting for data."""
        luma, truth = predicted.detach()[:, :, :4].float(), target[:, :, :4]
        squared, energy = (luma - truth).square(), truth.square()
        wet = energy.flatten(1).sum(1) > 0
        clean = truth.abs() < self.clean_threshold
        self.steps += 1
        self.loss += float(loss)
        self.wait += wait
        self.rain_energy += float(energy[wet].sum())
        self.error_energy += float(squared[wet].sum())
        self.rainy_energy += float(energy[~clean].sum())
        self.rainy_error += float(squared[~clean].sum())
        self.clean_sum += float((luma.abs() * clean).sum())
        self.clean_count += float(clean.sum())

    def figures(self, seconds: float) -> dict[str, float]:
        """Means since the last reset; ``seconds`` is the wall time they took."""
        return {
            "loss": self.loss / max(self.steps, 1),
            "steps_per_second": self.steps / max(seconds, 1e-9),
            "data_wait": self.wait / max(seconds, 1e-9),
            "gain_db": 10 * math.log10(max(self.rain_energy, 1e-12) / max(self.error_energy, 1e-12)),
            "removed": 1 - self.rainy_error / max(self.rainy_energy, 1e-12),
            "damage": 255 * self.clean_sum / max(self.clean_count, 1.0),
        }


def describe(step: int, steps: int, figures: Mapping[str, float]) -> str:
    """One console line."""
    removed, wait = 100 * figures["removed"], 100 * figures["data_wait"]
    return (
        f"step {step}/{steps} ({100 * figures['progress']:.1f}%)  loss {figures['loss']:.5f}  "
        f"gain {figures['gain_db']:+.2f} dB  removed {removed:.1f}%  damage {figures['damage']:.3f}  "
        f"lr {figures['lr']:.2e}  {figures['steps_per_second']:.2f} steps/s  wait {wait:.0f}%"
    )


def append_row(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to a CSV file; the header comes with the first."""
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow({key: f"{value:.6g}" for key, value in row.items()})

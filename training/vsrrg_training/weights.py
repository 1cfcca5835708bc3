"""Weights to start from or to judge: a run folder, a checkpoint or an exported weight file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from vsrrg.models.rrgnet import RRGNet
from vsrrg_training.derain import build_model, fill
from vsrrg_training.run.checkpoint import load_checkpoint


@dataclass(frozen=True, kw_only=True)
class ModelState:
    """A model's configuration and averaged weights."""

    name: str
    config: dict[str, Any]
    state: dict[str, Tensor]


def read_state(path: Path) -> ModelState:
    """Read the averaged weights of a run folder or checkpoint, or a `.safetensors` file.

    Raises RecipeError or ModelError.
    """
    if path.suffix == ".safetensors":
        from vsrrg.models.weights import load_weights

        weights = load_weights(path)
        return ModelState(name=weights.name, config=dict(weights.config), state=dict(weights.state))
    checkpoint = load_checkpoint(path)
    return ModelState(
        name=str(checkpoint.recipe["name"]), config=checkpoint.model_config, state=checkpoint.ema
    )


def load_network(path: Path) -> RRGNet:
    """The averaged network of a run folder, checkpoint or weight file. Raises RecipeError or ModelError."""
    weights = read_state(path)
    network, _ = build_model(weights.config)
    fill(network, weights.state, path)
    return network

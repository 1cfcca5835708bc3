"""Where a run computes: one process, or as many as torchrun started, by Lightning Fabric."""

import os
from typing import Literal

from lightning_fabric import Fabric

from vsrrg_training.config import RecipeError, RunSettings


def open_fabric(settings: RunSettings) -> Fabric:
    """Fabric for a run; under torchrun every process takes one device (gloo on the CPU, NCCL on CUDA).

    Raises RecipeError for a device that is not there, or a batch that the processes cannot share.
    """
    import torch

    kind, _, index = settings.device.partition(":")
    if kind not in ("cpu", "cuda") or (index and not index.isdigit()):
        raise RecipeError("unknown-device", f"device is {settings.device!r}; it must be cpu, cuda or cuda:N")
    if kind == "cuda" and not torch.cuda.is_available():
        raise RecipeError(
            "missing-device", "device is cuda, but torch sees no CUDA device; use --set device=cpu"
        )
    world = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_WORLD_SIZE", str(world)))
    if settings.optim.batch % world:
        raise RecipeError(
            "training-recipe",
            f"optim.batch is {settings.optim.batch}; it must be a multiple of the {world} processes",
        )
    devices: int | list[int] = local if world > 1 else [int(index)] if index else 1
    precision: Literal["bf16-mixed", "32-true"] = (
        "bf16-mixed" if settings.optim.precision == "bf16" else "32-true"
    )
    fabric = Fabric(
        accelerator=kind,
        devices=devices,
        num_nodes=world // local,
        strategy="ddp" if world > 1 else "auto",
        precision=precision,
    )
    fabric.launch()
    return fabric

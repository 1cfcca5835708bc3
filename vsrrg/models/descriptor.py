"""The promises of one model, which the engine obeys instead of asking what kind of model it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from vsrrg.errors import ModelError

if TYPE_CHECKING:
    from torch import nn

type Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision.__value__)


@dataclass(frozen=True, kw_only=True)
class ModelDescriptor:
    """One model: its name, what it needs of the input, and how to load it."""

    name: str
    """What users write: `model="general"`. One word, and not like the path of a weight file."""
    description: str
    """One line for the list of models."""
    radius: int
    """Frames looked at on either side; a window holds 2 * radius + 1."""
    multiple: int
    """Packed height and width must be multiples of this; the engine pads (reflecting, else replicating)
    and crops.
    """
    halo: int | None
    """How far, in packed pixels, an input pixel can change the output, wherever in the frame: the overlap
    that bands need. None: all over the frame.
    """
    halves: frozenset[Precision] = frozenset({"fp32"})
    """Precisions in which the model keeps its promises, and its layers stay near those of fp32, which always
    belongs to them.
    """
    load: Callable[[], nn.Module]
    """Build the network anew, an `nn.Module` after `vsrrg.models.base.DerainModel`: on the CPU, float32, in
    eval mode.
    """
    card: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """For people, shown by `vsrrg models NAME`: version, training, figures, limits; JSON values."""

    def __post_init__(self) -> None:
        if not self.name:
            raise ModelError("invalid-descriptor", "a model needs a name, so that users can ask for it")
        for name, least in (("radius", 0), ("multiple", 1), ("halo", 0)):
            value = getattr(self, name)
            if (value is not None or name != "halo") and (not isinstance(value, int) or value < least):
                raise ModelError(
                    "invalid-descriptor",
                    f"model {self.name!r} has {name}={value!r}; it must be an integer from {least} up",
                )
        unknown = sorted(set(self.halves) - set(PRECISIONS))
        if unknown:
            raise ModelError(
                "invalid-descriptor",
                f"model {self.name!r} names unknown precisions {unknown}; known are {', '.join(PRECISIONS)}",
            )
        object.__setattr__(self, "halves", self.halves | {"fp32"})

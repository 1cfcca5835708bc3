"""From weight files to model descriptors: the ones that ship with the package, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vsrrg.errors import ModelError
from vsrrg.models.config import RRGNetConfig
from vsrrg.models.descriptor import PRECISIONS, ModelDescriptor, Precision
from vsrrg.models.weights import Header, load_weights, read_header

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = Path(__file__).parent / "weights"


class ArchitectureConfig(Protocol):
    """What a network's config tells about the network."""

    @property
    def radius(self) -> int: ...
    @property
    def multiple(self) -> int: ...
    @property
    def halo(self) -> int | None: ...


@dataclass(frozen=True)
class Architecture:
    """A network class and the config it is built from."""

    config: Callable[..., ArchitectureConfig]
    network: Callable[[Any], nn.Module]


def _rrgnet(config: RRGNetConfig) -> nn.Module:
    from vsrrg.models.rrgnet import RRGNet

    return RRGNet(config)


ARCHITECTURES: Mapping[str, Callable[[], Architecture]] = {
    "rrgnet": lambda: Architecture(RRGNetConfig, _rrgnet)
}
"""Network classes by `config["arch"]`, imported when first needed, so that models are listed without torch.
Plugins bring descriptors of their own instead.
"""


def builtin_models() -> list[ModelDescriptor]:
    """Descriptors of the weights in the package, by name. Raises ModelError if a file is damaged."""
    return [descriptor_from_file(path) for path in sorted(WEIGHTS.glob("*.safetensors"))]


def descriptor_from_file(path: str | Path) -> ModelDescriptor:
    """Describe the model in a weight file; the tensors are read, and the hash checked, by the
    descriptor's `load`.

    Raises ModelError for anything that is not a whole weight file of a known architecture.
    """
    source = Path(path)
    header = read_header(source)
    _, config = _architecture(source, header)
    return ModelDescriptor(
        name=header.name,
        description=str(header.card.get("description", "")),
        radius=config.radius,
        multiple=config.multiple,
        halo=config.halo,
        halves=_precisions(source, header),
        load=partial(_load, source),
        card={"version": header.version, **header.card, "config": header.config, "sha256": header.sha256},
    )


def _architecture(source: Path, header: Header) -> tuple[Architecture, ArchitectureConfig]:
    arch = str(header.config.get("arch"))
    if arch not in ARCHITECTURES:
        raise ModelError(
            "newer-weights",
            f"{source} wants network {arch!r}, and this vsrrg knows {', '.join(ARCHITECTURES)}: update vsrrg",
        )
    architecture = ARCHITECTURES[arch]()
    try:
        return architecture, architecture.config(**header.config)
    except (TypeError, ValueError) as error:
        raise ModelError(
            "newer-weights",
            f"{source} has a config that network {arch!r} does not take ({error}): update vsrrg",
        ) from error


def _precisions(source: Path, header: Header) -> frozenset[Precision]:
    given = header.card.get("precisions", PRECISIONS)
    listed = given if isinstance(given, list | tuple) else [given]
    known: list[Precision] = [one for one in PRECISIONS if one in listed]
    if len(known) != len(listed):
        raise ModelError(
            "newer-weights",
            f"{source} names precisions that this vsrrg does not have ({given!r}): update vsrrg",
        )
    return frozenset(known)


def _load(source: Path) -> nn.Module:
    import torch

    weights = load_weights(source)
    architecture, config = _architecture(source, weights)
    # Sizes are compared before memory is asked for: those in the header may be any.
    with torch.device("meta"):
        wanted = {name: value.shape for name, value in architecture.network(config).state_dict().items()}
    if wanted != {name: value.shape for name, value in weights.state.items()}:
        raise ModelError(
            "mismatched-weights",
            f"the tensors in {source} do not fit network {weights.config['arch']!r}: they were trained for "
            "another version of it; use weights made for this vsrrg",
        )
    network = architecture.network(config)
    network.load_state_dict(dict(weights.state))
    return network.float().eval()

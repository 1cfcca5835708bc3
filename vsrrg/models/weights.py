"""Weight files: safetensors whose header says what they are and carries a hash over all of it.

The header's string metadata holds `vsrrg` (the layout's version), `name`, `version`, `config` (JSON),
`card` (JSON) and `sha256`. The hash covers the other entries and every tensor (name, dtype, shape,
bytes), so neither a damaged download nor an edited header goes unnoticed. It guards against accidents
and mix-ups; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vsrrg.errors import ModelError
from vsrrg.files import write_whole

if TYPE_CHECKING:
    from torch import Tensor

LAYOUT = "1"
_FIELDS = ("vsrrg", "name", "version", "config", "card")


@dataclass(frozen=True)
class Header:
    """What a weight file says about itself."""

    name: str
    version: str
    config: Mapping[str, Any]
    """Arguments of the network; `arch` names its class."""
    card: Mapping[str, Any]
    """For people: what it was trained on, what it reaches, `description` in one line."""
    sha256: str


@dataclass(frozen=True)
class Weights(Header):
    """A verified weight file, tensors included."""

    state: Mapping[str, Tensor]
    """The network's state dict, on the CPU."""


def save_weights(
    path: str | Path,
    model_state: Mapping[str, Tensor],
    *,
    config: Mapping[str, Any],
    name: str,
    version: str,
    card: Mapping[str, Any],
) -> str:
    """Write a weight file and return its hash; the file appears whole or not at all.

    `config` and `card` must be JSON. Raises ModelError for values that are not finite and for a file
    that cannot be written.
    """
    import torch
    from safetensors.torch import save

    state = {key: value.detach().to("cpu").contiguous().clone() for key, value in model_state.items()}
    for key, value in state.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ModelError(
                "infinite-weights",
                f"weights {name!r} are not saved: tensor {key!r} holds values that are not finite",
            )
    metadata = {
        "vsrrg": LAYOUT,
        "name": name,
        "version": version,
        "config": json.dumps(dict(config), sort_keys=True),
        "card": json.dumps(dict(card), sort_keys=True),
    }
    digest = _digest(metadata, state)
    target = Path(path)
    try:
        write_whole(target, save(state, {**metadata, "sha256": digest}))
    except OSError as error:
        raise ModelError(
            "target-unwritable", f"cannot write the weight file {target}: {error.strerror or error}"
        ) from error
    return digest


def read_header(path: str | Path) -> Header:
    """Read what the file says about itself, without its tensors and so without checking the hash.

    Raises ModelError if the file is missing or is no weight file of vsrrg.
    """
    from safetensors import SafetensorError, safe_open

    source = Path(path)
    _refuse_what_is_not_a_file(source)
    try:
        with safe_open(source, framework="np") as file:
            metadata = file.metadata() or {}
    except UnicodeEncodeError as error:
        raise _damaged(source, "its name is not UTF-8") from error
    except (SafetensorError, OSError, UnicodeError, ValueError) as error:
        raise _damaged(source, str(error)) from error
    return _parse(source, metadata)


def load_weights(path: str | Path) -> Weights:
    """Read a weight file and verify its hash.

    Raises ModelError, in one sentence, if the file is missing, damaged, tampered with, or none of
    vsrrg's.
    """
    from safetensors import SafetensorError, safe_open

    source = Path(path)
    _refuse_what_is_not_a_file(source)
    try:
        with safe_open(source, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 - not a mapping
    except UnicodeEncodeError as error:
        raise _damaged(source, "its name is not UTF-8") from error
    except (SafetensorError, OSError, UnicodeError, ValueError, RuntimeError) as error:
        raise _damaged(source, str(error)) from error
    header = _parse(source, metadata)
    if _digest(metadata, state) != header.sha256:
        raise ModelError(
            "tampered-weights",
            f"the content of the weight file {source} does not match its hash: install or export it again",
        )
    return Weights(**vars(header), state=state)


def _digest(metadata: Mapping[str, str], state: Mapping[str, Tensor]) -> str:
    import torch

    sha = hashlib.sha256(json.dumps({field: metadata[field] for field in _FIELDS}, sort_keys=True).encode())
    for key in sorted(state):
        tensor = state[key].contiguous()
        sha.update(json.dumps([key, str(tensor.dtype), list(tensor.shape)]).encode())
        sha.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return sha.hexdigest()


def _parse(source: Path, metadata: Mapping[str, str]) -> Header:
    if "vsrrg" not in metadata:
        raise ModelError(
            "not-weights",
            f"{source} is no weight file of vsrrg: its header does not say so; give one that vsrrg exported",
        )
    if metadata["vsrrg"] != LAYOUT:
        raise ModelError(
            "newer-weights",
            f"{source} has weight layout {metadata['vsrrg']!r}, and this vsrrg reads {LAYOUT!r}: "
            "update vsrrg or export the file again",
        )
    missing = [field for field in (*_FIELDS, "sha256") if field not in metadata]
    if missing:
        raise _damaged(source, f"its header lacks {', '.join(missing)}")
    try:
        config, card = json.loads(metadata["config"]), json.loads(metadata["card"])
    except ValueError as error:
        raise _damaged(source, f"its header is not valid JSON: {error}") from error
    if not isinstance(config, dict) or not isinstance(card, dict):
        raise _damaged(source, "its config and card must be JSON objects")
    return Header(metadata["name"], metadata["version"], config, card, metadata["sha256"])


def _refuse_what_is_not_a_file(source: Path) -> None:
    try:
        with source.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise ModelError(
            "missing-weights", f"cannot read the weight file {source}: {error.strerror or error}"
        ) from error
    if (start[:1] == b"\x80" and start[1:2] in b"\x02\x03\x04\x05") or start == b"PK\x03\x04":
        raise ModelError(
            "pickled-weights",
            f"{source} is a pickled checkpoint, which could run code when opened: "
            "vsrrg reads only safetensors weight files",
        )


def _damaged(source: Path, reason: str) -> ModelError:
    return ModelError(
        "damaged-weights",
        f"the weight file {source} is damaged or not one of vsrrg's ({reason}); install or export it again",
    )

"""Graphs that were made before, in the user's cache; whoever wants the room may delete them at any time."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import platformdirs
import torch
from torch import nn

from vsrrg.files import write_whole
from vsrrg.models import ModelDescriptor, Precision

log = logging.getLogger(__name__)

_TOOLS = ("torch", "onnx", "onnxscript")


def folder() -> Path:
    """Where graphs are kept: `vsrrg/onnx` in the user's cache directory."""
    return Path(platformdirs.user_cache_dir("vsrrg")) / "onnx"


def key(network: nn.Module, model: ModelDescriptor, precision: Precision) -> str | None:
    """A name for all that graphs are made from: weights, code and tools. None where code is in no file.

    The code is all of the packages that the network's classes come from, and this package.
    """
    sha = hashlib.sha256()
    try:
        sources = {Path(inspect.getfile(type(module))).parent for module in network.modules()}
    except (OSError, TypeError):
        return None
    sources = {source for source in sources if not source.is_relative_to(Path(torch.__file__).parent)}
    for source in sorted(sources | {Path(__file__).parent}):
        for file in sorted(source.glob("*.py")):
            sha.update(file.read_bytes())
    facts = [model.radius, model.multiple, precision, *(version(tool) for tool in _TOOLS)]
    sha.update(json.dumps(facts).encode())
    for name, tensor in sorted(network.state_dict().items()):
        sha.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        sha.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return sha.hexdigest()[:32]


def load(name: str) -> dict[str, bytes] | None:
    """The graphs that were kept under this name, if they are there and as they were."""
    try:
        with zipfile.ZipFile(_file(name)) as file:
            return {graph: file.read(graph) for graph in file.namelist()}
    except FileNotFoundError:
        return None
    except Exception as error:  # Of many kinds, for what is no archive or has changed since it was written.
        log.warning("%s is damaged, and will be made anew: %s", _file(name), error)
        return None


def keep(name: str, graphs: Mapping[str, bytes]) -> None:
    """Keeps graphs, all of them or none; where that is not possible, a warning says so."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for graph, content in graphs.items():
            file.writestr(graph, content)
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(_file(name), archive.getvalue())
    except OSError as error:
        log.warning("the ONNX graphs are not kept in %s: %s", folder(), error.strerror or error)


def _file(name: str) -> Path:
    """An archive, whose checksums tell whether graphs are as they were."""
    return folder() / f"{name}.zip"

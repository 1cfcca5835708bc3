"""The machines: a cluster that is joined, or this one alone, and the workers that each has room for."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vsrrg.engine.crew import MOST
from vsrrg.errors import OptionError, VsrrgError
from vsrrg.guard import guarded_folder

log = logging.getLogger("vsrrg.ray")

LOCAL = "local"
"""The address that stands for this machine alone."""
_STORE = 80 << 20
"""Bytes of Ray's object store, about the least that it takes: nothing large goes through it."""
_ANSWER = 10.0
"""Seconds within which a cluster must answer."""
_CLIENT_PORT = 10001
"""Where Ray listens to those from outside unless it was told otherwise."""
_LONGEST = 24
"""Characters of the folder for Ray's files, whose names go into those of sockets: 107 are allowed."""


class ClusterError(VsrrgError):
    """Ray cannot be started or joined, or none of its machines can work."""


@dataclass(frozen=True)
class Slot:
    """Room for one worker."""

    node: str
    """Ray's name of the machine."""
    host: str
    """Its address."""
    cores: int
    gpus: float
    neighbours: int
    """Workers on this machine at most, this one included."""

    @property
    def device(self) -> str:
        """What the worker computes on; Ray shows it no GPU but its own."""
        return "cuda" if self.gpus else "cpu"


@contextlib.contextmanager
def connected(address: str) -> Iterator[None]:
    """Joins the cluster at an address, or starts Ray on this machine for as long as the block runs.

    What Ray prints to stdout, which is about lost workers, becomes a message of the log.

    Raises:
        ClusterError: there is none.
    """
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(_Log()))
        stack.enter_context(_environment(RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0"))
        if address == LOCAL:
            # It answers to this process alone, tells nobody, and leaves no logs.
            token = secrets.token_hex(32)
            stack.enter_context(_environment(RAY_AUTH_TOKEN=token, RAY_USAGE_STATS_ENABLED="0"))
            place = tempfile.gettempdir()
            short = Path(place if len(place) <= _LONGEST else "/tmp", f"vsrrg-{secrets.token_hex(4)}")
            options |= {"include_dashboard": False, "object_store_memory": _STORE}
            options |= {"_temp_dir": str(stack.enter_context(guarded_folder(short)))}
        else:
            _knock(address)
        import ray

        try:
            ray.init(address=address, **options)
        except (ConnectionError, RuntimeError, ValueError, ImportError, TimeoutError) as error:
            hint = "; ray:// needs pip install 'ray[client]'" if isinstance(error, ImportError) else ""
            raise ClusterError(
                "ray-cluster", f"no Ray cluster can be used at {address!r}: {in_short(str(error))}{hint}"
            ) from error
        try:
            yield
        finally:
            ray.shutdown()


def _knock(address: str) -> None:
    """Raises ClusterError where nobody answers at a host and port: Ray would try for minutes."""
    place = re.fullmatch(r"(ray://)?\[?([^/\]]+?)\]?(?::(\d{1,5}))?/?", address)
    if place is None or not (place[1] or place[3]):
        return
    try:
        socket.create_connection((place[2], int(place[3] or _CLIENT_PORT)), timeout=_ANSWER).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "nobody answers"
        raise ClusterError(
            "ray-cluster",
            f"no Ray cluster can be used at {address!r}: {reason}; 'ray start' prints the address of one",
        ) from error


def in_short(text: str) -> str:
    """What Ray says in many lines, in a sentence: the error at the end of a traceback, or the first one."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    raised: list[str] = re.findall(r"^ *((?:\w+\.)*\w+(?:Error|Exception): .*)$", text, re.MULTILINE)
    return raised[-1] if raised else " ".join(text.split()).partition(". ")[0]


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Sets environment variables that are not set, for as long as the block runs."""
    mine = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name in mine:
            os.environ.pop(name, None)


class _Log(io.TextIOBase):
    """Logs what is written to it."""

    def write(self, text: str) -> int:
        if text.strip():
            log.info("ray: %s", text.strip())
        return len(text)


@dataclass(frozen=True)
class Wishes:
    """What users say about workers. Raises OptionError for what makes no sense."""

    device: str | None = None
    """"cpu" or "cuda"; None takes the GPUs of machines that have any, and the cores of others."""
    cores: int | None = None
    """Of each worker. None: as many as work on frames side by side in one process, or beside GPUs an equal
    part of the machine's.
    """
    gpus: float = 1.0
    """Of each worker on machines that have any; less than 1 for several workers on each."""
    most: int | None = None
    """Workers in all."""

    def __post_init__(self) -> None:
        if self.device not in (None, "cpu", "cuda"):
            raise OptionError(
                "ray-workers",
                f"a farm runs on 'cpu' or 'cuda', not {self.device!r}: each worker is given a GPU of its own",
            )
        if not (0 < self.gpus <= 1 or (self.gpus > 1 and self.gpus == int(self.gpus))):
            raise OptionError(
                "ray-workers", f"a worker needs a share of a GPU above 0, or whole GPUs, not {self.gpus:g}"
            )


def find_slots(wishes: Wishes) -> list[Slot]:
    """Room for workers in the cluster as it is now."""
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return [slot for node in nodes for slot in slots_of(node, wishes)]


def slots_of(node: Mapping[str, Any], wishes: Wishes) -> list[Slot]:
    """Room for workers on a machine as `ray.nodes()` describes it."""
    resources: Mapping[str, float] = node["Resources"]
    cpus, cards = int(resources.get("CPU", 0)), resources.get("GPU", 0.0)
    on_gpu = cards >= wishes.gpus and wishes.device != "cpu"
    if not node["Alive"] or cpus < (wishes.cores or 1) or (wishes.device == "cuda" and not on_gpu):
        return []
    cores = wishes.cores
    if on_gpu:
        count = min(int(cards / wishes.gpus + 1e-9), cpus // (cores or 1))
    else:
        count = cpus // cores if cores else -(-cpus // MOST)
    slot = Slot(
        node=node["NodeID"],
        host=node["NodeManagerAddress"],
        cores=cores or cpus // count,
        gpus=wishes.gpus if on_gpu else 0.0,
        neighbours=min(count, wishes.most or count),
    )
    return [slot] * count

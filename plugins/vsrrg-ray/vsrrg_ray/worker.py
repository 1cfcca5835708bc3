"""A worker on a machine of the cluster: one process with some cores, or a GPU."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vsrrg.errors import MediaError, VsrrgError
from vsrrg.pieces.folder import LOCK
from vsrrg.pieces.identity import model_hash
from vsrrg.pieces.lock import held
from vsrrg.pieces.tasks import Failed, Job, Outcome, Task
from vsrrg.pieces.worker import Worker as PieceWorker
from vsrrg_ray.cluster import Slot
from vsrrg_ray.sameness import difference, fingerprint, versions
from vsrrg_ray.storage import Sample, unseen

_SAME = "install the same everywhere"


@dataclass(frozen=True)
class Ready:
    """A worker can begin."""

    fingerprint: str
    """Of how it computes: see `vsrrg_ray.sameness.fingerprint`; "" where that cannot be told."""


class Worker(PieceWorker):
    """Does the tasks of one job; `do` in one thread, `frames` from any."""

    def __init__(self, job: Job, slot: Slot) -> None:
        """Take the job, and the share of the machine that this process has."""
        import torch

        from vsrrg.engine.memory import keep_freed_memory

        keep_freed_memory()
        torch.set_num_threads(slot.cores)
        options = replace(job.options, device=slot.device, max_memory=memory_share(job, slot))
        super().__init__(job)
        self.job = replace(job, options=options, encode=replace(job.encode, threads=slot.cores))

    def ready(self, sample: Sample, wanted: Mapping[str, str]) -> Ready | Failed:
        """Whether this machine can work for the job, or why not.

        Args:
            wanted: the versions of what takes part, where the job was started.
        """
        host = socket.gethostname()
        reason = unseen(sample)
        if reason:
            return Failed(reason)
        try:
            other = difference(versions(self.job.options), wanted)
            if other:
                return Failed(f"{host} has {other}; {_SAME}")
            if model_hash(self.job.options.model) != self.job.model:
                return Failed(f"{host} has another model {self.job.options.model!r}; {_SAME}")
            engine = self.engine()
        except VsrrgError as error:
            return Failed(f"{host} cannot derain: {error}", code=error.code)
        try:
            return Ready(fingerprint(engine))
        except VsrrgError:  # A filter may want larger pictures.
            return Ready("")

    def do(self, task: Task) -> Outcome:
        """Does one task, while processes that are not of this job leave the file alone."""
        source = task.source
        taken = f"another process is at work on {str(source.target)!r}"
        try:
            with held(source.folder / LOCK, taken, shared=True):
                return super().do(task)
        except MediaError as error:
            return Failed(str(error), again=True, code=error.code)


def as_actor() -> Any:
    """The workers as a class of Ray's actors, which tell how far they are beside the task at hand."""
    import ray

    mark: Any = ray.method
    decorate: Any = ray.remote

    class Actor(Worker):
        # The other machines are sent this class, and with it what is noted of its methods.
        @mark(concurrency_group="beside")  # type: ignore[untyped-decorator]
        def frames(self) -> int:
            return super().frames()

    return decorate(concurrency_groups={"beside": 1})(Actor)


def memory_share(job: Job, slot: Slot) -> int | None:
    """Bytes that the engine of this worker may take, so that its neighbours have as much."""
    if job.options.max_memory is not None or slot.neighbours == 1:
        return job.options.max_memory
    from vsrrg.engine.budget import SHARE
    from vsrrg.engine.free_memory import free_ram

    if slot.device == "cpu":
        free = free_ram()
        return None if free is None else int(SHARE * free / slot.neighbours)
    if slot.gpus >= 1:
        return None
    import torch

    return int(SHARE * torch.cuda.get_device_properties(0).total_memory * slot.gpus)

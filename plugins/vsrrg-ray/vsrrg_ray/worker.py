"""A worker on a machine of the cluster: one process with some cores, or a GPU."""

from __future__ import annotations

import socket
from dataclasses import replace

from vsrrg import __version__
from vsrrg.errors import VsrrgError
from vsrrg.pieces.identity import model_hash
from vsrrg.pieces.tasks import Failed, Job, Source
from vsrrg.pieces.worker import Worker as PieceWorker
from vsrrg_ray.cluster import Slot


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

    def ready(self, sample: Source) -> Failed | None:
        """Why this machine cannot work for the job, as told by one of its files; None if it can."""
        host = socket.gethostname()
        if __version__ != self.job.version:
            return Failed(
                f"{host} has vsrrg {__version__}, not {self.job.version}; install the same everywhere"
            )
        for path in (sample.target.parent, sample.path):
            if not path.exists():
                return Failed(
                    f"{host} does not see {str(path)!r}; files must lie under the same path on all machines, "
                    "on storage that they share"
                )
        try:
            model = model_hash(self.job.options.model)
            self.engine()
        except VsrrgError as error:
            return Failed(f"{host} cannot derain: {error}")
        if model != self.job.model:
            return Failed(f"{host} has another model {self.job.options.model!r}; install the same everywhere")
        return None


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

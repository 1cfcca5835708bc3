"""What a worker asks of its machine, and takes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from vsrrg_ray.cluster import Slot
from vsrrg_ray.worker import Worker, memory_share

from tests.pieces.pieces_support import long_clip, make_job, source_of
from vsrrg.pieces.tasks import Failed

SLOT = Slot(node="here", host="here", cores=1, gpus=0.0, neighbours=1)


@pytest.mark.usefixtures("flip")
def test_machines_that_cannot_work_say_why(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "in.mkv", frames=10)
    job = make_job()
    source = source_of(path, tmp_path / "out")
    assert Worker(job, SLOT).ready(source) is None
    elsewhere = replace(source, path=Path("/nowhere/in.mkv"))
    for odd, sample, reason in (
        (job, elsewhere, "does not see '/nowhere/in.mkv'"),
        (job, replace(source, target=Path("/nowhere/in.mkv")), "does not see '/nowhere'"),
        (replace(job, version="0.0"), source, "not 0.0; install the same everywhere"),
        (replace(job, model="other"), source, "has another model 'consensus'"),
        (replace(job, options=replace(job.options, model="none")), source, "no model named 'none'"),
    ):
        answer = Worker(odd, SLOT).ready(sample)
        assert isinstance(answer, Failed) and reason in answer.reason


def test_workers_share_the_memory_of_their_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vsrrg.engine.free_memory.free_ram", lambda: 8 << 30)
    gpu = SimpleNamespace(total_memory=80 << 30)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda device: gpu)
    job = make_job()
    four = replace(SLOT, neighbours=4)
    assert memory_share(job, SLOT) is None  # the engine decides when it sees the first frame
    assert memory_share(job, four) == int(0.6 * (2 << 30))
    assert memory_share(job, replace(four, gpus=1.0)) is None
    assert memory_share(job, replace(four, gpus=0.25)) == int(0.6 * (20 << 30))
    wished = replace(job, options=replace(job.options, max_memory=1 << 30))
    assert memory_share(wished, four) == 1 << 30

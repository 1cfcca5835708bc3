"""What a worker asks of its machine, and takes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from vsrrg_ray.cluster import Slot
from vsrrg_ray.sameness import difference, fingerprint, versions
from vsrrg_ray.storage import Sample, marked
from vsrrg_ray.worker import Ready, Worker, memory_share

from tests.ffmpeg.media import Flip
from tests.pieces.pieces_support import long_clip, make_job, source_of
from vsrrg import __version__
from vsrrg.engine import Options
from vsrrg.errors import MediaError
from vsrrg.hooks.resolve import create_derainer
from vsrrg.pieces.folder import LOCK
from vsrrg.pieces.lock import held
from vsrrg.pieces.sequence import derain_in_pieces, left_behind
from vsrrg.pieces.tasks import Done, Entire, Failed, Look, Source

SLOT = Slot(node="here", host="here", cores=1, gpus=0.0, neighbours=1)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return source_of(long_clip(tmp_path / "in.mkv", frames=10), tmp_path / "out")


@pytest.mark.usefixtures("flip")
def test_machines_that_cannot_work_say_why(source: Source, tmp_path: Path) -> None:
    job = make_job()

    with marked(tmp_path / "out") as mark:
        assert isinstance(Worker(job, SLOT).ready(Sample(source, mark), versions(job.options)), Ready)
        assert list(mark.iterdir()), "nothing was written"
    assert list((tmp_path / "out").iterdir()) == []
    elsewhere = replace(source, path=Path("/nowhere/in.mkv"))
    named = replace(job, options=replace(job.options, model="none"))
    for odd, sample, other, reason in (
        (job, Sample(elsewhere), {}, "does not see '/nowhere/in.mkv'"),
        (job, Sample(replace(source, target=Path("/nowhere/in.mkv"))), {}, "does not see '/nowhere'"),
        (job, Sample(source, mark), {}, f"has another {str(mark.parent)!r}; files must lie under the same"),
        (job, Sample(source, Path("/proc/version")), {}, "cannot write into '/proc': Not a directory"),
        (job, Sample(source), {"vsrrg": "0.0"}, f"has vsrrg {__version__}, not 0.0; install the same"),
        (job, Sample(source), {"vsrrg-snow": "2"}, "has no vsrrg-snow 2; install the same everywhere"),
        (replace(job, model="other"), Sample(source), {}, "has another model 'consensus'"),
        (named, Sample(source), {}, "no model named 'none'"),
    ):
        answer = Worker(odd, SLOT).ready(sample, {**versions(odd.options), **other})
        assert isinstance(answer, Failed) and reason in answer.reason


def test_what_takes_part_is_known_by_its_version() -> None:
    plain = versions(Options(model="fast"))
    assert {"vsrrg", "vsrrg-ray", "torch", "ffmpeg"} == set(plain)
    assert plain["ffmpeg"] and plain["torch"][0].isdigit() and "+" not in plain["torch"]
    assert "vsrrg-consensus" in versions(Options(model="consensus"))
    assert difference(plain, plain) == ""


def test_machines_that_round_differently_are_noticed() -> None:
    prints = [
        fingerprint(create_derainer(Options(model="fast", device="cpu", precision=precision)))
        for precision in ("fp32", "fp32", "bf16")
    ]
    assert prints[0] == prints[1] != prints[2]


def test_others_that_are_at_a_file_are_left_alone(source: Source, flip: Flip) -> None:
    job = make_job()
    with held(source.folder / LOCK, "it is taken"):
        answer = Worker(job, SLOT).do(Look(source, 1))
    assert isinstance(answer, Failed) and answer.code == "target-taken" and answer.again

    def look(_: int) -> None:
        # Other workers of the farm may, another command may not.
        with held(source.folder / LOCK, "it is taken", shared=True):
            pass
        assert left_behind(source.path, source.target, job.options, job.encode) == ""
        with pytest.raises(MediaError, match="another process is at work"):
            derain_in_pieces(source.path, source.target, job.options, job.encode)

    flip.after = look
    worker = Worker(job, SLOT)
    worker.do(Look(source, 1))
    assert isinstance(worker.do(Entire(source)), Done)
    assert not source.folder.exists() and source.target.exists()


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

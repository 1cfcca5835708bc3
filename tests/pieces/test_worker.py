"""What is out of the ordinary: files that stay whole, seams that do not fit, pieces that are there."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.ffmpeg.media import Flip, clip, ffmpeg, raw
from tests.pieces.pieces_support import OPEN_GOP, Record, do_all, long_clip, make_job, source_of
from vsrrg.pieces.folder import find_plan, piece_path
from vsrrg.pieces.tasks import Derain, Derained, Done, Entire, Join, Look, Looked, Uncut
from vsrrg.pieces.worker import Worker

pytestmark = pytest.mark.usefixtures("flip")


def assert_flipped(path: Path, target: Path) -> None:
    before, after = raw(path), raw(target)
    assert before.size and np.array_equal(before ^ 1, after)


def only_target(record: Record, out: Path) -> None:
    """Everything is done, and nothing but targets is left."""
    assert record.schedule.failed == {}
    assert set(out.iterdir()) == {source.target for source in record.schedule.done}


@pytest.mark.parametrize(
    ("words", "options", "reason"),
    [
        ("-c:v ffv1 -force_key_frames 2", {}, "-force_key_frames is about the whole file"),
        ("-c:v ffv1", {"filter_in": "hqdn3d"}, "filters of ffmpeg"),
        ("-c:v ffv1", {"filter_out": "scale=32:-2"}, "filters of ffmpeg"),
        ("-c:v ffv1", {"suffix": ".nut"}, ".nut files with ffv1 are not joined"),
        ("-c:v ffv1", {"frames": 30}, "it is short"),
    ],
)
def test_files_that_stay_whole(tmp_path: Path, words: str, options: dict[str, str], reason: str) -> None:
    path = long_clip(tmp_path / "in.mkv", *OPEN_GOP, frames=int(options.pop("frames", 120)))
    suffix = options.pop("suffix", ".mkv")
    job = make_job(words)
    job = replace(job, encode=replace(job.encode, **options))  # type: ignore[arg-type]
    source = source_of(path, tmp_path / "out", suffix)
    record = do_all(job, [source])
    only_target(record, tmp_path / "out")
    assert [type(task) for task, _ in record.tasks] == [Look, Entire]
    assert reason in record.schedule.whole[source]
    assert record.schedule.frames == record.schedule.done[source].frames > 0


def test_decoding_begins_further_back_where_keys_are_none(tmp_path: Path) -> None:
    """With intra refresh no packet alone gives a whole picture, and decoders do not say so."""
    words = ("-c:v", "libx264", "-g", "24", "-bf", "3", "-x264-params", "intra-refresh=1:scenecut=0")
    path = clip(tmp_path / "in.mkv", *words, frames=150)
    job = make_job()
    source = source_of(path, tmp_path / "out")
    record = do_all(job, [source])
    only_target(record, tmp_path / "out")
    assert any(outcome.effort for _, outcome in record.of_kind(Derain))
    assert not record.of_kind(Entire)
    assert_flipped(path, source.target)


def test_a_piece_whose_seam_does_not_fit_is_made_anew(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job()
    source = source_of(path, tmp_path / "out")
    worker = Worker(job)
    worker.do(Look(source, 1))
    made = [worker.do(Derain(source, number)) for number in range(3)]
    assert [one.tail for one in made[:2]] == [one.head for one in made[1:]]  # type: ignore[union-attr]
    assert len({one.tail for one in made}) == 3  # type: ignore[union-attr]
    note = piece_path(source, 1).with_suffix(".json")
    note.write_text(json.dumps({**json.loads(note.read_text()), "head": "damaged"}))
    record = do_all(job, [source])
    assert [task for task, _ in record.of_kind(Derain)] == [Derain(source, 1, effort=1)]
    only_target(record, tmp_path / "out")
    assert_flipped(path, source.target)


def test_a_piece_that_is_not_as_planned_makes_the_file_whole(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job()
    source = source_of(path, tmp_path / "out")
    worker = Worker(job)
    assert isinstance(worker.do(Look(source, 1)), Looked)
    plan = find_plan(source)
    assert plan is not None
    times = (*plan.index.times[:60], plan.index.times[60] + 1, *plan.index.times[61:])
    odd = replace(plan, index=replace(plan.index, times=times))
    (source.folder / "plan.json").write_text(odd.to_json())
    record = do_all(job, [source])
    only_target(record, tmp_path / "out")
    assert [outcome.reason for _, outcome in record.tasks if isinstance(outcome, Uncut)] == [
        "frame 60 is at another time"
    ]
    assert len(record.of_kind(Entire)) == 1
    assert_flipped(path, source.target)


def test_finished_pieces_are_not_made_again(tmp_path: Path, flip: Flip) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job()
    source = source_of(path, tmp_path / "out")
    worker = Worker(job)
    looked = worker.do(Look(source, 1))
    assert isinstance(looked, Looked) and looked.pieces == 3 and looked.made == ()
    assert isinstance(worker.do(Derain(source, 0)), Derained)
    assert isinstance(worker.do(Derain(source, 2)), Derained)
    piece_path(source, 2).unlink()
    claimed = piece_path(source, 1).with_suffix(".claim")
    claimed.write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    seen: list[int] = []
    flip.after = seen.append
    record = do_all(job, [source])
    assert [task.number for task, _ in record.of_kind(Derain)] == [1, 2]
    assert len(seen) == (1 + 40 + 1) + (1 + 39)
    assert record.schedule.found[source] == 41
    only_target(record, tmp_path / "out")
    assert_flipped(path, source.target)


def test_bad_files_fail_alone(tmp_path: Path) -> None:
    good = long_clip(tmp_path / "good.mkv")
    (tmp_path / "text.mkv").write_text("no video\n" * 100)
    ffmpeg("-f", "lavfi", "-t", "0.1", "-i", "sine", tmp_path / "sound.mkv")
    job = make_job()
    sources = [source_of(tmp_path / name, tmp_path / "out") for name in ("text.mkv", "good.mkv", "sound.mkv")]
    gone = source_of(long_clip(tmp_path / "gone.mkv", frames=10), tmp_path / "out")
    gone.path.unlink()
    changed = source_of(long_clip(tmp_path / "changed.mkv", frames=10), tmp_path / "out")
    os.utime(changed.path, ns=(0, 0))
    schedule = do_all(job, [*sources, gone, changed]).schedule
    assert set(schedule.done) == {sources[1]}
    reasons = {source.path.name: failed.reason for source, failed in schedule.failed.items()}
    assert "cannot be read as video" in reasons["text.mkv"]
    assert "has no video stream" in reasons["sound.mkv"]
    assert "cannot be seen on" in reasons["gone.mkv"]
    assert "has changed since the job began" in reasons["changed.mkv"]
    assert_flipped(good, sources[1].target)


def test_options_that_ffmpeg_refuses_are_told_in_one_sentence(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job("-c:v libx264 -preset slowish")
    source = source_of(path, tmp_path / "out")
    record = do_all(job, [source])
    reason = record.schedule.failed[source].reason
    assert reason.startswith(f"a piece of {str(path)!r} cannot be written: ")
    assert "preset" in reason and "\n" not in reason
    assert not source.target.exists()


@pytest.mark.parametrize("filters", ["null", None])
def test_reasons_name_the_target_and_not_the_file_that_becomes_it(
    tmp_path: Path, filters: str | None
) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job("-c:v libx264 -c:a opus9")
    source = source_of(path, tmp_path / "out")
    job = replace(job, encode=replace(job.encode, filter_in=filters))
    record = do_all(job, [source])
    assert len(record.of_kind(Entire if filters else Join)) == 2, "it is tried once more"
    reason = record.schedule.failed[source].reason
    assert reason == f"{str(source.target)!r} cannot be written: Unknown encoder 'opus9'"


def test_encoders_that_differ_between_machines_are_noticed(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job("-c:v libx264 -crf 20")
    source = source_of(path, tmp_path / "out")
    worker = Worker(job)
    worker.do(Look(source, 1))
    for number in (0, 1):
        assert isinstance(worker.do(Derain(source, number)), Derained)
    other = replace(job, encode=replace(job.encode, ffmpeg_args="-c:v libx264 -crf 20 -coder vlc"))
    assert isinstance(Worker(other).do(Derain(source, 2)), Derained)
    assert worker.do(Join(source)) == Uncut("its pieces were encoded in different ways")
    assert isinstance(worker.do(Entire(source)), Done)


def test_damaged_pieces_are_noticed(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "in.mkv")
    job = make_job()
    source = source_of(path, tmp_path / "out")
    worker = Worker(job)
    worker.do(Look(source, 1))
    for number in range(3):
        worker.do(Derain(source, number))
    held = piece_path(source, 1).read_bytes()
    for damaged in (held[: len(held) // 2], b"no video"):
        piece_path(source, 1).write_bytes(damaged)
        assert worker.do(Join(source)) == Uncut("a piece is damaged")
        (source.folder / "whole").unlink()

"""A job of files: what is done, skipped and failed, and how that is told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ffmpeg.media import LOSSLESS, Flip, clip, raw
from vsrrg.batch.events import NAMES, Advance, Done, Failed, Planned, Skipped, Start, Summary, Told, to_json
from vsrrg.batch.inputs import Pair
from vsrrg.batch.run import Batch, plan_batch, run_batch
from vsrrg.engine import Options
from vsrrg.errors import MediaError, OptionError
from vsrrg.ffmpeg.transcode import EncodeOptions
from vsrrg.hooks import observers, resolve


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A good file, a bad one, another good one, one that is done."""
    monkeypatch.setattr(observers, "INTERVAL", 0)
    pairs = []
    for name in ("good", "bad", "deep/other", "there"):
        path = tmp_path / "in" / f"{name}.mkv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pairs.append(Pair(path, tmp_path / "out" / f"{name}.mkv"))
        if name == "bad":
            path.write_text("no video")
        else:
            clip(path, "-c:v", "ffv1", frames=6)
    pairs[-1].target.parent.mkdir()
    pairs[-1].target.write_text("precious")
    return Batch(
        pairs=tuple(pairs),
        options=Options(model="consensus", device="cpu"),
        encode=EncodeOptions(ffmpeg_args=LOSSLESS),
        out=tmp_path / "out",
        many=True,
        left_out=2,
    )


def changed(batch: Batch, **fields: Any) -> Batch:
    return Batch(**{**vars(batch), **fields})


@pytest.mark.parametrize("resume", [False, True])
def test_bad_files_fail_alone_and_those_that_are_there_are_skipped(
    batch: Batch, flip: Flip, resume: bool
) -> None:
    told: list[Told] = []
    summary = run_batch(changed(batch, resume=resume), told.append)
    assert told[-1] is summary
    assert (summary.files, summary.done, summary.failed, summary.skipped) == (4, 2, 1, 1)
    assert (summary.left_out, summary.frames, summary.interrupted) == (2, 12, False)
    (failed,) = summary.failures
    assert failed.input == batch.pairs[1].source and "cannot be read as video" in failed.error
    for pair in (batch.pairs[0], batch.pairs[2]):
        assert np.array_equal(raw(pair.source) ^ 1, raw(pair.target))
    assert batch.pairs[3].target.read_text() == "precious"
    found = {str(path.relative_to(batch.out)) for path in batch.out.rglob("*") if path.is_file()}
    assert found == {"good.mkv", "deep/other.mkv", "there.mkv"}
    kinds = [type(one) for one in told if one.__class__.__name__ != "Note" and not isinstance(one, Advance)]
    assert kinds == [Start, Done, Start, Failed, Start, Done, Skipped, Summary]
    assert [one.file for one in told if isinstance(one, Start)] == [1, 2, 3]
    steps = [one for one in told if isinstance(one, Advance)]
    assert [one.frames for one in steps if one.output == batch.pairs[0].target][-1] == 6
    assert all(one.total in (None, 6) and one.fps >= 0 for one in steps)

    again: list[Told] = []
    os.utime(batch.pairs[0].source, ns=(2**62, 2**62))  # changed since
    assert run_batch(batch, again.append).skipped == 3
    older = [one.input for one in again if isinstance(one, Skipped) and one.older]
    assert older == [batch.pairs[0].source]
    anew = run_batch(changed(batch, overwrite=True), again.append)
    assert (anew.done, anew.skipped) == (3, 0)
    assert len(raw(batch.pairs[3].target))


def test_one_model_is_opened_for_all_files(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(resolve, "create_derainer", lambda options: opened.append(options) or Flip())
    assert run_batch(batch, lambda told: None).done == 2
    assert len(opened) == 1
    opened.clear()
    bad = changed(batch, pairs=batch.pairs[1:2])
    assert run_batch(bad, lambda told: None).failed == 1
    assert opened == []


def test_a_single_file_fails_as_it_is(batch: Batch, flip: Flip) -> None:
    told: list[Told] = []
    for number, sentence in ((1, "cannot be read as video"), (3, "exists; overwrite it")):
        with pytest.raises(MediaError, match=sentence):
            run_batch(changed(batch, pairs=batch.pairs[number : number + 1], many=False), told.append)
        assert [type(one) for one in told] == [Start, Failed, Summary]
        told.clear()


def test_what_no_file_survives_ends_the_job(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(options: Options) -> None:
        raise OptionError("unknown-device", "no such device")

    monkeypatch.setattr(resolve, "create_derainer", refuse)
    told: list[Told] = []
    with pytest.raises(OptionError):
        run_batch(batch, told.append)
    assert isinstance(told[-1], Summary) and told[-1].failed == 1


def test_an_interruption_is_told_and_goes_on(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(resolve, "create_derainer", lambda options: Flip(stop))
    told: list[Told] = []
    with pytest.raises(KeyboardInterrupt):
        run_batch(batch, told.append)
    failed, summary = told[-2:]
    assert isinstance(failed, Failed) and failed.interrupted and failed.error == "interrupted"
    assert isinstance(summary, Summary) and summary.interrupted and summary.done == 0
    assert [path.name for path in batch.out.iterdir()] == ["there.mkv"]


def test_an_interrupted_job_does_not_overwrite_its_own_outputs(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = changed(batch, overwrite=True, resume=True, pairs=(*batch.pairs[2:], batch.pairs[0]))
    flips = Flip()
    monkeypatch.setattr(resolve, "create_derainer", lambda options: flips)

    def stop(told: Told) -> None:
        if isinstance(told, Start) and told.file == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(batch, stop)
    assert len(raw(batch.pairs[1].target))
    told: list[Told] = []
    summary = run_batch(batch, told.append)
    assert (summary.done, summary.skipped) == (1, 2)
    reasons = {one.reason for one in told if isinstance(one, Skipped)}
    assert reasons == {"this job has made it before it was interrupted"}
    assert not [path for path in batch.out.rglob("*") if path.name.startswith(".")]
    assert run_batch(batch, told.append).done == 3


def test_a_dry_run_tells_the_encoding_and_does_nothing(batch: Batch) -> None:
    told: list[Told] = []
    summary = plan_batch(changed(batch, encode=EncodeOptions(crf=21)), told.append)
    assert (summary.done, summary.failed, summary.skipped) == (2, 1, 1)
    plan = told[0]
    assert isinstance(plan, Planned)
    assert (plan.frames, plan.width, plan.height, plan.pix_fmt) == (6, 64, 48, "yuv420p")
    assert (plan.container, plan.encoder, plan.settings["crf"]) == ("mkv", "ffv1", "21")
    assert "fps_mode" not in plan.settings and plan.dropped == ()
    assert [path.name for path in batch.out.iterdir()] == ["there.mkv"]


def test_every_event_is_one_line_of_json_with_its_name(batch: Batch, flip: Flip) -> None:
    told: list[Told] = []
    run_batch(batch, told.append)
    plan_batch(changed(batch, overwrite=True), told.append)
    seen = set()
    for one in told:
        line = to_json(one)
        held = json.loads(line)
        assert "\n" not in line and next(iter(held)) == "event" and held["event"] == NAMES[type(one)]
        assert set(held) - {"event"} == set(vars(one)) - {"failures"}
        if held["event"] != "summary":
            assert held["output"].startswith(str(batch.out))
        seen.add(held["event"])
    assert seen == set(NAMES.values()) - {"note"}

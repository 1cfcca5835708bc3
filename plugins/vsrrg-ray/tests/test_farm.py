"""The farm on a Ray of two CPUs: the network's pixels, and the command as its users see it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import ray
from click.testing import CliRunner
from vsrrg_ray import cluster
from vsrrg_ray.cluster import ClusterError, Wishes, connected, find_slots
from vsrrg_ray.driver import Status, run_job
from vsrrg_ray.farm import farm

from tests.ffmpeg.media import raw
from tests.pieces.pieces_support import OPEN_GOP, PASS_TIMES, WOBBLE, contents, long_clip, make_job, source_of
from vsrrg.ffmpeg.transcode import derain_file

TWO = Wishes("cpu", cores=1)


@pytest.fixture(scope="module")
def two_cpus() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_TOKEN", "0" * 64)  # or Ray would write one into the home folder
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(
            address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR"
        )
        yield
        ray.shutdown()


@pytest.mark.usefixtures("two_cpus")
def test_network_gives_the_pixels_of_one_machine(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "vfr.mp4", *OPEN_GOP, *PASS_TIMES, "-c:a", "aac", filters=WOBBLE)
    job = make_job(model="fast")
    source = source_of(path, tmp_path / "out")
    once = tmp_path / "once.mkv"
    derain_file(path, once, job.options, job.encode)
    seen: list[Status] = []

    summary = run_job(job, [source], lambda: find_slots(TWO), show=seen.append)

    assert summary.failed == {} and summary.frames == 120
    assert np.array_equal(raw(once), raw(source.target))
    assert not np.array_equal(raw(path), raw(source.target))
    assert contents(source.target) == contents(once)
    assert seen[-1].frames == 120 and seen[-1].files == (1, 1)
    assert 0 < max(status.workers for status in seen) <= 2
    assert {status.total for status in seen if status.total} == {120}


@pytest.mark.usefixtures("two_cpus")
def test_machines_that_do_not_see_the_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    job = make_job()
    source = source_of(long_clip(tmp_path / "in.mkv", frames=10), tmp_path / "out")
    missing = replace(source, path=Path("/elsewhere/in.mkv"))
    with pytest.raises(
        ClusterError, match=r"does not see '/elsewhere/in\.mkv'; files must lie under the same"
    ):
        run_job(job, [missing], lambda: find_slots(TWO), most=1)


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch, two_cpus: None) -> None:
    """The command uses the Ray that is there."""
    monkeypatch.setattr(cluster, "connected", lambda address: contextlib.nullcontext())


@pytest.mark.usefixtures("joined")
def test_command(tmp_path: Path) -> None:
    good, other = long_clip(tmp_path / "good.mp4", *OPEN_GOP, "-c:a", "aac"), tmp_path / "other.mp4"
    long_clip(other, *OPEN_GOP, "-c:a", "aac", frames=30)
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video\n" * 100)
    out, report = tmp_path / "out", tmp_path / "report.json"
    words = ["--out", str(out), "--suffix", "mkv", "--model", "consensus", "--cores-per-worker", "1"]
    words += ["--workers", "1", "--piece", "40", "--ffmpeg-args", "-c:v ffv1", "--report", str(report)]
    names = [str(path) for path in (good, bad, other, tmp_path / "gone.mp4")]

    first = CliRunner().invoke(farm, [*names, *words])

    assert first.exit_code == 1, first.output
    assert f"vsrrg: {str(bad)!r} cannot be read as video" in first.stderr
    assert f"vsrrg: {names[3]!r} cannot be read: No such file" in first.stderr
    assert "2 files failed; the same command tries them again" in first.stderr
    assert "Traceback" not in first.output
    held = json.loads(report.read_text())
    assert (held["frames"] == 150 and held["files"]["done"] == [names[0], names[2]]) or [names[2], names[0]]
    assert {task["task"] for task in held["tasks"]} == {"look", "derain", "join", "entire"}
    assert sorted(path.name for path in out.iterdir() if path.suffix) == ["good.mkv", "other.mkv"]
    made = (out / "good.mkv").stat().st_ino

    bad.unlink()
    other.rename(bad)
    second = CliRunner().invoke(farm, [names[0], names[1], *words])

    assert second.exit_code == 0, second.output
    assert sorted(path.name for path in out.iterdir()) == ["bad.mkv", "good.mkv", "other.mkv"]
    assert (out / "good.mkv").stat().st_ino == made
    assert "1 outputs were there already" in second.stderr


def test_wrong_words_are_refused_before_anything_starts(tmp_path: Path) -> None:
    long_clip(tmp_path / "in.mkv", frames=10)
    out = tmp_path / "out"
    for words, sentence in (
        ([tmp_path / "in.mkv", tmp_path / "a" / "in.mkv"], "would both become"),
        ([tmp_path / "in.mkv", "--device", "cuda:1"], "each worker is given a GPU of its own"),
        ([tmp_path / "in.mkv", "--model", "none"], "no model named 'none'"),
        ([tmp_path / "in.mkv", "--strength", "2"], "strength must be"),
        ([tmp_path / "in.mkv", "--filter", "none"], "no filter named 'none'"),
    ):
        result = CliRunner().invoke(farm, [*map(str, words), "--out", str(out)])
        assert result.exit_code == 1 and sentence in str(result.exception)
        assert not out.exists()


def test_no_cluster_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**options: object) -> None:
        raise ConnectionError("nobody answers. More of it")

    monkeypatch.setattr(ray, "init", refuse)
    sentence = r"^no Ray cluster can be used at 'far:6379': nobody answers$"
    with pytest.raises(ClusterError, match=sentence), connected("far:6379"):
        pass

"""The farm on a Ray of two CPUs: the network's pixels, and the command as its users see it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
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
from vsrrg_ray.storage import marked

from tests.ffmpeg.media import LOSSLESS, raw
from tests.pieces.pieces_support import OPEN_GOP, PASS_TIMES, WOBBLE, contents, long_clip, make_job, source_of
from vsrrg.ffmpeg.transcode import derain_file

TWO = Wishes("cpu", cores=1)


@pytest.fixture(scope="module")
def two_cpus() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_TOKEN", "0" * 64)  # or Ray would write one into the home folder
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        folder = Path(tempfile.mkdtemp(prefix="farm-", dir="/tmp"))  # of a short name
        joined = ray.init(
            address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
            _temp_dir=str(folder), object_store_memory=80 << 20,
        )  # fmt: skip
        yield joined.address_info["gcs_address"]
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.usefixtures("two_cpus")
def test_network_gives_the_pixels_of_one_machine(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "vfr.mp4", *OPEN_GOP, *PASS_TIMES, "-c:a", "aac", filters=WOBBLE)
    job = make_job(model="fast")
    source = source_of(path, tmp_path / "out")
    once = tmp_path / "once.mkv"
    derain_file(path, once, job.options, job.encode)
    seen: list[Status] = []

    with marked(tmp_path / "out") as mark:
        summary = run_job(job, [source], lambda: find_slots(TWO), mark=mark, show=seen.append)

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


CLIENT_SERVER = """
import sys, time, ray
from ray.util.client.server import server
ray.init(address=sys.argv[1], logging_level="ERROR", log_to_driver=False)
kept = server.serve("127.0.0.1", int(sys.argv[2]))
print("up", flush=True)
time.sleep(600)
"""
CURIOUS = "from vsrrg_ray import crew; crew.PATIENCE = 0.0; from vsrrg.cli.main import main; main()"


def test_from_outside_the_cluster(tmp_path: Path, two_cpus: str) -> None:
    path, out = long_clip(tmp_path / "in.mkv"), tmp_path / "out"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    python = [sys.executable, "-c"]
    server = subprocess.Popen([*python, CLIENT_SERVER, two_cpus, port], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None and server.stdout.readline() == "up\n"
        words = ["farm", str(path), "--out", str(out), "--model", "consensus", "--workers", "1", "--json"]
        words += ["--address", f"ray://127.0.0.1:{port}", "--ffmpeg-args", LOSSLESS, "--piece", "40"]
        ran = subprocess.run([*python, CURIOUS, *words], capture_output=True, text=True, check=False)
    finally:
        server.kill()
        server.wait()
    assert ran.returncode == 0, ran.stderr
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {"start", "progress", "farm", "done", "summary"} == {one["event"] for one in told}
    assert [one["frames"] for one in told if one["event"] == "done"] == [120]
    assert raw(out / "in.mkv").shape == raw(path).shape
    assert list(out.iterdir()) == [out / "in.mkv"]


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
    words_of_failures = " ".join(first.stderr.replace("\n", " ").split())
    assert "cannot be read as video" in words_of_failures and "[source-missing]" in words_of_failures
    assert "vsrrg: 2 of 4 files done, 2 failed" in first.stderr
    assert "there already" not in first.stderr
    assert "the same command tries what failed again" in first.stderr
    assert "Traceback" not in first.output
    held = json.loads(report.read_text())
    assert held["frames"] == 150 and sorted(held["files"]["done"]) == sorted([names[0], names[2]])
    assert {task["task"] for task in held["tasks"]} == {"look", "derain", "join", "entire"}
    assert sorted(path.name for path in out.iterdir()) == ["good.mkv", "other.mkv"]
    made = (out / "good.mkv").stat().st_ino

    bad.unlink()
    other.rename(bad)
    second = CliRunner().invoke(farm, [names[0], names[1], *words])

    assert second.exit_code == 0, second.output
    assert sorted(path.name for path in out.iterdir()) == ["bad.mkv", "good.mkv", "other.mkv"]
    assert (out / "good.mkv").stat().st_ino == made
    assert "1 output was there already" in second.stderr


def test_wrong_words_are_refused_before_anything_starts(tmp_path: Path) -> None:
    long_clip(tmp_path / "in.mkv", frames=10)
    out = tmp_path / "out"
    for words, sentence in (
        ([tmp_path / "in.mkv", tmp_path / "a" / "in.mkv"], "would both become"),
        ([tmp_path / "in.mkv", "--device", "cuda:1"], "each worker is given a GPU of its own"),
        ([tmp_path / "in.mkv", "--model", "none"], "no model named 'none'"),
        ([tmp_path / "in.mkv", "--strength", "2"], "strength must be"),
        ([tmp_path / "in.mkv", "--filter", "none"], "no filter named 'none'"),
        ([tmp_path / "in.mkv", "--encoder", "none"], "has no encoder 'none'"),
        ([tmp_path / "none" / "*.mkv"], "no file matches"),
    ):
        result = CliRunner().invoke(farm, [*map(str, words), "--out", str(out)])
        assert result.exit_code == 2 and sentence in result.stderr
        assert not out.exists()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("nobody answers. More of it", "nobody answers"),
        ("Failure:\nTraceback (most recent call last):\n  File x\n\x1b[36mRuntimeError: no start\x1b[39m\n",
         "RuntimeError: no start"),
    ],
)  # fmt: skip
def test_no_cluster_is_one_sentence(monkeypatch: pytest.MonkeyPatch, said: str, reason: str) -> None:
    def refuse(**options: object) -> None:
        raise ConnectionError(said)

    monkeypatch.setattr(ray, "init", refuse)
    sentence = rf"^no Ray cluster can be used at 'auto': {reason}$"
    with pytest.raises(ClusterError, match=sentence), connected("auto"):
        pass


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_where_nobody_answers_is_told_at_once(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    def wait(**options: object) -> None:
        pytest.fail("Ray was asked, which tries for minutes")

    monkeypatch.setattr(ray, "init", wait)
    with socket.socket() as silent:  # bound, but nobody listens
        silent.bind(("127.0.0.1", 0))
        address = f"{scheme}127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"at '{address}': Connection refused"), connected(address):
            pass


def test_who_answers_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(ray, "init", lambda address, **options: asked.append(address))
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        addresses = [
            f"127.0.0.1:{server.getsockname()[1]}",
            f"ray://127.0.0.1:{server.getsockname()[1]}",
            "auto",
        ]
        for address in addresses:
            with connected(address):
                pass
    assert asked == addresses

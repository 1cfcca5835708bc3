"""Names of outputs, and what an earlier run has left to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from farm_support import make_job
from vsrrg_ray.folder import mark_done
from vsrrg_ray.inputs import describe, job_key, model_hash, name_targets
from vsrrg_ray.resume import alone_in, left_to_do, other_jobs

from vsrrg.engine import Options
from vsrrg.errors import MediaError, OptionError
from vsrrg.ffmpeg.transcode import EncodeOptions


def test_targets_mirror_the_inputs() -> None:
    inputs = [Path("a/one.mp4"), Path("b/two.x.mkv")]
    assert list(name_targets(inputs, Path("out"), None).values()) == [
        Path("out/one.mp4"),
        Path("out/two.x.mkv"),
    ]
    for suffix in ("mkv", ".mkv"):
        assert list(name_targets(inputs, Path("out"), suffix).values()) == [
            Path("out/one.mkv"), Path("out/two.x.mkv"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "suffix"),
    [(["a/x.mp4", "b/x.mp4"], None), (["x.mp4", "x.avi"], ".mkv"), (["x.mp4", "x.mp4"], None)],
)
def test_two_inputs_of_one_name_are_refused(inputs: list[str], suffix: str | None) -> None:
    with pytest.raises(OptionError, match=r"would both become 'out/x\.m.*rename one of them"):
        name_targets([Path(name) for name in inputs], Path("out"), suffix)


def test_what_is_left_to_do(tmp_path: Path) -> None:
    out = tmp_path / "out"
    job = make_job(out)
    paths = {name: tmp_path / f"{name}.mkv" for name in ("new", "there", "done", "gone")}
    for name, path in paths.items():
        if name != "gone":
            path.write_text(name)
    targets = {path: out / path.name for path in paths.values()}
    for name in ("there", "done"):
        targets[paths[name]].write_text("derained")
    mark_done(describe(paths["done"], targets[paths["done"]], job.folder))
    for overwrite, expected in ((False, ["new"]), (True, ["new", "there"])):
        sources, missing = left_to_do(targets, job.folder, overwrite=overwrite)
        assert [source.path.stem for source in sources] == expected
        assert list(missing) == [str(paths["gone"])]
        assert "No such file" in missing[str(paths["gone"])]
    targets[paths["done"]].unlink()
    assert len(left_to_do(targets, job.folder, overwrite=True)[0]) == 3


def test_targets_that_cannot_be_are_refused_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    path.touch()
    with pytest.raises(MediaError, match="is the input itself"):
        left_to_do(name_targets([path], tmp_path, None), tmp_path, overwrite=True)
    with pytest.raises(MediaError, match="no suffix that tells the container"):
        left_to_do({path: tmp_path / "out"}, tmp_path, overwrite=True)


def test_another_file_or_option_is_another_job(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    path.write_text("one")
    first = describe(path, tmp_path / "x.mkv", tmp_path)
    assert describe(path, tmp_path / "x.mkv", tmp_path) == first
    os.utime(path, ns=(5, 5))
    assert describe(path, tmp_path / "x.mkv", tmp_path).folder != first.folder
    options, encode = Options(model="consensus"), EncodeOptions(crf=20)
    key = job_key(options, encode, "hash")
    assert key == job_key(
        Options(model="consensus", max_memory=1 << 30), EncodeOptions(crf=20, threads=3), "hash"
    )
    others = {
        job_key(Options(model="consensus", strength=0.5), encode, "hash"),
        job_key(options, EncodeOptions(crf=21), "hash"),
        job_key(options, encode, "other"),
    }
    assert len(others | {key}) == 4


def test_models_are_known_by_their_weights() -> None:
    assert model_hash("fast") != model_hash("general")
    assert len(model_hash("consensus")) == 64


def test_two_farms_do_not_share_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with alone_in(out):
        with pytest.raises(MediaError, match="another vsrrg farm is at work in"), alone_in(out):
            pass
        (out / ".vsrrg-farm-a").mkdir()
        (out / ".vsrrg-farm-b").mkdir()
        assert other_jobs(out, out / ".vsrrg-farm-b") == [out / ".vsrrg-farm-a"]
    with alone_in(out):
        pass
    assert sorted(path.name for path in out.iterdir()) == [".vsrrg-farm-a", ".vsrrg-farm-b"]
    (tmp_path / "file").touch()
    with pytest.raises(MediaError, match="cannot be written"), alone_in(tmp_path / "file"):
        pass

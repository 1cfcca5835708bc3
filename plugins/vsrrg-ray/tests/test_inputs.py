"""What an earlier run has left to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vsrrg_ray.inputs import left_to_do

from tests.pieces.pieces_support import make_job
from vsrrg.batch.events import Failed, Skipped, Told
from vsrrg.batch.inputs import Pair
from vsrrg.pieces.folder import begin, finish
from vsrrg.pieces.identity import describe, identity
from vsrrg.pieces.sequence import forget


def test_what_is_left_to_do(tmp_path: Path) -> None:
    out, job = tmp_path / "out", make_job()
    out.mkdir()
    paths = {name: tmp_path / f"{name}.mkv" for name in ("new", "there", "done", "gone")}
    for name, path in paths.items():
        if name != "gone":
            path.write_text(name)
    pairs = [Pair(path, out / "deep" / path.name) for path in paths.values()]
    (out / "deep").mkdir()
    (out / "deep" / "there.mkv").write_text("derained")
    done = describe(paths["done"], out / "deep" / "done.mkv")
    for remember, expected in ((False, ["new"]), (True, ["new", "there"])):
        job = replace(job, remember=remember)
        begin(done, identity(job, done))
        whole = done.folder / "target.mkv"
        whole.write_text("derained")
        finish(done, whole, remember=remember)
        told: list[Told] = []
        sources = left_to_do(pairs, job, told.append)
        assert [source.path.stem for source in sources] == expected
        skipped = [(one.input.stem, one.reason) for one in told if isinstance(one, Skipped)]
        here = "this job has made it before it was interrupted" if remember else "it exists"
        assert skipped == [(name, here) for name in ("there", "done") if name not in expected]
        (failed,) = [one for one in told if isinstance(one, Failed)]
        assert (failed.input, failed.code) == (paths["gone"], "source-missing")
    other = replace(job, model="another")
    assert [source.path.stem for source in left_to_do(pairs, other, told.append)] == ["new", "there", "done"]
    for pair in pairs:
        forget(pair.source, pair.target)
    assert sorted(path.name for path in (out / "deep").iterdir()) == ["done.mkv", "there.mkv"]


def test_targets_that_cannot_be_fail_alone(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    path.touch()
    (tmp_path / "folder.mkv").mkdir()
    targets = [path, tmp_path / "out", tmp_path / "folder.mkv", tmp_path / "good.mkv"]
    told: list[Told] = []
    sources = left_to_do([Pair(path, target) for target in targets], make_job(), told.append)
    assert [source.target for source in sources] == targets[3:]
    codes = [one.code for one in told if isinstance(one, Failed)]
    assert codes == ["target-is-source", "wrong-suffix", "target-is-folder"]

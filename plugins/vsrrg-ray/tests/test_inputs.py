"""What an earlier run has left to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from vsrrg_ray.inputs import left_to_do

from tests.pieces.pieces_support import make_job
from vsrrg.batch.inputs import Pair
from vsrrg.errors import MediaError
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
        sources, missing = left_to_do(pairs, job)
        assert [source.path.stem for source in sources] == expected
        assert list(missing) == [str(paths["gone"])]
        assert "No such file" in missing[str(paths["gone"])]
    other = replace(job, model="another")
    assert [source.path.stem for source in left_to_do(pairs, other)[0]] == ["new", "there", "done"]
    for pair in pairs:
        forget(pair.source, pair.target)
    assert sorted(path.name for path in (out / "deep").iterdir()) == ["done.mkv", "there.mkv"]


def test_targets_that_cannot_be_are_refused_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    path.touch()
    with pytest.raises(MediaError, match="is the input itself"):
        left_to_do([Pair(path, path)], make_job())
    with pytest.raises(MediaError, match="no suffix that tells the container"):
        left_to_do([Pair(path, tmp_path / "out")], make_job())

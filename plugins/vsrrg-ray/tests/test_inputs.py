"""Names of outputs, and what an earlier run has left to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from vsrrg_ray.inputs import forget, left_to_do, name_targets

from tests.pieces.pieces_support import make_job
from vsrrg.errors import MediaError, OptionError
from vsrrg.pieces.folder import begin, finish
from vsrrg.pieces.identity import describe, identity


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
    out, job = tmp_path / "out", make_job()
    out.mkdir()
    paths = {name: tmp_path / f"{name}.mkv" for name in ("new", "there", "done", "gone")}
    for name, path in paths.items():
        if name != "gone":
            path.write_text(name)
    targets = {path: out / path.name for path in paths.values()}
    targets[paths["there"]].write_text("derained")
    done = describe(paths["done"], targets[paths["done"]])
    for remember, expected in ((False, ["new"]), (True, ["new", "there"])):
        job = replace(job, remember=remember)
        begin(done, identity(job, done))
        whole = done.folder / "target.mkv"
        whole.write_text("derained")
        finish(done, whole, remember=remember)
        sources, missing = left_to_do(targets, job)
        assert [source.path.stem for source in sources] == expected
        assert list(missing) == [str(paths["gone"])]
        assert "No such file" in missing[str(paths["gone"])]
    other = replace(job, model="another")
    assert [source.path.stem for source in left_to_do(targets, other)[0]] == ["new", "there", "done"]
    targets.pop(paths["gone"])
    forget(targets)
    assert sorted(path.name for path in out.iterdir()) == ["done.mkv", "there.mkv"]


def test_targets_that_cannot_be_are_refused_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    path.touch()
    with pytest.raises(MediaError, match="is the input itself"):
        left_to_do(name_targets([path], tmp_path, None), make_job())
    with pytest.raises(MediaError, match="no suffix that tells the container"):
        left_to_do({path: tmp_path / "out"}, make_job())

"""Pieces are taken over by a job that would make the same, and by no other."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pieces.pieces_support import make_job
from vsrrg.pieces.folder import begin
from vsrrg.pieces.identity import describe, identity, model_hash


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "in.mkv"
    path.write_text("one")
    return path


def test_the_same_job_goes_on_and_others_begin_anew(path: Path, tmp_path: Path) -> None:
    source, job = describe(path, tmp_path / "x.mkv"), make_job()
    engine = job.options
    assert begin(source, identity(job, source)) == ""
    kept = source.folder / "00000.mkv"
    kept.write_text("a piece")
    same = replace(job, options=replace(engine, max_memory=1 << 30), encode=replace(job.encode, threads=3))
    assert begin(source, identity(same, source)) == "" and kept.exists()
    now = job
    for other, words in (
        (replace(job, options=replace(engine, strength=0.5)), "another strength"),
        (replace(job, encode=replace(job.encode, crf=21)), "another strength, another crf"),
        (replace(job, model="other"), "another crf, a model with other weights"),
        (replace(job, version="0"), "another version of vsrrg, a model with other weights"),
        (replace(job, options=replace(engine, model="fast")), "another version of vsrrg, another model"),
    ):
        assert begin(source, identity(other, source)) == words
        assert not kept.exists()
        kept.write_text("a piece")
        now = other
    os.utime(path, ns=(5, 5))
    changed = describe(path, tmp_path / "x.mkv")
    assert changed.folder == source.folder
    assert begin(changed, identity(now, changed)) == "another input, or one that has changed"
    assert not kept.exists()


def test_each_target_has_a_folder_of_its_own(path: Path, tmp_path: Path) -> None:
    names = ("a.mkv", "a.mp4", "b.mkv", "x" * 240 + ".mkv", "x" * 240 + "y.mkv")
    folders = {describe(path, tmp_path / name).folder for name in names}
    assert len(folders) == len(names)
    for folder in folders:
        folder.mkdir()
        assert folder.parent == tmp_path


def test_a_damaged_folder_is_begun_anew(path: Path, tmp_path: Path) -> None:
    source, job = describe(path, tmp_path / "x.mkv"), make_job()
    begin(source, identity(job, source))
    (source.folder / "00000.mkv").write_text("a piece")
    (source.folder / "job.json").write_text("[")
    assert begin(source, identity(job, source))
    assert [path.name for path in source.folder.iterdir()] == ["job.json"]


def test_models_are_known_by_their_weights() -> None:
    assert model_hash("fast") != model_hash("general")
    assert len(model_hash("consensus")) == 64

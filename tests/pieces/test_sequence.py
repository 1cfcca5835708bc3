"""A file piece by piece in one process: the network's pixels, and what is not done twice."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.ffmpeg.media import LOSSLESS, Flip, raw
from tests.pieces.pieces_support import OPEN_GOP, PASS_TIMES, WOBBLE, contents, long_clip
from vsrrg.batch.events import Note, Told
from vsrrg.batch.inputs import Pair
from vsrrg.batch.run import Batch, run_batch
from vsrrg.engine import Options
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
from vsrrg.pieces.sequence import derain_in_pieces, forget, is_made, left_behind

ENCODE = EncodeOptions(ffmpeg_args=LOSSLESS)


def options(model: str = "consensus", lookahead: int | None = None) -> Options:
    return Options(model=model, device="cpu", lookahead=lookahead)


@pytest.mark.parametrize(("model", "lookahead"), [("fast", None), ("fast", 0), ("consensus", 0)])
def test_network_gives_the_pixels_of_one_pass(tmp_path: Path, model: str, lookahead: int | None) -> None:
    path = long_clip(tmp_path / "vfr.mp4", *OPEN_GOP, *PASS_TIMES, "-c:a", "aac", filters=WOBBLE, frames=70)
    once, pieces = tmp_path / "once.mkv", tmp_path / "pieces.mkv"
    chosen = options(model, lookahead)
    derain_file(path, once, chosen, ENCODE)
    result = derain_in_pieces(path, pieces, chosen, ENCODE, piece=25)
    assert (result.frames, result.found, result.encoder) == (70, 0, "ffv1")
    assert np.array_equal(raw(once), raw(pieces)) and not np.array_equal(raw(path), raw(pieces))
    assert contents(pieces) == contents(once)


class Stop(Exception):
    """Ends a job from within the engine."""


def stop_after(frames: int) -> Flip:
    seen = 0

    def count(_: int) -> None:
        nonlocal seen
        seen += 1
        if seen > frames:
            raise Stop

    return Flip(count)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return long_clip(tmp_path / "in.mkv", *OPEN_GOP, "-c:a", "flac")


def test_it_goes_on_and_says_so(film: Path, tmp_path: Path, flip: Flip) -> None:
    target = tmp_path / "x.mkv"
    with pytest.raises(Stop):
        derain_in_pieces(film, target, options(), ENCODE, piece=20, open_engine=lambda: stop_after(75))  # type: ignore[arg-type, return-value]
    (folder,) = tmp_path.glob(".vsrrg-*")
    assert not target.exists() and len(list(folder.glob("[0-9]*.json"))) == 3
    (folder / ".vsrrg-left.mkv").write_text("by a process that was killed")
    (folder / "00001.mkv").write_bytes((folder / "00001.mkv").read_bytes()[:-1])
    told: list[str] = []
    steps: list[tuple[int, int | None]] = []
    seen: list[int] = []
    flip.after = seen.append
    result = derain_in_pieces(
        film, target, options(), ENCODE, piece=20, progress=lambda *step: steps.append(step), tell=told.append
    )
    assert told == ["goes on after 41 of 120 frames"]
    assert (result.frames, result.found) == (120, 41)
    assert steps[0] == (42, 120) and steps[-1] == (120, 120)
    assert [done for done, _ in steps] == list(range(42, 121))
    assert len(seen) < 79 + 4 * 2 + 2, "finished pieces were made again"
    assert np.array_equal(raw(film) ^ 1, raw(target))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mkv", "x.mkv"]
    undisturbed = tmp_path / "y.mkv"
    derain_in_pieces(film, undisturbed, options(), ENCODE, piece=20)
    assert target.read_bytes() == undisturbed.read_bytes()


def test_targets_are_remembered_if_wished(film: Path, tmp_path: Path, flip: Flip) -> None:
    target = tmp_path / "x.mkv"
    target.write_text("precious")
    with pytest.raises(MediaError, match="exists"):
        derain_in_pieces(film, target, options(), ENCODE)
    assert not is_made(film, target, options(), ENCODE)
    derain_in_pieces(film, target, options(), ENCODE, overwrite=True, remember=True)
    assert is_made(film, target, options(), ENCODE)
    assert not is_made(film, target, options(), EncodeOptions(crf=20))
    forget(film, target)
    assert not is_made(film, target, options(), ENCODE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mkv", "x.mkv"]


def test_what_fails_is_the_error_itself(tmp_path: Path, flip: Flip) -> None:
    with pytest.raises(MediaError, match=r"gone\.mkv' cannot be read: No such file"):
        derain_in_pieces(tmp_path / "gone.mkv", tmp_path / "x.mkv", options(), ENCODE)
    bad = tmp_path / "bad.mkv"
    bad.write_text("no video")
    with pytest.raises(MediaError, match="cannot be read as video") as raised:
        derain_in_pieces(bad, tmp_path / "x.mkv", options(), ENCODE)
    assert raised.value.code == "unreadable-source"
    assert [path.name for path in tmp_path.iterdir()] == ["bad.mkv"]


def test_a_job_without_pieces_says_what_is_left(film: Path, tmp_path: Path, flip: Flip) -> None:
    target = tmp_path / "x.mkv"
    with pytest.raises(Stop):
        derain_in_pieces(film, target, options(), ENCODE, piece=20, open_engine=lambda: stop_after(75))  # type: ignore[arg-type, return-value]
    (folder,) = tmp_path.glob(".vsrrg-*")
    left = f"was begun before: {folder.name!r} holds 61 finished frames"
    assert left_behind(film, target, options(), ENCODE) == f"{left}, from which --resume would go on"
    assert left_behind(film, target, options("fast"), ENCODE) == (
        f"{left} of another model, from which --resume with the same would go on"
    )
    assert left_behind(film, tmp_path / "y.mkv", options(), ENCODE) == ""
    (folder / "lock").touch()  # Another process is at it.
    assert left_behind(film, target, options(), ENCODE) == ""
    (folder / "lock").unlink()

    told: list[Told] = []
    batch = Batch(pairs=(Pair(film, target),), options=options(), encode=ENCODE, out=target, many=False)
    run_batch(batch, told.append)
    assert [one.text for one in told if isinstance(one, Note)] == [f"{left}, from which --resume would go on"]
    assert target.exists() and folder.exists()
    told.clear()
    run_batch(replace(batch, resume=True, overwrite=True), told.append)
    assert [one.text for one in told if isinstance(one, Note)] == ["goes on after 61 of 120 frames"]
    run_batch(replace(batch, overwrite=True), told.append)
    assert left_behind(film, target, options(), ENCODE) == ""


def test_what_fails_at_the_end_names_the_target_and_keeps_the_pieces(
    film: Path, tmp_path: Path, flip: Flip
) -> None:
    target = tmp_path / "x.mkv"
    sentence = re.escape(f"{str(target)!r} cannot be written: Unknown encoder 'opus9'")
    with pytest.raises(MediaError, match=f"^{sentence}$") as raised:
        derain_in_pieces(
            film, target, options(), EncodeOptions(ffmpeg_args=f"{LOSSLESS} -c:a opus9"), piece=40
        )
    assert raised.value.code == "ffmpeg-failed"
    (folder,) = tmp_path.glob(".vsrrg-*")
    assert len(list(folder.glob("[0-9]*.mkv"))) == 3 and not target.exists()

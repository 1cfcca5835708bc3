"""Files that appear whole: private until then, and then as any other new file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from vsrrg.files import appearing, write_whole


@pytest.fixture(params=[0o022, 0o027, 0o077])
def usual(request: pytest.FixtureRequest) -> Iterator[int]:
    """Permissions of new files, by the umask."""
    before = os.umask(request.param)
    yield 0o666 & ~request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_what_is_not_whole(tmp_path: Path, usual: int) -> None:
    target = tmp_path / "clean.mkv"
    target.write_text("old")
    target.chmod(0o604)
    with appearing(target) as unfinished:
        unfinished.write_text("new")
        (there,) = (path for path in tmp_path.iterdir() if path != target)
        assert unfinished.parent == there and mode(there) == 0o700 and target.read_text() == "old"
        assert there.name.startswith(".vsrrg-") and unfinished.suffix == ".mkv"
    assert (target.read_text(), mode(target)) == ("new", usual)
    write_whole(tmp_path / "page.html", b"page")
    assert mode(tmp_path / "page.html") == usual
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.mkv", "page.html"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "clean.mkv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), appearing(target) as unfinished:
        unfinished.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_text_is_written_as_utf8_and_folders_are_made_where_that_is_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "reports" / "rain" / "table.md"
    with pytest.raises(FileNotFoundError):
        write_whole(target, "Schnürlregen")
    assert not list(tmp_path.iterdir())
    write_whole(target, "Schnürlregen", parents=True)
    write_whole(target, "Schnürlregen\n", parents=True)
    assert target.read_bytes() == b"Schn\xc3\xbcrlregen\n"
    assert [path.name for path in target.parent.iterdir()] == ["table.md"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a", "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]

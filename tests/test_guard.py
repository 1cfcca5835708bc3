"""What is guarded is gone when its process was killed, and stays where it ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAD = """
import fcntl, os, signal, subprocess, sys
from pathlib import Path
from vsrrg.guard import guarded_folder, guarded_lock, guarded_path, guarded_process
place = Path(sys.argv[1])
def die(): os.kill(os.getpid(), signal.SIGKILL)
"""


def run(place: Path, script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", HEAD + script, str(place)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def soon(condition) -> bool:
    until = time.monotonic() + 5
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def test_files_and_folders_go_with_a_killed_process(tmp_path: Path) -> None:
    name = tmp_path / "line\nbreak and spaces"
    script = """
with guarded_path(place / "line\\nbreak and spaces"), guarded_folder() as folder:
    (place / "line\\nbreak and spaces").write_text("half")
    (folder / "inner").mkdir()
    print(folder, flush=True)
    die()
"""
    said = run(tmp_path, script)
    assert said.returncode == -signal.SIGKILL
    folder = Path(said.stdout.strip())
    assert folder.name.startswith("vsrrg-")
    assert soon(lambda: not name.exists() and not folder.exists())


def test_what_was_finished_stays(tmp_path: Path) -> None:
    run(tmp_path, 'with guarded_path(place / "kept"):\n    (place / "kept").touch()\ndie()')
    time.sleep(0.3)
    assert (tmp_path / "kept").exists()


def test_temporary_folders_are_private_and_go_in_any_case(tmp_path: Path) -> None:
    said = run(
        tmp_path, "with guarded_folder() as folder:\n    print(oct(folder.stat().st_mode), folder); 1 / 0"
    )
    mode, folder = said.stdout.split()
    assert mode == "0o40700"
    assert "ZeroDivisionError" in said.stderr
    assert not Path(folder).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_children_are_killed_with_their_group(tmp_path: Path) -> None:
    script = """
child = subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60"], process_group=0)
with guarded_process(child.pid):
    print(child.pid, flush=True)
    import time; time.sleep(0.2)
    die()
"""
    group = int(run(tmp_path, script).stdout)

    def gone() -> bool:
        stats = (path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if path.exists())
        fields = [stat.rpartition(")")[2].split() for stat in stats]
        return not any(int(one[2]) == group and one[0] != "Z" for one in fields)

    assert soon(gone)


def test_locks_go_unless_another_holds_them(tmp_path: Path) -> None:
    script = """
names = [place / "own", place / "shared"]
with guarded_lock(names[0]), guarded_lock(names[1]):
    for name in names:
        fcntl.flock(os.open(name, os.O_RDWR | os.O_CREAT), fcntl.LOCK_SH)
    die()
"""
    import fcntl

    shared = os.open(tmp_path / "shared", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(shared, fcntl.LOCK_SH)
        run(tmp_path, script)
        assert soon(lambda: not (tmp_path / "own").exists())
        time.sleep(2.5)
        assert (tmp_path / "shared").exists()
    finally:
        os.close(shared)

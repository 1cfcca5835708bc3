"""Names of files, as the commands show them, cannot steer the terminal."""

from __future__ import annotations

import ast
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.ffmpeg.media import clip
from vsrrg.batch.events import Done, Note
from vsrrg.cli.compare import finish
from vsrrg.cli.main import main
from vsrrg.cli.progress import ProgressBar, status
from vsrrg.cli.telling import Teller
from vsrrg.compare import Made
from vsrrg.hooks import Job
from vsrrg.logs import listening

ROOT = Path(__file__).parents[2]
NAME = "ra\x1b[31min\n"
SHOWN = r"ra\x1b[31min\n"
FOR_PROGRAMS = ("json.dumps", "to_json", "page", "kind")
"""What else `click.echo` may print: JSON, pages from packages, and the script for shells."""


def said(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    out, err = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out, err


def test_in_errors(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(["derain", f"{NAME}.mkv", "clean.mkv"], capsys)
    assert code == 2 and SHOWN in err and "\x1b" not in err and err.count("\n") == 1
    code, _, err = said(["models", "general", NAME], capsys)
    assert code == 2 and r"\x1b[31m" in err and "\x1b" not in err
    code, _, err = said(["--debug", "compare", f"{NAME}.mkv"], capsys)
    assert code == 1 and "Traceback" in err and SHOWN in err and "\x1b" not in err


def test_in_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    clip(videos / f"{NAME}.mkv", "-c:v", "ffv1")
    (videos / f"{NAME}[bold].mp4").write_text("no video")
    code, out, err = said(["derain", str(videos), str(tmp_path / "clean"), "--dry-run"], capsys)
    assert code == 1 and "\x1b" not in out + err
    assert f"{SHOWN}.mkv" in out and f"{SHOWN}[bold].mp4" in err


def test_of_files_that_are_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = Path(f"{NAME}.mkv"), Path(f"{NAME}.mp4")
    teller = Teller(many=True, quiet=False, programs=False)
    teller.tell(Note(input=source, output=target, text="is begun anew"))
    for output in (target, source):
        teller.tell(
            Done(
                input=source,
                output=output,
                frames=1,
                found=0,
                seconds=1.0,
                fps=1.0,
                encoder="ffv1",
                dropped=("chapters",),
            )
        )
    finish(Made(path=target, frames=1, size=1, full=False), show=False, quiet=False)
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        f"vsrrg: {SHOWN}.mp4 is begun anew",
        f"vsrrg: {SHOWN}.mp4: .mp4 holds no chapters; .mkv would",
        f"vsrrg: {SHOWN}.mkv: .mkv holds no chapters",
    ]
    assert out == f"{SHOWN}.mp4: 1 frames, 0.0 MiB\n"


def test_in_progress_and_logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    job = Job(kind="derain", source=f"{NAME}.mkv", target="clean.mkv")
    bar = ProgressBar()
    bar.started(job)
    bar.failed(job, KeyboardInterrupt())
    with status("") as tell:
        tell(NAME)
    with listening(logging.INFO):
        logging.getLogger("vsrrg.ffmpeg").info("out: %s", NAME)
    shown = capsys.readouterr().err
    assert f"{SHOWN}.mkv" in shown and f"vsrrg.ffmpeg: out: {SHOWN}\n" in shown and NAME not in shown


def test_programs_get_names_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    source = tmp_path / f"{NAME}.mkv"
    clip(source, "-c:v", "ffv1")
    code, out, _ = said(["derain", str(source), str(tmp_path / "clean.mkv"), "--dry-run", "--json"], capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and "\x1b" not in out and events[0]["input"] == str(source)


def test_all_that_is_said_goes_through_one_function() -> None:
    folders = [ROOT / "vsrrg", ROOT / "training/vsrrg_training", *ROOT.glob("plugins/*/vsrrg_*")]
    past = []
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("click.echo", "print"):
                continue
            given = ast.unparse(node.args[0])
            if path.name != "say.py" and not given.startswith(FOR_PROGRAMS):
                past.append(f"{path.relative_to(ROOT)}:{node.lineno}: {given}")
    assert past == []

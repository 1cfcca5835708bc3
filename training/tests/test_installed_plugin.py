"""A real plugin package, installed, found through its entry point: its rain, footage and metrics at work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PLUGIN = Path(__file__).parent / "dummy_plugin"

SCRIPT = """
import json, os, sys
from click.testing import CliRunner
from vsrrg_training.cli.main import main
ended = []
for words, environment in json.loads(sys.stdin.read()):
    done = CliRunner().invoke(main, words, env=environment)
    ended.append((done.exit_code, done.stdout, done.stderr))
print(json.dumps(ended))
"""


class Ended(NamedTuple):
    code: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the plugin was installed."""
    target = tmp_path_factory.mktemp("site")
    options = "--quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --target"
    subprocess.run([sys.executable, "-m", "pip", "install", *options.split(), target, PLUGIN], check=True)
    return target


@pytest.fixture
def vsrrg_train(installed: Path, tmp_path: Path) -> Callable[..., list[Ended]]:
    """Runs commands, one after another in one process, where the plugin is installed."""

    def run(*commands: list[object], **environment: str) -> list[Ended]:
        path = os.pathsep.join([str(installed), *sys.path])
        own = {"COURTYARD": str(tmp_path / "fetched"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=json.dumps([([*map(str, words)], environment) for words in commands]),
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **own},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return [Ended(*ended) for ended in json.loads(done.stdout)]

    return run


def means(path: Path, figure: str) -> dict[str, list[float]]:
    """A figure of a report by contestant."""
    report: Any = json.loads(path.read_text())
    found: dict[str, list[float]] = {}
    for result in report["results"] if isinstance(report, dict) else report:
        if figure in result["figures"]:
            found.setdefault(result["contestant"], []).append(result["figures"][figure])
    return found


def test_its_footage_rain_and_metrics_are_used_by_name(
    vsrrg_train: Callable[..., list[Ended]], tmp_path: Path
) -> None:
    pairs, drawn, page, real = (tmp_path / name for name in ("p.json", "d.json", "d.md", "r.json"))
    listed, scored, judged, watched, made = vsrrg_train(
        ["datasets", "--json"],
        ["evaluate", "--dataset", "courtyard", "--out", pairs],
        [
            *("evaluate", "--videos", "courtyard", "--types", "curtain", "--frames", 5, "--metric", "unrest"),
            *("--out", drawn, "--out", page),
        ],
        ["evaluate", "--real", "courtyard", "--metric", "unrest", "--frames", 6, "--out", real],
        ["synth", "courtyard", "--to", tmp_path / "looks", "--types", "curtain", "--frames", 3],
    )
    known = {entry["name"]: entry for entry in json.loads(listed.stdout)}
    assert known["courtyard"] == {
        "name": "courtyard",
        "written": "courtyard",
        "description": "a courtyard under a sprinkler",
        "gives": ["pairs", "clean clips", "rainy clips"],
        "licence": "CC0 1.0",
        "origin": "comes with vsrrg-courtyard",
        "plugin": "courtyard",
    }
    assert known["nturain"]["written"] == "nturain:FOLDER"

    assert scored.code == 0, scored.stderr
    # One column in 48 is 80 brighter in R, G and B, 69 in Y; the consensus of a still scene takes it off.
    worst = means(pairs, "worst-frame")
    assert worst["rainy input"] == [pytest.approx(69 / 48**0.5, rel=0.02)]
    assert worst["min, median of 3"] == [0]
    assert "| worst-frame, codes |" in scored.stdout
    assert (
        "- worst-frame: root mean square error of the worst frame; lower is better (plugin cou"
        in scored.stdout
    )
    assert means(pairs, "unrest") == {}

    assert judged.code == 0, judged.stderr
    assert {entry["rain"] for entry in json.loads(drawn.read_text())} == {"curtain", "none"}
    assert means(drawn, "unrest")["rainy input"][0] == 1
    assert "| worst-frame, codes | unrest |" in page.read_text()

    assert watched.code == 0, watched.stderr
    unrest = means(real, "unrest")
    assert (unrest["rainy input"], unrest["min, median of 3"]) == ([1], [0])
    assert means(real, "worst-frame") == {}

    assert made.code == 0, made.stderr
    assert (tmp_path / "looks" / "sprinkler-curtain.mp4").is_file()


def test_its_failure_names_it_and_leaves_no_report(
    vsrrg_train: Callable[..., list[Ended]], tmp_path: Path
) -> None:
    report = tmp_path / "reports" / "p.json"
    failed, wrong = vsrrg_train(
        ["evaluate", "--dataset", "courtyard", "--out", report],
        ["evaluate", "--real", "courtyard", "--metric", "worst-frame", "--out", report],
        COURTYARD_FAILS="1",
    )
    assert failed.code == 1
    assert failed.stderr.splitlines() == [
        "Error: plugin courtyard failed to measure 'worst-frame' of clip sprinkler: ZeroDivisionError: no "
        "frame is the worst; update or uninstall it, or switch plugins off with VSRRG_PLUGINS=off "
        "[plugin-failed]"
    ]
    assert (wrong.code, wrong.stderr) == (
        1,
        "Error: metric worst-frame compares with clean clips, which real rain has not: leave --metric "
        "worst-frame out [training-options]\n",
    )
    assert not report.parent.exists()

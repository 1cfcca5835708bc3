"""Real plugin packages, installed, found through their entry points, run in processes of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

PLUGINS = Path(__file__).parents[1] / "dummy_plugin"
type Vsrrg = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which both dummy plugins were installed."""
    target = tmp_path_factory.mktemp("site")
    options = "--quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --target"
    packages = (PLUGINS / "works", PLUGINS / "broken")
    subprocess.run([sys.executable, "-m", "pip", "install", *options.split(), target, *packages], check=True)
    return target


@pytest.fixture
def python(installed: Path) -> Vsrrg:
    """Runs Python with the plugins on its path."""

    def run(*words: str, input: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(installed), *sys.path])
        variables = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200", **environment}
        return subprocess.run(
            [sys.executable, *words], env=variables, input=input, capture_output=True, text=True
        )

    return run


@pytest.fixture
def vsrrg(python: Vsrrg) -> Vsrrg:
    """Runs the shell program with the plugins on its path."""
    return lambda *words, **options: python("-m", "vsrrg", *words, **options)


def test_plugins_are_found_and_the_broken_one_is_reported_and_skipped(vsrrg: Vsrrg) -> None:
    done = vsrrg("plugins", "--json")
    assert done.returncode == 0
    states = {state["name"]: state for state in json.loads(done.stdout)}
    dummy, broken = states["dummy"], states["broken"]
    assert (dummy["distribution"], dummy["version"], dummy["state"]) == ("vsrrg-dummy", "1.2.3", "active")
    assert list(dummy) == ["name", "distribution", "version", "api", "state", "hooks", "reason"]
    assert (dummy["api"], broken["api"]) == (1, None)
    assert dummy["hooks"] == ["vsrrg_commands", "vsrrg_filters", "vsrrg_models", "vsrrg_observers"]
    assert (broken["version"], broken["state"], broken["hooks"]) == ("0.0.1", "broken", [])
    assert broken["reason"] == "ImportError: libsnow is not installed"
    assert "plugin broken skipped: ImportError: libsnow is not installed" in done.stderr
    assert states["vsrrg.hooks.builtin"]["state"] == "active"


def test_the_table_of_plugins_says_the_same(vsrrg: Vsrrg) -> None:
    done = vsrrg("plugins")
    assert done.returncode == 0
    row = next(line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["dummy"])
    assert row[1:5] == ["vsrrg-dummy", "1.2.3", "1", "active"]
    row = next(line for line in done.stdout.splitlines() if line.split()[:1] == ["broken"])
    assert "libsnow is not installed" in row


def test_its_command_runs_and_is_listed(vsrrg: Vsrrg) -> None:
    assert "dummy-hello  Greet someone." in vsrrg("--help").stdout
    done = vsrrg("dummy-hello", "you")
    assert (done.returncode, done.stdout) == (0, "hello you\n")


@pytest.mark.parametrize(
    ("name", "code", "last_line"),
    [
        ("nobody", 1, "vsrrg: nobody cannot be greeted: name somebody [dummy-nobody]"),
        (
            "bug",
            1,
            "vsrrg: unexpected ZeroDivisionError: a bug (vsrrg --debug COMMAND shows where, and "
            "'vsrrg explain unexpected' where to report it) [unexpected]",
        ),
        ("stop", 130, "vsrrg: interrupted [interrupted]"),
    ],
)
def test_errors_are_one_sentence_and_an_exit_code(vsrrg: Vsrrg, name: str, code: int, last_line: str) -> None:
    done = vsrrg("dummy-hello", name, VSRRG_PLUGINS="dummy")
    assert done.returncode == code
    assert done.stderr.strip().splitlines() == [last_line]


def test_debug_shows_the_traceback(vsrrg: Vsrrg) -> None:
    done = vsrrg("--debug", "dummy-hello", "bug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "in hello" in done.stderr


def test_its_model_is_listed_with_its_card(vsrrg: Vsrrg) -> None:
    listed = {model["name"]: model for model in json.loads(vsrrg("models", "--json").stdout)}
    assert listed["dummy-dimmer"]["source"] == "dummy"
    assert listed["dummy-dimmer"]["precisions"] == ["fp32"]
    card = vsrrg("models", "dummy-dimmer").stdout
    assert "dummy-dimmer: a fifth darker" in card
    assert "figures:\n  psnr: 12.5" in card


def test_its_model_removes_its_rain(python: Vsrrg) -> None:
    code = """
import numpy as np
from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame
gray = PixelFormat("gray", 8)
frame = Frame((np.full((6, 8), 116, np.uint8),), gray, ColorSpec.guess(gray, 8, 6))
derainer = create_derainer(Options(model="dummy-dimmer", device="cpu", strength=0.5))
(clean,) = derainer.stream([frame])
print(np.unique(clean.planes[0]))
"""
    done = python("-c", code)
    assert done.stdout == "[106]\n", done.stderr  # 16 + 0.9 * 100


def test_traced_calls_go_to_stderr(vsrrg: Vsrrg) -> None:
    done = vsrrg("models", "--json", VSRRG_TRACE="1", VSRRG_PLUGINS="dummy")
    assert "dummy-dimmer" in {model["name"] for model in json.loads(done.stdout)}
    lines = done.stderr.splitlines()
    assert len([line for line in lines if "plugin dummy, vsrrg_models: 1 item," in line]) == 1
    assert all(
        re.fullmatch(r"vsrrg\.trace: plugin .*, vsrrg_\w+: \d+ items?, \d+\.\d ms", line) for line in lines
    )


def test_a_trace_that_means_nothing_is_refused(vsrrg: Vsrrg) -> None:
    done = vsrrg("models", VSRRG_TRACE="yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("vsrrg: VSRRG_TRACE is 'yes': set it to 1 to log")


def test_its_filter_is_listed_with_its_parameters(vsrrg: Vsrrg) -> None:
    assert json.loads(vsrrg("filters", "--json", VSRRG_PLUGINS="dummy").stdout) == [
        {
            "name": "dummy-less",
            "description": "less rain",
            "source": "dummy",
            "parameters": [
                {"name": "by", "required": True, "default": None},
                {"name": "share", "required": False, "default": "1"},
            ],
        }
    ]
    row = vsrrg("filters", VSRRG_PLUGINS="dummy").stdout.splitlines()[-2].split()
    assert row == ["dummy-less", "less", "rain", "by=...,[share=1]", "dummy"]
    assert vsrrg("filters", VSRRG_PLUGINS="off").stdout == "There is none: filters come from plugins.\n"


def test_its_filter_and_its_observer_work_on_pipes(vsrrg: Vsrrg, tmp_path: Path) -> None:
    header = "YUV4MPEG2 W8 H6 F24:1 Ip A1:1 Cmono\nFRAME\n"
    words = ["pipe", "--model", "dummy-dimmer", "--device", "cpu", "--filter", "dummy-less:by=2"]
    log = tmp_path / "log"
    done = vsrrg(*words, input=header + 48 * chr(116), DUMMY_LOG=str(log))
    assert log.read_text().splitlines() == [
        "started pipe - - dummy-dimmer",
        "advanced 1 None",
        "finished pipe 1 True",
    ]
    assert done.stdout == header + 48 * chr(106), done.stderr  # of 20 only 10
    again = vsrrg(*words, "--filter", "dummy-less:by=5,share=4", input=header + 48 * chr(116))
    assert again.stdout == header + 48 * chr(108)


def test_its_filter_and_its_observer_work_on_files(vsrrg: Vsrrg, tmp_path: Path) -> None:
    rainy, clean, log = tmp_path / "rainy.mkv", tmp_path / "clean.mkv", tmp_path / "log"
    picture = np.full((6, 8), 100, np.uint8)  # full range: 20 of it are rain
    with av.open(str(rainy), "w") as container:
        stream = container.add_stream("ffv1", rate=24, width=8, height=6, pix_fmt="gray")
        for packet in (*stream.encode(av.VideoFrame.from_ndarray(picture, "gray")), *stream.encode(None)):
            container.mux(packet)
    words = ["derain", str(rainy), str(clean), "--model", "dummy-dimmer", "--device", "cpu"]
    done = vsrrg(*words, "--filter", "dummy-less:by=none", DUMMY_LOG=str(log))
    assert (done.returncode, clean.exists(), log.exists()) == (2, False, False)
    assert done.stderr.splitlines()[-1].startswith(
        "vsrrg: filter 'dummy-less:by=none' has a value that is not"
    )
    started = f"started derain {rainy} {clean} dummy-dimmer"
    done = vsrrg(*words, "--device", "cuda:99", DUMMY_LOG=str(log))
    assert done.returncode == 1
    assert log.read_text().splitlines() == [started, "failed derain OptionError"]
    log.unlink()
    done = vsrrg(*words, "--filter", "dummy-less:by=2", DUMMY_LOG=str(log))
    assert done.returncode == 0, done.stderr
    with av.open(str(clean)) as container:
        (frame,) = container.decode(video=0)
        assert set(frame.to_ndarray().ravel()) == {90}
    assert log.read_text().splitlines() == [started, "advanced 1 1", "finished derain 1 True"]
    log.unlink()
    done = vsrrg(*words, "--overwrite", DUMMY_LOG=str(log), DUMMY_FAIL="advanced")
    assert done.returncode == 1
    assert "vsrrg: plugin dummy failed in advanced of an observer: OSError: the dashboard is" in done.stderr
    assert log.read_text().splitlines() == [started, "advanced 1 1", "failed derain PluginError"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.mkv", "log", "rainy.mkv"]


def test_switched_off_it_is_neither_used_nor_imported(vsrrg: Vsrrg) -> None:
    done = vsrrg("plugins", "--json", VSRRG_PLUGINS="off")
    states = {state["name"]: state for state in json.loads(done.stdout)}
    assert (states["dummy"]["state"], states["broken"]["state"]) == ("off", "off")
    assert "skipped" not in done.stderr
    refused = vsrrg("dummy-hello", "you", VSRRG_PLUGINS="off")
    assert refused.returncode == 2
    assert "there is no command 'dummy-hello'" in refused.stderr

"""docs/write-a-plugin.md: a newcomer who types what it says gets what it says."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from test_filter_suite import LEFT, described, verdict, written

import vsrrg.testing
from vsrrg.engine import FrameFilter, Options
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.hooks import FilterDescriptor
from vsrrg.hooks.resolve import create_derainer
from vsrrg.testing.promises import Suite
from vsrrg.video import ColorSpec, Frame, PixelFormat

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/write-a-plugin.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
YUV = PixelFormat("yuv", 8, sub_w=1, sub_h=1)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, as far as the page needs one; the demo clip is a few small frames of it."""
    folder = tmp_path_factory.mktemp("work") / "vsrrg"
    (folder / "examples").mkdir(parents=True)
    (folder / "plugins").symlink_to(ROOT / "plugins")
    command = [find_ffmpeg(), "-v", "error", "-i", str(ROOT / "examples/rain-demo.mp4"), "-frames:v", "8"]
    command += ["-vf", "crop=96:64:200:100", "-c:v", "libx264", "-qp", "0"]
    subprocess.run([*command, str(folder / "examples/rain-demo.mp4")], check=True)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables of a shell with a new virtual environment, into which vsrrg is installed, and nothing else;
    what both need is found where this test finds it.
    """
    venv = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "there.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VSRRG"))
    }
    # pip reads the last of these the other way round: it turns build isolation off.
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_QUIET": "1"}
    variables |= {"PATH": f"{venv}/bin{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200", **offline}
    variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    subprocess.run(["python", "-m", "pip", "install", "-e", ROOT], env=variables, check=True)
    return variables


@pytest.fixture(scope="module")
def outputs(clone: Path, environment: dict[str, str]) -> list[str]:
    """What the commands of each block of the page print, typed one after the other."""
    script = "\necho '== end of block'\n".join(["set -eu", *COMMANDS])
    done = subprocess.run(["bash", "-c", script], cwd=clone, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    _, *blocks = done.stdout.split("== end of block\n")
    return blocks


def planes(path: Path) -> list[list[np.ndarray]]:
    """Y, Cb and Cr of each frame."""
    with av.open(str(path)) as container:
        decoded = [frame.to_ndarray() for frame in container.decode(video=0)]
    shapes = [YUV.plane_shape(i, 96, 64) for i in range(3)]
    ends = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    return [
        [plane.reshape(shape) for plane, shape in zip(np.split(frame.ravel(), ends), shapes, strict=True)]
        for frame in decoded
    ]


def test_the_copy_is_installed_and_shown(outputs: list[str]) -> None:
    assert len(outputs) == len(COMMANDS) == 4
    copied, installed, _, _ = outputs
    assert copied == ""
    row = next(line.split() for line in installed.splitlines() if line.split()[:1] == ["logo"])
    assert row == ["logo", "vsrrg-logo", "0.1.0", "1", "active", "filters"]
    assert "leaves a rectangle as it is" in installed


def test_its_filter_works(outputs: list[str], clone: Path) -> None:
    folder = clone.parent / "vsrrg-logo"
    rainy, clean = planes(folder / "rain.mp4"), planes(folder / "clean.mkv")
    color = ColorSpec.guess(YUV, 96, 64)
    bare = create_derainer(Options()).stream([Frame(tuple(frame), YUV, color) for frame in rainy])
    kept = derained = outside = 0
    for source, made, without in zip(rainy, clean, bare, strict=True):
        for i in range(3):
            scale = 2 if i else 1
            inside = slice(4 // scale, 20 // scale), slice(8 // scale, 32 // scale)
            kept += np.count_nonzero(made[i][inside] != source[i][inside])
            derained += np.count_nonzero(without.planes[i][inside] != source[i][inside])
            outside += np.count_nonzero(made[i] != source[i])
    assert kept == 0 < derained < outside


def test_its_tests_pass(outputs: list[str]) -> None:
    counts = re.findall(r"(\d+) (\w+)", outputs[3].splitlines()[-1])
    assert [word for _, word in counts][:1] == ["passed"] and int(counts[0][0]) > 15


def test_mistakes_are_refused_in_a_sentence(
    outputs: list[str], clone: Path, environment: dict[str, str]
) -> None:
    folder = clone.parent / "vsrrg-logo"
    assert "`logo:width=0,height=16`" in PAGE
    command = "vsrrg derain --filter logo:width=0,height=16 rain.mp4 other.mkv"
    environment = {**environment, "VSRRG_PLUGINS": "logo"}
    done = subprocess.run(command.split(), cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        r"vsrrg: .*: width must be a whole number of pixels from 1 up, not '0' \[filter-parameters\]\n",
        done.stderr,
    )
    assert not (folder / "other.mkv").exists()


def test_the_table_has_every_suite_with_what_it_takes() -> None:
    rows = {
        cells[1].strip("` "): cells for cells in (line.split("|") for line in PAGE.splitlines()) if cells[1:]
    }
    for name in vsrrg.testing.__all__:
        suite = getattr(vsrrg.testing, name)
        if not isinstance(suite, type) or not issubclass(suite, Suite):
            assert f"`{name}`" in PAGE or name == "plugin_of"
            continue
        own = {name: member for name, member in vars(suite).items() if not name.startswith(("_", "test_"))}
        needed = [name for name, member in own.items() if getattr(member, "__isabstractmethod__", False)]
        optional = set(own) - {*needed, "subject"}
        _, _, needs, may, _, _ = rows[name]
        assert re.findall(r"`(\w+)`", needs.partition(", a `")[0]) == needed, name
        assert set(re.findall(r"`(\w+)`", may)) == optional, name
        assert inspect.getdoc(suite)


def test_the_failure_is_one_that_is_shown() -> None:
    mine = described(lambda *, share="0.5": FrameFilter(rain=written))
    said = verdict(FilterDescriptor("logo", mine.description, mine.make), LEFT)[LEFT]
    assert f"```text\n{said}\n```" in PAGE

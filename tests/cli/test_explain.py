"""`vsrrg explain` shows the page of a code, and lists all codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from vsrrg.cli.main import cli
from vsrrg.errors import FormatError, OptionError, VsrrgError, code_of, tagged
from vsrrg.errors.catalogue import CODES, PAGES
from vsrrg.hooks import ErrorDescriptor
from vsrrg.hooks.errors import find_error
from vsrrg.testing.discovery import isolated, plugin_of


@pytest.mark.parametrize("word", ["target-exists", "[target-exists]"])
def test_the_page_comes_out_as_it_is(word: str) -> None:
    done = CliRunner().invoke(cli, ["explain", word])
    assert (done.exit_code, done.stdout) == (0, (PAGES / "target-exists.md").read_text())


def test_all_codes_are_listed() -> None:
    with isolated():
        lines = CliRunner().invoke(cli, ["explain"]).stdout.splitlines()
    listed = {line.split()[0]: line for line in lines if line.split()}
    assert set(CODES) <= set(listed)
    assert all(line in listed[code] for code, line in CODES.items())


def test_a_plugins_code_has_its_page_too(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# snow-too-cold\n")
    cold = ErrorDescriptor("snow-too-cold", "Too cold for snow.", tmp_path / "page.md")
    with isolated() as register:
        register(plugin_of(vsrrg_errors=[cold]))
        assert CliRunner().invoke(cli, ["explain", "snow-too-cold"]).stdout == "# snow-too-cold\n"
        assert "Too cold for snow." in CliRunner().invoke(cli, ["explain"]).stdout


def test_the_nearest_code_is_proposed() -> None:
    with isolated():
        with pytest.raises(OptionError, match=r"did you mean 'no-video'\?"):
            find_error("no-vdeo")
        with pytest.raises(OptionError, match="'vsrrg explain' lists those there are"):
            find_error("xyz")


def test_the_code_belongs_to_the_error() -> None:
    import copy
    import pickle

    error = FormatError("frame-shape", "no frame")
    for one in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert isinstance(one, VsrrgError) and isinstance(one, ValueError)
        assert (one.code, str(one), tagged(one)) == ("frame-shape", "no frame", "no frame [frame-shape]")
    assert (code_of(error), code_of(OSError("disk"))) == ("frame-shape", "unexpected")
    with pytest.raises(TypeError):
        OptionError("a sentence without a code")  # type: ignore[call-arg]

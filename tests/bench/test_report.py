"""Tables, plots and files."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.bench.bench_support import BASELINE_RESULT, CASE, FAILURE, MACHINE, RESULT, THROUGH, record
from vsrrg.bench import plot as plot_module
from vsrrg.bench.outputs import check_output, write_outputs
from vsrrg.bench.plot import plot
from vsrrg.bench.record import read_record
from vsrrg.bench.report import heading, method, number, remarks, tables, to_markdown
from vsrrg.errors import OptionError

WHOLE = record(BASELINE_RESULT, RESULT, FAILURE, adapters=(THROUGH,))


def test_the_speed_table() -> None:
    speed = tables(WHOLE)[0]
    rows = {row[2]: dict(zip(speed.columns, row, strict=True)) for row in speed.rows}
    network = rows["fast, torch, fp32"]
    assert network["fps"] == "90.9" and network["quartiles"] == "87.0 to 95.2"
    assert (network["ms"], network["start, s"], network["latency, ms"]) == ("11.0", "0.50", "31.0")
    assert network["RAM, MB"] == "600"
    assert (network["x min-median"], network["x reference"]) == ("11.0", "0.100")
    assert network["of limit"] == "18 % (matrix)"
    assert rows["min-median, numpy"]["fps"] == "1,000"
    assert rows["nope, torch, fp32"]["fps"] == "failed"


def test_files_stand_at_both_ends_of_the_stages() -> None:
    stages = tables(WHOLE)[1]
    assert stages.columns[3:] == ("file decode", "encode", "fuse", "rest", "file encode", "engine")
    assert stages.rows == (
        ("64x48", "yuv420p8", "fast, torch, fp32", "1.00", "4.00", "3.00", "4.00", "3.00", "11.0"),
    )


def test_the_adapters_table() -> None:
    (row,) = tables(WHOLE)[3].rows
    assert row[3:] == ("100", "80.0", "80 %", "50.0", "105", "62 %", "98 %", "libx264")


def test_tables_and_columns_in_which_nothing_stands_are_left_out() -> None:
    assert [table.title for table in tables(record(BASELINE_RESULT))] == ["Speed"]
    assert tables(record(FAILURE))[0].columns == ("size", "format", "method", "fps")
    on_gpu = replace(RESULT, peak_vram=2_000_000_000)
    assert "VRAM, MB" not in tables(WHOLE)[0].columns
    speed = tables(record(BASELINE_RESULT, on_gpu))[0]
    assert [row[speed.columns.index("VRAM, MB")] for row in speed.rows] == ["-", "2000"]


def test_settings_are_written_as_the_options_take_them() -> None:
    chosen = replace(CASE, max_memory=3 << 29, lookahead=0)
    assert method(replace(FAILURE, case=chosen)) == "fast, torch, fp32, 1.5G, lookahead 0"


def test_remarks_tell_failures_notes_and_a_busy_machine() -> None:
    assert list(remarks(WHOLE)) == [
        "failed: 64x48 yuv420p8 nope (torch, fp32): there is no model named 'nope'",
        "a kernel did not compile",
    ]
    (busy,) = remarks(record(BASELINE_RESULT, machine=replace(MACHINE, load=1.5)))
    assert busy.startswith("the machine was busy (load 1.5 on 2 cores before the start)")
    assert list(remarks(record(BASELINE_RESULT, machine=replace(MACHINE, load=None)))) == []


def test_markdown_has_a_line_for_every_row() -> None:
    text = to_markdown(tables(WHOLE), heading(WHOLE), list(remarks(WHOLE)))
    assert text.startswith("Abacus, 2 cores; torch 2.9; 1 thread; vsrrg 1.0; demo clip; 2026-01-02")
    lines = [line for line in text.splitlines() if line.startswith("| 64x48 |")]
    assert len(lines) == 3 + 1 + 1 + 1
    assert "- failed: 64x48" in text


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1,234"), (99.94, "99.9"), (9.994, "9.99"), (0.01234, "0.012")]
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_the_plot_names_every_case() -> None:
    import matplotlib

    with matplotlib.rc_context({"svg.fonttype": "none"}):
        text = plot(WHOLE, "svg").decode()
    for label in ("min-median, numpy", "fast, torch, fp32", "fuse", "rest", "frames a second"):
        assert label in text
    assert plot(record(FAILURE), "png").startswith(b"\x89PNG")


def test_files_of_every_kind_are_written_and_replaced(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.json", "a.md", "a.svg", "a.PNG")]
    paths[1].write_text("old")
    for path in paths:
        check_output(path)
    write_outputs(paths, WHOLE, tables(WHOLE), [])
    assert read_record(paths[0]) == WHOLE
    assert "### Speed" in paths[1].read_text()
    assert b"<svg" in paths[2].read_bytes() and paths[3].read_bytes().startswith(b"\x89PNG")
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.csv", "is of no known kind: name it .json, .md, .svg or .png"),
        ("a", "is of no known kind"),
        ("none/a.json", "the folder of .* does not exist"),
        (".json", "is of no known kind"),
        ("/proc/a.json", "cannot be written .*: name another folder"),
    ],
)
def test_files_that_cannot_be_are_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        check_output(tmp_path / name)


def test_plots_without_matplotlib_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot_module, "find_spec", lambda name: None)
    check_output(tmp_path / "a.json")
    with pytest.raises(OptionError, match=r"pip install 'vsrrg\[bench\]'"):
        check_output(tmp_path / "a.svg")
    assert find_spec("matplotlib") is not None

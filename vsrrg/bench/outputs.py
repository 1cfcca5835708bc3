"""The files a run is written to: checked before anything is measured, each whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from vsrrg.bench.plot import check_plotting, plot
from vsrrg.bench.record import Record, to_json
from vsrrg.bench.report import Table, heading, to_markdown
from vsrrg.errors import OptionError
from vsrrg.files import write_whole

SUFFIXES = (".json", ".md", ".svg", ".png")


def check_output(path: Path) -> None:
    """OptionError if the file is of no known kind or cannot be written."""
    shown = repr(str(path))
    if path.suffix.lower() not in SUFFIXES:
        raise OptionError("wrong-suffix", f"{shown} is of no known kind: name it .json, .md, .svg or .png")
    if path.is_dir():
        raise OptionError("target-is-folder", f"{shown} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OptionError(
            "target-folder-missing", f"the folder of {shown} does not exist: make it, or name another"
        )
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise OptionError(
            "target-unwritable", f"{shown} cannot be written ({error.strerror}): name another folder"
        ) from error
    if path.suffix.lower() in (".svg", ".png"):
        check_plotting()


def write_outputs(
    paths: Sequence[Path], record: Record, tables: Sequence[Table], remarks: Sequence[str]
) -> None:
    """Writes the run to every path, in the kind that its suffix says; files of an earlier run are replaced.

    Raises:
        OptionError: one cannot be written; those before it are there.
    """
    for path in paths:
        kind = path.suffix.lower().removeprefix(".")
        if kind == "json":
            data = to_json(record).encode()
        elif kind == "md":
            data = to_markdown(tables, heading(record), remarks).encode()
        else:
            data = plot(record, kind)
        try:
            write_whole(path, data)
        except OSError as error:
            raise OptionError(
                "target-unwritable", f"{str(path)!r} cannot be written: {error.strerror}"
            ) from error

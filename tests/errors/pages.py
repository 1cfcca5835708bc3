"""The example on a page about an error: what is done, and what is said then."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest

_CONSOLE = re.compile(r"^```console\n\$ (.+)\n((?:.*\n)*?)```$", re.MULTILINE)
PROGRAMS = {"vsrrg": "vsrrg.cli.main", "vsrrg-train": "vsrrg_training.cli.main"}
"""The modules whose function `main` the commands are."""
_PYTHON = re.compile(r"^```python\n((?:.*\n)*?)```\n\n```text\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A page of docs/errors, taken apart."""

    title: str
    summary: str
    sections: tuple[str, ...]
    code: str
    """What is done: a command, or Python where `python` is true."""
    said: str
    """What is said then, to the last character."""
    python: bool


def read_page(text: str) -> Page:
    """Takes a page apart."""
    title, summary = text.split("\n\n")[:2]
    console, python = _CONSOLE.search(text), _PYTHON.search(text)
    found = console or python
    assert found is not None, "the page has no example"
    return Page(
        title=title.removeprefix("# "),
        summary=summary,
        sections=tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)),
        code=found[1],
        said=found[2],
        python=console is None,
    )


def do(page: Page, replaced: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Does in this folder what the page does, and returns what is said; something is replaced meanwhile.

    Fails where the error has another code than the page is about.
    """
    there, stand_in = replaced
    code = page.code.replace(there, stand_in) if there else page.code
    said = _run_python(code, page.title) if page.python else _run_command(code, monkeypatch)
    assert page.python or said.endswith(f"[{page.title}]\n")
    return said.replace(stand_in, f"{there}:0") if there else said


def _run_python(code: str, title: str) -> str:
    scope: dict[str, Any] = {"__name__": "example"}
    try:
        exec(code, scope)
    except Exception as error:
        assert getattr(error, "code", title) == title
        return "".join(traceback.format_exception_only(error))
    return "nothing was raised"


def _run_command(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    words = shlex.split(line)
    while "=" in words[0]:
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    main = import_module(PROGRAMS[words.pop(0)]).main
    ends = {"<": os.devnull, ">": os.devnull}
    for sign in ends:
        if sign in words:
            at = words.index(sign)
            ends[sign] = words[at + 1]
            del words[at : at + 2]
    told = io.StringIO()
    with open(ends["<"]) as stdin, open(ends[">"], "w") as stdout:
        monkeypatch.setattr(sys, "stdin", stdin)
        with redirect_stdout(stdout), redirect_stderr(told), pytest.raises(SystemExit) as ended:
            main(words)
    assert ended.value.code not in (0, None), "the command did not fail"
    return told.getvalue()

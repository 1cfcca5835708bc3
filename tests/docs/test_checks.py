"""What would be wrong on a page is noticed."""

from __future__ import annotations

import sys

import pytest

from tests.docs.blocks import ROOT, Block, _blocks
from tests.docs.sandbox import Sandbox
from tests.docs.shell import check, commands

sys.path.insert(0, str(ROOT / "docs/site"))
from navigation import contents


def block(language: str, code: str) -> Block:
    return Block("page.md", 2, language, code)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("vsrrg derain --modle fast rain.mp4 clean.mkv", "No such option '--modle'"),
        ("vsrrg derain --output layer rain.mp4 clean.mkv", "'layer' is not one of"),
        ("vsrrg deran rain.mp4 clean.mkv", "'derain'"),
        ("vsrrg-train evaluate general --frames many", "'many' is not a valid"),
        ("vsrrg models general fast", "one word too many"),
        ("ffmpeg -i rain.mp4 - | vsrrg pipe --sise 64x48", "No such option '--sise'"),
        ("timeout 9 vsrrg-train train --to runs --config a.toml --foo", "No such option '--foo'"),
        ("python examples/gone.py", "there is no examples/gone.py"),
        ("pip install 'vsrrg[gone]'", "vsrrg has no extra gone"),
        ("make gone", "gone"),
        ("frobnicate rain.mp4", "nobody knows what 'frobnicate' takes"),
    ],
)
def test_commands_that_cannot_be(line: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check(line)


def test_lines_of_shell_are_taken_apart() -> None:
    line = "A=1 ffmpeg -i 'a b.mp4' - 2>&1 | vsrrg pipe --model fast > out.nut && ls  # why"
    programs = [(one.program, one.words) for one in commands(line)]
    assert programs[0] == ("ffmpeg", ("-i", "a b.mp4", "-", "2"))
    assert programs[-2:] == [("vsrrg", ("pipe", "--model", "fast")), ("ls", ())]


@pytest.mark.parametrize(
    ("language", "code", "said"),
    [
        ("python", "assert vsrrg.__version__ == '', 'another'", "another"),
        ("python", "vsrrg_api = 0\n", "hooks"),
        ("sh", "vsrrg models gone", "gone"),
        ("sh", "echo no; false", "false"),
        ("console", "$ vsrrg models general --json\n{}\n", "prints"),
        ("toml", "a = ", "Invalid value"),
        ("text", "vsrrg derain rain.mp4 clean.mkv\n", "sh or console"),
    ],
)
def test_blocks_that_do_not_work(sandbox: Sandbox, language: str, code: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        sandbox.run(block(language, code))


def test_console_holds_what_is_printed(sandbox: Sandbox) -> None:
    sandbox.run(block("console", "$ echo 3 items in 1.25 s\n3 items in 9.75 s\n$ vsrrg filters\n...\n"))
    with pytest.raises(AssertionError, match="4 items"):
        sandbox.run(block("console", "$ echo 4 items in 1.25 s\n3 items in 1.25 s\n"))


def test_comments_are_read() -> None:
    text = "<!-- not run: for\na reason -->\n```sh\nls\n```\n\n<!-- given: a.mp4 b/ -->\n```python\n1\n```\n"
    text += "\n<!-- run by tests/a.py: it is slow -->\n\n- ```sh\n  ls\n  ```\n\nso\n\n    a = b\n"
    first, second, third, last = _blocks("page.md", text)
    assert (first.reason, first.line, first.language) == ("for a reason", 4, "sh")
    assert (second.given, second.reason) == (("a.mp4", "b/"), "")
    assert (third.code, third.elsewhere) == ("ls\n", "")
    assert last.language == "text"


def test_pages_find_their_place() -> None:
    pages = [
        "docs/index",
        "docs/new",
        "docs/rain",
        "docs/errors/index",
        "docs/errors/b",
        "docs/errors/a",
        "README",
    ]
    found = contents(pages, "docs/index")
    assert found["docs/errors/index"] == {"": ["docs/errors/a", "docs/errors/b"]}
    sections = found["docs/index"]
    assert "docs/rain" in sections["How it works"] and sections["More"] == ["docs/new"]
    assert not any("README" in listed for listed in sections.values())
    with pytest.raises(ValueError, match="elsewhere/page: no section"):
        contents(["elsewhere/page"], "docs/index")

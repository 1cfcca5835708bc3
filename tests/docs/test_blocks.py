"""Every block of code on every page runs as it stands there, or says why not."""

from __future__ import annotations

import pytest

from tests.docs.blocks import PAGES, ROOT, Block, blocks
from tests.docs.sandbox import RUNS, Sandbox
from tests.docs.shell import check, lines

MARKED = [block for page in PAGES for block in blocks(page) if block.reason]
MOST = 45
"""Blocks that do not run; more would be too many."""

pytestmark = pytest.mark.timeout(300)


# What fails on the pages about errors, tests/errors runs.
WORKING = [page for page in PAGES if blocks(page) and not page.startswith("docs/errors/")]


@pytest.mark.parametrize("page", WORKING)
def test_a_page_does_what_it_says(page: str, sandbox: Sandbox) -> None:
    for block in blocks(page):
        assert block.language in RUNS, (
            f"{block.place}: a block of {block.language!r} cannot be run; write one of {', '.join(RUNS)}"
        )
        if block.reason:
            continue
        try:
            sandbox.run(block)
        except Exception as error:
            raise AssertionError(f"{block.place} does not work: {error}") from error


@pytest.mark.parametrize("block", MARKED, ids=lambda block: block.place)
def test_what_does_not_run_here_could(block: Block) -> None:
    assert len(block.reason.split()) >= 4, f"{block.place}: say why"
    if block.elsewhere:
        assert (ROOT / block.elsewhere).exists(), block.elsewhere
    if block.language == "python":
        compile(block.code, block.place, "exec")
    if block.language == "sh":
        for line in lines(block.code):
            check(line)


def test_nearly_everything_runs() -> None:
    assert len(MARKED) <= MOST

"""A page in a real browser. Without one the tests are skipped, or fail where VSRRG_REQUIRE_BROWSER=1."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

sys.path.append(str(Path(__file__).parent))

from compare_support import clips

from vsrrg.compare.files import compare

NAMES = ("chromium", "chromium-browser", "google-chrome")


def lacking(what: str) -> NoReturn:
    """Skips the test, or fails it where nothing may be missing."""
    if os.environ.get("VSRRG_REQUIRE_BROWSER") == "1":
        pytest.fail(f"VSRRG_REQUIRE_BROWSER=1, but {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        lacking(f"there is no browser: {', '.join(NAMES)}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright is not installed")
    with sync_playwright() as playwright:
        # Containers have no user namespaces, and root no sandbox.
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of `clips`, with a reference."""
    folder = tmp_path_factory.mktemp("page")
    rainy, derained, reference = clips(folder)
    return compare(rainy, derained, folder / "page.html", reference=reference).path

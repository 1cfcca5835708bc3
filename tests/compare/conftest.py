"""A page in a real browser. Without one the tests are skipped, or fail where VSRRG_REQUIRE_BROWSER=1."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent))

from browser_support import Opened, lacking
from compare_support import clips, write

from vsrrg.compare import compare, preview
from vsrrg.engine import Options
from vsrrg.hooks import resolve
from vsrrg.hooks.manager import Offer
from vsrrg.testing.stand_ins import MODEL

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium; no longer than needed, for as long as it is there asyncio is taken."""
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


@pytest.fixture(scope="session")
def preview_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preview of a clip of 3.5 s, whose red tells the time."""
    folder = tmp_path_factory.mktemp("preview")
    images = [np.full((96, 128, 3), (7 * n, 90, 90), np.uint8) for n in range(35)]
    for n, image in enumerate(images):  # something to see, and more to remove in some frames
        image[32::16] += 8
        image[40:44, 60 : 64 + n] = 255
    clip = write(folder / "clip.mkv", images, unit=Fraction(1, 10))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resolve, "model_offer", lambda name: Offer("", MODEL))
        options = Options(model="any", device="cpu", precision="fp32")
        return preview(clip, options, folder / "page.html").path


@pytest.fixture
def open_page(browser: Any, page_file: Path) -> Iterator[Callable[..., Opened]]:
    """Opens the page; in the end there must have been no error, and no request to anything outside of it."""
    contexts: list[Any] = []
    troubles: list[str] = []

    def opened(path: Path = page_file, *, still: bool = True, **kind: Any) -> Opened:
        context = browser.new_context(reduced_motion="reduce" if still else "no-preference", **kind)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        own = path.as_uri()
        page.on(
            "request",
            lambda request: (
                None
                if request.url == own or request.url.startswith(("blob:", "data:"))
                else troubles.append(request.url)
            ),
        )
        page.goto(own)
        page.wait_for_selector("#picture[data-frame]")
        return Opened(page)

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []

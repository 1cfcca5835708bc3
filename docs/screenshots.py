"""The pictures of docs/compare.md, alone by python docs/screenshots.py. Needs playwright, and Chromium."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from vsrrg.compare import compare
from vsrrg.engine import Options

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
FRAME = 36
DESKTOP: dict[str, Any] = {"viewport": {"width": 1240, "height": 860}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 760},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
    "color_scheme": "dark",
}


def show(page: Page, url: str) -> None:
    """A frame in the middle of the page, which is paused."""
    page.goto(url)
    page.get_by_role("slider", name="Frame").fill(str(FRAME))
    page.wait_for_selector(f'#picture[data-frame="{FRAME}"]')


def part(page: Page, kind: dict[str, Any]) -> dict[str, Any]:
    """What of the page is shown: on a desktop down to the end of the charts."""
    charts = page.locator("#charts").bounding_box()
    if kind is PHONE or charts is None:
        return {}
    height = charts["y"] + charts["height"]
    return {"full_page": True, "clip": {"x": 0, "y": 0, "width": kind["viewport"]["width"], "height": height}}


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        made = compare(ROOT / "examples" / "rain-demo.mp4", Options(), Path(folder) / "page.html")
        url = made.path.as_uri()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, kind in (("compare", DESKTOP), ("compare-phone", PHONE)):
            page = browser.new_context(reduced_motion="reduce", **kind).new_page()
            show(page, url)
            if kind is PHONE:
                page.get_by_role("button", name="Heat").tap()
            page.wait_for_timeout(300)
            page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=78, **part(page, kind))
        browser.close()


if __name__ == "__main__":
    main()

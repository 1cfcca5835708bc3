"""A page in the browser, and what tests do with it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any, NoReturn

import av
import numpy as np
import pytest
from compare_support import level

DESKTOP: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
NEAR = 12
"""Codes that the codec and the way through the browser may change a colour."""
RED, BLUE, YELLOW = (200, level(0), 40), (146, level(0), 200), (200, 200, level(0))
"""Frame 0 of the rainy, the derained and the true clip."""


def lacking(what: str) -> NoReturn:
    """Skips the test, or fails it where nothing may be missing."""
    if os.environ.get("VSRRG_REQUIRE_BROWSER") == "1":
        pytest.fail(f"VSRRG_REQUIRE_BROWSER=1, but {what}", pytrace=False)
    pytest.skip(what)


class Opened:
    """A page, with what the tests need to look at it."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def frame(self, n: int) -> None:
        """Waits for frame n, and sees by its colour that it is the one on the screen."""
        self.page.wait_for_selector(f'#picture[data-frame="{n}"]')
        self.until(lambda: abs(int(self.at(0.02, 0.5)[1]) - level(n)) < 4)

    def at(self, x: float, y: float) -> np.ndarray:
        """R, G, B on the screen, at a share of the stage's width and height."""
        self.page.evaluate("scrollTo(0, 0)")
        box = self.page.locator("#stage").bounding_box()
        clip = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "width": 1, "height": 1}
        with av.open(io.BytesIO(self.page.screenshot(clip=clip)), format="png_pipe") as container:
            return next(container.decode(video=0)).to_ndarray(format="rgb24")[0, 0].astype(int)

    def is_near(self, colour: tuple[int, int, int], x: float, y: float) -> bool:
        return bool(np.abs(self.at(x, y) - colour).max() < NEAR)

    def until(self, true: Callable[[], bool]) -> None:
        """Waits until something holds."""
        for _ in range(40):
            if true():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("it never came true")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """With the mouse, in shares of the stage."""
        box = self.page.locator("#stage").bounding_box()
        mouse = self.page.mouse
        for (x, y), act in ((start, mouse.down), (end, mouse.up)):
            mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
            act()

    @property
    def scale(self) -> float:
        """How many times larger than the whole picture."""
        return float(self.page.locator("#scale").inner_text()[:-1])

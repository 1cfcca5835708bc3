"""The page under fingers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser_support import BLUE, PHONE, RED, Opened

pytestmark = pytest.mark.timeout(60)


class Fingers:
    """Touch the stage, at shares of it."""

    def __init__(self, shown: Opened) -> None:
        self.box = shown.page.locator("#stage").bounding_box()
        self.session = shown.page.context.new_cdp_session(shown.page)

    def __call__(self, kind: str, *points: tuple[float, float]) -> None:
        left, top, width, height = (self.box[key] for key in ("x", "y", "width", "height"))
        places = [{"x": left + x * width, "y": top + y * height, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": places})


def test_on_a_phone(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**PHONE)
    shown.frame(0)
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 390
    touch = Fingers(shown)

    touch("Start", (0.5, 0.3))
    for x in (0.4, 0.3, 0.2):
        touch("Move", (x, 0.3))
    touch("End")
    shown.until(lambda: shown.is_near(BLUE, 0.3, 0.2))
    assert shown.is_near(RED, 0.1, 0.2)

    touch("Start", (0.45, 0.5))
    touch("Start", (0.45, 0.5), (0.55, 0.5))
    for spread in (0.1, 0.15, 0.2):
        touch("Move", (0.45 - spread, 0.5), (0.55 + spread, 0.5))
    touch("End")
    shown.until(lambda: shown.scale == 5)
    share = shown.page.get_by_role("slider", name="Divide between").get_attribute("aria-valuenow")
    assert share == "20"  # pinching moves no divide

    shown.page.get_by_role("button", name="Whole picture").tap()
    shown.page.touchscreen.tap(*(shown.page.locator("#stage").bounding_box()[key] + 160 for key in "xy"))
    shown.page.get_by_role("button", name="Pause").wait_for()
    small = [
        button.get_attribute("aria-label")
        for button in shown.page.locator("button:visible").all()
        if min(button.bounding_box()["width"], button.bounding_box()["height"]) < 40
    ]
    assert small == []  # fingers hit all of them


def test_a_finger_on_the_picture_scrolls_the_page(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**PHONE)
    session = shown.page.context.new_cdp_session(shown.page)
    session.send("Input.synthesizeScrollGesture", {"x": 200, "y": 250, "yDistance": -150})
    shown.until(lambda: shown.page.evaluate("scrollY") > 50)


def test_words_stay_on_their_lines(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**PHONE)
    boxes = [label.bounding_box() for label in shown.page.locator(".pair label").all()]
    assert len({box["y"] for box in boxes}) == 1 and max(box["height"] for box in boxes) < 50
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 390 - 16
    assert shown.page.get_by_role("heading", name="Fingers").is_visible()
    assert not shown.page.get_by_role("heading", name="Keys").is_visible()


def test_full_screen_leaves_no_edge(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**PHONE)
    shown.page.get_by_role("button", name="Full screen").tap()
    shown.until(lambda: bool(shown.page.evaluate("document.fullscreenElement !== null")))
    shown.until(lambda: shown.page.locator("#stage").bounding_box()["x"] == 16)
    assert shown.page.locator("#stage").bounding_box()["width"] == 390 - 32
    assert not shown.page.locator("h1").is_visible()


def test_on_its_side_full_screen_is_for_the_picture(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**{**PHONE, "viewport": {"width": 844, "height": 390}})
    shown.page.get_by_role("button", name="Full screen").tap()
    shown.until(lambda: shown.page.locator("#stage").bounding_box()["height"] > 0.8 * 390)
    boxes = [shown.page.locator(name).bounding_box() for name in ("#play", "#heat", "#full")]
    assert max(box["y"] + box["height"] for box in boxes) <= 390
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 844

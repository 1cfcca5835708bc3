"""The page as people use it: in a browser, with mouse, keys and fingers."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from compare_support import BOX, COLUMNS, FRAMES, ROWS, TIMES, level

pytestmark = pytest.mark.timeout(60)

DESKTOP: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
NEAR = 12
"""Codes that the codec and the way through the browser may change a colour."""


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


def test_the_divide_shows_more_of_one_and_less_of_the_other(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    red, blue = (200, level(0), 40), (146, level(0), 200)
    shown.frame(0)
    assert shown.is_near(red, 0.45, 0.2) and shown.is_near(blue, 0.55, 0.2)

    shown.drag((0.5, 0.5), (0.8, 0.6))
    shown.until(lambda: shown.is_near(red, 0.75, 0.2))
    assert shown.is_near(blue, 0.85, 0.2)

    shown.drag((0.1, 0.2), (0.3, 0.2))  # anywhere on the picture
    shown.until(lambda: shown.is_near(blue, 0.35, 0.2))
    assert shown.is_near(red, 0.25, 0.2)

    divide = shown.page.get_by_role("slider", name="Divide between the two pictures")
    assert divide.get_attribute("aria-valuenow") == "30"
    divide.focus()
    for key in ("ArrowRight", "PageUp", "PageUp"):
        shown.page.keyboard.press(key)
    assert divide.get_attribute("aria-valuenow") == "51"
    shown.until(lambda: shown.is_near(red, 0.48, 0.2))
    assert shown.page.locator("#picture").get_attribute("data-frame") == "0"  # these keys are the divide's


def test_every_frame_can_be_seen(open_page: Callable[..., Opened]) -> None:
    """Stepping on, jumping, and back again; the counter tells the time, which is not regular."""
    shown = open_page(**DESKTOP)
    keyboard = shown.page.keyboard
    for n in range(FRAMES):
        shown.frame(n)
        assert shown.page.locator("#counter").inner_text() == (
            f"{n + 1} / {FRAMES} 0:{0.04 * TIMES[n]:05.2f}"
        )
        keyboard.press("ArrowRight")
    shown.frame(FRAMES - 1)  # there is none after it
    for key, n in (
        ("Home", 0),
        ("End", FRAMES - 1),
        ("Shift+ArrowLeft", FRAMES - 11),
        (",", FRAMES - 12),
        (".", FRAMES - 11),
    ):
        keyboard.press(key)
        shown.frame(n)
    shown.page.get_by_role("button", name="One frame back").click()
    shown.frame(FRAMES - 12)

    scrubber = shown.page.get_by_role("slider", name="Frame")
    scrubber.fill("17")
    shown.frame(17)
    assert scrubber.get_attribute("aria-valuetext") == "frame 18 of 24, 0:00.72"
    scrubber.press("ArrowLeft")
    shown.frame(16)


def test_many_quick_steps_end_where_they_should(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    for _ in range(15):
        shown.page.keyboard.press(".")
    shown.frame(15)


def test_it_plays_in_a_loop_and_pauses(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP, still=False)  # plays by itself where motion is welcome
    seen = shown.page.evaluate(
        """new Promise((resolve) => {
            const picture = document.querySelector("#picture"), seen = [];
            new MutationObserver(() => {
                seen.push(Number(picture.dataset.frame));
                if (seen.length > 40) resolve(seen);
            }).observe(picture, { attributes: true });
        })"""
    )
    steps = [after - before for before, after in zip(seen, seen[1:], strict=False)]
    assert any(step < 0 for step in steps), "it never began anew"
    assert sum(step in (0, 1) for step in steps) > len(steps) / 2
    shown.page.get_by_role("button", name="Pause").click()
    shown.page.get_by_role("button", name="Play", exact=True).wait_for()
    here = int(shown.page.locator("#picture").get_attribute("data-frame"))
    shown.frame(here)

    shown.page.get_by_text("¼×").click()
    assert shown.page.evaluate("document.querySelector('#video').playbackRate") == 0.25
    shown.page.locator("#stage").click(position={"x": 20, "y": 20})
    shown.page.get_by_role("button", name="Pause").wait_for()
    shown.page.keyboard.press(" ")
    shown.page.get_by_role("button", name="Play", exact=True).wait_for()


def test_zooming_and_panning(open_page: Callable[..., Opened]) -> None:
    """The box keeps its place under the mouse, moves with it, and comes back."""
    shown = open_page(**DESKTOP)
    shown.frame(0)
    shown.drag((0.5, 0.5), (0.99, 0.5))
    rows, columns = BOX
    left, top = columns.start / COLUMNS, rows.start / ROWS
    grey, red = (100, 100, 100), (200, level(0), 40)
    assert shown.is_near(grey, left + 0.02, top + 0.02) and shown.is_near(red, left - 0.02, top + 0.02)

    box = shown.page.locator("#stage").bounding_box()
    shown.page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    shown.page.mouse.wheel(0, -500)
    shown.until(lambda: shown.page.locator("#scale").inner_text() != "1.0×")
    shown.until(lambda: shown.is_near(grey, left + 0.02, top + 0.02))
    assert shown.is_near(red, left - 0.02, top + 0.02)
    assert shown.is_near(grey, left + 0.3, top + 0.3)  # it is larger now

    shown.drag((left, top), (left + 0.2, top))
    shown.until(lambda: shown.is_near(red, left + 0.18, top + 0.02))
    assert shown.is_near(grey, left + 0.22, top + 0.02)

    shown.page.get_by_role("button", name="Whole picture").click()
    shown.until(lambda: shown.is_near(red, left - 0.02, top + 0.02))
    assert shown.page.locator("#scale").inner_text() == "1.0×"
    shown.page.keyboard.press("+")
    shown.until(lambda: shown.page.locator("#scale").inner_text() == "1.5×")


def test_the_wheel_scrolls_the_page_where_there_is_nothing_to_zoom_out(
    open_page: Callable[..., Opened],
) -> None:
    shown = open_page(**DESKTOP)
    shown.page.locator("#stage").hover()
    shown.page.mouse.wheel(0, 300)
    shown.until(lambda: shown.page.evaluate("scrollY") > 100)


def test_heat_shows_where_it_rained(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    shown.page.keyboard.press("End")
    shown.frame(FRAMES - 1)
    before = shown.at(0.1, 0.2)
    button = shown.page.get_by_role("button", name="Heat")
    button.click()
    shown.until(lambda: shown.at(0.1, 0.2).sum() < 0.6 * before.sum())
    rows, columns = BOX
    inside = shown.at((columns.start + 10) / COLUMNS, (rows.start + 10) / ROWS)
    assert inside[0] > 200 and inside[0] > inside[2] + 40  # warm and light
    assert button.get_attribute("aria-pressed") == "true"
    assert shown.page.get_by_text("64+ codes").is_visible()
    shown.page.keyboard.press("h")
    shown.until(lambda: bool(np.abs(shown.at(0.1, 0.2) - before).max() < NEAR))


def test_charts_follow_the_frame_and_seek(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    series = json.loads(shown.page.locator("#data").text_content())["excerpts"][0]["series"]
    charts = shown.page.locator(".chart")
    assert charts.locator("h3").all_inner_texts() == ["Rain energy codes", "Flicker codes", "PSNR dB", "SSIM"]
    plot = charts.nth(0).locator(".u-over")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    shown.page.mouse.click(box["x"] + box["width"] * 18 / (FRAMES - 1), box["y"] + 30)
    shown.frame(18)
    readings = charts.locator(".key b").all_inner_texts()
    assert readings == [
        f"{series['rain']['removed'][18]:.2f}",
        *(f"{series['flicker'][line][18]:.2f}" for line in ("rainy", "derained")),
        *(f"{series['psnr'][line][18]:.2f}" for line in ("rainy", "derained")),
        *(f"{series['ssim'][line][18]:.4f}" for line in ("rainy", "derained")),
    ]
    for n in (18, 5):
        shown.page.get_by_role("slider", name="Frame").fill(str(n))
        shown.frame(n)
        for i in range(4):
            place, head = (charts.nth(i).locator(name).bounding_box() for name in (".u-over", ".playhead"))
            assert abs(head["x"] - place["x"] - place["width"] * n / (FRAMES - 1)) < 1.5
    label = charts.nth(2).get_by_role("img").get_attribute("aria-label")
    assert re.match(r"PSNR in dB over 24 frames\. Rainy: [\d.]+ on average, from", label)


def test_the_reference_can_be_compared(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    shown.frame(0)
    shown.page.get_by_text("Derained | Reference").click()
    shown.until(lambda: shown.is_near((146, level(0), 200), 0.2, 0.2))
    assert shown.is_near((200, 200, level(0)), 0.8, 0.2)
    assert shown.page.locator(".tag").all_inner_texts() == ["Derained", "Reference"]


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
    red, blue = (200, level(0), 40), (146, level(0), 200)
    touch = Fingers(shown)

    touch("Start", (0.5, 0.3))
    for x in (0.4, 0.3, 0.2):
        touch("Move", (x, 0.3))
    touch("End")
    shown.until(lambda: shown.is_near(blue, 0.3, 0.2))
    assert shown.is_near(red, 0.1, 0.2)

    touch("Start", (0.45, 0.5))
    touch("Start", (0.45, 0.5), (0.55, 0.5))
    for spread in (0.1, 0.15, 0.2):
        touch("Move", (0.45 - spread, 0.5), (0.55 + spread, 0.5))
    touch("End")
    shown.until(lambda: shown.page.locator("#scale").inner_text() == "5.0×")
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


def test_light_and_dark(open_page: Callable[..., Opened]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        shown = open_page(**DESKTOP, color_scheme=scheme)
        grounds.append(shown.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    light, dark = (sum(map(int, re.findall(r"\d+", ground))) for ground in grounds)
    assert light > 700 and dark < 100


def test_everything_that_can_be_used_has_a_name(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    tree = shown.page.locator("main").aria_snapshot()
    for line in tree.splitlines():
        if match := re.match(r"\s*- '?(button|slider|radio|img|group|region)\b(.*)", line):
            assert '"' in match[2], line
    for name in ("Before and after", "Speed", "Compare", "Zoom", "Figures, frame by frame"):
        assert f'"{name}"' in tree

"""The page in a browser, with mouse and keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from browser_support import BLUE, DESKTOP, NEAR, RED, YELLOW, Opened
from compare_support import BOX, COLUMNS, FRAMES, ROWS, TIMES, level, rainy_image, write

from vsrrg.compare import compare

pytestmark = pytest.mark.timeout(60)


def test_the_divide_shows_more_of_one_and_less_of_the_other(open_page: Callable[..., Opened]) -> None:
    shown = open_page(**DESKTOP)
    shown.frame(0)
    assert shown.is_near(RED, 0.45, 0.2) and shown.is_near(BLUE, 0.55, 0.2)

    shown.drag((0.5, 0.5), (0.8, 0.6))
    shown.until(lambda: shown.is_near(RED, 0.75, 0.2))
    assert shown.is_near(BLUE, 0.85, 0.2)

    shown.drag((0.1, 0.2), (0.3, 0.2))  # anywhere on the picture
    shown.until(lambda: shown.is_near(BLUE, 0.35, 0.2))
    assert shown.is_near(RED, 0.25, 0.2)

    divide = shown.page.get_by_role("slider", name="Divide between the two pictures")
    assert divide.get_attribute("aria-valuenow") == "30"
    divide.focus()
    for key in ("ArrowRight", "PageUp", "PageUp"):
        shown.page.keyboard.press(key)
    assert divide.get_attribute("aria-valuenow") == "51"
    shown.until(lambda: shown.is_near(RED, 0.48, 0.2))
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
    shown.page.get_by_text("\u00bc\u00d7").click()  # so slowly that a busy machine shows every frame
    assert shown.page.evaluate("document.querySelector('#video').playbackRate") == 0.25
    seen = shown.page.evaluate(
        """new Promise((resolve) => {
            const picture = document.querySelector("#picture"), seen = [];
            new MutationObserver(() => {
                seen.push(Number(picture.dataset.frame));
                if (seen.length > 30) resolve(seen);
            }).observe(picture, { attributes: true });
        })"""
    )
    steps = [after - before for before, after in pairwise(seen)]
    assert any(step < 0 for step in steps), "it never began anew"
    assert sum(step in (0, 1) for step in steps) > len(steps) / 2
    shown.page.get_by_role("button", name="Pause").click()
    shown.page.get_by_role("button", name="Play", exact=True).wait_for()
    shown.page.wait_for_timeout(300)  # a frame that was on its way still comes
    here = int(shown.page.locator("#picture").get_attribute("data-frame"))
    shown.frame(here)

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
    grey = (100, 100, 100)
    assert shown.is_near(grey, left + 0.02, top + 0.02) and shown.is_near(RED, left - 0.02, top + 0.02)

    box = shown.page.locator("#stage").bounding_box()
    shown.page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    shown.page.mouse.wheel(0, -500)
    shown.until(lambda: shown.scale > 1)
    shown.until(lambda: shown.is_near(grey, left + 0.02, top + 0.02))
    assert shown.is_near(RED, left - 0.02, top + 0.02)
    assert shown.is_near(grey, left + 0.3, top + 0.3)  # it is larger now

    shown.drag((left, top), (left + 0.2, top))
    shown.until(lambda: shown.is_near(RED, left + 0.18, top + 0.02))
    assert shown.is_near(grey, left + 0.22, top + 0.02)

    shown.page.get_by_role("button", name="Whole picture").click()
    shown.until(lambda: shown.is_near(RED, left - 0.02, top + 0.02))
    assert shown.scale == 1
    shown.page.keyboard.press("+")
    shown.until(lambda: shown.scale == 1.5)


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
    shown.until(lambda: shown.is_near(BLUE, 0.2, 0.2))
    assert shown.is_near(YELLOW, 0.8, 0.2)
    assert shown.page.locator(".tag").all_inner_texts() == ["Derained", "Reference"]


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


def counter_tells(shown: Opened, text: str) -> bool:
    return bool(shown.page.locator("#counter").inner_text() == text)


def test_excerpts_can_be_chosen(open_page: Callable[..., Opened], preview_file: Path) -> None:
    """Each has its own video, times and charts."""
    shown = open_page(preview_file, **DESKTOP)
    excerpts = json.loads(shown.page.locator("#data").text_content())["excerpts"]
    assert len({excerpt["times"][0] for excerpt in excerpts}) == 3
    for i, name in ((1, "Medium rain"), (2, "Least rain"), (0, "Most rain")):
        shown.page.get_by_text(name, exact=True).click()
        first, second = excerpts[i]["times"][:2]
        count = len(excerpts[i]["times"])
        shown.until(partial(counter_tells, shown, f"1 / {count} 0:{first:05.2f}"))
        shown.until(partial(shown.is_near, (round(70 * first), 90, 90), 0.1, 0.1))
        shown.page.keyboard.press(".")
        shown.until(partial(shown.is_near, (round(70 * second), 90, 90), 0.1, 0.1))
        reading = shown.page.locator(".key b").first.inner_text()
        assert reading == f"{excerpts[i]['series']['rain']['removed'][1]:.2f}"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])
def test_a_screen_holds_picture_and_controls(
    open_page: Callable[..., Opened], width: int, height: int
) -> None:
    shown = open_page(viewport={"width": width, "height": height})
    bar = shown.page.locator(".bar").bounding_box()
    assert bar["y"] + bar["height"] <= height
    assert shown.page.locator("#stage").bounding_box()["height"] > 0.6 * height


def test_of_one_frame_there_is_nothing_to_play(open_page: Callable[..., Opened], tmp_path: Path) -> None:
    one = write(tmp_path / "one.mkv", [rainy_image(5)])
    made = compare(one, one, tmp_path / "page.html")
    shown = open_page(made.path, **DESKTOP)
    shown.until(lambda: abs(int(shown.at(0.02, 0.5)[1]) - level(5)) < 4)
    for hidden in ("#play", "#scrubber", "#next", ".speed", ".u-over"):
        assert not shown.page.locator(hidden).first.is_visible(), hidden
    assert shown.page.locator(".key b").first.inner_text() == "0.00"
    assert shown.page.get_by_role("button", name="Heat").is_visible()
    assert shown.page.locator(".note").inner_text().startswith("Nothing was removed: ")

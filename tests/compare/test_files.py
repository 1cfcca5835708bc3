"""From files to a page: which piece, how much, whole or not at all."""

from __future__ import annotations

import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from compare_support import FRAMES, Image, clips, grays, write

from vsrrg.compare import Choices, compare, files, preview
from vsrrg.engine import Options
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.hooks import resolve
from vsrrg.hooks.manager import Offer
from vsrrg.testing.stand_ins import MODEL


def data(page: Path) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.S)
    assert found is not None
    read: dict[str, object] = json.loads(found[1])
    return read


def times(page: Path) -> list[list[float]]:
    return [one["times"] for one in data(page)["excerpts"]]  # type: ignore[index, attr-defined]


def rain_from(frame: int, count: int) -> list[Image]:
    """Ten frames a second, and bright pixels in one of these seconds."""
    random = np.random.default_rng(0)
    patches = random.integers(40, 120, (6, 8, 1)).repeat(8, 0).repeat(8, 1).repeat(3, 2).astype(np.uint8)
    images = [patches.copy() for _ in range(count)]
    for image in images[frame : frame + 10]:
        image[random.integers(0, 48, 99), random.integers(0, 64, 99)] = 250
    return images


@pytest.fixture
def long(tmp_path: Path) -> Path:
    return write(tmp_path / "long.mkv", rain_from(50, 120), unit=Fraction(1, 10))


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Options:
    """A network that takes the minimum of five frames."""
    monkeypatch.setattr(resolve, "model_offer", lambda name: Offer("", MODEL))
    return Options(model="any", device="cpu", precision="fp32")


def test_the_piece_that_was_asked_for(long: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    choices = Choices(start=Fraction(3, 2), duration=Fraction(1, 2))
    page = tmp_path / "page.html"
    made = compare(long, long, page, choices=choices, progress=lambda *now: told.append(now))
    assert times(page) == [[1.5, 1.6, 1.7, 1.8, 1.9]]
    assert made.frames == 5 and made.size == page.stat().st_size and not made.full
    assert told == [(n, 5) for n in range(1, 6)]
    assert "0:01.50 to 0:02.00, of 0:12.00, 5 frames" in page.read_text()


def test_of_a_long_clip_the_rainiest_piece(long: Path, tmp_path: Path) -> None:
    compare(long, long, page := tmp_path / "page.html", choices=Choices(duration=Fraction(2)))
    ((start, *_),) = times(page)
    assert 4 < start <= 5.5
    compare(long, long, page, choices=Choices(duration=Fraction(20)))
    assert len(times(page)[0]) == 120


def test_a_full_page_ends_early_and_says_so(tmp_path: Path) -> None:
    noise = [np.random.default_rng(n).integers(0, 256, (180, 320, 3), np.uint8) for n in range(16)]
    clip = write(tmp_path / "a.mkv", noise)
    whole = compare(clip, clip, page := tmp_path / "page.html")
    most = whole.size // 2 + files.REST // 2
    made = compare(clip, clip, page, choices=Choices(max_bytes=most))
    assert 2 <= made.frames < 16 and made.full and made.size < most
    assert "ends there because the page is full" in page.read_text()


def test_derained_here_and_now(long: Path, tmp_path: Path, stand_in: Options) -> None:
    choices = Choices(start=Fraction(53, 10), duration=Fraction(3, 10))
    compare(long, stand_in, page := tmp_path / "page.html", choices=choices)
    (one,) = data(page)["excerpts"]  # type: ignore[misc, attr-defined]
    assert min(one["series"]["rain"]["removed"]) > 20  # all the rain, which is 170 codes on 3 % of the pixels
    assert one["series"]["flicker"]["derained"] == [None, 0, None]
    assert "by vsrrg from the file&#39;s own frames: model vsrrg-testing" in page.read_text()


def test_a_preview_has_three_excerpts(long: Path, tmp_path: Path, stand_in: Options) -> None:
    made = preview(long, stand_in, page := tmp_path / "page.html")
    assert made.frames == 30
    most, medium, least = times(page)
    assert 4 < most[0] < 6 and all(len(one) == 10 for one in (most, medium, least))
    assert re.findall(r"<span>(\w+ rain)</span>", page.read_text()) == [
        "Most rain",
        "Medium rain",
        "Least rain",
    ]


def test_where_nothing_was_removed_the_page_says_so(long: Path, tmp_path: Path, stand_in: Options) -> None:
    page = tmp_path / "page.html"
    for start, told in ((Fraction(1), True), (Fraction(5), False)):
        compare(long, stand_in, page, choices=Choices(start=start, duration=Fraction(1, 2)))
        assert ("Nothing was removed: every pixel is as bright as it was." in page.read_text()) is told
    preview(long, stand_in, page)
    assert "Nothing was removed in: Medium rain, Least rain." in page.read_text()


def test_the_size_is_that_of_the_upright_picture(tmp_path: Path, stand_in: Options) -> None:
    still = write(tmp_path / "still.mp4", grays(90, 90, 90), codec="libx264", pix_fmt="yuv420p")
    turned = tmp_path / "turned.mp4"
    subprocess.run(
        [find_ffmpeg(), "-v", "error", "-display_rotation", "90", "-i", still, "-c", "copy", turned],
        check=True,
    )
    for clip, size in ((still, "64x48"), (turned, "48x64")):
        compare(clip, stand_in, page := tmp_path / "page.html")
        text = page.read_text()
        assert f"{clip.name}, {size}, 25 fps" in text and "scaled from" not in text


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    rainy, derained, _ = clips(tmp_path)
    page = tmp_path / "page.html"
    page.write_text("earlier")
    short = write(tmp_path / "short.mkv", grays(*[90] * 5, size=(180, 320)))
    with pytest.raises(MediaError, match=r"short.mkv' has ended: give videos with the same frames"):
        compare(rainy, short, page)
    assert page.read_text() == "earlier"
    assert len(list(tmp_path.iterdir())) == 5
    assert compare(rainy, derained, page).frames == FRAMES


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("page.pdf", "is to be an HTML page: name it .html"),
        ("none/page.html", "the folder of .* does not exist"),
        ("a.html", "is a folder; name a file in it"),
    ],
)
def test_bad_targets_are_told_before_anything_is_done(tmp_path: Path, target: str, told: str) -> None:
    (tmp_path / "a.html").mkdir()
    with pytest.raises(MediaError, match=told):
        compare(tmp_path / "none.mp4", tmp_path / "none.mp4", tmp_path / target)


def test_a_place_beyond_the_end(long: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"long.mkv' has no frame there: choose another --start"):
        compare(long, long, tmp_path / "page.html", choices=Choices(start=Fraction(500)))

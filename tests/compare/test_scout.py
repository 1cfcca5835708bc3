"""Where it rains in a clip."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from compare_support import Image, write

from vsrrg.compare.clips import Clip, open_clip
from vsrrg.compare.scout import PLACES, Place, excess, rainiest, scout

SECOND = Fraction(1)


def shot(seed: int) -> Image:
    patches = np.random.default_rng(seed).integers(20, 200, (6, 8, 1)).repeat(8, 0).repeat(8, 1)
    return patches.repeat(3, 2).astype(np.uint8)


def footage(folder: Path, rain: dict[int, int], cuts: tuple[int, ...] = (), seconds: int = 9) -> Clip:
    """10 frames a second; so many bright pixels in each frame of the seconds with rain."""
    random = np.random.default_rng(0)
    images = []
    for n in range(10 * seconds):
        image = shot(sum(n >= cut for cut in cuts))
        drops = rain.get(n // 10, 0)
        image[random.integers(0, 48, drops), random.integers(0, 64, drops)] = 255
        images.append(image)
    return open_clip(write(folder / "a.mkv", images, unit=Fraction(1, 10)))


def test_places_are_spread_and_tell_rain_from_none(tmp_path: Path) -> None:
    places = scout(footage(tmp_path, {3: 60, 4: 60, 6: 20}), SECOND)
    assert len(places) == PLACES
    starts = [place.span.start for place in places]
    assert starts[0] < 1 and starts[-1] > 7
    assert all(after - before >= 1 for before, after in pairwise(starts))
    wet = [float(start) for start, place in zip(starts, places, strict=True) if place.rain > 1]
    assert wet and all(2 < start < 7 for start in wet)
    best = max(places, key=lambda place: place.rain)
    assert 2.9 <= best.span.start <= 4.1
    assert not any(place.cut for place in places)
    assert [name for name, _ in rainiest(places)] == ["Most rain", "Medium rain", "Least rain"]
    assert rainiest(places)[0][1] == best


def test_cuts_are_kept_away_from_where_there_is_a_choice(tmp_path: Path) -> None:
    places = scout(footage(tmp_path, {4: 80, 5: 80}, cuts=(50,)), SECOND)
    (cut,) = [place for place in places if place.cut]
    assert cut.rain == max(place.rain for place in places)
    assert all(not place.cut for _, place in rainiest(places))
    assert rainiest([*places[:2], cut])[0][1] is cut  # where there are few others, they are taken as well


def test_short_clips(tmp_path: Path) -> None:
    one = scout(footage(tmp_path, {}, seconds=1), Fraction(3, 5))
    assert [name for name, _ in rainiest(one)] == ["Most rain"]
    assert scout(footage(tmp_path, {}, seconds=1), Fraction(1, 10)) == []  # too short to be judged
    assert rainiest([]) == []
    two = [Place(one[0].span, rain, False) for rain in (1.0, 2.0)]
    assert [(name, place.rain) for name, place in rainiest(two)] == [("Most rain", 2), ("Least rain", 1)]


def test_what_counts_as_rain() -> None:
    """What is brighter than both neighbours in time, by more than noise is; nothing that grows darker."""
    plain = np.full((4, 4), 100, np.float32)
    for change, found in ((3, 0), (13, 10), (-50, 0)):
        assert excess(plain, plain + change, plain) == found
    assert excess(plain, plain + 40, plain + 30) == 7

"""Which frames make up the window of a frame: pure index logic, at ends of clips and at cuts too.

A model of radius r sees frame n between its neighbours n-r .. n+r. Some of these may not exist (the clip
ends) or belong to another shot (a cut lies between), and a frame of another shot would leave its ghost.
Each missing neighbour is replaced by the nearest other frame of the shot of frame n, so a window always
holds 2r+1 frames, the centre in the middle. With r = 2, a cut at frame 5 (5 is the first of its shot) and
8 frames in the clip:

    frame 4:  2 3 4 3 3        frame 5:  6 6 5 6 7        frame 7:  5 6 7 6 6

The centre itself stands in only where its shot has no other frame: a frame that is its own neighbour hides
its rain, which is known by being gone in the next frame.

Live, the future is not there yet: a `lookahead` below the radius ends the clip so many frames after n. With
0 and the same cut:

    frame 4:  2 3 4 3 3        frame 5:  5 5 5 5 5        frame 7:  5 6 7 6 6
"""

from __future__ import annotations

from collections.abc import Callable


def reach(n: int, radius: int, length: int, starts_shot: Callable[[int], bool]) -> tuple[int, int]:
    """First and last frame of the shot of frame n, as far as they lie within its window.

    `starts_shot(i)` says whether a shot begins with frame i, that is whether a cut lies between i-1 and
    i. It is asked only about frames of the window, going outwards, and never past a cut.
    """
    first = n
    while first > max(0, n - radius) and not starts_shot(first):
        first -= 1
    last = n
    while last < min(length - 1, n + radius) and not starts_shot(last + 1):
        last += 1
    return first, last


def window(
    n: int, radius: int, length: int, starts_shot: Callable[[int], bool], lookahead: int | None = None
) -> list[int]:
    """The 2 * radius + 1 frame numbers that a model sees for frame n of a clip of `length` frames, none of
    them above n + lookahead.
    """
    if lookahead is not None:
        length = min(length, n + lookahead + 1)
    first, last = reach(n, radius, length, starts_shot)
    # The nearest frame to one that is missing is the shot's end on that side; if that is n, its neighbour.
    before = first if first < n else min(n + 1, last)
    after = last if last > n else max(n - 1, first)
    return [
        n if i == n else i if first <= i <= last else before if i < n else after
        for i in range(n - radius, n + radius + 1)
    ]

"""Which frames make up the window of a frame: pure index logic, at ends of clips and at cuts too.

A model of radius r sees frame n between its neighbours n-r .. n+r. Some of these may not exist (the clip
ends) or belong to another shot (a cut lies between), and a frame of another shot would leave its ghost.
Each missing neighbour is replaced by the nearest frame that does belong to the shot of frame n, so a
window always holds 2r+1 frames, the centre in the middle. With r = 2, a cut at frame 5 (5 is the first
of its shot) and 8 frames in the clip:

    frame 4:  2 3 4 4 4        frame 5:  5 5 5 6 7        frame 7:  5 6 7 7 7
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


def window(n: int, radius: int, length: int, starts_shot: Callable[[int], bool]) -> list[int]:
    """The 2 * radius + 1 frame numbers that a model sees for frame n of a clip of `length` frames."""
    first, last = reach(n, radius, length, starts_shot)
    return [min(max(i, first), last) for i in range(n - radius, n + radius + 1)]

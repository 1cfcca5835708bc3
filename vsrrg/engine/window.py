"""Which frames make up the window of a frame: pure index logic, at ends of clips and at cuts too.

A model of radius r sees frame n between its neighbours n-r .. n+r, in pairs n-d and n+d. Some of these may
not exist (the clip ends) or belong to another shot (a cut lies between), and a frame of another shot would
leave its ghost. Each missing neighbour is replaced by that frame of the window and shot which is nearest to
n, other than n itself and the other one of its pair; so a window always holds 2r+1 frames, the centre in the
middle. With r = 2, a cut at frame 5 (5 is the first of its shot) and 8 frames in the clip:

    frame 4:  2 3 4 2 3        frame 5:  6 7 5 6 7        frame 7:  5 6 7 5 6

Where the shot has too few frames, the other one of the pair stands in, and at last the centre itself: a frame
that is its own neighbour hides its rain, which is known by being gone in the next frame.

Live, the future is not there yet: a `lookahead` below the radius ends the clip so many frames after n, and a
window of radius 1 reaches back one frame farther then, so that its pair need not be one frame twice. With 0
and the same cut:

    frame 4:  2 3 4 2 3        frame 5:  5 5 5 5 5        frame 7:  5 6 7 5 6        (r = 1)  frame 7:  6 7 5
"""

from __future__ import annotations

from collections.abc import Callable


def lookback(radius: int, lookahead: int) -> int:
    """Frames before its own that a window may hold."""
    return max(radius, 2) if lookahead < radius else radius


def reach(n: int, back: int, ahead: int, length: int, starts_shot: Callable[[int], bool]) -> tuple[int, int]:
    """First and last frame of the shot of frame n, as far as they lie between n - back and n + ahead.

    `starts_shot(i)` says whether a shot begins with frame i, that is whether a cut lies between i-1 and
    i. It is asked only about these frames, going outwards, and never past a cut.
    """
    first = n
    while first > max(0, n - back) and not starts_shot(first):
        first -= 1
    last = n
    while last < min(length - 1, n + ahead) and not starts_shot(last + 1):
        last += 1
    return first, last


def window(
    n: int, radius: int, length: int, starts_shot: Callable[[int], bool], lookahead: int | None = None
) -> list[int]:
    """The 2 * radius + 1 frame numbers that a model sees for frame n of a clip of `length` frames, none of
    them above n + lookahead.
    """
    ahead = radius if lookahead is None else min(lookahead, radius)
    first, last = reach(n, lookback(radius, ahead), ahead, length, starts_shot)

    def stand_in(side: int, other: int | None) -> int:
        """For a neighbour before (-1) or after (1) frame n, which is not there."""
        others = [i for i in range(first, last + 1) if i not in (n, other)]
        # Of two that are as near, the one on its side.
        return min(others, key=lambda i: (abs(i - n), side * (n - i)), default=n if other is None else other)

    pairs = []
    for d in range(1, radius + 1):
        before = n - d if first <= n - d else None
        after = n + d if n + d <= last else None
        if before is None:
            before = stand_in(-1, after)
        if after is None:
            after = stand_in(1, before)
        pairs.append((before, after))
    return [*(before for before, _ in reversed(pairs)), n, *(after for _, after in pairs)]

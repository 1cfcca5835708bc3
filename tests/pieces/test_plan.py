"""Where files are cut."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.pieces.index import Index, Key
from vsrrg.pieces.plan import Piece, Plan, choose_starts, read_plan

KNOWN = StreamFormat(64, 48, "yuv420p", Fraction(1, 24), Fraction(-1, 24), range="tv", interlaced=False)


def index(frames: int, keys: range | list[int]) -> Index:
    return Index(Fraction(1, 24), -7, tuple(range(5, frames + 5)), tuple(Key(key, key) for key in keys))


def test_pieces_begin_where_their_context_begins_with_a_key() -> None:
    assert choose_starts(index(120, range(0, 120, 20)), 40, 2) == (0, 42, 82)
    assert choose_starts(index(120, [0, 33, 47, 90]), 40, 1) == (0, 34, 91)


@pytest.mark.parametrize("keys", [[], [0], [0, 3], [0, 118]])
def test_rare_keys_make_one_piece(keys: list[int]) -> None:
    assert choose_starts(index(120, keys), 40, 2) == (0,)


@given(st.integers(1, 600), st.sets(st.integers(0, 599)), st.integers(1, 200), st.integers(1, 3))
def test_pieces_cover_all_frames(frames: int, keys: set[int], size: int, context: int) -> None:
    held = index(frames, sorted(key for key in keys if key < frames))
    plan = Plan(KNOWN, held, choose_starts(held, size, context), context)
    assert [frame for piece in plan.pieces for frame in range(piece.start, piece.stop)] == list(range(frames))
    for piece in plan.pieces[1:]:
        assert min(piece.stop - piece.start, piece.start) >= max(size // 2, 2 * context + 1)
        assert held.key_before(plan.decoded(piece).start, 0) in (
            Key(piece.start - context, piece.start - context),
            None,
        )
        before = plan.pieces[piece.number - 1]
        seam = set(plan.seam(piece.start))
        assert seam == set(plan.decoded(piece)) & set(plan.decoded(before))


def test_plan_comes_back_from_text() -> None:
    held = index(120, range(0, 120, 20))
    plan = Plan(KNOWN, held, (0, 42, 82), 2)
    assert read_plan(plan.to_json()) == plan
    assert plan.pieces[1] == Piece(1, 42, 82) and plan.decoded(plan.pieces[2]) == range(80, 120)
    assert read_plan(replace(plan, starts=(0,)).to_json()) != plan
    for text in ("", "{}", "[]", '{"known": 1}'):
        with pytest.raises((ValueError, KeyError, TypeError)):
            read_plan(text)

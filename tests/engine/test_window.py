from engine_support import windows
from hypothesis import given
from hypothesis import strategies as st

from vsrrg.engine.window import lookback, reach, window


def test_the_examples_of_the_docstring():
    def begins(i):
        return i == 5

    assert window(4, 2, 8, begins) == [2, 3, 4, 2, 3]
    assert window(5, 2, 8, begins) == [6, 7, 5, 6, 7]
    assert window(7, 2, 8, begins) == [5, 6, 7, 5, 6]
    assert reach(4, 2, 2, 8, begins) == (2, 4)
    assert window(4, 2, 8, begins, 0) == [2, 3, 4, 2, 3]
    assert window(5, 2, 8, begins, 0) == [5, 5, 5, 5, 5]
    assert window(7, 2, 8, begins, 0) == [5, 6, 7, 5, 6]
    assert window(7, 1, 8, begins, 0) == [6, 7, 5]


def test_a_pair_is_one_frame_twice_only_where_there_is_no_other():
    assert window(0, 1, 9, lambda i: False) == [1, 0, 1]
    assert window(8, 1, 9, lambda i: False) == [7, 8, 7]
    assert window(1, 1, 9, lambda i: False, 0) == [0, 1, 0]
    assert window(0, 2, 2, lambda i: False) == [1, 1, 0, 1, 1]
    assert window(1, 2, 3, lambda i: False) == [0, 0, 1, 2, 2]


def test_live_a_window_of_radius_1_reaches_back_one_frame_farther():
    assert [lookback(1, ahead) for ahead in (0, 1)] == [2, 1]
    assert [lookback(3, ahead) for ahead in (0, 2, 3)] == [3, 3, 3]
    assert lookback(0, 0) == 0


def test_two_cuts_within_a_window():
    assert window(4, 3, 9, {4, 6}.__contains__) == [5, 5, 5, 4, 5, 5, 5]
    assert window(4, 3, 9, {4, 5}.__contains__) == [4] * 7


def test_one_frame():
    assert window(0, 2, 1, lambda i: False) == [0] * 5
    assert window(3, 0, 9, lambda i: True) == [3]


def test_with_one_frame_of_the_future():
    assert window(4, 3, 9, lambda i: False, 1) == [1, 2, 3, 4, 5, 5, 5]
    assert window(0, 2, 9, lambda i: False, 1) == [1, 1, 0, 1, 1]


@given(
    st.lists(st.booleans(), min_size=1, max_size=12),
    st.integers(0, 4),
    st.one_of(st.none(), st.integers(0, 5)),
)
def test_the_nearest_other_frame_of_the_same_shot_stands_in(cuts, radius, lookahead):
    shots = [sum(cuts[1 : n + 1]) for n in range(len(cuts))]
    asked = []

    def begins(i):
        asked.append(i)
        return cuts[i]

    for n, expected in enumerate(windows(shots, radius, lookahead)):
        asked.clear()
        assert window(n, radius, len(cuts), begins, lookahead) == expected
        ahead = radius if lookahead is None else min(radius, lookahead)
        first, last = n - lookback(radius, ahead), n + ahead
        assert all(max(1, first + 1) <= i <= min(len(cuts) - 1, last) for i in asked)

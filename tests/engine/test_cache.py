import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vsrrg.engine.cache import SharedCache


def test_keeps_the_values_used_last():
    cache, made = SharedCache[str](2), []

    def get(key):
        return cache.get(key, lambda: made.append(key) or f"value {key}")

    with cache.visit():
        assert [get(key) for key in (1, 2, 3, 1, 4, 1, 2)] == [
            f"value {key}" for key in (1, 2, 3, 1, 4, 1, 2)
        ]
    assert made == [1, 2, 3, 4, 2]


def test_waits_for_a_value_in_the_making_and_takes_over_when_that_fails():
    cache, begun, go = SharedCache[str](2), threading.Event(), threading.Event()

    def failing():
        begun.set()
        go.wait(10)
        raise ValueError("no")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, 1, failing)
        begun.wait(10)
        second = pool.submit(cache.get, 1, lambda: "mine")
        assert not second.done()
        go.set()
        assert second.result(10) == "mine"
        with pytest.raises(ValueError, match="no"):
            first.result(10)
    assert cache.get(1, lambda: "another") == "mine"


def test_values_in_the_making_are_not_dropped():
    cache, begun, go, made = SharedCache[int](1), threading.Event(), threading.Event(), []

    def slow():
        made.append(0)
        begun.set()
        go.wait(10)
        return 0

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, 0, slow)
        begun.wait(10)
        for key in (1, 2, 3):
            cache.get(key, lambda key=key: key)
        second = pool.submit(cache.get, 0, slow)
        go.set()
        assert (first.result(10), second.result(10)) == (0, 0)
    assert made == [0]

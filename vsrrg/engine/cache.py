"""A small cache for threads: every value is made once, however many ask for it at the same time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock


class SharedCache[T]:
    """The values used last, by number. Holds `room` values, and one more for each thread that was ever
    inside at once.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self._lock = Lock()
        self._values: OrderedDict[int, Future[T]] = OrderedDict()
        self._inside = 0
        self._most_inside = 0

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Wrap each use in this: it counts how many threads walk through the clip together."""
        with self._lock:
            self._inside += 1
            self._most_inside = max(self._most_inside, self._inside)
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1

    def get(self, key: int, make: Callable[[], T]) -> T:
        """The value of `key`, from `make()` if it is not there.

        If another thread is making it, wait for that one. If that one fails, it alone sees the error and
        this thread tries with its own `make`; nothing of a failure is kept.
        """
        while True:
            with self._lock:
                found = self._values.get(key)
                mine: Future[T] = Future()
                if found is None:
                    self._values[key] = mine
                    self._drop_oldest()
                else:
                    self._values.move_to_end(key)
            if found is None:
                return self._fill(key, mine, make)
            if found.exception() is None:
                return found.result()

    def _fill(self, key: int, future: Future[T], make: Callable[[], T]) -> T:
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                if self._values.get(key) is future:
                    del self._values[key]
            future.set_exception(error)
            raise
        future.set_result(value)
        return value

    def _drop_oldest(self) -> None:
        excess = len(self._values) - self.room - self._most_inside
        for key in [key for key, future in self._values.items() if future.done()][: max(0, excess)]:
            del self._values[key]

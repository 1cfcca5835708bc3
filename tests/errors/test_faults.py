"""What a signal raises is nobody's fault; what code raises by itself is its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import pytest

from vsrrg.errors import one_line
from vsrrg.errors.faults import excused


class Panic(BaseException):
    """As libraries in Rust raise it."""


def caught(call: Callable[[], object]) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_errors_and_exits_are_the_doing_of_the_code_that_raises_them() -> None:
    def fail(error: BaseException) -> None:
        raise error

    for error in (ValueError("no"), Panic("no"), SystemExit(0), GeneratorExit()):
        assert not excused(caught(lambda error=error: fail(error)))  # type: ignore[misc]
    assert not excused(caught(lambda: sys.exit(143)))
    assert excused(caught(lambda: fail(KeyboardInterrupt())))


class Host:
    def end(self, number: int, frame: object) -> None:
        sys.exit(128 + number)


@pytest.mark.parametrize("handler", [Host().end, lambda number, frame: sys.exit()])
def test_an_exit_by_the_handler_of_a_signal_comes_over_the_code(
    handler: Callable[[int, object], None],
) -> None:
    before = signal.signal(signal.SIGTERM, handler)
    try:
        assert excused(caught(lambda: os.kill(os.getpid(), signal.SIGTERM)))
    finally:
        signal.signal(signal.SIGTERM, before)


def test_an_error_that_cannot_tell_of_itself_still_has_a_name() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    assert one_line(Mute()) == "Mute"

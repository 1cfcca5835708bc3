"""Who hears what vsrrg logs: nobody, unless a program, or its user through VSRRG_LOG, listens."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vsrrg.errors import OptionError
from vsrrg.printable import printable

LEVELS = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
"""What VSRRG_LOG may be."""

log = logging.getLogger("vsrrg")


class _Printable(logging.Formatter):
    """Messages as one line, whatever the names in them hold; tracebacks as several."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return printable(super().formatException(ei), keep="\n")


class Listener(logging.Handler):
    """Hands each line to a function; warnings and errors bear vsrrg's name, the rest that of the part."""

    def __init__(self, tell: Callable[[int, str], None]) -> None:
        """Take a function of the level and the line; it may be called from any thread."""
        super().__init__()
        self.setFormatter(_Printable())
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tells it."""
        try:
            who = "vsrrg" if record.levelno >= logging.WARNING else record.name
            self._tell(record.levelno, f"{who}: {self.format(record)}")
        except Exception:
            self.handleError(record)


class _Heeding(Listener):
    """Listens since the environment says so, or a host has a log."""


def to_stderr(level: int, line: str) -> None:
    """Writes the line to what is stderr now: above a progress bar, where one has taken its place."""
    if sys.stderr is not None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


@contextmanager
def listening(level: int) -> Iterator[None]:
    """Inside, stderr shows what is logged from this level on; for programs, not for libraries."""
    before, handler = log.level, Listener(to_stderr)
    others = [one for one in log.handlers if isinstance(one, Listener)]
    for other in others:
        log.removeHandler(other)
    log.addHandler(handler)
    log.setLevel(level)
    try:
        yield
    finally:
        log.setLevel(before)
        log.removeHandler(handler)
        for other in others:
            log.addHandler(other)


def wanted_level() -> int | None:
    """The level that VSRRG_LOG names; None where it is not set.

    Raises:
        OptionError: it names none.
    """
    setting = os.environ.get("VSRRG_LOG", "")
    if not setting:
        return None
    if setting.lower() not in LEVELS:
        raise OptionError(
            "log-setting", f"VSRRG_LOG is {setting!r}: set it to {', '.join(LEVELS)}, or unset it"
        )
    return LEVELS[setting.lower()]


def heed_environment(tell: Callable[[int, str], None] = to_stderr, default: int | None = None) -> None:
    """Where no program listens, lets a function hear what VSRRG_LOG asks for; without it, the default level.
    The last function is the one that hears.

    Raises:
        OptionError: VSRRG_LOG names no level.
    """
    level = wanted_level() or default
    own = [handler for handler in log.handlers if isinstance(handler, _Heeding)]
    if level is None or (is_heard(log) and not own):
        return
    for handler in own:
        log.removeHandler(handler)
    log.addHandler(_Heeding(tell))
    log.setLevel(level)


def is_heard(logger: logging.Logger) -> bool:
    """Whether what is logged there reaches a handler that does something."""
    one: logging.Logger | None = logger
    while one is not None:
        if any(not isinstance(handler, logging.NullHandler) for handler in one.handlers):
            return True
        one = one.parent if one.propagate else None
    return False

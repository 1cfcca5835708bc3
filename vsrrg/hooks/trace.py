"""VSRRG_TRACE=1 logs each call of a plugin: who, what, how many items came back, and how long it took."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import wraps
from time import perf_counter

from vsrrg.errors import OptionError
from vsrrg.logs import Listener, is_heard, to_stderr

log = logging.getLogger("vsrrg.trace")


def tracing() -> bool:
    """Whether calls of plugins are logged; they go to stderr where the host has not set up logging.

    Raises:
        OptionError: VSRRG_TRACE has a value that means nothing.
    """
    setting = os.environ.get("VSRRG_TRACE", "")
    if setting in ("", "0"):
        return False
    if setting != "1":
        raise OptionError(
            "trace-setting",
            f"VSRRG_TRACE is {setting!r}: set it to 1 to log each call of a plugin, or to 0, or unset it",
        )
    log.setLevel(logging.DEBUG)
    if not is_heard(log):
        log.addHandler(Listener(to_stderr))
    return True


def traced[**P, R](plugin: str, call: str, function: Callable[P, R]) -> Callable[P, R]:
    """The function itself, or one that logs its calls as those of this plugin, where that is asked for or
    ``vsrrg`` is heard at the level DEBUG. Raises as ``tracing``.
    """
    if not (tracing() or logging.getLogger("vsrrg").isEnabledFor(logging.DEBUG)):
        return function

    @wraps(function)
    def logged(*args: P.args, **options: P.kwargs) -> R:
        start = perf_counter()
        outcome = "failed"
        try:
            returned = function(*args, **options)
            outcome = "done"
            if isinstance(returned, list):
                outcome = f"{len(returned)} item{'s' * (len(returned) != 1)}"
            return returned
        finally:
            log.debug("plugin %s, %s: %s, %.1f ms", plugin, call, outcome, 1e3 * (perf_counter() - start))

    return logged

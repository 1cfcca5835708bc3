"""Whose doing it is when the code of others raises."""

from __future__ import annotations

import signal
from traceback import walk_tb


def excused(error: BaseException) -> bool:
    """Whether an error only came over the code that was running: a KeyboardInterrupt, or the SystemExit that
    the handler of a signal raised. Anything else, ``sys.exit()`` too, is that code's own doing.
    """
    if isinstance(error, KeyboardInterrupt):
        return True
    if not isinstance(error, SystemExit):
        return False
    handlers = [getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()]
    return any(frame.f_code in handlers for frame, _ in walk_tb(error.__traceback__))

"""The process that measures one case: ``python -m vsrrg.bench.worker``, JSON in, JSON out.

Every case gets a process of its own, so that its memory, its threads and its cold start are its own. `jobs`
is the other end.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vsrrg.bench.case import Effort
from vsrrg.bench.record import case_from, plain
from vsrrg.errors import VsrrgError

MEMORY_WORDS = ("out of memory", "allocate memory", "not enough memory", "alloc_cpu")
"""How torch says that memory ran out, on devices where it has no error of its own for that."""


def run(job: Mapping[str, Any]) -> Any:
    """Does one job and returns what came of it; raises what goes wrong."""
    if job["task"] == "machine":
        from vsrrg.bench.machine import describe

        return describe(job["device"])
    case = case_from(job["case"])
    video = job["effort"].pop("video")
    effort = Effort(**job["effort"], video=None if video is None else Path(video))
    if job["task"] == "adapters":
        from vsrrg.bench.adapters import measure_adapters

        return measure_adapters(case, effort)
    from vsrrg.bench.measure import measure

    return measure(case, effort)


def explain(error: Exception) -> str:
    """What went wrong, in a sentence for users."""
    text = " ".join(str(error).split())
    if isinstance(error, VsrrgError):
        return text
    if isinstance(error, MemoryError) or any(word in text.lower() for word in MEMORY_WORDS):
        return "memory ran out: choose a smaller size, another model, or another device"
    return f"unexpected {type(error).__name__}: {text[:200]}".removesuffix(": ")


class Notes(logging.Handler):
    """Keeps what vsrrg warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message not in self.messages:
            self.messages.append(message)


def main() -> None:
    """Answers with {"outcome": ...} or {"reason": ...} as the only thing on stdout."""
    # Whatever else prints, C libraries included, must not come between.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    notes = Notes()
    logging.getLogger("vsrrg").addHandler(notes)
    try:
        outcome = plain(run(json.load(sys.stdin)))
        if "notes" in outcome:
            outcome["notes"] += notes.messages
        said = {"outcome": outcome}
    except Exception as error:
        said = {"reason": explain(error)}
    with answer:
        json.dump(said, answer)


if __name__ == "__main__":
    main()

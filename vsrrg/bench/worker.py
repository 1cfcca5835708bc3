"""A process that is one `Part` of a case: ``python -m vsrrg.bench.worker``.

It reads a job, a line of JSON, from stdin, and then commands, a line each; it answers each with a line on
stdout: {"outcome": ...} or {"reason": ...}. `jobs` is the other end.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vsrrg.bench.case import Case, Effort
from vsrrg.bench.parts import Part
from vsrrg.engine.memory import keep_freed_memory
from vsrrg.errors import VsrrgError, code_of

MEMORY_WORDS = ("out of memory", "allocate memory", "not enough memory", "alloc_cpu")
"""How torch says that memory ran out, on devices where it has no error of its own for that."""


def open_part(job: Mapping[str, Any]) -> Part:
    """The part that a job names, made ready; raises whatever goes wrong."""
    if job["part"] == "machine":
        from vsrrg.bench.machine import describe
        from vsrrg.bench.plain import plain

        return Part(plain(describe(job["device"])))
    video = job["effort"]["video"]
    effort = Effort(**{**job["effort"], "video": None if video is None else Path(video)})
    return _opener(job["part"])(Case(**job["case"]), effort, **job["more"])


def _opener(name: str) -> Callable[..., Part]:
    from vsrrg.bench import adapters, baselines, engine, yardsticks

    openers: dict[str, Callable[..., Part]] = {
        "network": engine.engine_part,
        "min-median": baselines.min_median_part,
        "tmedian": baselines.tmedian_part,
        "yardsticks": yardsticks.yardsticks_part,
        "vapoursynth": adapters.vapoursynth_part,
        "files": adapters.files_part,
    }
    return openers[name]


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
    """Answers until stdin ends or something goes wrong; answers also hold the "notes" so far."""
    # Whatever else prints, C libraries included, must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    keep_freed_memory()
    notes = Notes()
    logging.getLogger("vsrrg").addHandler(notes)
    try:
        part = open_part(json.loads(sys.stdin.readline()))
        print(json.dumps({"outcome": part.ready, "notes": notes.messages}), file=answers)
        for line in sys.stdin:
            command = json.loads(line)
            outcome = part.commands[command.pop("do")](**command)
            print(json.dumps({"outcome": outcome, "notes": notes.messages}), file=answers)
    except Exception as error:
        print(json.dumps({"reason": explain(error), "code": code_of(error)}), file=answers)


if __name__ == "__main__":
    main()

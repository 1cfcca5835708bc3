"""What `vsrrg bench --out` writes and `--compare` reads."""

from __future__ import annotations

import contextlib
from pathlib import Path

from vsrrg.bench.record import from_json
from vsrrg.bench.report import tables
from vsrrg.errors import OptionError

SAMPLE = Path(__file__).parent / "results.json"


def target(data: bytes) -> None:
    """Read, and shown as the command shows it."""
    with contextlib.suppress(OptionError):
        tables(from_json(data.decode("utf-8", "replace"), "it"))


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """Results of a real run, if short, and texts that are none."""
    return [SAMPLE.read_bytes(), b'{"schema": 1}', b"[" * 3000, b"null", b'{"schema": []}']

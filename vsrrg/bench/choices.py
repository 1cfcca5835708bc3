"""What users write for sizes and formats, and the cases that follow from their choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from vsrrg.bench.case import Case, Kind
from vsrrg.errors import FormatError, OptionError
from vsrrg.models.descriptor import Precision
from vsrrg.video.format import SUBSAMPLINGS, Family, PixelFormat, Sample
from vsrrg.video.pix_fmts import find_pix_fmt

SIZES = {
    "360p": (640, 360),
    "480p": (854, 480),
    "576p": (1024, 576),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "4k": (3840, 2160),
    "8k": (7680, 4320),
}

BASELINES: tuple[tuple[Kind, str], ...] = (("min-median", "numpy"), ("tmedian", "ffmpeg"))
"""What needs no network, and what runs it."""

MOST_PIXELS = 16384
"""Widest and highest frame."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is to be measured: every size with every format, and there every model with every backend."""

    sizes: Sequence[tuple[int, int]]
    formats: Sequence[str]
    models: Sequence[str]
    backends: Sequence[str] = ("torch",)
    precisions: Sequence[Precision | None] = (None,)
    device: str = "cpu"
    threads: int | None = None
    max_memory: int | None = None
    lookahead: int | None = None
    baselines: bool = True

    def cases(self) -> Iterator[Case]:
        """The cases, by size and format; the baselines come first in each."""
        for (width, height), fmt in product(self.sizes, self.formats):
            if self.baselines:
                for kind, program in BASELINES:
                    yield Case(
                        kind=kind,
                        width=width,
                        height=height,
                        format=fmt,
                        model=kind,
                        backend=program,
                        device="cpu",
                        threads=self.threads,
                    )
            for model, backend, precision in product(self.models, self.backends, self.precisions):
                yield Case(
                    kind="network",
                    width=width,
                    height=height,
                    format=fmt,
                    model=model,
                    backend=backend,
                    device=self.device,
                    precision=precision,
                    threads=self.threads,
                    max_memory=self.max_memory,
                    lookahead=self.lookahead,
                )


def parse_size(text: str) -> tuple[int, int]:
    """(width, height) of "1280x720" or of a name in `SIZES`; OptionError for anything else."""
    named = SIZES.get(text.lower())
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    size = named or (match and (int(match[1]), int(match[2])))
    if not size or max(size) > MOST_PIXELS:
        raise OptionError(
            "unknown-case",
            f"{text!r} is no size; write WIDTHxHEIGHT, such as 1280x720 (each up to {MOST_PIXELS}), "
            f"or one of {', '.join(SIZES)}",
        )
    return size


def parse_format(text: str) -> PixelFormat:
    """The pixel format of this name, ours ("yuv420p10") or ffmpeg's ("yuv420p10le"); else OptionError."""
    found = _formats().get(text)
    if found is not None:
        return found
    try:
        return find_pix_fmt(text).format
    except FormatError:
        raise OptionError(
            "unknown-case",
            f"{text!r} is no pixel format; write one such as yuv420p8, yuv422p10, yuv444p16, gray8, rgb8 "
            "or rgb32f",
        ) from None


@cache
def _formats() -> dict[str, PixelFormat]:
    samples: list[tuple[int, Sample]] = [(bits, "integer") for bits in range(8, 17)]
    samples += [(16, "float"), (32, "float")]
    kinds: list[tuple[Family, tuple[int, int]]] = [("yuv", sub) for sub in SUBSAMPLINGS]
    kinds += [("gray", (0, 0)), ("rgb", (0, 0))]
    all_of_them = (PixelFormat(kind, bits, sample, *sub) for kind, sub in kinds for bits, sample in samples)
    return {fmt.name: fmt for fmt in all_of_them}

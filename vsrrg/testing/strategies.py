"""Formats, colours and sizes for hypothesis, and how the suites run it."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vsrrg.video import MATRIX_CODES, ColorSpec, PixelFormat
from vsrrg.video.format import SUBSAMPLINGS, Sample

SAMPLES: list[tuple[int, Sample]] = [(bits, "integer") for bits in range(8, 17)]
SAMPLES += [(16, "float"), (32, "float")]
ALL_FORMATS = [
    *(PixelFormat("gray", bits, sample) for bits, sample in SAMPLES),
    *(PixelFormat("rgb", bits, sample) for bits, sample in SAMPLES),
    *(PixelFormat("yuv", bits, sample, *sub) for sub in SUBSAMPLINGS for bits, sample in SAMPLES),
]
"""Every pixel format that vsrrg supports."""

formats = st.sampled_from(ALL_FORMATS)
colors = st.builds(ColorSpec, st.sampled_from(list(MATRIX_CODES)), st.sampled_from(["limited", "full"]))


def always[Case](cases: st.SearchStrategy[Case], holds: Callable[[Case], None], *, examples: int) -> None:
    """Calls `holds` with that many cases, the same every time, and raises what the smallest failing one
    raises.
    """

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(cases)
    def check(case: Case) -> None:
        holds(case)

    check()

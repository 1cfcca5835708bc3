"""How many rows a budget is good for."""

from dataclasses import replace

import pytest
import torch

from vsrrg.models.bands import bands, least_rows
from vsrrg.models.memory import Memory, least_memory, rows_within
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig

C = RRGNetConfig()
SIZE = 1080, 1920


def test_more_memory_more_rows_until_all_stay() -> None:
    least = least_memory(C, 2, *SIZE, frames=5)
    rows = [
        rows_within(Memory(bytes=int(least * factor), frames=5), C, 2, *SIZE)
        for factor in (0.1, 1, 1.5, 2, 3, 6)
    ]
    assert rows[:2] == [least_rows(1920)] * 2 and rows[-1] is None
    given = [count for count in rows if count is not None]
    assert given == sorted(given) and given[2] > given[1] and all(count % 16 == 0 for count in given)


def test_frames_precision_and_company_cost() -> None:
    memory = Memory(bytes=1 << 30, frames=5)
    one = rows_within(memory, C, 2, *SIZE)
    assert one is not None
    for less in (replace(memory, frames=7), replace(memory, at_once=2)):
        fewer = rows_within(less, C, 2, *SIZE)
        assert fewer is not None and fewer < one
    assert least_memory(C, 2, *SIZE, frames=5) < least_memory(C, 4, *SIZE, frames=5)
    assert least_memory(C, 2, *SIZE, frames=5, at_once=2) < 2 * least_memory(C, 2, *SIZE, frames=5)


@pytest.mark.parametrize("rows", [None, 64, 80, 300, 10_000])
@pytest.mark.parametrize("height", [4, 100, 196, 1080])
def test_bands_cover_every_row_once_and_are_no_higher_than_asked(height: int, rows: int | None) -> None:
    spans = bands(height, 512, rows, 10)
    assert [span.start for span in spans] == [0, *(span.stop for span in spans[:-1])]
    assert spans[-1].stop == height and all(span.start % 16 == 0 for span in spans)
    assert all(span.first == max(0, span.start - 12) for span in spans)
    if len(spans) > 1 and rows is not None:
        assert max(span.stop - span.start for span in spans) < max(rows, 2 * least_rows(512)) + 16


def test_the_estimate_is_what_torch_allocates() -> None:
    """Features that are kept, whole and in bands, to the byte."""
    model = RRGNet(C).eval()
    frame = torch.rand(1, 6, 256, 512)
    for memory in (None, Memory(bytes=1, frames=5)):
        model.memory = memory
        with torch.inference_mode():
            features = model.encode(frame)
        tensors = [*features.luma, *(one for one in features[1:] if one is not None)]
        held = sum({t.data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values()) / (256 * 512)
        pixel = 245.3 if memory is None else 53.3
        assert held == pytest.approx(pixel, abs=0.1)

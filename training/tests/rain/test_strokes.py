"""Flat streaks have the width, ends, direction and taper that were asked for."""

import math

import pytest
import torch
from torch import Tensor

from vsrrg_training.rain.drops import Drops
from vsrrg_training.rain.strokes import add_strokes

_FLAT = 2.355


def drawn(
    *,
    degrees: float = 0.0,
    width: float = 5.0,
    length: float = 40.0,
    alpha: float = 0.4,
    edge: float = 1.0,
    square: bool = True,
    head: float = 0.0,
) -> Tensor:
    """Opacity of one streak in the middle of 91 x 91 pixels."""
    value = [torch.tensor([number]) for number in (45.0, 45.0, math.radians(degrees), length)]
    drop = Drops(*value, torch.tensor([width / _FLAT]), torch.tensor([alpha]), torch.zeros(1), torch.zeros(1))
    canvas = torch.zeros(91, 91)
    add_strokes(canvas, drop, edge=edge, square=square, head=head)
    return 1 - torch.exp(-canvas)


def test_a_bar_is_flat_across_and_hard_at_its_sides_and_ends() -> None:
    bar = drawn()
    torch.testing.assert_close(bar[45, 43:48], torch.full((5,), 0.4))
    assert bar[45, :42].max() == 0 and bar[45, 49:].max() == 0
    torch.testing.assert_close(bar[26:65, 45], torch.full((39,), 0.4))
    assert bar[:24, 45].max() == 0 and bar[67:, 45].max() == 0


def test_soft_edges_fall_over_their_width() -> None:
    row = drawn(width=8.0, edge=4.0)[45]
    assert (row > 0.39).sum() == 5
    assert ((row > 0.01) & (row < 0.39)).sum() == 6


@pytest.mark.parametrize("degrees", [-70.0, -30.0, 0.0, 44.0, 46.0, 90.0])
@pytest.mark.parametrize(("width", "edge"), [(0.6, 1.0), (5.0, 1.0), (9.0, 2.5)])
def test_a_bar_covers_its_area_in_every_direction(degrees: float, width: float, edge: float) -> None:
    area = drawn(degrees=degrees, width=width, edge=edge).sum() / 0.4
    assert area.item() == pytest.approx(width * 40, rel=0.03)


def test_round_ends_cover_less() -> None:
    missing = (drawn().sum() - drawn(square=False).sum()) / 0.4
    assert missing.item() == pytest.approx((1 - math.pi / 4) * 25, rel=0.2)


@pytest.mark.parametrize("degrees", [0.0, 60.0])
def test_the_head_leads_the_fall(degrees: float) -> None:
    dx, dy = round(14 * math.sin(math.radians(degrees))), round(14 * math.cos(math.radians(degrees)))
    comet, tailed = drawn(degrees=degrees, head=1.0), drawn(degrees=degrees, head=-1.0)
    assert comet[45 + dy, 45 + dx] > 4 * comet[45 - dy, 45 - dx] > 0
    assert tailed[45 - dy, 45 - dx] > 4 * tailed[45 + dy, 45 + dx] > 0


def test_streaks_beyond_the_frame_leave_its_border_alone() -> None:
    far = torch.tensor([-60.0])
    drop = Drops(far, far, *(torch.ones(1) * v for v in (0.3, 20.0, 3.0, 0.5, 0.0, 0.0)))
    canvas = torch.zeros(30, 30)
    add_strokes(canvas, drop, edge=1.0, square=False, head=0.0)
    assert not canvas.any()

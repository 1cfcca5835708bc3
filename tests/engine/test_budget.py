"""Who gets how much memory, and what happens where it runs out."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import pytest
import torch
from engine_support import YUV420P8, CountingSession, all_same, blend, clip, descriptor, open_session
from torch import Tensor, nn

from vsrrg.engine import Derainer, Options
from vsrrg.engine.budget import SHARE, Budget, is_shortage, readable
from vsrrg.errors import OptionError, OutOfMemoryError
from vsrrg.models.memory import Memory
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig

MIB = 1 << 20
SMALL = RRGNetConfig(radius=1, half=8, quarter=12, eighth=16)


class Full:
    """Raises as torch does until no more than a share of the first budget is left."""

    def __init__(self, enough: float, error: type[Exception] = torch.OutOfMemoryError) -> None:
        self.enough = enough
        self.error = error
        self.budgets: list[int] = []

    def wrap(self, session: Any, name: str) -> None:
        call = getattr(session, name)

        def filled(*given: Any) -> Any:
            budget = session.memory.bytes
            if not self.budgets or budget > self.enough * self.budgets[0]:
                self.budgets.append(budget)
                raise self.error("CUDA out of memory. Tried to allocate 9 GiB")
            return call(*given)

        setattr(session, name, filled)


def rrgnet() -> Any:
    torch.manual_seed(0)
    session = open_session(descriptor(lambda: RRGNet(SMALL), radius=1, multiple=4))
    session.network.decoder.rain.weight.mul_(20)
    return session


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Says how much memory is free."""
    return lambda count: monkeypatch.setattr("vsrrg.engine.budget.free_memory", lambda device: count)


def test_what_is_left_beside_the_planes_goes_to_the_session() -> None:
    session, (frame,) = rrgnet(), clip([0], width=640, height=360)
    budget = Budget(session, 500 * MIB)
    budget.fit(frame, frames=4, at_once=2)
    assert session.memory == Memory(bytes=500 * MIB - 6 * 640 * 360 * 3 // 2, frames=4, at_once=2)
    assert session.network.memory == session.memory


def test_by_default_it_is_a_share_of_what_is_free(free: Callable[[int | None], None]) -> None:
    session, (frame,) = rrgnet(), clip([0], width=64, height=48)
    free(1000 * MIB)
    Budget(session).fit(frame, frames=3, at_once=1)
    assert session.memory.bytes == int(SHARE * 1000 * MIB) - 4 * 64 * 48 * 3 // 2
    session.memory = None
    free(None)
    Budget(session).fit(frame, frames=3, at_once=1)
    assert session.memory is None


def test_too_little_is_refused_if_it_was_asked_for(free: Callable[[int | None], None]) -> None:
    frames = clip([0] * 3, width=640, height=360)
    with pytest.raises(
        OptionError, match=r"max_memory is 20M, but model 'tiny' needs at least (\d+)M .*640x360"
    ):
        list(Derainer(rrgnet(), max_memory=20 * MIB).stream(frames))
    derainer = Derainer(rrgnet(), max_memory=20 * MIB)
    with pytest.raises(OptionError, match="max_memory"):
        derainer.frame(1, frames.__getitem__, 3)
    free(1 * MIB)
    assert len(list(Derainer(rrgnet()).stream(frames))) == 3


@pytest.mark.parametrize("amount", [0, -1, True, 2.5, "3G"])
def test_amounts_that_do_not_exist(amount: Any) -> None:
    for make in (lambda: Options(max_memory=amount), lambda: Derainer(rrgnet(), max_memory=amount)):
        with pytest.raises(OptionError, match="max_memory must be a number of bytes"):
            make()


@pytest.mark.parametrize("name", ["encode", "fuse"])
@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError])
def test_where_memory_runs_out_half_of_it_must_do(name: str, error: type[Exception], caplog: Any) -> None:
    frames = clip([0] * 4, width=512, height=400)
    expected = list(Derainer(rrgnet()).stream(frames))
    session, full = rrgnet(), Full(1 / 8, error)
    full.wrap(session, name)
    got = list(Derainer(session, max_memory=4000 * MIB).stream(frames))
    assert all_same(got, expected)
    first = full.budgets[0]
    # Two frames that are worked on side by side may both run out before one of them halves the budget.
    assert [budget for budget, _ in groupby(full.budgets)] == [first, first // 2, first // 4]
    assert session.memory.bytes == first // 8
    assert f"going on with {readable(first // 8)}" in caplog.text


def test_at_the_least_one_error_says_what_to_do() -> None:
    frames = clip([0] * 4, width=512, height=400)
    session, full = rrgnet(), Full(0)
    full.wrap(session, "fuse")
    derainer = Derainer(session, max_memory=500 * MIB)
    with pytest.raises(OutOfMemoryError) as caught:
        list(derainer.stream(frames))
    assert "memory ran out on cpu: model 'tiny' takes at least" in str(caught.value)
    assert "512x400" in str(caught.value) and "smaller model" in str(caught.value)
    held = session.memory
    least = session.least_memory(200, 256, frames=held.frames, at_once=held.at_once)
    assert held.bytes == least and len(set(full.budgets)) < 9
    full.enough = 1
    assert len(list(derainer.stream(frames))) == 4


def test_a_model_that_cannot_be_cut_has_the_same_error() -> None:
    class Whole(nn.Module):
        def encode(self, packed: Tensor) -> Tensor:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes")

    model = descriptor(Whole)
    object.__setattr__(model, "halo", None)
    with pytest.raises(OutOfMemoryError, match=r"memory ran out on cpu; free some.*DefaultCPUAllocator"):
        list(Derainer(open_session(model)).stream(clip([0])))


def test_other_errors_come_out_as_they_are() -> None:
    assert not is_shortage(RuntimeError("shape mismatch")) and not is_shortage(ValueError("7"))
    session = CountingSession(blend(0))
    session.fuse = lambda window: 1 / 0  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        list(Derainer(session).stream(clip([0], fmt=YUV420P8)))


@pytest.mark.parametrize(
    ("count", "text"),
    [(3 << 30, "3.0G"), ((3 << 30) + 1, "3.1G"), (20 << 30, "20G"), (5 << 20, "5.0M"), (9, "1K")],
)
def test_amounts_are_rounded_up(count: int, text: str) -> None:
    assert readable(count) == text

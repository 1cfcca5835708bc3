"""Backends that break a promise, which the suite for backends must notice, and say how."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from testing_support import broken_promises
from torch import Tensor

from vsrrg.backends.torch_backend import TorchBackend, TorchSession
from vsrrg.errors import ModelError
from vsrrg.models import ModelDescriptor
from vsrrg.testing import BackendSuite
from vsrrg.testing.promises import promises
from vsrrg.testing.stand_ins import AboveMinimum

MODEL = ModelDescriptor(
    name="above minimum", description="", radius=1, multiple=2, halo=0, load=lambda: AboveMinimum().eval()
)


class Good:
    """Runs what torch runs, in sessions of another kind."""

    name = "mine"

    def __init__(self, session: Callable[..., Any] = TorchSession, **replaced: Any) -> None:
        self.session = session
        vars(self).update(replaced)

    def available(self) -> bool:
        return find_spec("hypothesis") is not None

    def open(self, model: ModelDescriptor, *, device: str, precision: Any) -> Any:
        TorchBackend().open(model, device=device, precision=precision)  # Which refuses what is wrong.
        return self.session(model, device=device, precision=precision)


def importing() -> bool:
    import hypothesis

    return bool(hypothesis)


def slow() -> bool:
    time.sleep(0.3)
    return True


def lenient(model: ModelDescriptor, *, device: str, precision: Any) -> Any:
    """Takes any device and precision for those it has."""
    return TorchSession(model, device="cpu", precision="fp32")


def wrapping(model: ModelDescriptor, *, device: str, precision: Any) -> Any:
    try:
        return TorchBackend().open(model, device=device, precision=precision)
    except ModelError as error:
        raise RuntimeError("cannot open") from error


class Misnamed(TorchSession):
    def __init__(self, model: ModelDescriptor, **options: Any) -> None:
        super().__init__(model, **options)
        self.descriptor = ModelDescriptor(
            name="other", description="", radius=1, multiple=2, halo=0, load=model.load
        )


class Untyped(TorchSession):
    def __init__(self, model: ModelDescriptor, **options: Any) -> None:
        super().__init__(model, **options)
        self.dtype = "fp32"  # type: ignore[assignment]


class Off(TorchSession):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse(window) + 0.01


class Elsewhere(TorchSession):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse(window).to("meta")


class Cropping(TorchSession):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse(window)[..., 1:]


class Tiled(TorchSession):
    """Forgets what is beyond a multiple of eight columns."""

    def fuse(self, window: Sequence[Any]) -> Tensor:
        layer = super().fuse(window).clone()
        layer[..., layer.shape[-1] // 8 * 8 :] = 0
        return layer


class Reusing(TorchSession):
    """Encodes into memory that it uses again after four frames."""

    def __init__(self, model: ModelDescriptor, **options: Any) -> None:
        super().__init__(model, **options)
        self.ring: list[Tensor] = []

    def encode(self, packed: Tensor) -> Any:
        made = super().encode(packed)
        if len(self.ring) > 3 and self.ring[0].shape == made.shape:
            made = self.ring.pop(0).copy_(made)
        self.ring = [*self.ring[-3:], made]
        return made


class Faint(TorchSession):
    """Leaves something so faint that bytes do not show it."""

    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse(window) + 1e-6


class Smoothing(TorchSession):
    """Mixes in the layer before."""

    last: Tensor | None = None

    def fuse(self, window: Sequence[Any]) -> Tensor:
        layer = super().fuse(window)
        before = self.last if self.last is not None and self.last.shape == layer.shape else layer
        self.last = layer
        return 0.9 * layer + 0.1 * before


class Shared(TorchSession):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        self.window = window
        time.sleep(0.002)
        return super().fuse(self.window)


class Hasty(TorchSession):
    """Leaves out half of the frame where memory is short."""

    def fuse(self, window: Sequence[Any]) -> Tensor:
        layer = super().fuse(window).clone()
        if self.memory is not None and self.memory.bytes < 1 << 20:
            layer[..., : layer.shape[-1] // 2] = 0
        return layer


def verdict(tested: Any, *asked: str) -> dict[str, str]:
    class TestMine(BackendSuite):
        backend = tested
        model = MODEL
        libraries = ("hypothesis",)

    return broken_promises(TestMine, *asked)


ASKED_FOR, AVAILABLE = "backend_can_be_asked_for", "available_is_quick_and_never_raises"
DEVICES, PRECISIONS = "unknown_devices_are_refused", "unsupported_precisions_are_refused"
HAS = "precisions_are_those_that_it_opens"
DAMAGED, SAYS = "damaged_models_are_refused", "session_says_what_it_is"
LAYERS, FRAMES = "layers_are_those_of_torch", "frames_are_those_of_torch_in_any_format_and_size"
CODES = (
    r"code values? of 8 bits: \d+ of \d+ samples of plane \d, most at row \d+, column \d+: [\d.e-]+ instead"
)

CASES = [
    (ASKED_FOR, SimpleNamespace(name="mine"), "it has no available, no open"),
    (ASKED_FOR, Good(name="my backend"), "nobody can ask for the name 'my backend'"),
    (AVAILABLE, Good(available=slow), r"available\(\) took 0\.3\d* s; 0\.25 s is quick"),
    (AVAILABLE, Good(available=lambda: None), r"available\(\) returned None here, neither True nor False"),
    (AVAILABLE, Good(available=lambda: 1 / 0), r"available\(\) raised ZeroDivisionError here: division"),
    (
        AVAILABLE,
        Good(available=importing),
        r"available\(\) raised ModuleNotFoundError where hypothesis is not installed: No module named",
    ),
    (AVAILABLE, Good(available=lambda: True), r"available\(\) is true where hypothesis is not installed"),
    (DEVICES, Good(open=lenient), "open took device 'toaster' instead of raising OptionError"),
    (DEVICES, Good(open=lambda model, **_: torch.zeros(0, device="toaster")), "raised RuntimeError instead"),
    (PRECISIONS, Good(open=lenient), "open took bf16 with a model that bears fp32 alone"),
    (ASKED_FOR, Good(needs=""), "what it needs is '', not one line"),
    (
        HAS,
        Good(precisions=lambda device: {"bf16"}),
        r"precisions\('cpu'\) are {'bf16'}, not a set of fp32, bf16",
    ),
    (HAS, Good(precisions=lambda device: {"fp32", "fp8"}), r"not a set of fp32, bf16, fp16 with fp32"),
    (
        HAS,
        Good(precisions=lambda device: {"fp32"}, open=lenient),
        "open took bf16, which is none of its prec",
    ),
    (DAMAGED, Good(open=wrapping), "open raised RuntimeError instead of ModelError: cannot open"),
    (SAYS, Good(Misnamed), "the descriptor is that of 'other', not of 'above minimum'"),
    (SAYS, Good(Untyped), "the dtype is 'fp32', not one of floats"),
    (LAYERS, Good(Off), r"packed 32x24 frames and of torch's differ by up to 0\.01 .* than the 0\.00392"),
    (LAYERS, Good(Elsewhere), "fuse made a layer on meta instead of cpu"),
    (LAYERS, Good(Cropping), r"fuse made a layer \(1, 6, 24, 31\) instead of \(1, 6, 24, 32\)"),
    (LAYERS, Good(Tiled), r"packed 2x2 frames and of torch's differ by up to 0\.\d+"),
    ("encoded_frames_stay_as_they_are", Good(Reusing), "a window before and after others differ by up to"),
    (FRAMES, Good(Tiled), rf"\dx\d \w+ beside torch's: frame \d differs by more than 1 {CODES}"),
    ("clips_without_rain_come_back_bit_for_bit", Good(Faint), r"a yuv444p32f clip without rain: frame 0"),
    ("streams_and_random_access_give_the_same_bits", Good(Smoothing), r"frames asked for by number, not in"),
    ("threads_get_the_same_bits", Good(Shared), r"frames asked for by 4 threads: frame \d+ differs: \d+ of"),
    ("little_memory_changes_no_layer", Good(Hasty), r"layers with little memory and with enough differ by"),
]


@pytest.mark.parametrize(("promise", "broken", "how"), CASES, ids=lambda value: "")
def test_a_broken_promise_is_noticed(promise: str, broken: Any, how: str) -> None:
    said = verdict(broken, promise)[promise]
    subject, _, rest = said.partition(": ")
    assert subject == f"backend {broken.name!r}"
    assert re.search(how, rest), rest


def test_no_promise_goes_untested() -> None:
    assert {f"test_{promise}" for promise, _, _ in CASES} == set(promises(BackendSuite))


def test_what_keeps_its_promises_passes() -> None:
    assert verdict(Good()) == {}
    assert verdict(Good(precisions=lambda device: {"fp32", "bf16"}, needs="the package mine"), HAS) == {}


def test_what_is_not_available_is_not_opened() -> None:
    class TestMine(BackendSuite):
        backend = Good(available=lambda: False, open=lambda *_, **__: 1 / 0)
        model = MODEL

    assert broken_promises(TestMine) == {}
    with pytest.raises(pytest.skip.Exception, match="backend 'mine' is not available on this machine"):
        TestMine().test_session_says_what_it_is()


def test_the_author_may_allow_more() -> None:
    class TestMine(BackendSuite):
        backend = Good(Off)
        model = MODEL
        tolerance = 3

    assert broken_promises(TestMine, LAYERS) == {}

"""Networks that break a promise, which the suite for models must notice, and say how."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from testing_support import broken_promises
from torch import Tensor, nn

from vsrrg.models import ModelDescriptor
from vsrrg.testing import ModelSuite
from vsrrg.testing.promises import promises


class Good(nn.Module):
    """Strided, so that its reach is uneven: 2 packed pixels down and right, 1 up and left."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.down = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(24, 6, 2, stride=2)

    def encode(self, packed: Tensor) -> Any:
        return torch.relu(self.down(packed.to(self.down.weight.dtype)))

    def fuse(self, window: Sequence[Any]) -> Tensor:
        return 0.1 * self.up(torch.cat(list(window), 1))

    def forward(self, window: Tensor) -> Tensor:
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])


class Blind(Good):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse(window) * 0


class Cropping(Good):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse(window)[..., :-1]


class Integers(Good):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return (255 * super().fuse(window)).int()


class Dividing(Good):
    """Its layer is not a number where all frames are the same, or ever, if the measure counts for nothing."""

    def __init__(self, measure: float = 1.0) -> None:
        super().__init__()
        self.measure = measure

    def fuse(self, window: Sequence[Any]) -> Tensor:
        change = self.measure * (window[0] - window[1]).abs().amax()
        return super().fuse(window) * (change / change)


class Backwards(Good):
    def forward(self, window: Tensor) -> Tensor:
        return super().forward(window.flip(1))


class Noisy(Good):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        layer = super().fuse(window)
        return layer + 1e-9 * torch.rand_like(layer)


class Unseeded(Good):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(time.perf_counter_ns())
        self.down.reset_parameters()


class Remembering(Good):
    """Encodes the difference to the frame before."""

    last: Tensor | None = None

    def encode(self, packed: Tensor) -> Any:
        before = self.last if self.last is not None and self.last.shape == packed.shape else packed
        self.last = packed
        return super().encode(0.9 * packed + 0.1 * before)


class Overwriting(Good):
    """Encodes into the same memory each time."""

    place: Tensor | None = None

    def encode(self, packed: Tensor) -> Any:
        made = super().encode(packed)
        if self.place is None or self.place.shape != made.shape:
            self.place = made
        return self.place.copy_(made)


class InPlace(Good):
    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse([window[0].mul_(0.9), *window[1:]])


class Clamping(Good):
    """Does in place what a second time changes nothing."""

    def fuse(self, window: Sequence[Any]) -> Tensor:
        return super().fuse([window[0], window[1].clamp_(max=0.1), window[2]])


class Spoiling(Good):
    def encode(self, packed: Tensor) -> Any:
        return super().encode(packed.clamp_(max=0.5))


class Batched(Good):
    def encode(self, packed: Tensor) -> Any:
        return super().encode(packed - packed.mean(0, keepdim=True) / 2)


class Shared(Good):
    """Keeps what it works on in itself, where other threads find it."""

    def fuse(self, window: Sequence[Any]) -> Tensor:
        self.window = window
        time.sleep(0.002)
        return super().fuse(self.window)


class Positioned(Good):
    """Knows the row, which in a band is another one."""

    def encode(self, packed: Tensor) -> Any:
        rows = torch.arange(packed.shape[2]).view(1, 1, -1, 1) / 64
        return super().encode(packed + rows.to(packed.dtype))


class Hearing(Good):
    """Hears the whole frame."""

    def encode(self, packed: Tensor) -> Any:
        return super().encode(packed - packed.mean((2, 3), keepdim=True) / 2)


class Narrow(Good):
    """Leaves the range of fp16."""

    def encode(self, packed: Tensor) -> Any:
        return super().encode(packed) * 1e6 / 1e6


class Coarse(Good):
    """Far off in bf16."""

    def fuse(self, window: Sequence[Any]) -> Tensor:
        shift = 0.01 if window[0].dtype == torch.bfloat16 else 0.0
        return super().fuse(window) + shift


class Forgetful(Good):
    @staticmethod
    def beside(features: Any) -> Any:
        return features * torch.linspace(0, 1, features.shape[1]).view(-1, 1, 1)


class Thrifty(Good):
    @staticmethod
    def beside(features: Any) -> Any:
        return features.clone()


def model(build: Callable[[], nn.Module], **promised: Any) -> ModelDescriptor:
    return ModelDescriptor(
        **{
            "name": "snow",
            "description": "for tests",
            "radius": 1,
            "multiple": 2,
            "halo": 2,
            "halves": frozenset({"bf16", "fp16"}),
            "load": lambda: build().eval(),
            **promised,
        }
    )


def verdict(tested: ModelDescriptor, *asked: str) -> dict[str, str]:
    class TestSnow(ModelSuite):
        model = tested

    return broken_promises(TestSnow, *asked)


ONE = Good().eval()
DESCRIBED, LOADED = "descriptor_can_be_shown_and_asked_for", "load_builds_a_network_ready_to_use"
FITS, SAME_OBJECT = "layer_fits_the_frame", "a_window_may_hold_one_frame_several_times"
HALO, BANDS = "halo_bounds_the_reach_of_a_pixel", "bands_give_the_layer_of_the_whole_frame"
HALVES = "halves_stay_near_single_precision"
DIFFER = r"differ by up to [\d.e-]+ \(packed units\), in \d+ of \d+ samples by more than the 1e-05"

CASES = [
    ("clips_show_rain", model(Blind), "the layer is 0 all over: override clip"),
    (DESCRIBED, model(Good, name="snow flakes"), "nobody can ask for the name 'snow flakes'"),
    (DESCRIBED, model(Good, name="snow.safetensors"), "it has spaces, or is that of a file"),
    (DESCRIBED, model(Good, description="snow\nice"), r"the description is 'snow\\nice', not one line"),
    (DESCRIBED, model(Good, card={"at": object()}), "the card is not JSON: Object of type object"),
    (LOADED, model(Good, load=lambda: ONE), "load returned the same network twice"),
    (LOADED, model(lambda: Good().double()), r"down\.weight is torch\.float64 on cpu"),
    (LOADED, model(lambda: Good().to("meta")), r"down\.weight is torch\.float32 on meta"),
    (LOADED, model(Good, load=lambda: Good().train()), "the network is in training mode"),
    (FITS, model(Cropping), r"fuse made a layer \(1, 6, 2, 1\) instead of \(1, 6, 2, 2\)"),
    (FITS, model(Integers), r"fuse made a torch\.int32 instead of a tensor of floats"),
    (FITS, model(lambda: Dividing(0.0)), "24 of 24 samples of a layer are not finite"),
    ("forward_equals_fuse_of_encoded_frames", model(Backwards), f"fuse and forward {DIFFER}"),
    ("the_same_input_gives_the_same_bits", model(Noisy), "two layers of one window .* more than the 0 "),
    ("the_same_input_gives_the_same_bits", model(Unseeded), "two layers of one window differ by up to 0"),
    ("encode_sees_one_frame", model(Remembering), f"encoded among others and by themselves {DIFFER}"),
    ("encode_sees_one_frame", model(Overwriting), f"encoded among others and by themselves {DIFFER}"),
    ("fuse_leaves_what_it_is_given", model(InPlace), f"the first and the second fuse of a window {DIFFER}"),
    ("fuse_leaves_what_it_is_given", model(Clamping), f"the first and the second fuse of a window {DIFFER}"),
    ("encode_sees_one_frame", model(Spoiling), "a window before and after its frames were encoded differ"),
    ("clips_of_a_batch_do_not_see_each_other", model(Batched), f"clip 0 in a batch and alone {DIFFER}"),
    (SAME_OBJECT, model(Dividing), "4608 of 4608 samples of a layer are not finite"),
    ("threads_do_not_disturb_each_other", model(Shared), rf"window \d among threads and alone {DIFFER}"),
    (HALO, model(Good, halo=1), r"a change reaches 2 packed pixels down, .* beyond the halo of 1"),
    (HALO, model(Hearing), r"a change reaches \d\d packed pixels down, and is up to 0\.0\d+ beyond"),
    (BANDS, model(Positioned), f"a packed 256x192 frame in bands and whole {DIFFER}"),
    (HALVES, model(Narrow), "layers in fp16 and fp32 differ by up to nan"),
    (HALVES, model(Coarse), r"layers in bf16 and fp32 .* up to 0\.0\d+ .* more than the 0\.00392 that"),
    ("beside_keeps_what_fuse_reads", model(Forgetful), f"layers with and without beside {DIFFER}"),
]


@pytest.mark.parametrize(("promise", "broken", "how"), CASES, ids=lambda value: "")
def test_a_broken_promise_is_noticed(promise: str, broken: ModelDescriptor, how: str) -> None:
    said = verdict(broken, promise)[promise]
    subject, _, rest = said.partition(": ")
    assert subject == f"model {broken.name!r}"
    assert re.search(how, rest), rest


def test_no_promise_goes_untested() -> None:
    assert {f"test_{promise}" for promise, _, _ in CASES} == set(promises(ModelSuite))


@pytest.mark.parametrize("load", [Good, Thrifty])
def test_what_keeps_its_promises_passes(load: Callable[[], nn.Module]) -> None:
    assert verdict(model(load)) == {}
    assert verdict(model(load, halo=None)) == {}


@pytest.mark.parametrize(
    ("way", "side"), [((3, 0), "down"), ((-3, 0), "up"), ((0, 3), "right"), ((0, -3), "left")]
)
def test_reach_is_exact_in_each_direction(way: tuple[int, int], side: str) -> None:
    """A network that moves the picture reaches that far, that way."""

    class Moving(Good):
        def encode(self, packed: Tensor) -> Any:
            return torch.roll(nn.functional.pad(packed, (9, 9, 9, 9)), way, (2, 3))[:, :, 9:-9, 9:-9]

        def fuse(self, window: Sequence[Any]) -> Tensor:
            return window[1].clone()

    assert verdict(model(Moving, halo=3, multiple=1), HALO) == {}
    said = verdict(model(Moving, halo=2, multiple=1), HALO)[HALO]
    assert f"reaches 3 packed pixels {side}, and is up to 0." in said


def test_all_promises_about_precision_are_kept_where_the_author_allows_more() -> None:
    class TestSnow(ModelSuite):
        model = replace(CASES[-2][1], name="tolerant")
        half_tolerance = 0.05

    assert broken_promises(TestSnow) == {}


def test_a_suite_without_a_model_cannot_be_made() -> None:
    class SnowSuite(ModelSuite):
        pass

    assert issubclass(SnowSuite, ModelSuite)
    with pytest.raises(TypeError, match="TestSnow does not say what is tested: it lacks model"):

        class TestSnow(ModelSuite):
            pass

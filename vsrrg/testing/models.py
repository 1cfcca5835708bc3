"""What a `ModelDescriptor` promises, held against the network it loads."""

from __future__ import annotations

import json
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from vsrrg.models import ModelDescriptor
from vsrrg.testing.clips import packed
from vsrrg.testing.layers import ROUNDING, encode, forward, fuse, layer, require_fit, require_same
from vsrrg.testing.promises import Suite, broken, promise
from vsrrg.testing.runs import THREADS

if TYPE_CHECKING:
    from torch import Tensor

DESCRIPTOR, MODEL = "vsrrg.models.descriptor.ModelDescriptor", "vsrrg.models.base.DerainModel"
ROOM = 16
"""Packed pixels that are looked at beyond the halo."""


class ModelSuite(Suite):
    """Holds a model to its descriptor and to `vsrrg.models.base.DerainModel`, on the CPU::

        class TestSnow(ModelSuite):
            model = SNOW

    Layers are compared in packed units, of which an 8-bit code value is 1/255.
    """

    @property
    @abstractmethod
    def model(self) -> ModelDescriptor:
        """What is tested."""

    rounding: float = ROUNDING
    """What still counts as equal in fp32."""
    half_tolerance: float = 1 / 255
    """How far a layer in bf16 or fp16 may be from the one in fp32."""

    def clip(self, count: int, rows: int, columns: int, seed: int) -> Tensor:
        """Packed frames (count, 6, rows, columns) in which the model sees rain; override it where the
        suite's own footage is not of the kind that the model was made for.
        """
        return packed(count, rows, columns, seed=seed)

    @property
    def subject(self) -> str:
        return f"model {self.model.name!r}"

    @promise("vsrrg.testing.models.ModelSuite.clip")
    def test_clips_show_rain(self) -> None:
        """The model sees rain in the clips of the suite: nothing is shown by layers of zeros."""
        if not layer(self._network(), self._window()).any():
            broken("the layer is 0 all over: override clip() with footage of what the model removes")

    @promise(DESCRIPTOR)
    def test_descriptor_can_be_shown_and_asked_for(self) -> None:
        """The name can be written on a command line, the description is one line, the card is JSON."""
        model = self.model
        if model.name.split() != [model.name] or model.name.endswith(".safetensors"):
            broken(f"nobody can ask for the name {model.name!r}: it has spaces, or is that of a file")
        if not model.description.strip() or len(model.description.splitlines()) > 1:
            broken(f"the description is {model.description!r}, not one line")
        try:
            json.dumps(dict(model.card))
        except (TypeError, ValueError) as error:
            broken(f"the card is not JSON: {error}")

    @promise(DESCRIPTOR)
    def test_load_builds_a_network_ready_to_use(self) -> None:
        """`load` builds a new `nn.Module` on each call, on the CPU, in float32, in eval mode."""
        import torch
        from torch import nn

        one, other = self.model.load(), self.model.load()
        if not isinstance(one, nn.Module):
            broken(f"load returned a {type(one).__name__}")
        if one is other:
            broken("load returned the same network twice: opened in bf16, it would spoil the one in fp32")
        for name, tensor in one.state_dict().items():
            wrong = tensor.is_floating_point() and tensor.dtype != torch.float32
            if wrong or tensor.device.type != "cpu":
                broken(f"{name} is {tensor.dtype} on {tensor.device}")
        training = [name or "the network" for name, module in one.named_modules() if module.training]
        if training:
            broken(f"{training[0]} is in training mode")

    @promise(MODEL)
    def test_layer_fits_the_frame(self) -> None:
        """From 2 * radius + 1 frames of any size in multiples of `multiple`, `fuse` makes a finite layer of
        the size of the frame.
        """
        network, step = self._network(), self.model.multiple
        for rows, columns in ((1, 1), (1, 3), (5, 2)):
            window = self._window(rows * step, columns * step)
            require_fit(layer(network, window), window)

    @promise(MODEL)
    def test_forward_equals_fuse_of_encoded_frames(self) -> None:
        """`forward` makes of a window what `fuse` makes of its encoded frames."""
        network, window = self._network(), self._window()
        self._same(layer(network, window), forward(network, window), "fuse and forward")

    @promise(MODEL)
    def test_the_same_input_gives_the_same_bits(self) -> None:
        """A layer depends on the frames of its window alone: the next time, or from the network that is
        loaded the next time, come the same bits.
        """
        network, window = self._network(), self._window()
        first = layer(network, window)
        layer(network, self._window(seed=1))
        for again in (network, self._network()):
            require_same(layer(again, window), first, "two layers of one window", allowed=0.0)

    @promise(MODEL)
    def test_encode_sees_one_frame(self) -> None:
        """`encode` looks at no other frame, changes none, and what it has made stays as it is whatever comes
        after.
        """
        network, window, other = self._network(), self._window(), self._window(seed=1)
        given = window.clone()
        encoded = []
        for n in reversed(range(window.shape[1])):
            encoded += encode(network, window[:, n : n + 1])
            encode(network, other[:, n : n + 1])
        among = fuse(network, encoded[::-1])
        require_same(window, given, "a window before and after its frames were encoded", allowed=0.0)
        self._same(among, layer(network, window), "windows of frames encoded among others and by themselves")

    @promise(MODEL)
    def test_fuse_leaves_what_it_is_given(self) -> None:
        """`fuse` changes no encoded frame: those of one window are used again in the next ones."""
        network, size = self._network(), 2 * self.model.radius + 1
        encoded = encode(network, self._window(frames=size + 1))
        first = fuse(network, encoded[:size]).clone()
        fuse(network, encoded[1:])
        self._same(fuse(network, encoded[:size]), first, "the first and the second fuse of a window")

    @promise(MODEL)
    def test_clips_of_a_batch_do_not_see_each_other(self) -> None:
        """Each clip of a batch gets the layer that it gets alone."""
        import torch

        network = self._network()
        clips = [self._window(seed=seed) for seed in (0, 1)]
        both = forward(network, torch.cat(clips))
        for n, clip in enumerate(clips):
            self._same(both[n : n + 1], forward(network, clip), f"clip {n} in a batch and alone")

    @promise(MODEL)
    def test_a_window_may_hold_one_frame_several_times(self) -> None:
        """Frames that show the same picture are the same object, be it all of a window."""
        network, radius, window = self._network(), self.model.radius, self._window()
        encoded = encode(network, window)
        first, middle = encoded[0], encoded[radius]
        for shown in ([middle] * len(encoded), [first] * radius + [middle] + [first] * radius):
            require_fit(fuse(network, shown), window)
        self._same(
            fuse(network, encoded), layer(network, window), "a window after others of its frames, and first,"
        )

    @promise(MODEL)
    def test_threads_do_not_disturb_each_other(self) -> None:
        """`encode` and `fuse` may be called from several threads at once."""
        network = self._network()
        windows = [self._window(seed=seed) for seed in range(2 * THREADS)]
        alone = [layer(network, window) for window in windows]
        with ThreadPoolExecutor(THREADS) as pool:
            for n, rain in enumerate(pool.map(lambda window: layer(network, window), windows)):
                self._same(rain, alone[n], f"window {n} among threads and alone")

    @promise(DESCRIPTOR)
    def test_halo_bounds_the_reach_of_a_pixel(self) -> None:
        """An input pixel changes the output no farther than `halo` packed pixels away."""
        import torch

        halo, step = self.model.halo, self.model.multiple
        if halo is None:
            pytest.skip("halo is None: a pixel may change all of the frame")
        network, half = self._network(), -(-(halo + ROOM) // step) * step
        length = 2 * half + step
        clip, other = self._window(length, length), self._window(length, length, seed=1)
        plain = layer(network, clip)
        # At every place within a step, for strides reach unevenly.
        for dim, edge, far_end in product((-2, -1), range(step), (False, True)):
            distance = torch.arange(length) - half - edge
            distance = distance.flip(0) if far_end else distance
            changed = (distance <= 0)[:, None] if dim == -2 else distance <= 0
            change = (layer(network, torch.where(changed, other, clip)) - plain).abs()
            change = change.movedim(dim, 0).flatten(1).amax(1)
            reach = int((distance * (change > self.rounding)).max())
            if reach > halo:
                beyond = float(change[distance > halo].max())
                side = {(-2, False): "down", (-2, True): "up", (-1, False): "right", (-1, True): "left"}
                broken(
                    f"a change reaches {reach} packed pixels {side[dim, far_end]}, and is up to {beyond:.3g} "
                    f"beyond the halo of {halo}"
                )

    @promise(DESCRIPTOR)
    def test_bands_give_the_layer_of_the_whole_frame(self) -> None:
        """Where memory is short, frames are worked on in bands of rows, with the halo around them or by the
        network's own `memory`; the layer is that of the whole frame.
        """
        from vsrrg.backends.torch_backend import TorchBackend
        from vsrrg.models.memory import Memory

        session: Any = TorchBackend().open(self.model, device="cpu", precision="fp32")
        step = self.model.multiple
        rows, columns = -(-192 // step) * step, -(-256 // step) * step
        window = self._window(rows, columns)
        whole = layer(session, window)
        session.memory = Memory(bytes=1, frames=window.shape[1])
        if session.stays_whole(rows, columns):
            pytest.skip("halo is None and the network has no memory: frames stay whole")
        self._same(layer(session, window), whole, f"a packed {columns}x{rows} frame in bands and whole")

    @promise(DESCRIPTOR)
    def test_halves_stay_near_single_precision(self) -> None:
        """In each precision of `halves` the layer is finite and near that of fp32."""
        from vsrrg.backends.torch_backend import TorchBackend

        window = self._window()
        exact = layer(self._network(), window)
        for precision in sorted(self.model.halves):
            session = TorchBackend().open(self.model, device="cpu", precision=precision)
            allowed = self.rounding if precision == "fp32" else self.half_tolerance
            rain = layer(session, window).float()
            require_same(rain, exact, f"layers in {precision} and fp32", allowed=allowed)

    @promise(MODEL)
    def test_beside_keeps_what_fuse_reads(self) -> None:
        """Where the network has `beside`, `fuse` needs no more of a frame that is not the middle one."""
        network, radius = self._network(), self.model.radius
        if not hasattr(network, "beside"):
            pytest.skip("the network has no function beside")
        window = self._window()
        encoded = encode(network, window)
        less = [x if n == radius else network.beside(x) for n, x in enumerate(encoded)]
        self._same(fuse(network, less), fuse(network, encoded), "layers with and without beside")

    def _network(self) -> Any:
        return self.model.load()

    def _window(
        self, rows: int | None = None, columns: int | None = None, *, frames: int | None = None, seed: int = 0
    ) -> Tensor:
        """(1, frames, 6, rows, columns); where that is not said, a small frame and a whole window."""
        step = self.model.multiple
        rows, columns = rows or -(-24 // step) * step, columns or -(-32 // step) * step
        return self.clip(frames or 2 * self.model.radius + 1, rows, columns, seed)[None]

    def _same(self, rain: Tensor, expected: Tensor, what: str) -> None:
        """Breaks the promise where layers in fp32 differ."""
        require_same(rain, expected, what, allowed=self.rounding)

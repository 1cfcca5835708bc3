"""What a `Backend` promises, held against the torch backend and the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence, Set
from dataclasses import replace
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from vsrrg.backends.base import Backend, Session
from vsrrg.errors import ModelError, OptionError
from vsrrg.models import ModelDescriptor, Precision
from vsrrg.models.descriptor import PRECISIONS
from vsrrg.testing.absence import absent
from vsrrg.testing.clips import cut_clip, footage, held, packed
from vsrrg.testing.frames import require_near, require_same_bits, same_bits
from vsrrg.testing.layers import ROUNDING, encode, fuse, layer, require_fit, require_same
from vsrrg.testing.promises import Suite, broken, promise
from vsrrg.testing.runs import THREADS, model_named, opened, reference, scattered, streamed
from vsrrg.testing.strategies import always, formats
from vsrrg.video import PixelFormat

if TYPE_CHECKING:
    from torch import nn

    from vsrrg.engine import Derainer

BACKEND, SESSION = "vsrrg.backends.base.Backend", "vsrrg.backends.base.Session"
DERAINER = "vsrrg.engine.derainer.Derainer"
QUICK = 0.25
"""Seconds that `available` may take."""
FLOATS = PixelFormat("yuv", 32, "float")
"""A format in which the faintest rain shows."""


class BackendSuite(Suite):
    """Holds a backend to `vsrrg.backends.base`, with the torch backend in fp32 on the CPU as the measure::

        class TestMine(BackendSuite):
            backend = MyBackend()
            libraries = ("mylibrary",)

    Where the backend is not available, most is skipped.
    """

    @property
    @abstractmethod
    def backend(self) -> Backend:
        """What is tested."""

    libraries: Sequence[str] = ()
    """Modules that the backend imports, beside those that vsrrg itself needs."""
    model: str | ModelDescriptor = "fast"
    """What it runs: a model of vsrrg's or of an installed plugin by name, or one that can be loaded."""
    device: str = "cpu"
    precision: Precision = "fp32"
    tolerance: float = 1.0
    """How far samples may be from those of the torch backend, in code values of 8 bits."""
    examples: int = 15
    """How many formats and sizes are tried."""

    @property
    def subject(self) -> str:
        return f"backend {getattr(self.backend, 'name', type(self.backend).__name__)!r}"

    @promise(BACKEND)
    def test_backend_can_be_asked_for(self) -> None:
        """It has a name that can be written on a command line, `available` and `open`; what it `needs`, if it
        says so, is in words.
        """
        tested: object = self.backend
        if not isinstance(tested, Backend):
            missing = [name for name in ("name", "available", "open") if not hasattr(tested, name)]
            broken(f"it has no {', no '.join(missing)}")
        if self.backend.name.split() != [self.backend.name]:
            broken(f"nobody can ask for the name {self.backend.name!r}")
        needs = getattr(self.backend, "needs", "nothing")
        if not isinstance(needs, str) or not needs.strip() or len(needs.splitlines()) > 1:
            broken(f"what it needs is {needs!r}, not one line")

    @promise(BACKEND)
    def test_available_is_quick_and_never_raises(self) -> None:
        """`available` says at once whether the machine has what the backend needs, and never raises."""
        least = inf
        for _ in range(3):  # The machine may be busy with something else.
            start = perf_counter()
            self._available("here")
            least = min(least, perf_counter() - start)
        if least > QUICK:
            broken(f"available() took {least:.2g} s; {QUICK:g} s is quick")
        for library in self.libraries:
            with absent(library):
                if self._available(f"where {library} is not installed"):
                    broken(f"available() is true where {library} is not installed")

    @promise(BACKEND)
    def test_unknown_devices_are_refused(self) -> None:
        """`open` raises OptionError for a device that does not exist or that this machine does not have."""
        for device in ("toaster", "cuda:99"):
            self._refuses(OptionError, self._descriptor, device, self.precision, f"device {device!r}")

    @promise(BACKEND)
    def test_unsupported_precisions_are_refused(self) -> None:
        """`open` raises OptionError for a precision that is not among the `halves` of the model."""
        for precision in ("bf16", "fp16"):
            model = replace(self._descriptor, halves=frozenset({"fp32"}))
            what = f"{precision} with a model that bears fp32 alone"
            self._refuses(OptionError, model, self.device, precision, what)

    @promise(BACKEND)
    def test_precisions_are_those_that_it_opens(self) -> None:
        """Where it has `precisions`, fp32 is among them; those that the model bears are opened, and others
        refused with OptionError.
        """
        if not hasattr(self.backend, "precisions"):
            pytest.skip("the backend does not say which precisions it has: all")
        has = self.backend.precisions(self.device)
        if not isinstance(has, Set) or "fp32" not in has or not has <= set(PRECISIONS):
            broken(f"precisions({self.device!r}) are {has!r}, not a set of {', '.join(PRECISIONS)} with fp32")
        self._need_backend()
        backend: Any = self.backend
        for precision in PRECISIONS:
            if precision not in has:
                what = f"{precision}, which is none of its precisions"
                self._refuses(OptionError, self._descriptor, self.device, precision, what)
            elif precision in self._descriptor.halves:
                opened(backend, self._descriptor, self.device, precision)

    @promise(BACKEND)
    def test_damaged_models_are_refused(self) -> None:
        """What the model's `load` raises as ModelError comes out of `open` as ModelError."""

        def load() -> nn.Module:
            raise ModelError("damaged-weights", "the weight file is damaged")

        model = replace(self._descriptor, name="damaged", card={}, load=load)
        self._refuses(ModelError, model, self.device, self.precision, "a model that cannot be loaded")

    @promise(SESSION)
    def test_session_says_what_it_is(self) -> None:
        """A session has the descriptor that was opened, its device, and the dtype that is computed in."""
        import torch

        session = self._session()
        if session.descriptor != self._descriptor:
            broken(f"the descriptor is that of {session.descriptor.name!r}, not of {self._descriptor.name!r}")
        if not isinstance(session.device, torch.device) or session.device.type != self.device.split(":")[0]:
            broken(f"the device is {session.device!r}; {self.device!r} was asked for")
        if not isinstance(session.dtype, torch.dtype) or not session.dtype.is_floating_point:
            broken(f"the dtype is {session.dtype!r}, not one of floats")

    @promise(SESSION)
    def test_layers_are_those_of_torch(self) -> None:
        """From frames of any size in multiples of the model's `multiple` come finite layers, on the session's
        device, near those of the torch backend.
        """
        session, step = self._session(), self._descriptor.multiple
        for rows, columns in ((24, 32), (1, 1), (9, 40)):
            window = self._window(-(-rows // step) * step, -(-columns // step) * step)
            rain = layer(session, window)
            require_fit(rain, window, session.device)
            expected = layer(reference(self._descriptor), window)
            what = f"layers of packed {window.shape[4]}x{window.shape[3]} frames and of torch's"
            require_same(rain.cpu(), expected, what, allowed=self.tolerance / 255)

    @promise(SESSION)
    def test_encoded_frames_stay_as_they_are(self) -> None:
        """What `encode` has made stays as it is whatever comes after, and may stand in several places of a
        window.
        """
        session, window = self._session(), self._window(24, 32)
        first = layer(session, window).clone()
        encoded = encode(session, window)
        encode(session, self._window(24, 32, seed=1))
        middle = encoded[len(encoded) // 2]
        require_fit(fuse(session, [middle] * len(encoded)), window, session.device)
        again = fuse(session, encoded)
        require_same(again, first, "a window before and after others", allowed=0.0)

    @promise(DERAINER)
    def test_frames_are_those_of_torch_in_any_format_and_size(self) -> None:
        """Frames keep format, size, colours and pts, and are near those of the torch backend."""

        def holds(case: tuple[PixelFormat, int, int, int]) -> None:
            fmt, width, height, seed = case
            frames = footage(3, width, height, fmt, seed=seed)
            expected = streamed(self._reference(), frames)
            # What colours are made of red, green and blue adds up.
            tolerance = self.tolerance * (3 if fmt.family == "rgb" else 1)
            what = f"{width}x{height} {fmt.name} beside torch's"
            require_near(streamed(self._derainer(), frames), expected, what, tolerance)

        cases = st.tuples(formats, st.integers(1, 70), st.integers(1, 50), st.integers(0, 3))
        always(cases, holds, examples=self.examples)

    @promise(SESSION)
    def test_clips_without_rain_come_back_bit_for_bit(self) -> None:
        """Where the model sees no rain, the layer is exactly 0, and frames are what they were."""
        dry = [
            clip
            for fmt in (footage(1)[0].format, FLOATS)
            for moving in [footage(6, fmt=fmt, rainy=False)]
            for clip in (moving, held(moving))
            if same_bits(streamed(self._reference(), clip), clip)
        ]
        if not dry:
            pytest.skip("with torch, too, the model changes clips that have no rain")
        for clip in dry:
            what = f"a {clip[0].format.name} clip without rain"
            require_same_bits(streamed(self._derainer(), clip), clip, what)

    @promise(DERAINER)
    def test_streams_and_random_access_give_the_same_bits(self) -> None:
        """A frame is the same in a stream and asked for by number, in any order."""
        clip = cut_clip(8)
        asked = scattered(self._derainer(), clip)
        require_same_bits(
            asked, streamed(self._derainer(), clip), "frames asked for by number, not in a stream"
        )

    @promise(SESSION)
    def test_threads_get_the_same_bits(self) -> None:
        """`encode` and `fuse` may be called from several threads at once."""
        clip = cut_clip(12)
        asked = scattered(self._derainer(), clip, threads=THREADS)
        require_same_bits(asked, scattered(self._derainer(), clip), f"frames asked for by {THREADS} threads")

    @promise("vsrrg.backends.base.BoundedSession")
    def test_little_memory_changes_no_layer(self) -> None:
        """A session that has `memory` makes the same layer where that is little, but for the last digits."""
        from vsrrg.backends.base import BoundedSession
        from vsrrg.models.memory import Memory

        self._need_backend()
        session = self.backend.open(self._descriptor, device=self.device, precision=self.precision)
        if not isinstance(session, BoundedSession):
            pytest.skip("the session has no memory that could be set")
        step = self._descriptor.multiple
        window = self._window(-(-192 // step) * step, -(-256 // step) * step)
        whole = layer(session, window)
        session.memory = Memory(bytes=1, frames=window.shape[1])
        allowed = ROUNDING if self.precision == "fp32" else self.tolerance / 255
        require_same(
            layer(session, window), whole, "layers with little memory and with enough", allowed=allowed
        )

    @property
    def _descriptor(self) -> ModelDescriptor:
        return model_named(self.model) if isinstance(self.model, str) else self.model

    def _need_backend(self) -> None:
        if not self.backend.available():
            pytest.skip(f"{self.subject} is not available on this machine")

    def _session(self) -> Session:
        self._need_backend()
        backend: Any = self.backend
        return opened(backend, self._descriptor, self.device, self.precision)

    def _available(self, where: str) -> bool:
        try:
            there = self.backend.available()
        except Exception as error:
            broken(f"available() raised {type(error).__name__} {where}: {error}")
        if not isinstance(there, bool):
            broken(f"available() returned {there!r} {where}, neither True nor False")
        return there

    def _refuses(
        self, kind: type[Exception], model: ModelDescriptor, device: str, precision: Any, what: str
    ) -> None:
        """Breaks the promise unless `open` raises this kind of error, in words."""
        self._need_backend()
        try:
            self.backend.open(model, device=device, precision=precision)
        except kind as error:
            if not str(error).strip():
                broken(f"the {kind.__name__} for {what} has no words")
            return
        except Exception as error:
            broken(f"for {what} open raised {type(error).__name__} instead of {kind.__name__}: {error}")
        broken(f"open took {what} instead of raising {kind.__name__}")

    def _window(self, rows: int, columns: int, *, seed: int = 0) -> Any:
        return packed(2 * self._descriptor.radius + 1, rows, columns, seed=seed)[None]

    def _derainer(self) -> Derainer:
        from vsrrg.engine import Derainer
        from vsrrg.engine.crew import Caller

        return Derainer(self._session(), crew=Caller())  # Whoever asks computes: threads meet in the session.

    def _reference(self) -> Derainer:
        from vsrrg.engine import Derainer

        return Derainer(reference(self._descriptor))

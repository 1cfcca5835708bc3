"""What a `FilterDescriptor` and its `FrameFilter` promise, held against the engine."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from vsrrg.errors import PluginError
from vsrrg.hooks import FilterDescriptor
from vsrrg.testing.clips import YUV420P8, cut_clip, held
from vsrrg.testing.discovery import isolated, plugin_of
from vsrrg.testing.frames import require_same_bits, same_bits
from vsrrg.testing.promises import Suite, broken, promise
from vsrrg.testing.runs import THREADS, reference, scattered, streamed
from vsrrg.testing.strategies import always, formats
from vsrrg.video import PixelFormat

if TYPE_CHECKING:
    from torch import Tensor

    from vsrrg.engine import Derainer, FrameFilter, View

DESCRIPTOR, FILTER = "vsrrg.hooks.items.FilterDescriptor", "vsrrg.engine.filters.FrameFilter"
ODD_WORDS = ("", "nonsense", "-1", "0", "1e9", "nan")
"""Values that users may write for any parameter."""


class FilterSuite(Suite):
    """Holds a filter to `FilterDescriptor` and `vsrrg.engine.FrameFilter`::

        class TestLogo(FilterSuite):
            filter = LOGO
            parameters = "x=8,y=8,width=20,height=10"
            mistakes = ("x=-1", "width=0")

    Rain is found by a model of the suite's own.
    """

    @property
    @abstractmethod
    def filter(self) -> FilterDescriptor:
        """What is tested."""

    parameters: str = ""
    """What users write after name and colon, with which the filter does something to a clip of 64x48."""
    mistakes: Sequence[str] = ()
    """The same with what the filter refuses; parameters that are not in there are those from above."""
    finds_rain: bool = False
    """Whether the filter may find rain where the network found none."""
    formats: Sequence[PixelFormat] = (
        YUV420P8,
        PixelFormat("yuv", 10, sub_w=1),
        PixelFormat("gray", 16),
        PixelFormat("rgb", 8),
        PixelFormat("yuv", 32, "float"),
    )
    """Formats that every test looks at."""
    examples: int = 15
    """How many more formats, with sizes, windows and strengths, are tried."""

    @property
    def subject(self) -> str:
        return f"filter {self.filter.name!r}"

    @promise(DESCRIPTOR)
    def test_filter_can_be_listed_and_written(self) -> None:
        """The description is one line, and `make` takes its parameters by keyword."""
        description = self.filter.description
        if not description.strip() or len(description.splitlines()) > 1:
            broken(f"the description is {description!r}, not one line")
        for parameter in inspect.signature(self.filter.make).parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                broken(f"make takes {parameter.name!r} by position")

    @promise(DESCRIPTOR)
    def test_mistakes_are_told_in_words(self) -> None:
        """`make` refuses a value that is not allowed with ValueError or OptionError, in words, whatever users
        write.
        """
        for wrong in self.mistakes:
            if not self._refuses(wrong):
                broken(f"{wrong} was taken")
        for key in _pairs(self.parameters):
            for value in ODD_WORDS:
                self._refuses(f"{key}={value}")

    @promise(FILTER)
    def test_clips_show_the_filter(self) -> None:
        """With the suite's `parameters` the filter does something to clips of 64x48."""
        clip = cut_clip(8)
        with self._plugin():
            if same_bits(streamed(self._derainer(), clip), streamed(self._derainer(bare=True), clip)):
                broken("frames are what they are without the filter: set parameters with which it shows")

    @promise(FILTER)
    def test_the_steps_keep_the_kind_of_what_they_are_given(self) -> None:
        """What `before` and `after` return has the format, size, colours, pts and cut mark of the frame; what
        `rain` returns is a finite layer of the same shape. So it is in any format, size, window and strength.
        """

        def holds(case: tuple[PixelFormat, int, int, int, bool]) -> None:
            fmt, width, height, radius, masked = case
            clip = cut_clip(4, width, height, fmt)
            mask = np.linspace(0, 1, width * height, dtype=np.float32).reshape(height, width)
            derainer = self._derainer(radius=radius)
            try:
                for frame in clip:
                    derainer.push(frame, strength=mask if masked else 0.5)
                derainer.flush()
            except PluginError as error:
                strength = "a mask as strength" if masked else "strength 0.5"
                broken(f"{width}x{height} {fmt.name}, a window of {2 * radius + 1}, {strength}: {error}")

        cases = st.tuples(formats, st.integers(1, 80), st.integers(1, 60), st.integers(0, 2), st.booleans())
        with self._plugin():
            always(cases, holds, examples=self.examples)

    @promise(FILTER)
    def test_the_steps_leave_what_they_are_given(self) -> None:
        """The functions do not write to their arguments."""
        import torch

        for fmt in self.formats:
            made, view, layer = self._made(fmt)
            given = [layer.numpy(), *(plane for frame in view.frames for plane in frame.planes)]
            before = [array.copy() for array in given]
            for step, call in _steps(made, view, layer).items():
                with torch.inference_mode():
                    call()
                if not all(map(np.array_equal, given, before)):
                    broken(f"{step} writes to what it is given ({fmt.name})")

    @promise(FILTER)
    def test_results_depend_on_the_arguments_alone(self) -> None:
        """The functions are called in any order and from several threads at once, and make the same each
        time.
        """
        clip = cut_clip(8)
        with self._plugin():
            stream = streamed(self._derainer(), clip)
            require_same_bits(scattered(self._derainer(), clip), stream, "frames in another order")
            derainer = self._derainer()
            for _ in range(2):
                require_same_bits(scattered(derainer, clip, threads=THREADS), stream, f"{THREADS} threads")

    @promise(FILTER)
    def test_no_rain_stays_no_rain(self) -> None:
        """Where the network found no rain, `rain` finds none, unless the suite says `finds_rain`; without
        `before` and `after`, frames are then what they were, bit for bit.
        """
        import torch

        for fmt in self.formats:
            made, view, layer = self._made(fmt)
            if made.rain is not None and not self.finds_rain:
                with torch.inference_mode():
                    found = made.rain(torch.zeros_like(layer), view)
                if found.any():
                    count, most = int(found.count_nonzero()), float(found.abs().max())
                    broken(f"{fmt.name}: rain makes {count} of {found.numel()} zeros up to {most:.3g}")
            if made.before is None and made.after is None and not self.finds_rain:
                clip = held(cut_clip(4, fmt=fmt))
                with self._plugin():
                    require_same_bits(streamed(self._derainer(), clip), clip, f"a held {fmt.name} picture")

    def _refuses(self, parameters: str) -> bool:
        """Whether these parameters are refused; breaks the promise where that is not done in words."""
        try:
            self.filter.make(**{**_pairs(self.parameters), **_pairs(parameters)})
        except ValueError as error:  # As OptionError is.
            if not str(error).strip():
                broken(f"the {type(error).__name__} for {parameters} has no words")
            return True
        except Exception as error:
            broken(f"{parameters} raised {type(error).__name__}: {error}")
        return False

    @contextmanager
    def _plugin(self) -> Iterator[None]:
        with isolated() as register:
            register(plugin_of(vsrrg_filters=[self.filter]))
            yield

    def _derainer(self, *, radius: int = 2, bare: bool = False) -> Derainer:
        """An engine with the filter as users ask for it, or without it."""
        from vsrrg.engine import Derainer
        from vsrrg.engine.crew import Caller
        from vsrrg.hooks.filters import make_filters
        from vsrrg.testing.stand_ins import MODEL

        filters = () if bare else make_filters([f"{self.filter.name}:{self.parameters}"])
        # Whoever asks computes: threads meet in the filter.
        return Derainer(reference(replace(MODEL, radius=radius)), filters=filters, crew=Caller())

    def _made(self, fmt: PixelFormat) -> tuple[FrameFilter, View, Tensor]:
        """The filter, and what its functions may be given."""
        import torch

        from vsrrg.engine import View

        frames = tuple(cut_clip(5, fmt=fmt))
        view = View(source=frames[2], frames=frames, strength=1.0)
        layer = torch.linspace(-0.2, 0.5, 6 * 24 * 32).reshape(6, 24, 32)
        return self.filter.make(**_pairs(self.parameters)), view, layer


def _pairs(parameters: str) -> dict[str, str]:
    """What users write, as `make` gets it."""
    pairs = (pair.partition("=") for pair in parameters.split(",") if pair)
    return {key: value for key, _, value in pairs}


def _steps(made: FrameFilter, view: View, layer: Tensor) -> dict[str, Callable[[], object]]:
    """The functions that a filter has, to be called."""
    calls: dict[str, Callable[[], object]] = {}
    if made.before is not None:
        calls["before"] = partial(made.before, view.source)
    if made.rain is not None:
        calls["rain"] = partial(made.rain, layer, view)
    if made.after is not None:
        calls["after"] = partial(made.after, view.source, view)
    return calls

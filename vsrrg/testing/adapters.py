"""What a `HostAdapter` promises, held against the engine."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
import pytest

import vsrrg
from vsrrg.errors import OptionError, PluginError, VsrrgError
from vsrrg.hooks import HostAdapter
from vsrrg.testing.absence import absent
from vsrrg.testing.clips import YUV420P8, cut_clip
from vsrrg.testing.discovery import isolated, plugin_of
from vsrrg.testing.frames import require_same_bits
from vsrrg.testing.plugins import require_light
from vsrrg.testing.promises import Broken, Suite, broken, promise
from vsrrg.video import ColorSpec, Frame, PixelFormat

ADAPTER, DERAIN, HOOKS = "vsrrg.hooks.items.HostAdapter", "vsrrg.derain", "vsrrg.hooks.spec"
NAME = "vsrrg-testing"
"""Of the model and the filter that adapters are tested with."""
CHOICES: Mapping[str, Any] = {
    "strength": 0.5,
    "model": NAME,
    "backend": "torch",
    "device": "cpu",
    "precision": "fp32",
    "max_memory": 1 << 30,
    "output": "rain",
    "lookahead": 0,
    "scene_cuts": False,
    "filters": [NAME],
}
"""Every option of `vsrrg.derain`, with values other than the defaults where any machine has them."""
MISTAKES: Mapping[str, Any] = {
    "strength": "much",
    "model": "nobody",
    "backend": "nobody",
    "device": "toaster",
    "precision": "fp8",
    "max_memory": -1,
    "output": "mask",
    "lookahead": -1,
    "filters": ["nobody"],
}
"""A value that each option refuses."""
PLAIN: Mapping[str, Any] = {"model": NAME, "device": "cpu", "precision": "fp32"}
"""What clips are derained with if a test does not say otherwise."""
QUICK = 0.01
"""Seconds that `accepts` may take."""


class AdapterSuite(Suite):
    """Holds a host's adapter to `HostAdapter`, with the engine as the measure::

        class TestMine(AdapterSuite):
            adapter = ADAPTER
            host = "myhost"

            def source(self, frames):
                return myhost.video_of(frames)

            def frames(self, video):
                return [frame_of(picture) for picture in video]

    Videos are derained with a model of the suite's own.
    """

    @property
    @abstractmethod
    def adapter(self) -> HostAdapter:
        """What is tested."""

    @property
    @abstractmethod
    def host(self) -> str:
        """The top-level module of the host, which the adapter must not import before there is a video."""

    @abstractmethod
    def source(self, frames: list[Frame]) -> Any:
        """A video of the host that shows these frames."""

    @abstractmethod
    def frames(self, video: Any) -> list[Frame]:
        """All frames of a video of the host, in order; their colours are those of `ColorSpec.guess`."""

    def frame(self, video: Any, n: int) -> Frame:
        """Frame n of a video of the host; override it where the host can ask for frames in any order."""
        pytest.skip("the suite has no frame(): the host gives frames in order only")

    formats: Sequence[PixelFormat] = (YUV420P8,)
    """Formats that the host has."""
    options: Mapping[str, Any] = {}
    """The adapter's own options, each with a value."""
    errors: tuple[type[Exception], ...] = (VsrrgError,)
    """What the adapter raises for what users can put right."""

    @property
    def subject(self) -> str:
        return f"adapter {self.adapter.name!r}"

    @promise(ADAPTER)
    def test_accepts_says_what_is_a_video(self) -> None:
        """`accepts` is true for videos of the host, false for anything else, and cheap."""
        source = self.source(cut_clip(2, fmt=self.formats[0]))
        for thing, wanted in ((source, True), (None, False), (object(), False), (3.5, False)):
            least = inf
            for _ in range(3):  # The machine may be busy with something else.
                start = perf_counter()
                said = self.adapter.accepts(thing)
                least = min(least, perf_counter() - start)
            if said is not wanted:
                broken(f"accepts says {said!r} of a {type(thing).__name__}, not {wanted}")
            if least > QUICK:
                broken(f"accepts took {least:.2g} s for a {type(thing).__name__}; {QUICK:g} s is cheap")

    @promise(ADAPTER)
    def test_accepts_does_not_import_the_host(self) -> None:
        """Where nobody has imported the host, `accepts` does not either, and is false."""
        said = None
        with absent(self.host) as asked, suppress(ModuleNotFoundError):
            said = self.adapter.accepts(object())
        if asked:
            broken(f"accepts imports {asked[0]}")
        if said is not False:
            broken(f"accepts says {said!r} where {self.host} is not imported")

    @promise(HOOKS)
    def test_the_plugin_imports_nothing_heavy(self) -> None:
        """Plugins are imported whenever the command line starts: without the host, and without torch."""
        require_light(self.adapter.accepts.__module__, ("torch", self.host))

    @promise(ADAPTER)
    def test_derain_takes_every_option(self) -> None:
        """`derain` takes the options of `vsrrg.derain` as keywords."""
        parameters = inspect.signature(self.adapter.derain).parameters.values()
        if any(one.kind is one.VAR_KEYWORD for one in parameters):
            return
        keywords = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        known = {one.name for one in parameters if one.kind in keywords}
        missing = [name for name in (*CHOICES, *self.options) if name not in known]
        if missing:
            broken(f"derain has no option {', '.join(missing)}")

    @promise(DERAIN)
    def test_frames_are_those_of_the_engine(self) -> None:
        """The same kind of video comes out, in the same format and size, with the frames that the engine
        makes of the source's.
        """
        for fmt in self.formats:
            clip = cut_clip(8, fmt=fmt)
            self._same(self.frames(self.source(clip)), clip, f"{fmt.name} as frames() reads it from source()")
            with self._derained(clip) as video:
                self._same(self.frames(video), self._engine(clip), f"{fmt.name} beside the engine's")

    @promise(DERAIN)
    def test_options_do_what_they_do_in_the_engine(self) -> None:
        """Each option does to frames what it does in the engine."""
        clip = cut_clip(8, fmt=self.formats[0])
        try:
            self._try_options(clip, CHOICES)
        except Broken:
            for name, value in CHOICES.items():
                self._try_options(clip, {name: value})
            raise

    @promise(DERAIN)
    def test_strength_0_is_the_identity(self) -> None:
        """With strength 0 frames come back bit for bit, with codes that are not legal as well."""
        for fmt in self.formats:
            clip = [_noise(frame) for frame in cut_clip(4, fmt=fmt)]
            with self._derained(clip, strength=0) as video:
                self._same(self.frames(video), clip, f"{fmt.name} with strength 0")

    @promise("vsrrg.engine.derainer.Derainer")
    def test_any_order_gives_the_same_bits(self) -> None:
        """Where the host can ask for frames in any order, each is the one that streams have."""
        clip = cut_clip(8, fmt=self.formats[0])
        with self._derained(clip) as video:
            found = {n: self.frame(video, n) for n in (5, 0, 7, 2, 6, 1, 4, 3)}
            self._same([found[n] for n in sorted(found)], self._engine(clip), "frames in any order")

    @promise(DERAIN)
    def test_mistakes_are_told_in_words(self) -> None:
        """A value that an option does not take, and an option that does not exist, are refused with an error
        of vsrrg's or of the host's, in words, by `derain` or when frames are asked for.
        """
        clip = cut_clip(4, fmt=self.formats[0])
        for name, value in MISTAKES.items():
            self._refuses(clip, name, value, self.errors)
        self._refuses(clip, "no_such_option", 1, (OptionError, *self.errors))

    @contextmanager
    def _derained(self, clip: list[Frame], **options: Any) -> Iterator[Any]:
        """The clip as a video, derained; there while its frames are asked for."""
        with self._plugins():
            try:
                video = vsrrg.derain(self.source(clip), **{**PLAIN, **options})
            except PluginError as error:
                broken(str(error))
            yield video

    def _engine(self, clip: list[Frame], **options: Any) -> list[Frame]:
        """The clip, derained by the engine."""
        from vsrrg.engine import Options
        from vsrrg.hooks.resolve import create_derainer

        with self._plugins():
            return list(create_derainer(Options(**{**PLAIN, **options})).stream(clip))

    @contextmanager
    def _plugins(self) -> Iterator[None]:
        from vsrrg.testing.stand_ins import FILTER, MODEL

        with isolated() as register:
            own = plugin_of(vsrrg_adapters=[self.adapter], vsrrg_models=[MODEL], vsrrg_filters=[FILTER])
            register(own, NAME)
            yield

    def _try_options(self, clip: list[Frame], options: Mapping[str, Any]) -> None:
        with self._derained(clip, **options, **self.options) as video:
            chosen = ", ".join(f"{name}={value!r}" for name, value in options.items())
            self._same(
                self.frames(video), self._engine(clip, **options), f"with {chosen}, beside the engine's"
            )

    def _refuses(
        self, clip: list[Frame], name: str, value: object, kinds: tuple[type[Exception], ...]
    ) -> None:
        """Breaks the promise unless this option raises one of these errors, in words."""
        try:
            with self._derained(clip, **{name: value}) as video:
                self.frames(video)
        except kinds as error:
            if not str(error).strip():
                broken(f"the {type(error).__name__} for {name}={value!r} has no words")
            return
        except Exception as error:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            broken(f"{name}={value!r} raised {type(error).__name__} instead of {wanted}: {error}")
        broken(f"{name}={value!r} was taken")

    def _same(self, frames: list[Frame], expected: list[Frame], what: str) -> None:
        """Breaks the promise unless the frames agree in every bit, format and size."""
        require_same_bits([*map(_bare, frames)], [*map(_bare, expected)], what)


def _bare(frame: Frame) -> Frame:
    """The frame without what a host may not know."""
    color = ColorSpec.guess(frame.format, frame.width, frame.height)
    return replace(frame, color=color, pts=None, cut=None)


def _noise(frame: Frame) -> Frame:
    """A frame of the same kind with all codes that its samples can have; floats go beyond 0..1."""
    rng = np.random.default_rng(frame.pts)
    planes = []
    for plane in frame.planes:
        if frame.format.sample == "float":
            planes.append(rng.uniform(-2, 2, plane.shape).astype(plane.dtype))
        else:
            planes.append(rng.integers(0, int(frame.format.peak) + 1, plane.shape, plane.dtype))
    return replace(frame, planes=tuple(planes))

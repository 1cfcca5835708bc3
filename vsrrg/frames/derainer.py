"""The Derainer for people's own pipelines: the engine's, with any kind of frames."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from vsrrg.engine import FrameFilter, Options
from vsrrg.engine.options import NAMES, Output, refuse_unknown
from vsrrg.errors import FormatError
from vsrrg.frames.kind import Kind
from vsrrg.frames.kinds import check_several, find_kind
from vsrrg.frames.tensors import TENSORS
from vsrrg.hooks.resolve import create_derainer
from vsrrg.models.descriptor import Precision
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    from torch import Tensor

type Strength = float | np.ndarray[Any, Any] | Tensor


@dataclass(frozen=True, eq=False)
class _Part:
    """Where a frame comes from."""

    kind: Kind
    item: Any
    number: int
    """Of the frame in its item."""
    last: bool


class Derainer:
    """Derains one clip at a time, frame by frame.

    Frames are numpy arrays (height, width, 3) RGB or (height, width) gray, or torch tensors (3, height,
    width) or (1, height, width), of uint8 (0..255), uint16 (0..65535), float16 or float32 (0..1); video
    frames of PyAV; frames and batches of torchcodec; or `vsrrg.Frame`, with planes in any format. Another
    object of the same kind, size and format comes out, with what the one that came in says of itself; until
    then its memory must not change. Where no rain is seen, samples are the same, bit for bit. Tensors on the
    GPU that computes stay there.
    """

    def __init__(
        self,
        *,
        strength: float = 1.0,
        model: str = "general",
        backend: str = "torch",
        device: str | None = None,
        precision: Precision | None = None,
        max_memory: int | None = None,
        output: Output = "clean",
        lookahead: int | None = None,
        scene_cuts: bool = True,
        filters: Sequence[str | FrameFilter] = (),
        **unknown: Never,
    ) -> None:
        """Open a model. The options are those of `vsrrg.derain`; there are no others.

        Raises:
            OptionError, ModelError, PluginError: as `vsrrg.derain`.
        """
        refuse_unknown(unknown, NAMES, "a Derainer")
        options = Options(
            model=model,
            backend=backend,
            device=device,
            precision=precision,
            strength=strength,
            output=output,
            max_memory=max_memory,
            lookahead=lookahead,
            scene_cuts=scene_cuts,
            filters=tuple(filters),
        )
        self._engine = create_derainer(options)
        # Filters look at frames in main memory.
        self._device = None if options.filters else self._engine.device
        self._kind: Kind | None = None
        """Of the clip's frames."""
        self._made: list[Frame] = []
        """Clean frames of an item that is not complete."""
        self._streaming = False

    @property
    def lag(self) -> int:
        """Frames to push before the first comes out, beside that one; no more than `lookahead`, if given."""
        return self._engine.lag

    @property
    def radius(self) -> int:
        """Frames that the model sees on either side of a frame."""
        return self._engine.radius

    def push[F](self, frame: F, *, strength: Strength | None = None) -> list[F]:
        """Give the next frame of the clip and get what is ready, in order: none, one, or more after a batch.

        `strength` is for this frame, instead of the Derainer's: a number in 0..1, or an array or tensor
        (height, width) of such, of the upright picture where PyAV says that it is turned. One thread at a
        time.

        Raises:
            FormatError: this cannot be derained, or not in one clip with the frames before.
            OptionError: the strength does not exist, or `max_memory` is too little.
        """
        clean: list[F] = []
        if self._streaming:
            raise _busy()
        kind, amount = self._kind_of(frame), _amount(strength)
        for one in _parts(kind, frame, self._device):
            for made in self._engine.push(one, strength=amount):
                clean += self._written(made)
            self._kind = kind
        return clean

    def flush(self) -> list[Any]:
        """End the clip and get its last frames; the next `push` begins another clip."""
        try:
            return [item for made in self._engine.flush() for item in self._written(made)]
        finally:
            self._reset()

    def stream[F](self, frames: Iterable[F]) -> Generator[F, None, None]:
        """Derain a whole clip lazily; only `radius + lag + 1` frames are held at a time.

        A stream that is closed leaves nothing behind. Raises as `push`, FormatError in the midst of another
        clip, and OptionError where `frames` is a single frame.
        """
        check_several(frames)
        return self._streamed(frames)

    def frame[F](
        self, n: int, fetch: Callable[[int], F], length: int, *, strength: Strength | None = None
    ) -> F:
        """Derain frame n of a clip of `length` frames, in any order and from any number of threads.

        `fetch(i)` gives frame i. It is called for n and for those of its neighbours that are not encoded yet;
        what it raises comes out unchanged. The pixels are those of `stream`. One Derainer serves one clip.
        Raises as `push`, and OptionError for frames that do not exist.
        """

        def read(i: int) -> Frame:
            parts = _parts(find_kind(item := fetch(i)), item, self._device)
            if len(parts) != 1:
                raise FormatError(
                    "frame-shape", f"frame {i} is a batch of {len(parts)} frames: fetch single frames"
                )
            return parts[0]

        return _write([self._engine.frame(n, read, length, strength=_amount(strength))])  # type: ignore[no-any-return]

    def _streamed[F](self, frames: Iterable[F]) -> Generator[F, None, None]:
        if self._streaming or self._kind is not None:
            raise _busy()
        self._streaming = True
        try:
            with closing(self._engine.stream(self._read(frames))) as stream:  # type: ignore[type-var]
                for made in stream:
                    yield from self._written(made)
        finally:
            self._streaming = False
            self._reset()

    def _reset(self) -> None:
        self._kind = None
        self._made.clear()

    def _read(self, frames: Iterable[Any]) -> Iterator[Frame]:
        for item in frames:
            kind = self._kind_of(item)
            yield from _parts(kind, item, self._device)
            self._kind = kind

    def _kind_of(self, item: object) -> Kind:
        """The kind of an item; FormatError unless it is that of the clip."""
        kind = find_kind(item)
        if self._kind not in (None, kind):
            raise FormatError(
                "mixed-frames",
                f"a clip that began with {self._kind.name} cannot go on with {kind.name}: convert them, or "
                "flush first",
            )
        return kind

    def _written(self, made: Frame) -> Iterator[Any]:
        """The item that this frame completes, if it does."""
        assert isinstance(made.origin, _Part)
        if made.origin.number == 0:
            self._made.clear()
        self._made.append(made)
        if made.origin.last:
            yield _write(self._made)
            self._made = []


def derain_frames[F](
    frames: Iterable[F],
    *,
    strength: float = 1.0,
    model: str = "general",
    backend: str = "torch",
    device: str | None = None,
    precision: Precision | None = None,
    max_memory: int | None = None,
    output: Output = "clean",
    lookahead: int | None = None,
    scene_cuts: bool = True,
    filters: Sequence[str | FrameFilter] = (),
    **unknown: Never,
) -> Generator[F, None, None]:
    """Derain the frames of one clip, lazily: numpy arrays, torch tensors, frames of PyAV and torchcodec, or
    `vsrrg.Frame`; the same kind of frames comes out. `vsrrg.Derainer` says more of them, and `vsrrg.derain`
    of the options.

    Raises:
        OptionError, ModelError, PluginError: at once, for options that do not exist.
        FormatError: as frames come, for those that cannot be derained.
    """
    return Derainer(
        strength=strength,
        model=model,
        backend=backend,
        device=device,
        precision=precision,
        max_memory=max_memory,
        output=output,
        lookahead=lookahead,
        scene_cuts=scene_cuts,
        filters=filters,
        **unknown,
    ).stream(frames)


def _busy() -> FormatError:
    return FormatError(
        "mixed-frames",
        "this Derainer is in the midst of another clip: take one for each clip, or flush or close that first",
    )


def _amount(strength: Strength | None) -> float | np.ndarray[Any, Any] | None:
    """The strength as the engine takes it, which looks at masks in main memory."""
    if TENSORS.accepts(strength):
        mask: np.ndarray[Any, Any] = strength.numpy(force=True)  # type: ignore[union-attr]
        return mask
    return strength  # type: ignore[return-value]


def _parts(kind: Kind, item: Any, device: Any) -> list[Frame]:
    """The frames of an item, which know where they belong."""
    frames = kind.read(item, device)
    return [
        replace(frame, origin=_Part(kind, item, i, last=i == len(frames) - 1))
        for i, frame in enumerate(frames)
    ]


def _write(made: Sequence[Frame]) -> Any:
    part = made[0].origin
    assert isinstance(part, _Part)
    return part.kind.write(part.item, made)

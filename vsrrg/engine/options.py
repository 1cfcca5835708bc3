"""What users may choose, checked once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from numbers import Real
from typing import Literal, get_args

from vsrrg.engine.filters import FrameFilter
from vsrrg.errors import OptionError
from vsrrg.models.descriptor import PRECISIONS, Precision

type Output = Literal["clean", "rain"]
OUTPUTS: tuple[Output, ...] = get_args(Output.__value__)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The choices that every host offers. Raises OptionError for values that do not exist."""

    model: str = "general"
    """Name of a registered model, or path of a weight file."""
    backend: str = "torch"
    """Name of a registered backend."""
    device: str | None = None
    """"cpu", "cuda" or "cuda:1"; None takes CUDA if there is any."""
    precision: Precision | None = None
    """"fp32", "bf16" or "fp16"; None takes what the device does fast and the model bears."""
    strength: float = 1.0
    """Share of the rain layer to remove, 0..1; 0 gives back the input."""
    output: Output = "clean"
    """"clean" is the derained frame, "rain" the layer that was removed."""
    max_memory: int | None = None
    """Bytes that the engine may take for frames, features and the work on them, in the memory of the device,
    beside what the process takes before the first frame (Python, torch, weights). None: automatic, a share of
    what is free then. Frames that need more are worked on in bands, with the same pixels.
    """
    lookahead: int | None = None
    """Frames of the future that a window may use: 0 for live use, where each frame comes out at once, or as
    many as one can wait for. None: as many as the model sees, and streams run ahead for speed.
    """
    scene_cuts: bool = True
    """Keep windows within a shot, which begins where `Frame.cut` says so, or the picture where it is None."""
    filters: tuple[str | FrameFilter, ...] = ()
    """What else is done to frames and their rain, in this order: filters by name, with their parameters if
    there are any ("NAME:key=value,key=value"), or filters themselves.
    """

    def __post_init__(self) -> None:
        for field in ("model", "backend"):
            if not isinstance(getattr(self, field), str) or not getattr(self, field):
                raise OptionError("not-a-name", f"{field} must be a name, not {getattr(self, field)!r}")
        if self.device is not None and not isinstance(self.device, str):
            raise OptionError(
                "unknown-device", f"device must be a string such as 'cpu' or 'cuda', not {self.device!r}"
            )
        if self.precision is not None and self.precision not in PRECISIONS:
            raise OptionError(
                "unsupported-precision",
                f"precision {self.precision!r} does not exist; choose {', '.join(PRECISIONS)}",
            )
        check_strength(self.strength)
        check_output(self.output)
        check_max_memory(self.max_memory)
        check_lookahead(self.lookahead)
        object.__setattr__(self, "filters", check_filters(self.filters))


NAMES = tuple(field.name for field in fields(Options))
"""What the options are called, in every host."""


def check_strength(strength: object) -> float:
    """The strength as a float; raises OptionError unless it is a number in 0..1, of Python or numpy."""
    if isinstance(strength, bool) or not isinstance(strength, Real) or not 0 <= float(strength) <= 1:
        raise OptionError(
            "invalid-strength",
            f"strength must be a number from 0 (leave alone) to 1 (remove all rain), not {strength!r}",
        )
    return float(strength)


def check_max_memory(max_memory: int | None) -> int | None:
    """The bytes as they are; raises OptionError unless they are None or a whole number above 0."""
    if max_memory is None or (
        isinstance(max_memory, int) and not isinstance(max_memory, bool) and max_memory > 0
    ):
        return max_memory
    raise OptionError(
        "invalid-memory-limit",
        f"max_memory must be a number of bytes, such as 3 * 2**30, or None for automatic, not {max_memory!r}",
    )


def check_lookahead(lookahead: int | None) -> int | None:
    """The frames as they are; raises OptionError unless they are None or a whole number from 0."""
    if lookahead is None or (
        isinstance(lookahead, int) and not isinstance(lookahead, bool) and lookahead >= 0
    ):
        return lookahead
    raise OptionError(
        "invalid-lookahead",
        "lookahead must be a number of frames from 0, or None for all that the model sees, "
        f"not {lookahead!r}",
    )


def check_filters(filters: object) -> tuple[str | FrameFilter, ...]:
    """The filters as a tuple; raises OptionError unless they are a list or tuple of names and filters."""
    if isinstance(filters, list | tuple):
        checked = tuple(one for one in filters if isinstance(one, str | FrameFilter))
        if len(checked) == len(filters):
            return checked
    raise OptionError(
        "invalid-filter",
        f"filters must be a list of names, such as ['NAME:key=value'], or of FrameFilters, not {filters!r}",
    )


def check_output(output: Output) -> Output:
    """The output as it is; raises OptionError unless it exists."""
    if output not in OUTPUTS:
        raise OptionError("unknown-output", f"output {output!r} does not exist; choose {', '.join(OUTPUTS)}")
    return output


def refuse_unknown(given: Iterable[str], known: Iterable[str], who: str) -> None:
    """Raises OptionError for the first of the given names that is none of the known ones, with the nearest of
    these.
    """
    there = list(known)
    for name in given:
        if name not in there:
            near = get_close_matches(name, there, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(there)}"
            raise OptionError("unknown-option", f"{who} has no option {name!r}: {hint}")

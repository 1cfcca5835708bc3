"""The sizes of an RRGNet."""

from __future__ import annotations

from dataclasses import dataclass, fields

LARGEST = 1024
"""Of the numbers of channels, of blocks and of frames."""


@dataclass(frozen=True)
class RRGNetConfig:
    """Sizes of an RRGNet; h and w below are those of the packed frame."""

    arch: str = "rrgnet"
    radius: int = 2
    """Groups: frames looked at on either side."""
    half: int = 32
    """Channels at (h, w)."""
    quarter: int = 64
    """Channels at (h/2, w/2)."""
    eighth: int = 96
    """Channels at (h/4, w/4)."""
    quarter_blocks: int = 1
    """Residual blocks of the encoder at (h/2, w/2)."""
    eighth_blocks: int = 2
    """Residual blocks of the encoder at (h/4, w/4)."""
    decoder_blocks: int = 1
    """Residual blocks of the decoder at (h/4, w/4) and at (h/2, w/2)."""
    refine_blocks: int = 2
    """Residual blocks of the decoder at (h, w)."""
    leak: float = 0.0
    """Slope of the decoder's rectifiers at (h, w) below zero. Where all frames of a window are alike the
    order statistics are silent, and units that then fall silent, too, never learn to see rain in a still.
    """
    dead_zone: float = 0.003
    """Rain below this is none: the layer is exactly zero there, and whole from twice this on."""
    presence: bool = False
    """Whether the network also says if there is rain in the frame at all."""
    dry: float = 0.03
    """Probability of rain up to which a frame is left as it is."""
    wet: float = 0.15
    """Probability of rain from which the rain layer is whole."""
    picture: int = 0
    """Channels at (h, w) of the network for windows that show one picture only; 0: none, and such pictures
    are left to the order statistics, which say nothing about them.
    """
    picture_dry: float = 0.5
    """`dry` for such windows."""
    picture_wet: float = 0.7
    """`wet` for such windows."""

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            kind = float if isinstance(field.default, float) else type(field.default)
            if not isinstance(given, (int, float) if kind is float else kind):
                raise ValueError(f"{field.name} is {given!r} and no {kind.__name__}")
            # A file must not ask for more than any network needs.
            if isinstance(given, int) and not 0 <= given <= LARGEST:
                raise ValueError(f"{field.name} is {given}, which is not from 0 to {LARGEST}")
        if not all((self.half, self.quarter, self.eighth)):
            raise ValueError("an RRGNet has channels at every size")
        if self.arch != "rrgnet" or self.radius < 1:
            raise ValueError("an RRGNet has arch 'rrgnet' and a radius of at least 1")
        for dry, wet in ((self.dry, self.wet), (self.picture_dry, self.picture_wet)):
            if not 0 <= dry < wet <= 1:
                raise ValueError(f"an RRGNet has 0 <= dry < wet <= 1, not dry={dry} and wet={wet}")

    @property
    def multiple(self) -> int:
        """Packed height and width must be multiples of this."""
        return 4

    @property
    def halo(self) -> None:
        """None: the summary of the whole frame reaches everywhere."""

"""From planes to the network's input and back: torch references that run on any device."""

from vsrrg.kernels.compositing import Output, composite
from vsrrg.kernels.packing import pack
from vsrrg.kernels.tensors import as_tensor

__all__ = ["Output", "as_tensor", "composite", "pack"]

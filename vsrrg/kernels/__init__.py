"""From planes to the network's input and back: a torch reference for any device, and CUDA kernels."""

from vsrrg.kernels.compositing import Output
from vsrrg.kernels.dispatch import composite, pack
from vsrrg.kernels.tensors import as_tensor

__all__ = ["Output", "as_tensor", "composite", "pack"]

"""Frames in, derained frames out: windows, scene cuts, padding, devices. Knows nothing of hosts."""

from vsrrg.engine.derainer import Derainer
from vsrrg.engine.filters import FrameFilter, View
from vsrrg.engine.options import Options

__all__ = ["Derainer", "FrameFilter", "Options", "View"]

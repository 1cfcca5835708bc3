"""Frames in, derained frames out: windows, scene cuts, padding, devices. Knows nothing of hosts."""

from vsrrg.engine.derainer import Derainer
from vsrrg.engine.device_frame import DeviceFrame
from vsrrg.engine.filters import FrameFilter, View
from vsrrg.engine.options import Options

__all__ = ["Derainer", "DeviceFrame", "FrameFilter", "Options", "View"]

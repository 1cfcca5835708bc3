"""Frames of people's own pipelines: arrays, tensors, PyAV's and torchcodec's frames in, the same kind out."""

from vsrrg.frames.derainer import Derainer, derain_frames

__all__ = ["Derainer", "derain_frames"]

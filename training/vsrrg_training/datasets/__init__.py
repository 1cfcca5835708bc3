"""Footage by folder or by name: the field's published data sets as they lie on disk, and those of plugins."""

from vsrrg_training.datasets import layouts
from vsrrg_training.datasets.clips import PairedClip
from vsrrg_training.datasets.dataset import DataSet

__all__ = ["DataSet", "PairedClip", "layouts"]

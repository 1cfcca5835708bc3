"""Rain networks as data: what a model promises (`ModelDescriptor`), where its weights lie, how they are
checked.
"""

from vsrrg.models.descriptor import ModelDescriptor, Precision
from vsrrg.models.registry import builtin_models, descriptor_from_file

__all__ = ["ModelDescriptor", "Precision", "builtin_models", "descriptor_from_file"]

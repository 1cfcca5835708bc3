"""Pages that show what deraining did: before and after, rain as heat, figures frame by frame."""

from vsrrg.compare.files import Choices, Made, compare, preview

__all__ = ["Choices", "Made", "compare", "preview"]

"""How well models derain: scenes, published pairs and real rain; figures, tables."""

from vsrrg_training.evaluation.metric import Luma, Metric

__all__ = ["Luma", "Metric"]

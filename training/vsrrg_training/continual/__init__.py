"""RRGNet's continual learning: one model, a sequence of rain types, and no forgetting."""

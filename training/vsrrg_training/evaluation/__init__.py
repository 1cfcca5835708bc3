"""Measuring models: scenes with new rain, published data sets, figures and tables."""

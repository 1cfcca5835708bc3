"""Fails to import, as a plugin does whose own dependency is gone."""

raise ImportError("libsnow is not installed")

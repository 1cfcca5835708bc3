"""The scene of the demo clip, painted in code."""

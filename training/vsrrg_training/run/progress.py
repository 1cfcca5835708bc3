"""A run's figures as a console line."""

from collections.abc import Mapping


def describe(step: int, steps: int, progress: float, values: Mapping[str, float]) -> str:
    """One line: position, then every figure."""
    shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
    return f"step {step}/{steps} ({100 * min(progress, 1.0):.1f}%)  {shown}"

"""What runs a network: torch here, others through the `vsrrg_backends` hook."""

from vsrrg.backends.base import Backend, Session

__all__ = ["Backend", "Session"]

"""Plugins: what they may add (``spec``), how they load (``manager``), how names find them (``resolve``)."""

from vsrrg.hooks.spec import HostAdapter, hookimpl

__all__ = ["HostAdapter", "hookimpl"]

"""Plugins: what they may add (``spec``), how they load (``manager``), how names find them (``resolve``)."""

from vsrrg.hooks.spec import API_VERSION, HostAdapter, hookimpl

__all__ = ["API_VERSION", "HostAdapter", "hookimpl"]

"""Plugins: what they may add (``spec``), how they load (``manager``), how names find them (``resolve``)."""

from vsrrg.hooks.items import ErrorDescriptor, FilterDescriptor, HostAdapter, Job, Observer, Summary
from vsrrg.hooks.spec import API_VERSION, hookimpl

__all__ = [
    "API_VERSION",
    "ErrorDescriptor",
    "FilterDescriptor",
    "HostAdapter",
    "Job",
    "Observer",
    "Summary",
    "hookimpl",
]

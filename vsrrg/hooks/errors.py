"""The codes of errors, vsrrg's own and those of plugins, and what is told of each."""

from __future__ import annotations

import difflib

from vsrrg.errors import OptionError
from vsrrg.hooks.items import ErrorDescriptor
from vsrrg.hooks.manager import Offer, get_manager, only


def errors() -> list[Offer[ErrorDescriptor]]:
    """Every code, with the plugin that brings it."""
    return get_manager().collect("vsrrg_errors", ErrorDescriptor)


def find_error(code: str) -> ErrorDescriptor:
    """What there is to know of a code.

    Raises:
        OptionError: there is no such code.
        PluginError: two plugins offer it, or one fails.
    """
    offers = errors()
    found = only([offer for offer in offers if offer.item.name == code], "code", code)
    if found is None:
        near = difflib.get_close_matches(code, [offer.item.name for offer in offers], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'vsrrg explain' lists those there are"
        raise OptionError("unknown-code", f"there is no error of the code {code!r}: {hint}")
    return found.item

"""What a plugin may add to training: hook specifications beside those of ``vsrrg.hooks.spec``.

A plugin of vsrrg (an entry point of the group ``vsrrg``) may bring rain types too. vsrrg itself does not know
this hook, so mark it as optional; the plugin then works where this package is not installed::

    from vsrrg.hooks import hookimpl

    vsrrg_api = 1

    @hookimpl(optionalhook=True)
    def vsrrg_rain_types():
        from vsrrg_training.rain import RainType
        return [RainType(name="hail", description="short and bright", density=(500, 4000), ...)]

The rules of ``vsrrg.hooks.spec`` hold, and VSRRG_PLUGINS chooses the plugins here as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsrrg.hooks.spec import hookspec

if TYPE_CHECKING:
    from vsrrg_training.rain.types import RainType


@hookspec
def vsrrg_rain_types() -> list[RainType]:  # type: ignore[empty-body]
    """Kinds of rain to choose by name, wherever the generator's own are: in recipes (``data.rain_weights``),
    ``synth``, ``evaluate`` and ``gap``.

    A type is a box of ranges, or brings a ``layer`` maker of its own. Its name must be new: the generator's
    own names, and those of other plugins, cannot be taken over.
    """

"""What a plugin may add to vsrrg: the hook specifications.

A plugin is a module (or any object) named by an entry point of the group ``vsrrg``::

    [project.entry-points.vsrrg]
    snow = "vsrrg_snow"

It states the version of these hooks that it was written for, ``vsrrg_api = 1``, marks functions that bear the
names below with ``@vsrrg.hooks.hookimpl``, and implements those it needs.
vsrrg registers its own models, backends, adapters and commands in the same way.

Rules that hold for every hook:

- It takes no argument and returns a list; the lists of all plugins are joined, vsrrg's own first, then the
  plugins by the name of their entry point. pluggy's marks for another order (``tryfirst`` and the like) are
  refused.
- A plugin that fails to import, was written for another ``API_VERSION``, or implements a hook unknown here,
  or one without its mark, is skipped; ``vsrrg plugins`` says why.
- A hook that another package specifies (``PluginManager.extend``) is marked ``@hookimpl(optionalhook=True)``:
  the plugin then loads whether or not that package is installed.
- A hook that raises, or returns anything but the listed type, stops the job with a PluginError that names
  the plugin; so does what it returned, when it fails later. What it prints goes to stderr.
- The environment variable ``VSRRG_TRACE=1`` logs each call of a plugin to stderr.
- Plugins are imported whenever the command line starts: import heavy modules inside functions.

docs/plugins.md is the reference, with an example that runs for every hook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

    from vsrrg.backends.base import Backend
    from vsrrg.hooks.items import ErrorDescriptor, FilterDescriptor, HostAdapter, Observer
    from vsrrg.models import ModelDescriptor

ENTRY_POINT_GROUP = "vsrrg"
API_VERSION = 1
"""Of these hooks and of what they give and take. It changes when plugins written for the one before would
break, not when hooks are added.
"""

hookspec = pluggy.HookspecMarker("vsrrg")
hookimpl = pluggy.HookimplMarker("vsrrg")


@hookspec
def vsrrg_models() -> list[ModelDescriptor]:  # type: ignore[empty-body]
    """Models to choose by name (``--model NAME``, ``model="NAME"``).

    A descriptor says what the network needs and promises; ``load`` is called only when the model is used::

        @hookimpl
        def vsrrg_models() -> list[ModelDescriptor]:
            return [
                ModelDescriptor(name="snow", description="no snow", radius=1, multiple=4, halo=9, load=load)
            ]
    """


@hookspec
def vsrrg_backends() -> list[Backend]:  # type: ignore[empty-body]
    """Ways to run a model (``backend="NAME"``): each opens sessions that encode frames and fuse windows."""


@hookspec
def vsrrg_adapters() -> list[HostAdapter]:  # type: ignore[empty-body]
    """Hosts whose videos ``vsrrg.derain`` takes; the first adapter that accepts a source gets it."""


@hookspec
def vsrrg_filters() -> list[FilterDescriptor]:  # type: ignore[empty-body]
    """What else may be done to frames and their rain, for users who ask for it (``--filter NAME``).

    ``make`` is called for each clip, with the parameters that users give; it returns a
    ``vsrrg.engine.FrameFilter`` of up to three functions, which says what each may do::

        def mask(*, left: str, top: str, width: str, height: str) -> FrameFilter:
            from vsrrg_snow.mask import mask_layer

            return FrameFilter(rain=partial(mask_layer, int(left), int(top), int(width), int(height)))

        @hookimpl
        def vsrrg_filters() -> list[FilterDescriptor]:
            return [FilterDescriptor("mask", "leaves a rectangle as it is, such as a logo", make=mask)]
    """


@hookspec
def vsrrg_observers() -> list[Observer]:  # type: ignore[empty-body]
    """Who learns how jobs go: that one starts, how many frames are done, and whether it finished or failed.

    Asked once for each job, of ``vsrrg derain``, ``vsrrg pipe``, ``vsrrg demo`` and whatever else runs under
    ``vsrrg.hooks.observers.observed``::

        @hookimpl
        def vsrrg_observers() -> list[Observer]:
            return [LogFile("jobs.log")]
    """


@hookspec
def vsrrg_commands() -> list[click.Command]:  # type: ignore[empty-body]
    """Commands of the shell program: ``vsrrg NAME``. vsrrg's own names cannot be taken over.

    Raise ``vsrrg.errors.VsrrgError`` for what users can put right: shown as one sentence, exit code 1.
    """


@hookspec
def vsrrg_errors() -> list[ErrorDescriptor]:  # type: ignore[empty-body]
    """Codes of the plugin's own errors, beside those of vsrrg, for ``vsrrg explain CODE``::

    raise OptionError("snow-too-cold", "snow falls above -20 degrees only: choose a higher temperature")

    @hookimpl
    def vsrrg_errors() -> list[ErrorDescriptor]:
        page = Path(__file__).parent / "errors" / "snow-too-cold.md"
        return [ErrorDescriptor("snow-too-cold", "The temperature is too low for snow.", page)]
    """

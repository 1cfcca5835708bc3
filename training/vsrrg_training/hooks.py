"""What a plugin may add to training: hook specifications beside those of ``vsrrg.hooks.spec``.

A plugin of vsrrg (an entry point of the group ``vsrrg``) may bring rain types, data sets and metrics, too.
vsrrg itself does not know these hooks, so mark them as optional, and import ``vsrrg_training`` inside of them
only: the plugin then works where this package is not installed.

The rules of ``vsrrg.hooks.spec`` hold, and VSRRG_PLUGINS chooses the plugins here as well. Names must be new:
this package's own, and those of other plugins, cannot be taken over. A function that a plugin brings and that
raises, or returns what it must not, stops the job with a PluginError that names the plugin; no result is
written then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsrrg.hooks.spec import hookspec

if TYPE_CHECKING:
    from vsrrg_training.datasets import DataSet
    from vsrrg_training.evaluation import Metric
    from vsrrg_training.rain.types import RainType


@hookspec
def vsrrg_rain_types() -> list[RainType]:  # type: ignore[empty-body]
    """Kinds of rain to choose by name, wherever the generator's own are: in recipes (``data.rain_weights``),
    ``synth``, ``evaluate`` and ``gap``.

    A type is a box of ranges, from which each clip's rain is drawn, or brings a ``layer`` maker of its own::

        from vsrrg.hooks import hookimpl

        vsrrg_api = 1

        @hookimpl(optionalhook=True)
        def vsrrg_rain_types():
            from vsrrg_training.rain import RainType

            hail = RainType(
                name="hail",
                description="short, fat and bright",
                density=(500, 4000),  # streaks per megapixel and frame
                length=(3, 9),  # px
                sigma=(0.8, 1.6),  # px across
                alpha=(0.3, 0.9),
                angle=(0, 30),  # degrees off the vertical
            )
            return [hail]
    """


@hookspec
def vsrrg_datasets() -> list[DataSet]:  # type: ignore[empty-body]
    """Footage to choose by name wherever a folder of footage is given: in recipes (``data.videos`` and the
    others), ``evaluate``, ``gap``, ``gate`` and ``synth``; ``vsrrg-train datasets`` lists it.

    A data set has a function for each kind of footage that it gives (clean clips, clean stills, rainy clips,
    rainy stills, pairs), which finds it in a folder; ``vsrrg_training.datasets.layouts`` has some. With
    ``folder`` it brings its files and is given as ``NAME``; without, users give ``NAME:FOLDER``::

        from pathlib import Path

        from vsrrg.hooks import hookimpl

        vsrrg_api = 1

        @hookimpl(optionalhook=True)
        def vsrrg_datasets():
            from vsrrg_training.datasets import DataSet, layouts

            courtyard = DataSet(
                name="courtyard",
                description="a courtyard under a sprinkler, before and while it ran",
                origin="comes with vsrrg-courtyard",
                licence="CC BY 4.0",
                folder=lambda: Path(__file__).parent / "courtyard",  # rainy/CLIP beside clean/CLIP
                pairs=layouts.halves,
                clean=layouts.clean,
            )
            return [courtyard]
    """


@hookspec
def vsrrg_metrics() -> list[Metric]:  # type: ignore[empty-body]
    """Figures that ``vsrrg-train evaluate`` measures beside its own, for its tables and reports.

    A metric is a function of the luma of a clip, restored, rainy and clean: arrays (T, H, W) of 8-bit codes,
    black at 16 and white at 235. It returns a number, or None where it does not apply to the clip::

        from vsrrg.hooks import hookimpl

        vsrrg_api = 1

        @hookimpl(optionalhook=True)
        def vsrrg_metrics():
            from vsrrg_training.evaluation import Metric

            def worst_frame(restored, rainy, clean):
                error = restored.astype(float) - clean
                return (error**2).mean(axis=(1, 2)).max() ** 0.5

            return [
                Metric(
                    name="worst-frame",
                    description="root mean square error of the worst frame",
                    unit="codes",
                    higher_is_better=False,
                    measure=worst_frame,
                )
            ]

    With ``truth=False`` it is called without the clean clip, and measured on real rain, too. With
    ``expensive=True`` it is measured only where ``--metric NAME`` asks for it.
    """

"""Finds filters by name and makes them with the parameters that users give as text."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vsrrg.errors import OptionError, PluginError, VsrrgError, one_line
from vsrrg.errors.faults import excused
from vsrrg.hooks.items import FilterDescriptor
from vsrrg.hooks.manager import Offer, get_manager, only
from vsrrg.hooks.trace import traced

if TYPE_CHECKING:
    from vsrrg.engine import FrameFilter


def filters() -> list[Offer[FilterDescriptor]]:
    """Every filter, with the plugin that brings it."""
    return get_manager().collect("vsrrg_filters", FilterDescriptor)


def parameters(descriptor: FilterDescriptor) -> list[inspect.Parameter]:
    """What users may give to a filter, as its ``make`` has it."""
    found = inspect.signature(descriptor.make).parameters.values()
    return [one for one in found if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]


def make_filters(asked: Sequence[str | FrameFilter]) -> tuple[FrameFilter, ...]:
    """The filters that were asked for, in that order: as they are, or made from ``NAME:key=value,key=value``.

    Raises:
        OptionError: there is no filter of a name, or its parameters are not those that it takes.
        PluginError: two plugins offer a name, or the plugin of one fails.
    """
    return tuple(_make(one) if isinstance(one, str) else one for one in asked)


def _make(asked: str) -> FrameFilter:
    from vsrrg.engine import FrameFilter

    name, _, text = asked.partition(":")
    known = filters()
    found = only([offer for offer in known if offer.item.name == name], "filter", name)
    if found is None:
        names = ", ".join(dict.fromkeys(offer.item.name for offer in known))
        choice = f"choose one of {names}" if known else "no plugin offers any"
        raise OptionError("unknown-filter", f"there is no filter named {name!r}: {choice}")
    plugin, descriptor = found.plugin, found.item
    given = _given(asked, text)
    _check(descriptor, given)
    who = f"filter {name!r} of plugin {plugin}"
    try:
        made = traced(plugin, f"make of filter {name}", descriptor.make)(**given)
    except ValueError as error:
        raise OptionError(
            "filter-parameters", f"filter {asked!r} has a value that is not allowed: {error}"
        ) from error
    except BaseException as error:
        if isinstance(error, VsrrgError) or excused(error):
            raise
        raise PluginError(
            "filter-failed", f"{who} failed in make: {one_line(error)}; leave it out, or update it"
        ) from error
    if not isinstance(made, FrameFilter):
        raise PluginError(
            "filter-failed", f"{who} returned from make a {type(made).__name__} instead of a FrameFilter"
        )
    steps = {step: getattr(made, step) for step in ("before", "rain", "after")}
    logged = {
        step: function and traced(plugin, f"{step} of filter {name}", function)
        for step, function in steps.items()
    }
    return replace(made, name=who, **logged)


def _given(asked: str, text: str) -> dict[str, str]:
    """The parameters in the text behind a filter's name."""
    given: dict[str, str] = {}
    for pair in text.split(",") if text else ():
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise OptionError(
                "filter-parameters",
                f"{pair!r} in filter {asked!r} is no parameter: write NAME:key=value,key=value",
            )
        if key in given:
            raise OptionError("filter-parameters", f"filter {asked!r} has {key} twice: give it once")
        given[key] = value
    return given


def _check(descriptor: FilterDescriptor, given: dict[str, str]) -> None:
    """Raises OptionError unless a filter takes these parameters and needs no others."""
    takes = parameters(descriptor)
    names = [one.name for one in takes]
    every = inspect.signature(descriptor.make).parameters.values()
    if not any(one.kind is one.VAR_KEYWORD for one in every):
        for name in given:
            if name not in names:
                has = f"it has {', '.join(names)}" if names else "it has none"
                raise OptionError(
                    "filter-parameters", f"filter {descriptor.name!r} has no parameter {name!r}: {has}"
                )
    missing = [one.name for one in takes if one.default is one.empty and one.name not in given]
    if missing:
        example = ",".join(f"{name}=..." for name in missing)
        raise OptionError(
            "filter-parameters",
            f"filter {descriptor.name!r} needs {', '.join(missing)}: write {descriptor.name}:{example}",
        )

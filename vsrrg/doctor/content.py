"""What vsrrg and its plugins bring: hooks, backends and weights."""

from __future__ import annotations

from vsrrg.doctor.check import Finding, note, ok, problem
from vsrrg.errors import ModelError, OptionError, PluginError, one_line

AGAIN = "Install vsrrg again: its own files are damaged, or of different versions."
PLUGINS_OFF = "Update or uninstall the plugin, or go on without any: VSRRG_PLUGINS=off"


def weights() -> Finding:
    """Whether every model opens; those of weight files compare their hash when they do."""
    from vsrrg.hooks import resolve

    brought: dict[str, str] = {}
    try:
        for offer in resolve.models():
            brought.setdefault(offer.item.name, offer.plugin)
    except ModelError as error:
        return problem(str(error), AGAIN)
    errors: dict[str, Exception] = {}
    for name in brought:
        try:
            resolve.find_model(name).load()
        except Exception as error:
            errors[name] = error
    facts = {"models": {name: one_line(errors[name]) if name in errors else "" for name in brought}}
    if not errors:
        return ok(f"{', '.join(brought)}: open, hashes hold", **facts)
    found = "; ".join(f"{name}: {one_line(error)}" for name, error in errors.items())
    if not _own() & {brought[name] for name in errors}:
        return note(found, "Choose another model, or see to the plugin that brings it.", **facts)
    rivals = any(isinstance(error, PluginError) for error in errors.values())
    return problem(found, PLUGINS_OFF if rivals else AGAIN, **facts)


def backends() -> Finding:
    """Whether every backend can run here."""
    from vsrrg.backends.base import Backend
    from vsrrg.hooks.manager import get_manager
    from vsrrg.hooks.resolve import find_backend

    offers = get_manager().collect("vsrrg_backends", Backend)
    reasons: dict[str, str] = {}
    for name in dict.fromkeys(offer.item.name for offer in offers):
        try:
            find_backend(name)
            reasons[name] = ""
        except (OptionError, PluginError) as error:
            reasons[name] = str(error)
    facts = {"backends": reasons}
    here = ", ".join(name for name, reason in reasons.items() if not reason)
    refused = [reason for reason in reasons.values() if reason]
    if reasons.get("torch", "it is gone"):
        return problem("; ".join(refused) or "there is no torch", PLUGINS_OFF, **facts)
    if refused:
        return note("; ".join([here, *refused]), "Choose one that can, or give it what it needs.", **facts)
    return ok(here, **facts)


def plugins() -> Finding:
    """Whether all plugins load, and what they answer to the hooks."""
    from vsrrg.hooks.manager import plugin_states

    states = plugin_states()
    facts = {
        "plugins": [
            {"name": one.name, "version": one.version, "state": one.state, "reason": one.reason}
            for one in states
        ]
    }
    skipped = {one.name: one.reason for one in states if one.state == "broken"}
    refused = _refused()
    active = [one.name for one in states if one.state == "active" and one.name not in _own()]
    found = "; ".join(
        [
            *(f"{name} is skipped: {reason}" for name, reason in skipped.items()),
            *(what for said in refused.values() for what in said),
            *([f"{', '.join(active)}: active"] if active else []),
        ]
    )
    if _own() & set(skipped):
        return problem(found, AGAIN, **facts)
    if set(refused) - {"vsrrg_commands"}:  # Commands that fail are left out; what else fails stops a job.
        return problem(found, PLUGINS_OFF, **facts)
    if skipped or refused:
        return note(found, PLUGINS_OFF, **facts)
    return ok(found or "none but vsrrg's own", **facts)


def _own() -> set[str]:
    """Names of vsrrg's own plugins."""
    from vsrrg.hooks.manager import DEFAULT_PLUGINS

    return set(DEFAULT_PLUGINS)


def _refused() -> dict[str, list[str]]:
    """What plugins answer wrongly, by hook."""
    import click

    from vsrrg.backends.base import Backend
    from vsrrg.hooks import FilterDescriptor, HostAdapter, Observer
    from vsrrg.hooks.manager import get_manager
    from vsrrg.models import ModelDescriptor

    kinds = {
        "vsrrg_models": ModelDescriptor,
        "vsrrg_backends": Backend,
        "vsrrg_adapters": HostAdapter,
        "vsrrg_filters": FilterDescriptor,
        "vsrrg_observers": Observer,
        "vsrrg_commands": click.Command,
    }
    manager = get_manager()
    refused: dict[str, list[str]] = {}
    for hook, kind in kinds.items():
        for plugin in manager.active():
            try:
                manager.ask(plugin, hook, kind)
            except PluginError as error:
                refused.setdefault(hook, []).append(str(error).rpartition("; ")[0])
            except ModelError:
                pass  # Weights have a check of their own.
    return refused

"""Finds by name what plugins offer, and puts together the engine that the options ask for."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Set
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from vsrrg.errors import ModelError, OptionError
from vsrrg.hooks.filters import make_filters
from vsrrg.hooks.items import HostAdapter
from vsrrg.hooks.manager import DEFAULT_PLUGINS, Offer, blame, blaming, get_manager, only
from vsrrg.hooks.trace import traced

if TYPE_CHECKING:
    from vsrrg.backends.base import Backend, Session
    from vsrrg.engine import Derainer, Options
    from vsrrg.models import ModelDescriptor, Precision

log = logging.getLogger(__name__)


def models() -> list[Offer[ModelDescriptor]]:
    """Every named model, with the plugin that brings it."""
    from vsrrg.models import ModelDescriptor

    return get_manager().collect("vsrrg_models", ModelDescriptor)


def model_names() -> list[str]:
    """Names that ``find_model`` knows, vsrrg's own first."""
    return list(dict.fromkeys(offer.item.name for offer in models()))


def find_model(name: str) -> ModelDescriptor:
    """The model of this name, or the one in the weight file at this path.

    Args:
        name: a name from ``model_names()``, or the path of a ``.safetensors`` file.

    Raises:
        ModelError: no such model, or the file is missing, damaged or tampered with.
        PluginError: two plugins offer the name, or one fails.
    """
    return model_offer(name).item


def model_offer(name: str) -> Offer[ModelDescriptor]:
    """The model, with the plugin that brings it; with no plugin's name where it is a file."""
    if name.endswith(".safetensors"):
        from vsrrg.models.registry import descriptor_from_file

        return Offer("", descriptor_from_file(name))
    found = only([offer for offer in models() if offer.item.name == name], "model", name)
    if found is None:
        raise ModelError(
            "unknown-model",
            f"there is no model named {name!r}: choose one of {', '.join(model_names())}, "
            "or give the path of a .safetensors file",
        )
    return found


def find_backend(name: str) -> Backend:
    """The backend of this name.

    Raises:
        OptionError: no such backend, or it cannot run on this machine.
        PluginError: two plugins offer the name, or one fails.
    """
    return backend_offer(name).item


def backend_offer(name: str) -> Offer[Backend]:
    from vsrrg.backends.base import Backend

    offers: list[Offer[Backend]] = get_manager().collect("vsrrg_backends", Backend)
    found = only([offer for offer in offers if offer.item.name == name], "backend", name)
    if found is None:
        known = ", ".join(dict.fromkeys(offer.item.name for offer in offers))
        raise OptionError("unknown-backend", f"there is no backend named {name!r}: choose one of {known}")
    ask = traced(found.plugin, f"available of backend {name}", found.item.available)
    with blaming(found.plugin, f"in available of backend {name!r}"):
        available = ask()
    if not available:
        needs = getattr(found.item, "needs", "")
        raise OptionError(
            "missing-backend",
            f"the backend {name!r} cannot run on this machine" + (f": it needs {needs}" if needs else ""),
        )
    return found


def precisions(model: ModelDescriptor, backend: Backend, device: str) -> Set[Precision]:
    """The precisions that the model bears and the backend has on the device."""
    has: Callable[[str], Set[Precision]] | None = getattr(backend, "precisions", None)
    return model.halves if has is None else model.halves & has(device)


def create_derainer(options: Options) -> Derainer:
    """The engine for one clip, with the model opened on its device.

    Raises:
        ModelError, OptionError, PluginError: as ``find_model``, ``find_backend`` and ``make_filters``;
            OptionError also for a device that is not there and a precision that the model does not bear.
    """
    import torch

    from vsrrg.engine import Derainer
    from vsrrg.engine.crew import crew_for
    from vsrrg.engine.device import choose_device, choose_precision

    filters = make_filters(options.filters)
    offers = model_offer(options.model), backend_offer(options.backend)
    model, backend = offers[0].item, offers[1].item
    version, sha256 = (str(model.card.get(key, "")) for key in ("version", "sha256"))
    weights = f"weights {sha256[:12]}" if sha256 else "no weights"
    log.info("model %s %s, %s; backend %s", model.name, version, weights, backend.name)
    device = choose_device(options.device)
    with blaming(offers[1].plugin, f"in precisions of backend {backend.name!r}"):
        bears = precisions(model, backend, device)
    precision = choose_precision(device, options.precision, bears)
    # By the crew, too: torch's compute threads of this thread, once there, would get into its way.
    crew = crew_for(torch.device(device))
    began = perf_counter()
    session = crew.submit(partial(_open, *offers, device, precision))()
    log.debug("the model was opened in %.2f s", perf_counter() - began)
    derainer = Derainer(
        session,
        strength=options.strength,
        output=options.output,
        scene_cuts=options.scene_cuts,
        max_memory=options.max_memory,
        lookahead=options.lookahead,
        filters=filters,
        blamed=_blamed(*offers),
    )
    log.info(
        "plan: windows of %d frames, %d of the future; lag %d; scene cuts %s",
        derainer.lookback + 1 + derainer.lookahead,
        derainer.lookahead,
        derainer.lag,
        "looked for" if options.scene_cuts else "not looked for",
    )
    return derainer


def _open(
    model: Offer[ModelDescriptor], backend: Offer[Backend], device: str, precision: Precision
) -> Session:
    """The model, opened in the backend; raises PluginError where the plugin of one of them fails."""
    from vsrrg.backends.base import Session
    from vsrrg.engine.network import answering

    call = f"open of backend {backend.item.name} for model {model.item.name}"
    open_model = traced(backend.plugin, call, backend.item.open)
    with answering(_blamed(model, backend), "open"):
        session: object = open_model(model.item, device=device, precision=precision)
    if not isinstance(session, Session):
        raise blame(
            backend.plugin,
            f"returned from open of backend {backend.item.name!r} a {type(session).__name__} instead of a "
            "Session",
        )
    return session


def _blamed(*offers: Offer[Any]) -> str | None:
    """What messages call these, the model first, as far as plugins bring them."""
    kinds = [
        f"{kind} {offer.item.name!r} of plugin {offer.plugin}"
        for kind, offer in zip(("model", "backend"), offers, strict=True)
        if offer.plugin not in ("", *DEFAULT_PLUGINS)
    ]
    return " in ".join(kinds) or None


def find_adapter(source: object) -> HostAdapter:
    """The first adapter that takes this kind of video.

    Raises:
        OptionError: none does.
        PluginError: an adapter's plugin fails.
    """
    return _adapter_offer(source).item


def _adapter_offer(source: object) -> Offer[HostAdapter]:
    adapters: list[Offer[HostAdapter]] = get_manager().collect("vsrrg_adapters", HostAdapter)
    for offer in adapters:
        if _accepts(offer, source):
            return offer
    kinds = " or ".join(offer.item.description for offer in adapters)
    raise OptionError(
        "unknown-source",
        f"vsrrg.derain does not take {type(source).__name__!r} objects: it takes {kinds}; "
        "for a file, run 'vsrrg derain IN OUT'; for frames, call vsrrg.derain_frames",
    )


def derain(source: object, **options: Any) -> Any:
    """``vsrrg.derain``: hands the source to the adapter that accepts it.

    Raises:
        OptionError: no adapter accepts the source, or that one has no such option.
        PluginError: what came out is no video of the adapter's host.
    """
    offer = _adapter_offer(source)
    adapter = offer.item
    parameters = list(inspect.signature(adapter.derain).parameters.values())
    known = [parameter.name for parameter in parameters[1:]]
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
        from vsrrg.engine.options import refuse_unknown

        refuse_unknown(options, known, f"vsrrg.derain for {adapter.description}")
    call = traced(offer.plugin, f"derain of adapter {adapter.name}", adapter.derain)
    try:
        clean = call(source, **options)
    except Exception as error:  # Of the host's own kinds, for the host's own users.
        if offer.plugin not in DEFAULT_PLUGINS:
            error.add_note(f"in adapter {adapter.name!r} of plugin {offer.plugin}")
        raise
    if not _accepts(offer, clean):
        raise blame(
            offer.plugin,
            f"returned from derain of adapter {adapter.name!r} a {type(clean).__name__}, which is no video "
            "that it accepts",
        )
    return clean


def _accepts(offer: Offer[HostAdapter], thing: object) -> bool:
    ask = traced(offer.plugin, f"accepts of adapter {offer.item.name}", offer.item.accepts)
    with blaming(offer.plugin, f"in accepts of adapter {offer.item.name!r}"):
        return bool(ask(thing))

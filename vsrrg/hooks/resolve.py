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
from vsrrg.hooks.manager import Offer, get_manager, only

if TYPE_CHECKING:
    from vsrrg.backends.base import Backend
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
    if name.endswith(".safetensors"):
        from vsrrg.models.registry import descriptor_from_file

        return descriptor_from_file(name)
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
    from vsrrg.backends.base import Backend

    offers: list[Offer[Backend]] = get_manager().collect("vsrrg_backends", Backend)
    found = only([offer for offer in offers if offer.item.name == name], "backend", name)
    if found is None:
        known = ", ".join(dict.fromkeys(offer.item.name for offer in offers))
        raise OptionError("unknown-backend", f"there is no backend named {name!r}: choose one of {known}")
    if not found.available():
        needs = getattr(found, "needs", "")
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
    model = find_model(options.model)
    backend = find_backend(options.backend)
    version, sha256 = (str(model.card.get(key, "")) for key in ("version", "sha256"))
    weights = f"weights {sha256[:12]}" if sha256 else "no weights"
    log.info("model %s %s, %s; backend %s", model.name, version, weights, backend.name)
    device = choose_device(options.device)
    precision = choose_precision(device, options.precision, precisions(model, backend, device))
    # By the crew, too: torch's compute threads of this thread, once there, would get into its way.
    crew = crew_for(torch.device(device))
    began = perf_counter()
    session = crew.submit(partial(backend.open, model, device=device, precision=precision))()
    log.debug("the model was opened in %.2f s", perf_counter() - began)
    derainer = Derainer(
        session,
        strength=options.strength,
        output=options.output,
        scene_cuts=options.scene_cuts,
        max_memory=options.max_memory,
        lookahead=options.lookahead,
        filters=filters,
    )
    log.info(
        "plan: windows of %d frames, %d of the future; lag %d; scene cuts %s",
        derainer.lookback + 1 + derainer.lookahead,
        derainer.lookahead,
        derainer.lag,
        "looked for" if options.scene_cuts else "not looked for",
    )
    return derainer


def find_adapter(source: object) -> HostAdapter:
    """The first adapter that takes this kind of video.

    Raises:
        OptionError: none does.
        PluginError: an adapter's plugin fails.
    """
    adapters: list[Offer[HostAdapter]] = get_manager().collect("vsrrg_adapters", HostAdapter)
    for offer in adapters:
        if offer.item.accepts(source):
            return offer.item
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
    """
    adapter = find_adapter(source)
    parameters = list(inspect.signature(adapter.derain).parameters.values())
    known = [parameter.name for parameter in parameters[1:]]
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
        from vsrrg.engine.options import refuse_unknown

        refuse_unknown(options, known, f"vsrrg.derain for {adapter.description}")
    return adapter.derain(source, **options)

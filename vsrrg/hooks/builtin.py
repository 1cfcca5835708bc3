"""vsrrg's own models, backends and errors, registered through the public hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsrrg.hooks.spec import API_VERSION, hookimpl

if TYPE_CHECKING:
    from vsrrg.backends.base import Backend
    from vsrrg.hooks.items import ErrorDescriptor
    from vsrrg.models import ModelDescriptor

vsrrg_api = API_VERSION


@hookimpl
def vsrrg_models() -> list[ModelDescriptor]:
    from vsrrg.models import builtin_models

    return builtin_models()


@hookimpl
def vsrrg_backends() -> list[Backend]:
    from vsrrg.backends.torch_backend import TorchBackend

    return [TorchBackend()]


@hookimpl
def vsrrg_errors() -> list[ErrorDescriptor]:
    from vsrrg.errors.catalogue import CODES, PAGES
    from vsrrg.hooks.items import ErrorDescriptor

    return [ErrorDescriptor(code, line, PAGES / f"{code}.md") for code, line in CODES.items()]

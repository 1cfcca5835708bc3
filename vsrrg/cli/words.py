"""What shells complete: words that fit what has been typed, found without importing torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

type Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _fitting(words: Iterable[tuple[str, str]], begun: str) -> list[CompletionItem]:
    return [CompletionItem(word, help=line) for word, line in words if word.startswith(begun)]


def model_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of models, else files."""
    from vsrrg.hooks.resolve import models

    named = ((offer.item.name, offer.item.description) for offer in models())
    return [CompletionItem(begun, type="file"), *_fitting(named, begun)]


def file_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Files and folders, as the shell finds them."""
    return [CompletionItem(begun, type="file")]


def backend_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of backends, those included that cannot run here."""
    from vsrrg.backends import Backend
    from vsrrg.hooks.manager import get_manager

    offers = get_manager().collect("vsrrg_backends", Backend)
    return _fitting(((offer.item.name, f"of {offer.plugin}") for offer in offers), begun)


def device_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The CPU, and NVIDIA's GPUs as their driver shows them."""
    numbers = sorted(int(path.name[6:]) for path in Path("/dev").glob("nvidia*") if path.name[6:].isdigit())
    cards = [("cuda", "the first GPU")] + [(f"cuda:{n}", f"GPU {n}") for n in numbers]
    return _fitting([("cpu", "the processor"), *(cards if numbers else [])], begun)


def precision_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """What networks compute in."""
    from vsrrg.models.descriptor import PRECISIONS

    return _fitting(((name, "") for name in PRECISIONS), begun)


def filter_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of filters; behind ``NAME:`` and each comma the parameters that are not there yet."""
    from vsrrg.hooks.filters import filters, parameters

    name, colon, text = begun.partition(":")
    if not colon:
        return _fitting(((offer.item.name, offer.item.description) for offer in filters()), begun)
    given, _, _ = text.rpartition(",")
    there = {pair.partition("=")[0] for pair in given.split(",")}
    stem = f"{name}:{given}," if given else f"{name}:"
    words = (
        (f"{stem}{one.name}=", "" if one.default is one.empty else f"by default {one.default}")
        for offer in filters()
        if offer.item.name == name
        for one in parameters(offer.item)
        if one.name not in there
    )
    return _fitting(words, begun)


def pix_fmt_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Pixel formats that frames can be derained in."""
    from vsrrg.video.pix_fmts import PIX_FMTS

    return _fitting(((name, one.format.name) for name, one in PIX_FMTS.items()), begun)


def encoder_names(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Video encoders of the ffmpeg that would run."""
    from vsrrg.errors import MediaError
    from vsrrg.ffmpeg.binary import find_ffmpeg, video_encoders

    try:
        return _fitting(video_encoders(find_ffmpeg()), begun)
    except MediaError:
        return []


def error_codes(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Codes of errors."""
    from vsrrg.hooks.errors import errors

    return _fitting(((offer.item.name, offer.item.description) for offer in errors()), begun)

"""Whether two machines would make the same of a file: the versions of what takes part, and a picture."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from vsrrg import __version__
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.hooks.filters import filters
from vsrrg.hooks.manager import Offer, get_manager, plugin_states
from vsrrg.hooks.resolve import models

if TYPE_CHECKING:
    from vsrrg.engine import Derainer, Options

_SIZE = 64
"""Rows and columns of the picture, large enough for every layer of the networks to have something to do."""


def versions(options: Options) -> dict[str, str]:
    """The versions of all that decides what comes out of a job with these options, by name.

    Raises:
        MediaError: there is no ffmpeg.
        PluginError: a plugin fails.
    """
    from vsrrg.backends.base import Backend

    backends: list[Offer[Backend]] = get_manager().collect("vsrrg_backends", Backend)
    named = [(offer.plugin, offer.item.name) for offer in models()]
    named += [(offer.plugin, offer.item.name) for offer in backends]
    named += [(offer.plugin, offer.item.name) for offer in filters()]
    names = {options.model, options.backend}
    names |= {one.partition(":")[0] for one in options.filters if isinstance(one, str)}
    used = {plugin for plugin, name in named if name in names}
    packages = {state.distribution: state.version for state in plugin_states() if state.name in used}
    found = {"vsrrg": __version__, "vsrrg-ray": version("vsrrg-ray"), **packages}
    # Builds for other devices are named behind a plus.
    found["torch"] = version("torch").partition("+")[0]
    first = subprocess.run([find_ffmpeg(), "-version"], capture_output=True, text=True, timeout=30).stdout
    return {**found, "ffmpeg": " ".join(first.partition(" Copyright")[0].split()[2:])}


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What is another version here, or missing, in words; "" where nothing is."""
    words = [
        f"{name} {here[name]}, not {wanted}" if name in here else f"no {name} {wanted}"
        for name, wanted in there.items()
        if here.get(name) != wanted
    ]
    return ", ".join(words)


def fingerprint(derainer: Derainer) -> str:
    """A hash of what an engine makes of a small picture in 16 bits, where rounding is seen that 8 bits hide.

    Machines of which it differs round in other ways: by other instructions, another kind of GPU, another
    precision. Where it is the same, other pictures may still differ, though hardly.
    """
    from vsrrg.video.color import ColorSpec
    from vsrrg.video.format import PixelFormat
    from vsrrg.video.frame import Frame

    kind, color = PixelFormat("yuv", 16, sub_w=1, sub_h=1), ColorSpec("bt709", "limited")
    random = np.random.default_rng(0)
    ground = random.integers(10_000, 40_000, (_SIZE // 8, _SIZE // 8)).repeat(8, 0).repeat(8, 1)
    digest = hashlib.sha256()

    def picture(number: int) -> Frame:
        luma = ground.astype(np.uint16)
        for row, column in random.integers(0, _SIZE - 12, (20, 2)):
            luma[row : row + 12, column] += 12_000  # a streak of rain
        chroma = np.full((_SIZE // 2, _SIZE // 2), 1 << 15, np.uint16)
        return Frame((luma, chroma, chroma), kind, color, number)

    for frame in derainer.stream(map(picture, range(5))):
        for plane in frame.planes:
            digest.update(np.ascontiguousarray(plane))
    return digest.hexdigest()[:16]

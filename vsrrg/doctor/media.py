"""Where videos come from and go to: ffmpeg, PyAV and VapourSynth."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from vsrrg.doctor.check import Finding, note, ok, problem
from vsrrg.errors import MediaError

SOURCES = {"bs": "BestSource", "lsmas": "L-SMASH-Works", "ffms2": "FFMS2"}
"""Plugins that open video files, by their namespaces."""
DECODERS = ("h264", "hevc", "vp9", "av1", "mpeg2video")
"""What most videos need."""


def ffmpeg() -> Finding:
    """Which ffmpeg runs, and whether it has the encoders that vsrrg chooses from."""
    from vsrrg.ffmpeg.binary import MINIMUM, encoder_pix_fmts, find_ffmpeg, version
    from vsrrg.ffmpeg.encoders import BY_SUFFIX

    wanted = ".".join(map(str, MINIMUM))
    try:
        binary = find_ffmpeg()
    except MediaError as error:
        what, _, advice = str(error).partition("; ")
        return problem(what, f"{advice[:1].upper()}{advice[1:]}.")
    known = version(binary)
    facts: dict[str, Any] = {"path": binary, "version": known and ".".join(map(str, known))}
    if known is None:
        return problem(
            f"{binary} does not run, or is no ffmpeg",
            f"Install ffmpeg {wanted} or later, or unset VSRRG_FFMPEG to have the bundled one.",
            **facts,
        )
    names = dict.fromkeys(name for encoders in BY_SUFFIX.values() for name in encoders)
    there = [name for name in names if encoder_pix_fmts(binary, name) is not None]
    missing = [name for name in names if name not in there]
    bare = [suffix for suffix, encoders in BY_SUFFIX.items() if not set(encoders) & set(there)]
    facts |= {"encoders": there, "missing": missing}
    shown = "a nightly build" if known[0] == 999 else facts["version"]
    place = "bundled with imageio-ffmpeg" if "imageio_ffmpeg" in Path(binary).parts else f"at {binary}"
    found = f"{shown} {place}, encoders {', '.join(there) or 'none'}"
    if not there:
        return problem(
            found, f"Install an ffmpeg with {', '.join(missing)}, or name it in VSRRG_FFMPEG.", **facts
        )
    if missing:
        found += f"; not {', '.join(missing)}"
        found += f", so none for {', '.join(bare)}" if bare else ""
        return note(found, "Name another encoder with --encoder, or an ffmpeg in VSRRG_FFMPEG.", **facts)
    if known < MINIMUM:
        return note(found, f"Unset VSRRG_FFMPEG, or name ffmpeg {wanted} or later in it.", **facts)
    return ok(found, **facts)


def pyav() -> Finding:
    """Whether PyAV, which reads what files and pipes hold, knows the common codecs."""
    import av

    libraries = str(getattr(av, "ffmpeg_version_info", ""))
    missing = [name for name in DECODERS if name not in av.codecs_available]
    facts: dict[str, Any] = {"version": av.__version__, "ffmpeg": libraries, "missing": missing}
    found = f"{av.__version__}, with FFmpeg {libraries}"
    if missing:
        return note(
            f"{found}, without decoders for {', '.join(missing)}",
            "Install PyAV's own build: pip install --force-reinstall av",
            **facts,
        )
    return ok(found, **facts)


def vapoursynth() -> Finding:
    """Whether scripts have a core, and something to open files with."""
    import vapoursynth as vs

    release = int(vs.core.core_version.release_major)
    vs.core.std.BlankClip(width=16, height=16, length=1).get_frame(0).close()
    sources = {name: title for name, title in SOURCES.items() if hasattr(vs.core, name)}
    facts = {"release": release, "sources": list(sources), "vspipe": shutil.which("vspipe")}
    found = f"R{release}, {', '.join(sources.values()) or 'no plugin that opens files'}"
    if not sources:
        return note(found, "Install one: pip install vapoursynth-bestsource", **facts)
    return ok(found, **facts)

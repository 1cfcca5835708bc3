"""All checks of `vsrrg doctor`, in order."""

from __future__ import annotations

from vsrrg.doctor import compute, content, media, speed, system
from vsrrg.doctor.check import Check

REPORT = "Install vsrrg again with all that it needs, or report what 'vsrrg doctor --json' prints."

CHECKS = (
    Check(name="Python", examine=system.python, remedy=REPORT),
    Check(name="packages", examine=system.packages, remedy=REPORT),
    Check(name="memory", examine=system.memory, remedy=REPORT),  # Before torch takes some.
    Check(name="temporary folder", examine=system.temporary_folder, remedy="Let TMPDIR name another folder."),
    Check(
        name="torch",
        examine=compute.torch_works,
        remedy="Install it again: pip install --force-reinstall torch",
    ),
    Check(
        name="CUDA",
        examine=compute.cuda,
        remedy="Update the driver or torch, or choose --device cpu; CUDA_VISIBLE_DEVICES= hides the GPU.",
        after=("torch",),
    ),
    Check(
        name="CUDA kernels",
        examine=compute.kernels,
        remedy="Uninstall CuPy, and torch operations do the kernels' work.",
        after=("torch", "CUDA"),
        needed=False,
    ),
    Check(name="plugins", examine=content.plugins, remedy=content.PLUGINS_OFF, after=("torch",)),
    Check(name="backends", examine=content.backends, remedy=content.PLUGINS_OFF, after=("torch", "plugins")),
    Check(name="weights", examine=content.weights, remedy=content.AGAIN, after=("torch", "plugins")),
    Check(
        name="ffmpeg",
        examine=media.ffmpeg,
        remedy="Install ffmpeg again, or name a whole one in VSRRG_FFMPEG.",
    ),
    Check(name="PyAV", examine=media.pyav, remedy="Install it again: pip install --force-reinstall av"),
    Check(
        name="VapourSynth",
        examine=media.vapoursynth,
        remedy="Take its plugins away one by one, or pip install --force-reinstall vapoursynth",
        needed=False,
    ),
    Check(
        name="speed",
        examine=speed.speed,
        remedy=REPORT,
        after=("torch", "CUDA", "plugins", "backends", "weights", "PyAV"),
        limit=180,
    ),
)

"""Python, the packages that vsrrg needs, main memory and the temporary folder."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tempfile
from importlib import metadata

from vsrrg.doctor.check import Finding, note, ok, problem

PYTHON = (3, 12)
"""The oldest that vsrrg runs on."""
BASE = 600 << 20
"""Bytes that Python, torch and the weights take (docs/engine.md, "Memory")."""
ROOMY = 1536 << 20
"""Bytes with which frames of 1920x1080 stay whole: the base, and 568 MiB that are 0.6 of the rest."""
SPACE = 256 << 20
"""Bytes in the temporary folder, where cover pictures lie for as long as a file is written."""


def python() -> Finding:
    """Whether Python is recent enough."""
    version, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    facts = {"version": version, "system": system, "executable": sys.executable}
    found = f"{version} on {system}"
    if sys.version_info < PYTHON:
        wanted = ".".join(map(str, PYTHON))
        return problem(found, f"Install Python {wanted} or later, and vsrrg there.", **facts)
    return ok(found, **facts)


def packages() -> Finding:
    """Whether what vsrrg depends on is there and recent enough; other checks tell what breaks if not."""
    try:
        requirements = metadata.requires("vsrrg") or []
    except metadata.PackageNotFoundError:
        return note("vsrrg runs, but is not installed", "Install it: pip brings what it needs along.")
    versions: dict[str, str | None] = {}
    wrong = {}
    for requirement in requirements:
        match = re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement)
        if match is None:  # It belongs to an extra.
            continue
        name, least = match.groups()
        try:
            versions[name] = version = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name], wrong[name] = None, f"{name} is missing"
            continue
        if _numbers(version) < _numbers(least):
            wrong[name] = f"{name} {version} is older than {least}"
    if wrong:
        advice = f"Install them: pip install --upgrade {' '.join(wrong)}"
        return note("; ".join(wrong.values()), advice, versions=versions)
    return ok(f"all {len(versions)} that vsrrg depends on", versions=versions)


def _numbers(version: str) -> list[int]:
    """What orders versions, as far as releases go."""
    release = re.match(r"[\d.]*", version)
    return [int(part) for part in release[0].split(".") if part] if release else []


def memory() -> Finding:
    """Whether a job fits into what is free."""
    from vsrrg.engine.budget import readable
    from vsrrg.engine.free_memory import free_ram

    free = free_ram()
    if free is None:
        return ok("the system does not tell how much is free", free=None)
    found = f"{readable(free)} free"
    if free < BASE:
        return problem(
            found, f"Close other programs: torch and the weights alone take {readable(BASE)}.", free=free
        )
    if free < ROOMY:
        return note(
            found, "Close other programs if you can: large frames will be worked on in bands.", free=free
        )
    return ok(found, free=free)


def temporary_folder() -> Finding:
    """Whether there is one that can be written to, with room."""
    from vsrrg.engine.budget import readable

    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"vsrrg")
    except OSError as error:
        return problem(
            f"nothing can be written: {error.strerror or error}",
            "Let TMPDIR name a folder that you may write to, on a disk with space.",
        )
    free = shutil.disk_usage(folder).free
    found, facts = f"{folder}, {readable(free)} free", {"folder": folder, "free": free}
    if free < SPACE:
        return note(found, f"Make room for {readable(SPACE)}, or let TMPDIR name another folder.", **facts)
    return ok(found, **facts)

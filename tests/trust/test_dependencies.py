"""What is installed: as new as it must be, under licences that go with this one, and none that was withdrawn.

Where there is a network, `pip-audit` says which versions have known holes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECTS = [
    ROOT / "pyproject.toml",
    ROOT / "training/pyproject.toml",
    *sorted(ROOT.glob("plugins/*/pyproject.toml")),
]
LICENCES = re.compile(
    r"\b(MIT|0?BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|MPL|Mozilla|LGPL|Lesser General|HPND|CC0)",
    re.IGNORECASE,
)
OTHERS = {
    "cuda-": "NVIDIA's own licence, of the runtime that torch brings",
    "nvidia-": "NVIDIA's own licence, of the runtime that torch brings",
}
"""Licences that are none of these, by the beginning of the name, and why that is right."""
BELOW = {
    "jinja2": "3.1",
    "click": "8.1",
    "torch": "2.6",
    "av": "14",
    "numpy": "2.0",
    "pluggy": "1.5",
    "safetensors": "0.5",
}
"""Oldest versions that may be asked for: older ones have holes, or other behaviour."""


def required(path: Path) -> list[Requirement]:
    return [Requirement(text) for text in tomllib.loads(path.read_text())["project"].get("dependencies", ())]


def installed() -> Iterator[Distribution]:
    """What vsrrg needs to run, and what that needs."""
    waiting = [requirement.name for path in PROJECTS for requirement in required(path)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen or name.startswith("vsrrg"):
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # A plugin's, which is not installed here.
        yield found
        for text in found.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)


INSTALLED = {found.name: found for found in installed()}


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_every_dependency_has_a_lower_bound(path: Path) -> None:
    without = [
        str(one)
        for one in required(path)
        if not any(spec.operator in (">=", "~=", "==") for spec in one.specifier)
    ]
    assert [one for one in without if not one.startswith("vsrrg")] == []


def test_bounds_are_not_below_what_is_safe() -> None:
    from packaging.version import Version

    for one in required(ROOT / "pyproject.toml"):
        bounds = [Version(spec.version) for spec in one.specifier if spec.operator == ">="]
        if one.name in BELOW:
            assert bounds and bounds[0] >= Version(BELOW[one.name]), str(one)


def test_what_is_installed_is_what_is_asked_for() -> None:
    wrong = [
        f"{found.name} {found.version}: {one}"
        for path in PROJECTS
        for one in required(path)
        if (found := INSTALLED.get(one.name)) is not None
        and not one.specifier.contains(found.version, prereleases=True)
    ]
    assert wrong == []


def licence(found: Distribution) -> str:
    """All that a distribution says of its licence."""
    said = found.metadata
    classified = [line for line in said.get_all("Classifier") or () if line.startswith("License")]
    return " ".join(
        filter(None, (said.get("License-Expression"), (said.get("License") or "")[:200], *classified))
    )


def test_licences() -> None:
    assert len(INSTALLED) > 15
    unknown = {
        name: licence(found)
        for name, found in INSTALLED.items()
        if not LICENCES.search(licence(found)) and not name.lower().startswith(tuple(OTHERS))
    }
    # What says nothing in its metadata has its text beside it.
    for name in list(unknown):
        texts = [
            file
            for file in INSTALLED[name].files or ()
            if re.search(r"licen[cs]e|copying", file.name, re.IGNORECASE)
        ]
        if any(LICENCES.search(str(file.locate().read_text(errors="replace"))) for file in texts[:3]):
            del unknown[name]
    assert unknown == {}

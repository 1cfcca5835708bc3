"""Entry points as they lie on the disk, damaged ones among them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vsrrg.hooks.manager import PluginManager, load_plugins

SNOW = """
from vsrrg.hooks import hookimpl

vsrrg_api = 1

@hookimpl
def vsrrg_models():
    return []
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages, and nothing else is installed."""
    for module in ("snow_here", "ice_here"):
        (tmp_path / f"{module}.py").write_text(SNOW)
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *[p for p in sys.path if "site-packages" not in p]])
    monkeypatch.delenv("VSRRG_PLUGINS", raising=False)
    return tmp_path


def package(site: Path, name: str, entry: str, *, whole: bool = True) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(f"[vsrrg]\n{entry}\n")
    if whole:
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


def found(manager: PluginManager, *packages: str) -> list[tuple[str, str, str, str]]:
    return [
        (state.name, state.distribution, state.state, state.reason)
        for state in manager.states
        if state.distribution in packages
    ]


def test_each_is_judged_alone(site: Path) -> None:
    package(site, "zeta", "snow = snow_here")
    package(site, "alpha", "snow = ice_here")
    package(site, "odd", "odd = snow here!")
    package(site, "lost", "lost = snow_here", whole=False)
    assert found(load_plugins(), "zeta", "alpha", "odd", "") == [
        ("lost", "", "active", ""),
        ("odd", "odd", "broken", "its entry point names 'snow here!', which can be no module"),
        ("snow", "alpha", "active", ""),
        (
            *("snow", "zeta", "broken"),
            "the package alpha 1.0 has a plugin of this name, too: uninstall one of the two",
        ),
    ]


def test_entry_points_that_cannot_be_read_are_not_in_the_way(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package(site, "torn", "snow")
    package(site, "alpha", "snow = snow_here")
    assert found(load_plugins(), "torn", "alpha") == [("snow", "alpha", "active", "")]
    assert "the entry points of package torn cannot be read (TypeError: " in caplog.text

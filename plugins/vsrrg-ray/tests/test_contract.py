"""The plugin keeps the promises of plugins, and its errors happen as their pages say."""

from __future__ import annotations

import errno
import socket

import pytest
import vsrrg_ray

from tests.errors.pages import do, read_page
from vsrrg.testing import PluginSuite


class TestPlugin(PluginSuite):
    plugin = "vsrrg_ray"
    heavy = ("torch", "ray")


@pytest.mark.parametrize("page", vsrrg_ray.vsrrg_errors(), ids=lambda page: page.name)
def test_errors(page: vsrrg_ray.ErrorDescriptor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*place: object, **options: object) -> None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    shown = read_page(page.page.read_text())
    assert do(shown, ("", ""), monkeypatch) == shown.said

"""The library is silent; who listens hears each part under its name."""

from __future__ import annotations

import logging

import pytest

from vsrrg.errors import OptionError
from vsrrg.logs import LEVELS, Listener, heed_environment, is_heard, listening, log, wanted_level


def nobody_listens(patch: pytest.MonkeyPatch) -> None:
    """As where a program has not set up logging; pytest itself listens while a test runs."""
    patch.delenv("VSRRG_LOG", raising=False)
    patch.setattr(log, "propagate", False)
    patch.setattr(log, "handlers", [logging.NullHandler()])
    patch.setattr(log, "level", log.level)


def test_a_library_is_silent(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_listens(monkeypatch)
    assert not is_heard(logging.getLogger("vsrrg.engine"))
    heed_environment()
    logging.getLogger("vsrrg.engine").warning("memory ran out")
    assert capfd.readouterr().err == "" and not is_heard(log)


def test_a_program_listens_for_a_while(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_listens(monkeypatch)
    part = logging.getLogger("vsrrg.engine.device")
    with listening(logging.INFO):
        part.info("device %s", "cpu")
        part.debug("not this")
        with listening(logging.DEBUG):
            part.debug("once")
        part.warning("hot")
    part.error("nobody hears it")
    err = capsys.readouterr().err
    assert err == "vsrrg.engine.device: device cpu\nvsrrg.engine.device: once\nvsrrg: hot\n"


def test_a_host_hears_what_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_listens(monkeypatch)
    heard: list[tuple[int, str]] = []

    def tell(level: int, line: str) -> None:
        heard.append((level, line))

    monkeypatch.setenv("VSRRG_LOG", "Debug")
    heed_environment()
    heed_environment(tell, logging.WARNING)
    logging.getLogger("vsrrg.snow").debug("flake")
    assert heard == [(logging.DEBUG, "vsrrg.snow: flake")]
    assert len([one for one in log.handlers if isinstance(one, Listener)]) == 1


def test_a_program_that_listens_is_not_talked_over(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_listens(monkeypatch)
    monkeypatch.setenv("VSRRG_LOG", "debug")
    log.addHandler(own := logging.StreamHandler())
    heed_environment()
    assert [one for one in log.handlers if not isinstance(one, logging.NullHandler)] == [own]


def test_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VSRRG_LOG", raising=False)
    assert wanted_level() is None
    for name, level in LEVELS.items():
        monkeypatch.setenv("VSRRG_LOG", name)
        assert wanted_level() == level
    monkeypatch.setenv("VSRRG_LOG", "loud")
    with pytest.raises(OptionError, match="VSRRG_LOG is 'loud': set it to error, warning, info, debug"):
        wanted_level()

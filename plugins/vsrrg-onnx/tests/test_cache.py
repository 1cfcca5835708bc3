"""Graphs are made once for the same weights, code and precision; what goes wrong leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from onnx_support import Smallest, descriptor
from vsrrg_onnx import cache, model
from vsrrg_onnx.model import onnx_model
from vsrrg_onnx.session import OnnxSession

from vsrrg.errors import ModelError


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Names of the parts that were made, with an empty cache."""
    names: list[str] = []
    trace = model.trace

    def traced(part: model.Part) -> object:
        names.append(part.name)
        return trace(part)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(model, "trace", traced)
    return names


SMALLEST = descriptor(Smallest)
OTHER = descriptor(lambda: Smallest(0.25))


def test_the_second_time_they_are_there(made: list[str]) -> None:
    first = onnx_model(SMALLEST, "fp32")
    assert made == ["encode", "fuse"]
    assert onnx_model(SMALLEST, "fp32").parts == first.parts and len(made) == 2
    onnx_model(OTHER, "fp32")
    assert len(made) == 4
    assert len([*cache.folder().iterdir()]) == 2


def test_keys_tell_apart_what_makes_other_graphs() -> None:
    keys = {
        cache.key(Smallest(), SMALLEST, "fp32"),
        cache.key(Smallest(), SMALLEST, "fp16"),
        cache.key(Smallest(0.25), SMALLEST, "fp32"),
        cache.key(Smallest(), descriptor(radius=2), "fp32"),
    }
    assert len(keys) == 4 and None not in keys
    assert cache.key(Smallest(), descriptor(name="other"), "fp32") in keys


def test_graphs_that_do_something_else_are_refused_and_not_kept(
    made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnnxSession, "fuse", lambda self, window: 0.1 + window[1]["features"])
    with pytest.raises(ModelError, match=r"do not do what it does: .*% of their values differ"):
        onnx_model(SMALLEST, "fp32")
    assert not cache.folder().exists()


@pytest.mark.parametrize("damage", [b"", b"half", b"bit"])
def test_what_is_damaged_is_made_anew_and_kept(
    made: list[str], damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    onnx_model(SMALLEST, "fp32")
    (file,) = cache.folder().iterdir()
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    file.write_bytes({b"half": whole[:middle], b"bit": flipped}.get(damage, damage))
    parts = onnx_model(SMALLEST, "fp32").parts
    assert made == ["encode", "fuse"] * 2 and parts.keys() == {"encode", "fuse"}
    assert f"{file} is damaged, and will be made anew" in caplog.text
    onnx_model(SMALLEST, "fp32")
    assert len(made) == 4


def test_where_another_process_was_quicker(made: list[str]) -> None:
    model = onnx_model(SMALLEST, "fp32")
    name = cache.key(Smallest(), SMALLEST, "fp32")
    assert name is not None
    cache.keep(name, model.parts)
    assert cache.load(name) == model.parts
    assert len([*cache.folder().iterdir()]) == 1


def test_without_a_cache_they_are_made_each_time(
    made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert onnx_model(SMALLEST, "fp32").parts.keys() == {"encode", "fuse"}
    assert "are not kept in" in caplog.text

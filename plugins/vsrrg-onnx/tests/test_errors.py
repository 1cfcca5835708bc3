"""The errors that only this plugin has happen as their pages say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import vsrrg_onnx
from onnx_support import descriptor
from torch import Tensor, nn
from vsrrg_onnx import export
from vsrrg_onnx.model import onnx_model

from tests.errors.pages import do, read_page
from vsrrg.errors import VsrrgError, tagged

PAGES = {one.name: read_page(one.page.read_text()) for one in vsrrg_onnx.vsrrg_errors()}


class Flat(nn.Module):
    """Its features are no pictures."""

    def encode(self, packed: Tensor) -> Tensor:
        return packed.mean((2, 3))

    def fuse(self, window: list[Tensor]) -> Tensor:
        return window[1]


def untranslatable(monkeypatch: pytest.MonkeyPatch) -> None:
    onnx_model(descriptor(Flat, "odd"), "fp32")


def wrong_result(monkeypatch: pytest.MonkeyPatch) -> None:
    windowed = export._windowed
    monkeypatch.setattr(export, "_windowed", lambda graph: lambda frames: 0.1 + windowed(graph)(frames))
    export.export_model(descriptor(name="snow"), Path("snow.onnx"))


@pytest.mark.parametrize(
    ("code", "happens"), [("onnx-untranslatable", untranslatable), ("onnx-wrong-result", wrong_result)]
)
def test_with_models_of_others(
    code: str,
    happens: Callable[[pytest.MonkeyPatch], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VsrrgError) as error:
        happens(monkeypatch)
    assert PAGES[code].said == f"vsrrg: {tagged(error.value)}\n"


def test_without(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGES["onnx-unknown-graph"]
    assert do(page, ("", ""), monkeypatch) == page.said
    assert len(PAGES) == 3 and all(re.match(r"onnx-", code) for code in PAGES)

"""The code of docs/python.md runs as it stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def decodes() -> bool:
    """Whether torchcodec is there and finds an FFmpeg."""
    try:
        from torchcodec.decoders import VideoDecoder

        VideoDecoder("rain.mp4")
    except (ImportError, RuntimeError):
        return False
    return True


def test_every_block_runs(rain: Path, rain_left: Callable[[Path], float]) -> None:
    text = PAGE.read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```") // 2
    names: dict[str, Any] = {}
    for block in blocks:
        if "torchcodec" not in block or decodes():
            line = text[: text.index(block)].count("\n")
            exec(compile("\n" * line + block, str(PAGE), "exec"), names)
    assert len(names["done"]) == 8 and len(names["some"]) == 3
    assert rain_left(rain.with_name("clean.mp4")) < 0.5


def test_the_link_to_what_live_use_costs() -> None:
    (target,) = re.findall(r"evaluation\.md#([\w-]+)", PAGE.read_text())
    headings = re.findall(r"^## (.*)$", PAGE.with_name("evaluation.md").read_text(), re.MULTILINE)
    assert target in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_table_names_every_kind() -> None:
    from vsrrg.frames.kinds import KINDS

    rows = PAGE.read_text().partition("| --- |")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(rows) == len(KINDS)

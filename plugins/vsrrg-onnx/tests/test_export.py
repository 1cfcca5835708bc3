"""`vsrrg export`: what is in the file, when it appears, and what is said where it cannot."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import torch
from onnx_support import Small, by_torch, demo, descriptor, packed, run
from vsrrg_onnx import export
from vsrrg_onnx.export import export_model
from vsrrg_onnx.model import OnnxModel

from vsrrg import __version__
from vsrrg.cli.main import main
from vsrrg.errors import ModelError, OptionError
from vsrrg.hooks.resolve import find_model


def command(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words)])
    return int(end.value.code or 0)


def sizes(slot: onnx.ValueInfoProto) -> list[int | str]:
    return [size.dim_param or size.dim_value for size in slot.type.tensor_type.shape.dim]


def test_the_file_says_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "fast.onnx"
    assert command("export", "fast", target, "--format", "onnx") == 0
    assert f"{target}: the window of fast, opset 18, fp32" in capsys.readouterr().out
    model, card = onnx.load(target), find_model("fast").card
    onnx.checker.check_model(model, full_check=True)
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert said.pop("units").startswith("luma 0..1")
    assert said == {
        "vsrrg": __version__,
        "model": "fast",
        "version": str(card["version"]),
        "sha256": card["sha256"],
        "graph": "window",
        "radius": "1",
        "multiple": "4",
        "precision": "fp32",
        "opset": "18",
    }
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 18)]
    (window,), (rain,) = model.graph.input, model.graph.output
    assert (window.name, sizes(window)) == ("window", ["batch", 3, 6, "4*rows", "4*columns"])
    assert (rain.name, sizes(rain)) == ("rain", ["batch", 6, "4*rows", "4*columns"])


def test_a_step_takes_no_more_of_the_past_than_it_needs(tmp_path: Path) -> None:
    export_model(find_model("fast"), tmp_path / "step.onnx", graph="step")
    graph = onnx.load(tmp_path / "step.onnx").graph
    names = {slot.name for slot in graph.input}
    assert {"frame", "features0.luma.full", "features1.quarter", "features1.half"} <= names
    assert not names & {"features0.quarter", "features0.half", "features2.luma.full", "features0.chroma"}
    made = {slot.name for slot in graph.output}
    assert {"rain", "features.luma.full", "features.eighth", "features.chroma"} <= made


@pytest.mark.parametrize("opset", [20, 23])
def test_newer_opsets(tmp_path: Path, opset: int) -> None:
    target = tmp_path / "new.onnx"
    export_model(descriptor(), target, opset=opset)
    assert onnx.load(target).opset_import[0].version == opset
    window = packed(demo(3))[None]
    torch.testing.assert_close(
        run(target, {"window": window})["rain"], by_torch(Small(), window), atol=1e-5, rtol=0
    )


def test_what_does_not_do_what_torch_does_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windowed = export._windowed
    monkeypatch.setattr(export, "_windowed", lambda graph: lambda frames: 0.1 + windowed(graph)(frames))
    with pytest.raises(ModelError, match=r"do not do what it does: 100\.0%"):
        export_model(descriptor(), tmp_path / "small.onnx")
    assert not [*tmp_path.iterdir()]


def test_files_are_not_overwritten_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.onnx"
    target.write_text("mine")
    assert command("export", "fast", target) == 1
    assert "exists; overwrite it with --overwrite, or name another file" in capsys.readouterr().err
    assert target.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody", "x.onnx"), "there is no model named 'nobody'"),
        (("fast", "missing/x.onnx"), "there is no folder"),
        (("fast", "x.safetensors", "-y"), "'x.safetensors' is to be an ONNX graph: name it .onnx"),
        (("fast", "x.onnx", "--opset", "17"), "18<=x<=23"),
        (("fast", "x.onnx", "--format", "tflite"), "'tflite' is not 'onnx'"),
    ],
)
def test_mistakes_are_told_at_once(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(OnnxModel, "open", lambda *_: pytest.fail("it should not have come so far"))
    assert command("export", *words) != 0
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error
    assert not [*tmp_path.iterdir()]


def test_folders_that_cannot_be_written_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnnxModel, "open", lambda *_: pytest.fail("it should not have come so far"))
    (tmp_path / "x.onnx").mkdir()
    with pytest.raises(ModelError, match=r"cannot write .*x\.onnx: it is a folder"):
        export_model(descriptor(), tmp_path / "x.onnx")
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anywhere.
    with pytest.raises(ModelError, match=r"cannot write .*y\.onnx: its folder cannot be written"):
        export_model(descriptor(), tmp_path / "y.onnx")


def test_graphs_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no graph 'clip' in opset 18: choose window or step, and an opset"):
        export_model(descriptor(), tmp_path / "x.onnx", graph="clip")  # type: ignore[arg-type]

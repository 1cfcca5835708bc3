"""Runs as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.bench_support import BASELINE_RESULT, FAILURE, RESULT, THROUGH, record
from vsrrg.bench.record import from_json, read_record, to_json
from vsrrg.errors import OptionError

WHOLE = record(RESULT, BASELINE_RESULT, FAILURE, adapters=(THROUGH, FAILURE))


def test_what_is_written_comes_back() -> None:
    assert from_json(to_json(WHOLE), "it") == WHOLE


def test_json_says_medians_and_quartiles_to_others() -> None:
    data = json.loads(to_json(WHOLE))
    assert data["schema"] == 1
    seconds = data["results"][0]["seconds"]
    assert seconds["median"] == 0.011 and seconds["quartiles"] == pytest.approx([0.0105, 0.0115])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', "null", '"x"'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="it holds no results of vsrrg bench"):
        from_json(text, "it")


def test_fields_that_do_not_exist_are_refused() -> None:
    data = json.loads(to_json(WHOLE))
    data["results"][0]["case"]["colour"] = "red"
    with pytest.raises(OptionError, match="holds no results"):
        from_json(json.dumps(data), "it")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seconds", {"values": []}),
        ("seconds", {"values": [0.1, 0]}),
        ("seconds", None),
        ("precision", "fp8"),
        ("peak_ram", "600 MB"),
        ("frames", True),
        ("limits", []),
        ("limits", {"matrix": 0, "copy": 1e10}),
        ("limits", {"matrix": 1e11, "copy": 1e10, "upload": 0.0}),
        ("stages", {"encode": "long"}),
    ],
)
def test_values_of_another_kind_are_refused(name: str, value: object) -> None:
    data = json.loads(to_json(WHOLE))
    data["results"][0][name] = value
    with pytest.raises(OptionError, match="holds no results"):
        from_json(json.dumps(data), "it")


def test_other_layouts_are_refused() -> None:
    text = to_json(WHOLE).replace('"schema": 1', '"schema": 99')
    with pytest.raises(OptionError, match=r"another version of vsrrg bench \(layout 99"):
        from_json(text, "it")


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read: No such file"):
        read_record(tmp_path / "none.json")
    (tmp_path / "picture.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OptionError, match="it is no text"):
        read_record(tmp_path / "picture.json")
